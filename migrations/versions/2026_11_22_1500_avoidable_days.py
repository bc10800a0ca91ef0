"""Avoidable days: reasons, entries, drafts, delays."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, day, ended, index, key, links, made, person, word, yes
from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
PARTIES = "('person', 'service', 'department', 'payer', 'vendor', 'family', 'agency', 'outside', 'several')"
CONTROLLABLE = "controllable in ('Y', 'N', 'P')"
PHASES = "phase in ('pre_ready', 'post_ready')"
RULES = (
    "rule in ('AD-APPEAL', 'AD-BARRIER', 'AD-REFERRAL', 'AD-CHOICE', 'AD-PAC', 'AD-PAYER', 'AD-PASRR', 'AD-ORDER',"
    " 'AD-REVIEW', 'AD-READY')"
)
REJECTIONS = "reason in ('needed', 'other_reason', 'wrong_facts', 'duplicate', 'other')"
CONVENTIONS = "convention in ('variable_direct', 'full', 'adjusted_expense')"
OF_STAYS = ("avoidable_day", "avoidable_delay", "avoidable_draft", "avoidable_rejection")
OF_FACILITIES = ("avoidable_reason", "avoidable_cost", "avoidable_policy")


def upgrade() -> None:
    _entries()
    _delays()
    _drafts()
    _settings()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")
    for table in OF_FACILITIES:
        scoped_by_facility(table)
        granted(table, "select, insert, update")
        audited(table)


def _number(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=null)


def _entries() -> None:
    table = "avoidable_day"
    op.create_table(
        table, *key("entry_id", "encounter_id"), day("day"), word("code"), word("weight"), _number("amount"),
        _number("hours", null=True), word("phase"), word("party_kind"), word("party"), word("controllable"),
        word("controllable_because"), word("explanation"), word("override"), word("origin"), word("rule"),
        word("proposed"), word("evidence"), at("recorded_at"), person("recorded_by"), person("validated_by"),
        word("lock_reason"), *made(), word("made_because"), *ended("ended_because", "ended_reason"),
        check(table, "weight", "weight in ('primary', 'contributing')"),
        check(table, "party_kind", f"party_kind in {PARTIES}"),
        check(table, "controllable", CONTROLLABLE),
        check(table, "phase", PHASES),
        check(table, "origin", "origin in ('manual', 'confirmed', 'changed')"),
        check(table, "amount", "amount in (0, 0.5, 1) and (amount = 0) = (weight = 'contributing')"),
        check(table, "hours", "hours is null or (hours > 0 and hours <= 25)"),
        check(table, "rule", "(origin = 'manual') = (rule = '')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, encounter_id="encounter", recorded_by="app_user", validated_by="app_user", made_by="app_user",
               ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_day_current", table, "entry_id")
    index("uq_avoidable_day_primary", table, "encounter_id", "day", unique=True, where=f"{OPEN} and weight = 'primary'")
    current("uq_avoidable_day_code", table, "encounter_id", "day", "code")
    index("ix_avoidable_day_stay", table, "encounter_id", "made_at")
    index("ix_avoidable_day_facility", table, "facility_id", "day", where=OPEN)


def _delays() -> None:
    table = "avoidable_delay"
    op.create_table(
        table, *key("encounter_id"), at("since_at"), at("until_at"), word("code"), word("party_kind"), word("party"),
        word("controllable"), word("explanation"), *made(), *ended("ended_reason"),
        check(table, "party_kind", f"party_kind in {PARTIES}"),
        check(table, "controllable", CONTROLLABLE),
        check(table, "period", "until_at > since_at and until_at <= made_at"),
        check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        *links(table, encounter_id="encounter", made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    index("ix_avoidable_delay_stay", table, "encounter_id", "made_at")
    index("ix_avoidable_delay_facility", table, "facility_id", "since_at", where=OPEN)


def _drafts() -> None:
    table = "avoidable_draft"
    op.create_table(
        table, *key("encounter_id"), day("day"), word("rule"), word("code"), word("phase"), word("party_kind"),
        word("party"), at("began_at"), word("evidence"), word("mark"), at("made_at"), *ended("ended_because"),
        check(table, "rule", RULES),
        check(table, "party_kind", f"party_kind in {PARTIES}"),
        check(table, "phase", PHASES),
        check(table, "ended_because", "ended_because in ('', 'gone', 'taken', 'rejected')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, encounter_id="encounter", ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_draft_current", table, "encounter_id", "day")
    index("ix_avoidable_draft_stay", table, "encounter_id", "made_at")
    index("ix_avoidable_draft_facility", table, "facility_id", "day", where=OPEN)
    table = "avoidable_rejection"
    op.create_table(
        table, *key("encounter_id"), day("day"), word("rule"), word("code"), word("mark"), word("reason"),
        word("note"), *made(), *ended(),
        check(table, "rule", RULES),
        check(table, "reason", REJECTIONS),
        *links(table, encounter_id="encounter", made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    index("ix_avoidable_rejection_stay", table, "encounter_id", "made_at")
    index("ix_avoidable_rejection_facility", table, "facility_id", "day", where=OPEN)


def _settings() -> None:
    table = "avoidable_reason"
    op.create_table(
        table, *key(), word("code"), word("group_code"), word("label"), word("definition"), word("party_kind"),
        word("party"), word("controllable"), yes("retired"), day("begins"), *made(), *ended(),
        check(table, "party_kind", f"party_kind in {PARTIES}"),
        check(table, "controllable", CONTROLLABLE),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_reason_current", table, "facility_id", "code", "begins")
    table = "avoidable_cost"
    op.create_table(
        table, *key(), word("setting"), word("setting_key"), sa.Column("cents", sa.Integer(), nullable=False),
        word("convention"), word("source"), day("begins"), *made(), *ended(),
        check(table, "setting", "setting in ('facility', 'class', 'unit_kind')"),
        check(table, "convention", CONVENTIONS),
        check(table, "cents", "cents > 0"),
        check(table, "setting_key", "(setting = 'facility') = (setting_key = '')"),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_cost_current", table, "facility_id", "setting", "setting_key", "begins")
    table = "avoidable_policy"
    op.create_table(
        table, *key(), yes("half_days"), word("ownership"), *made(), *ended(),
        check(table, "ownership", "ownership in ('', 'nonprofit', 'for_profit', 'government')"),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_policy_current", table, "facility_id")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
