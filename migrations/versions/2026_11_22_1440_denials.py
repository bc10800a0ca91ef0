"""Denials: amounts, levels of appeal, what was sent, outcomes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.helpers import append_only, audited, granted, remembered, scoped_by_stay

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
CHANNELS = "('call', 'portal', 'fax', 'letter', 'file')"
KINDS = "('concurrent', 'pre_authorization', 'retrospective', 'level_of_care', 'technical', 'post_payment')"
CAUSES = (
    "('unknown', 'documentation', 'status', 'late_notification', 'no_authorization', 'late_clinicals',"
    " 'avoidable_days', 'payer_error', 'payer_criteria', 'eligibility', 'other')"
)
STATES = "('none', 'open', 'talk', 'appealed', 'closed', 'struck_out')"
ACTIONS = (
    "('record', 'amend', 'ask_for_a_talk', 'hold_the_talk', 'win_the_talk', 'forget_the_talk', 'file_an_appeal',"
    " 'take_the_decision', 'win_the_appeal', 'withdraw_the_appeal', 'take_back', 'close', 'reopen', 'strike_out')"
)
OUTCOMES = "('', 'overturned', 'partly', 'upheld', 'written_off', 'status_change')"
APPEAL_STATES = "('none', 'prepared', 'sent', 'verified', 'decided', 'withdrawn', 'struck_out')"
APPEAL_ACTIONS = "('prepare', 'send', 'verify', 'decide', 'withdraw', 'take_back', 'strike_out')"


def upgrade() -> None:
    _denials()
    _packets()
    _appeals()
    for table in ("denial", "denial_appeal"):
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")
    scoped_by_stay("appeal_packet")
    append_only("appeal_packet")
    audited("appeal_packet", secret=("content",))
    remembered("appeal_packet", made="made_at", ended=())


def _key(name: str = "id") -> sa.Column[object]:
    if name == "id":
        return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)
    return sa.Column(name, sa.Uuid(), nullable=False)


def _named(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=True)


def _place() -> list[sa.Column[object]]:
    return [_key("encounter_id"), sa.Column("facility_id", sa.SmallInteger(), nullable=False)]


def _texts(*names: str, default: str = "") -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text(f"'{default}'"), nullable=False) for name in names]


def _instant(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _day(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=True)


def _array(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, ARRAY(kind), server_default="{}", nullable=False)


def _amount(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(12, 2), nullable=True)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=True)


def _made(*, ended: bool = True) -> list[sa.Column[object]]:
    columns = [_instant("made_at", null=False), _named("made_by")]
    return [*columns, _instant("ended_at")] if ended else columns


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _link(table: str, column: str, target: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _links(table: str, *people: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]
    found += [_link(table, "facility_id", "facility"), _link(table, "encounter_id", "encounter")]
    return found + [_link(table, column, "app_user") for column in ("made_by", *people)]


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    more = {"postgresql_where": sa.text(where)} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **more)


def _denials() -> None:
    table = "denial"
    op.create_table(
        table,
        _key(),
        _key("denial_id"),
        *_place(),
        *_texts("kind", "payer_code", "payer_name", "plan_code"),
        _named("authorization_id"),
        _named("payer_decision_id"),
        _named("review_id"),
        _named("escalation_id"),
        _array("firsts", sa.Date()),
        _array("untils", sa.Date()),
        _amount("amount"),
        _instant("notice_at", null=False),
        _day("received_on"),
        *_texts("channel", "reference", "reason_code", "reason"),
        *_texts("root_cause", default="unknown"),
        *_texts("root_cause_words"),
        _named("owner_id"),
        *_texts("state", "action", "note"),
        _instant("talk_asked_at"),
        *_texts("talk_outcome", "outcome"),
        _count("recovered_days"),
        _amount("recovered_amount"),
        _instant("closed_at"),
        *_made(),
        _check(table, "kind", f"kind in {KINDS}"),
        _check(table, "channel", f"channel in {CHANNELS}"),
        _check(table, "root_cause", f"root_cause in {CAUSES}"),
        _check(table, "state", f"state in {STATES}"),
        _check(table, "action", f"action in {ACTIONS}"),
        _check(table, "ranges", "cardinality(firsts) = cardinality(untils)"),
        _check(table, "past", "notice_at <= made_at"),
        _check(table, "amounts", "amount >= 0 and recovered_amount >= 0 and recovered_amount <= amount"),
        _check(table, "talk_outcome", "talk_outcome in ('', 'overturned', 'partly', 'upheld', 'not_held')"),
        _check(table, "outcome", f"outcome in {OUTCOMES}"),
        _check(
            table, "closed", "(state = 'closed') = (outcome <> '') and (state = 'closed') = (closed_at is not null)"
        ),
        _link(table, "authorization_id", "payer_authorization"),
        *_links(table, "owner_id"),
    )
    _index("uq_denial_current", table, "denial_id", unique=True, where=OPEN)
    _index("uq_denial_decision", table, "payer_decision_id", unique=True, where=OPEN)
    _index("ix_denial_stay", table, "encounter_id", "made_at")
    _index("ix_denial_versions", table, "denial_id", "made_at")
    worked = "ended_at is null and state in ('open', 'talk', 'appealed')"
    _index("ix_denial_worked", table, "facility_id", "payer_code", where=worked)
    _index("ix_denial_review", table, "review_id", where=OPEN)
    _index("ix_denial_escalation", table, "escalation_id", where=OPEN)


def _appeals() -> None:
    table = "denial_appeal"
    op.create_table(
        table,
        _key(),
        _key("appeal_id"),
        _key("denial_id"),
        *_place(),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        *_texts("level_name", "state", "action"),
        sa.Column("expedited", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_texts("channel", default="fax"),
        *_texts("to_whom", "tracking"),
        _named("packet_id"),
        _instant("sent_at"),
        _instant("verified_at"),
        *_texts("verified_with"),
        _instant("decided_at"),
        _day("decision_received_on"),
        *_texts("outcome"),
        _count("recovered_days"),
        _amount("recovered_amount"),
        *_texts("note"),
        *_made(),
        _check(table, "state", f"state in {APPEAL_STATES}"),
        _check(table, "action", f"action in {APPEAL_ACTIONS}"),
        _check(table, "channel", f"channel in {CHANNELS}"),
        _check(table, "level", "level between 1 and 9"),
        _check(table, "outcome", "outcome in ('', 'overturned', 'partly', 'upheld', 'dismissed')"),
        _check(
            table, "decided", "(state = 'decided') = (outcome <> '') and (outcome <> '') = (decided_at is not null)"
        ),
        _check(table, "sent", "(state in ('sent', 'verified', 'decided', 'withdrawn')) <= (sent_at is not null)"),
        _check(table, "past", "sent_at <= made_at and decided_at <= made_at and verified_at <= made_at"),
        _check(table, "recovered", "recovered_amount >= 0 and recovered_days >= 0"),
        _link(table, "packet_id", "appeal_packet"),
        *_links(table),
    )
    _index("uq_denial_appeal_current", table, "appeal_id", unique=True, where=OPEN)
    standing = "ended_at is null and state not in ('withdrawn', 'struck_out')"
    _index("uq_denial_appeal_level", table, "denial_id", "level", unique=True, where=standing)
    _index("ix_denial_appeal_stay", table, "encounter_id", "made_at")
    _index("ix_denial_appeal_denial", table, "denial_id", "made_at")


def _packets() -> None:
    table = "appeal_packet"
    op.create_table(
        table,
        _key(),
        _key("denial_id"),
        *_place(),
        _array("sections", sa.String()),
        *_texts("digest", "file_digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_made(ended=False),
        _check(table, "digests", "digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'"),
        *_links(table),
    )
    _index("ix_appeal_packet_denial", table, "denial_id", "made_at")
    _index("ix_appeal_packet_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
