"""Discharge plans: readiness, expected dates, dispositions, goals, barriers, milestones."""

from alembic import op

from migrations.columns import at, check, current, day, ended, index, key, links, made, person, word, yes
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BARRIERS = (
    "('order', 'consult', 'imaging', 'procedure', 'therapy', 'medicine', 'transition', 'teaching', 'payer', 'network',"
    " 'coverage', 'choice', 'caregiver', 'capacity', 'goals', 'home', 'ride', 'documents', 'facility_bed',"
    " 'facility_declines', 'rehabilitation', 'long_term_care', 'home_health', 'equipment', 'hospice', 'transport',"
    " 'psychiatric', 'dialysis', 'group_home', 'acute', 'guardian', 'protection', 'pasrr', 'medicaid', 'housing',"
    " 'court', 'isolation', 'other')"
)
PLACES = (
    "'home', 'home_health', 'snf', 'nf', 'irf', 'ltch', 'hospice_home', 'hospice_facility', 'dme', 'infusion',"
    " 'dialysis', 'transport', 'psychiatric', 'assisted_living', 'shelter', 'acute', 'other'"
)
DISCIPLINES = "'physician', 'nursing', 'therapy', 'pharmacy', 'social_work', 'case_management'"
DATE_REASONS = "('not_said', 'clinical', 'placement', 'payer', 'family', 'hospital', 'other')"
BARRIER_ACTIONS = "('raise', 'amend', 'wait', 'go_on', 'resolve', 'reopen', 'strike_out')"
ITEM_ACTIONS = "('add', 'amend', 'finish', 'set_aside', 'reopen', 'strike_out')"
ENDED = "(ended_at is null) = (ended_because = '') and ended_because in ('', 'replaced', 'undone')"
PEOPLE = {"made_by": "app_user", "ended_by": "app_user"}
TABLES = ("readiness", "expected_date", "plan_disposition", "plan_barrier", "plan_item", "plan_look")


def upgrade() -> None:
    _readiness()
    _dates()
    _dispositions()
    _barriers()
    _items()
    _looks()
    for table in TABLES:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")


def _readiness() -> None:
    table = "readiness"
    op.create_table(
        table,
        *key("encounter_id"),
        word("kind"),
        at("at"),
        word("physician"),
        yes("on_word"),
        word("reason"),
        *made(),
        *ended("ended_reason"),
        check(table, "kind", "kind in ('ready', 'not_ready', 'ordered', 'withdrawn')"),
        check(table, "past", "at <= made_at"),
        check(table, "physician", "physician <> ''"),
        check(table, "reason", "kind not in ('not_ready', 'withdrawn') or reason <> ''"),
        check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    index("ix_readiness_stay", table, "encounter_id", "at")


def _dates() -> None:
    table = "expected_date"
    op.create_table(
        table,
        *key("encounter_id"),
        day("expected_on"),
        word("confidence"),
        word("because"),
        word("detail"),
        *made(),
        *ended("ended_because"),
        check(table, "because", f"because in {DATE_REASONS}"),
        check(table, "confidence", "confidence in ('sure', 'likely', 'unsure')"),
        check(table, "ended", ENDED),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    current("uq_expected_date_current", table, "encounter_id")
    index("ix_expected_date_stay", table, "encounter_id", "made_at")
    index("ix_expected_date_day", table, "facility_id", "expected_on", where="ended_at is null")


def _dispositions() -> None:
    table = "plan_disposition"
    op.create_table(
        table,
        *key("encounter_id"),
        word("going_to"),
        word("backup"),
        word("agreed_with"),
        word("detail"),
        *made(),
        *ended("ended_because"),
        check(table, "going_to", f"going_to in ({PLACES})"),
        check(table, "backup", f"backup in ('', {PLACES})"),
        check(table, "differs", "backup <> going_to"),
        check(table, "ended", ENDED),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    current("uq_plan_disposition_current", table, "encounter_id")
    index("ix_plan_disposition_stay", table, "encounter_id", "made_at")


def _barriers() -> None:
    table = "plan_barrier"
    op.create_table(
        table,
        *key("barrier_id", "encounter_id"),
        word("kind"),
        word("detail"),
        word("discipline"),
        person("owner_id"),
        word("owner_name"),
        at("began_at"),
        at("raised_at"),
        at("due_at", null=True),
        word("state"),
        at("resolved_at", null=True),
        word("action"),
        word("note"),
        *made(),
        at("ended_at", null=True),
        check(table, "kind", f"kind in {BARRIERS}"),
        check(table, "discipline", f"discipline in ({DISCIPLINES})"),
        check(table, "state", "state in ('open', 'waiting', 'resolved', 'struck_out')"),
        check(table, "action", f"action in {BARRIER_ACTIONS}"),
        check(table, "detail", "kind <> 'other' or detail <> ''"),
        check(table, "past", "began_at <= raised_at"),
        check(table, "resolved", "(state = 'resolved') = (resolved_at is not null)"),
        *links(table, encounter_id="encounter", owner_id="app_user", made_by="app_user"),
    )
    current("uq_plan_barrier_current", table, "barrier_id")
    index("ix_plan_barrier_stay", table, "encounter_id", "made_at")


def _items() -> None:
    table = "plan_item"
    op.create_table(
        table,
        *key("item_id", "encounter_id"),
        word("part"),
        word("kind"),
        word("wording"),
        word("measure"),
        word("target"),
        word("discipline"),
        word("owner_name"),
        day("due_on", null=True),
        word("state"),
        at("settled_at", null=True),
        word("action"),
        word("note"),
        *made(),
        at("ended_at", null=True),
        check(table, "part", "part in ('goal', 'milestone', 'task')"),
        check(table, "state", "state in ('open', 'done', 'not_needed', 'struck_out')"),
        check(table, "action", f"action in {ITEM_ACTIONS}"),
        check(table, "discipline", f"discipline in ('', {DISCIPLINES})"),
        check(table, "kind", "(part = 'milestone') = (kind <> '')"),
        check(table, "task", "part <> 'task' or discipline <> ''"),
        check(table, "wording", "part = 'milestone' or wording <> ''"),
        check(table, "settled", "(state = 'done') = (settled_at is not null)"),
        *links(table, encounter_id="encounter", made_by="app_user"),
    )
    current("uq_plan_item_current", table, "item_id")
    index("ix_plan_item_stay", table, "encounter_id", "made_at")


def _looks() -> None:
    table = "plan_look"
    op.create_table(
        table,
        *key("encounter_id"),
        word("note"),
        *made(),
        at("ended_at", null=True),
        person("ended_by"),
        *links(table, encounter_id="encounter", **PEOPLE),
    )
    index("ix_plan_look_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
