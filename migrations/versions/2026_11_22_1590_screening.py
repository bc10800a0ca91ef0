"""Referrals to a long-term hospital, before admission."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from migrations.columns import at, check, current, day, ended, index, key, links, made, word, yes
from migrations.helpers import IN_SCOPE, NOT_ATTENDING, audited, granted, remembered, scoped

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
PEOPLE = {"made_by": "app_user", "ended_by": "app_user"}
TOLD = "in ('', 'yes', 'no')"
ACTIONS = "('screen', 'accept', 'decline', 'withdraw', 'lose', 'reopen', 'admit', 'unlink')"
STATES = "('received', 'screening', 'accepted', 'declined', 'withdrawn', 'lost', 'admitted')"
VERSIONS = ("ltac_referral_version", "ltac_referral_step", "ltac_screening", "ltac_authorization")


def upgrade() -> None:
    _referrals()
    _steps()
    _screenings()
    _authorizations()
    for table in ("ltac_referral", *VERSIONS):
        # Candidates have no attending here: who sees only own patients sees none of them.
        scoped(table, f"{IN_SCOPE} and {NOT_ATTENDING}")
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at", ended=() if table == "ltac_referral" else ("ended_at",))


def _counted(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=True) for name in names]


def _referrals() -> None:
    table = "ltac_referral"
    op.create_table(
        table, *key(), sa.Column("serial", sa.Integer(), sa.Identity(always=True), nullable=False),
        at("received_at"), *made(), *links(table, made_by="app_user"),
        sa.UniqueConstraint("serial", name=op.f(f"uq_{table}_serial")),
    )  # fmt: skip
    index("ix_ltac_referral_facility", table, "facility_id", "received_at")
    table = "ltac_referral_version"
    op.create_table(
        table, *key("referral_id"), word("family"), word("given"), day("birth"), word("sex"), word("record_number"),
        sa.Column("vendor_id", sa.Uuid(), nullable=True), word("from_name"), word("from_ccn"), word("from_place"),
        word("contact"), word("contact_reach"),
        sa.Column("needs", ARRAY(sa.String()), server_default="{}", nullable=False),
        day("wanted_on", null=True), at("answer_by"), word("line"), word("payer_name"), word("member_number"),
        word("drg"), word("note"), *made(), *ended("ended_because", "ended_reason"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "sex", "sex in ('', 'F', 'M')"),
        *links(table, referral_id="ltac_referral", vendor_id="vendor", **PEOPLE),
    )  # fmt: skip
    current("uq_ltac_referral_version_current", table, "referral_id")
    index("ix_ltac_referral_version_facility", table, "facility_id", "birth", where=OPEN)


def _steps() -> None:
    table = "ltac_referral_step"
    op.create_table(
        table, *key("referral_id"), word("action"), word("state"), word("reason"), word("said"), word("bed"),
        day("bed_on", null=True), sa.Column("encounter_id", sa.Uuid(), nullable=True), *made(), *ended(),
        check(table, "action", f"action in {ACTIONS}"),
        check(table, "state", f"state in {STATES}"),
        check(table, "encounter", "(action = 'admit') = (encounter_id is not null)"),
        check(table, "reason", "action not in ('decline', 'withdraw', 'unlink', 'reopen') or reason <> ''"),
        *links(table, referral_id="ltac_referral", encounter_id="encounter", **PEOPLE),
    )  # fmt: skip
    index("ix_ltac_referral_step_referral", table, "referral_id", "made_at", where=OPEN)
    index("ix_ltac_referral_step_stay", table, "encounter_id", where="encounter_id is not null")


def _screenings() -> None:
    table = "ltac_screening"
    told = ("acute", "direct", "excluded", "complex", "trach", "dialysis")
    op.create_table(
        table, *key("referral_id"), word("acute"), word("direct"), word("excluded"),
        sa.Column("intensive", ARRAY(sa.Date()), nullable=True), word("intensive_source", "told"),
        sa.Column("intensive_stay_id", sa.Uuid(), nullable=True), yes("still_intensive"),
        *_counted("ventilator_hours"), word("ventilator_basis"), *_counted("benefit_left", "reserve_left"),
        word("benefit_source"), *_counted("ventilator_day"), word("trach"), word("dialysis"), word("wounds"),
        word("lines"), word("isolation"), *_counted("expected_days"), word("complex"), word("advice"), word("remark"),
        *made(), *ended(),
        *(check(table, name, f"{name} {TOLD}") for name in told),
        check(table, "advice", "advice in ('', 'accept', 'ask', 'decline')"),
        check(table, "intensive_source", "intensive_source in ('told', 'adt')"),
        check(table, "ventilator_hours", "ventilator_hours between 0 and 10000"),
        check(table, "benefit_left", "benefit_left between 0 and 90"),
        check(table, "reserve_left", "reserve_left between 0 and 60"),
        check(table, "expected_days", "expected_days between 1 and 1000"),
        *links(table, referral_id="ltac_referral", intensive_stay_id="encounter", **PEOPLE),
    )  # fmt: skip
    current("uq_ltac_screening_current", table, "referral_id")


def _authorizations() -> None:
    table = "ltac_authorization"
    op.create_table(
        table, *key("referral_id"), word("state"), word("payer_number"), *_counted("days"), word("said"), *made(),
        *ended(),
        check(table, "state", "state in ('asked', 'approved', 'denied', 'not_required')"),
        check(table, "days", "days between 1 and 365"),
        check(table, "approved", "days is null or state = 'approved'"),
        *links(table, referral_id="ltac_referral", **PEOPLE),
    )  # fmt: skip
    current("uq_ltac_authorization_current", table, "referral_id")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
