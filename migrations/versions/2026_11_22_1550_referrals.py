"""Referrals to vendors, packets as sent, links, answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, person, word, yes
from migrations.helpers import append_only, audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
CARE = (
    "('home', 'home_health', 'snf', 'nf', 'irf', 'ltch', 'hospice_home', 'hospice_facility', 'dme', 'infusion',"
    " 'dialysis', 'transport', 'psychiatric', 'assisted_living', 'shelter', 'acute', 'other')"
)
STATES = (
    "('draft', 'sent', 'opened', 'question', 'accepted', 'declined', 'withdrawn', 'expired', 'cancelled', 'closed')"
)
ACTIONS = (
    "('prepare', 'send', 'open', 'ask', 'reply', 'accept', 'decline', 'withdraw', 'take_back', 'remind', 'expire',"
    " 'cancel', 'close', 'reopen', 'reopen_opened', 'reopen_question', 'reopen_accepted')"
)
BECAUSE = "('', 'placed', 'discharged', 'died', 'duplicate', 'not_needed', 'stay_cancelled')"
DECLINES = "('', 'no_bed', 'cannot_give', 'payer', 'isolation', 'behavior', 'area', 'history', 'other')"
OF_STAY = {"encounter_id": "encounter", "made_by": "app_user"}


def upgrade() -> None:
    _requests()
    _referrals()
    _added_only()
    _consents()
    _ways()
    _settings()
    for table in ("referral_request", "referral", "referral_consent", "referral_link", "referral_mail"):
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table, secret=("digest",) if table == "referral_link" else ())
        remembered(table, made="made_at")
    for table in ("referral_message", "referral_packet"):
        scoped_by_stay(table)
        append_only(table)
        audited(table, secret=("content", "texts") if table == "referral_packet" else ())
        remembered(table, made="made_at", ended=())
    scoped_by_facility("referral_setting")
    granted("referral_setting", "select, insert, update")
    audited("referral_setting")
    granted("portal_count", "select, insert, update, delete")


def _whole(name: str, default: int | None = None) -> sa.Column[int]:
    standard = sa.text(str(default)) if default is not None else None
    return sa.Column(name, sa.Integer(), server_default=standard, nullable=False)


def _array(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.String()), server_default="{}", nullable=False)


def _binary(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _requests() -> None:
    table = "referral_request"
    op.create_table(
        table,
        *key("request_id", "encounter_id"),
        word("care_type"),
        _array("needs"),
        day("ready_on", null=True),
        word("message"),
        at("due_at"),
        _array("sections"),
        document("search"),
        _whole("widen_by", 0),
        at("widened_at", null=True),
        _whole("waves", 1),
        *(word(name) for name in ("state", "action", "because")),
        person("placed_id"),
        word("note"),
        *made(),
        at("ended_at", null=True),
        check(table, "care_type", f"care_type in {CARE}"),
        check(table, "state", "state in ('open', 'placed', 'closed')"),
        check(table, "action", "action in ('ask', 'change', 'place', 'unplace', 'close', 'reopen')"),
        check(table, "because", f"because in {BECAUSE}"),
        check(table, "because_closed", "(state = 'open') = (because = '')"),
        check(table, "widen_by", "widen_by between 0 and 10"),
        *links(table, **OF_STAY),
    )
    current("uq_referral_request_current", table, "request_id")
    index("ix_referral_request_stay", table, "encounter_id", "made_at")
    index("ix_referral_request_due", table, "due_at", where=f"{OPEN} and state = 'open'")


def _referrals() -> None:
    table = "referral"
    op.create_table(
        table,
        *key("referral_id", "request_id", "encounter_id", "vendor_id"),
        *(word(name) for name in ("vendor_name", "care_type")),
        _whole("wave", 1),
        *(word(name) for name in ("state", "action")),
        *(at(name, null=True) for name in ("sent_at", "due_at", "ends_at", "opened_at", "answered_at", "choose_by")),
        day("offered_on", null=True),
        sa.Column("offered_after", sa.Time(), nullable=True),
        word("decline_reason"),
        day("free_on", null=True),
        *(word(name) for name in ("said", "answered_by", "channel", "because", "note")),
        *made(),
        at("ended_at", null=True),
        check(table, "state", f"state in {STATES}"),
        check(table, "action", f"action in {ACTIONS}"),
        check(table, "decline_reason", f"decline_reason in {DECLINES}"),
        check(table, "channel", "channel in ('', 'portal', 'phone', 'fax')"),
        check(table, "because", f"because in {BECAUSE}"),
        check(table, "draft", "(state = 'draft') <= (sent_at is null)"),
        check(
            table,
            "sent",
            "(state in ('sent', 'opened', 'question', 'accepted', 'declined', 'withdrawn', 'expired'))"
            " <= (sent_at is not null and due_at is not null)",
        ),
        check(table, "answer", "(state in ('accepted', 'declined', 'withdrawn')) <= (answered_at is not null)"),
        check(table, "declined", "(state = 'declined') = (decline_reason <> '')"),
        check(table, "because_closed", "(state = 'closed') = (because <> '')"),
        *links(table, **OF_STAY, vendor_id="vendor"),
    )
    current("uq_referral_current", table, "referral_id")
    current("uq_referral_vendor", table, "request_id", "vendor_id")
    index("ix_referral_versions", table, "referral_id", "made_at")
    index("ix_referral_stay", table, "encounter_id", "made_at")
    index("ix_referral_vendor", table, "vendor_id", "sent_at")
    waiting = f"{OPEN} and state in ('sent', 'opened', 'question', 'accepted')"
    index("ix_referral_waiting", table, "facility_id", "due_at", where=waiting)


def _added_only() -> None:
    table = "referral_message"
    op.create_table(
        table,
        *key("referral_id", "encounter_id"),
        yes("from_vendor"),
        *(word(name) for name in ("said", "said_by")),
        *made(),
        check(table, "said", "said <> ''"),
        *links(table, **OF_STAY),
    )
    index("ix_referral_message_referral", table, "referral_id", "made_at")
    index("ix_referral_message_stay", table, "encounter_id", "made_at")
    table = "referral_packet"
    op.create_table(
        table,
        *key("request_id", "encounter_id"),
        _whole("version"),
        _array("sections"),
        _array("left_out"),
        person("consent_id"),
        document("texts", "[]"),
        *(word(name) for name in ("digest", "file_digest")),
        _binary("content"),
        *made(),
        check(table, "digests", "digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'"),
        check(table, "version", "version >= 1"),
        *links(table, **OF_STAY),
    )
    index("uq_referral_packet_version", table, "request_id", "version", unique=True)
    index("ix_referral_packet_stay", table, "encounter_id", "made_at")


def _consents() -> None:
    table = "referral_consent"
    op.create_table(
        table,
        *key("encounter_id"),
        word("given_by"),
        day("given_on"),
        day("ends_on", null=True),
        word("scope"),
        *made(),
        *ended("ended_reason"),
        check(table, "words", "given_by <> '' and scope <> ''"),
        check(table, "period", "ends_on is null or ends_on >= given_on"),
        *links(table, **OF_STAY, ended_by="app_user"),
    )
    index("ix_referral_consent_stay", table, "encounter_id", "made_at")


def _ways() -> None:
    table = "referral_link"
    op.create_table(
        table,
        *key("referral_id", "encounter_id"),
        _binary("digest"),
        at("expires_at"),
        *made(),
        *ended(),
        *links(table, **OF_STAY, ended_by="app_user"),
    )
    index("uq_referral_link_digest", table, "digest", unique=True)
    index("ix_referral_link_referral", table, "referral_id", where=OPEN)
    index("ix_referral_link_stay", table, "encounter_id")
    table = "referral_mail"
    op.create_table(
        table,
        *key("mail_id", "referral_id", "encounter_id"),
        *(word(name) for name in ("kind", "state", "address", "fault")),
        *made(),
        at("ended_at", null=True),
        check(table, "kind", "kind in ('invitation', 'reminder', 'reply', 'update')"),
        check(table, "state", "state in ('waiting', 'sending', 'sent', 'failed')"),
        check(table, "address", "address <> ''"),
        *links(table, **OF_STAY),
    )
    current("uq_referral_mail_current", table, "mail_id")
    index("ix_referral_mail_referral", table, "referral_id", "made_at")
    index("ix_referral_mail_stay", table, "encounter_id")
    op.create_table(
        "portal_count",
        _binary("bucket"),
        at("since"),
        _whole("asked", 0),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_portal_count")),
    )


def _settings() -> None:
    table = "referral_setting"
    op.create_table(
        table,
        *key(),
        *(_whole(name) for name in ("link_days", "widen_by")),
        yes("widens"),
        *made(),
        at("ended_at", null=True),
        check(
            table,
            "bounds",
            "link_days between 1 and 60 and widen_by between 1 and 10",
        ),
        *links(table, made_by="app_user"),
    )
    current("uq_referral_setting_current", table, "facility_id")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
