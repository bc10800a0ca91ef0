"""Screens, assessments, instruments, serious illness."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, person, word, yes
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
OF_STAYS = ("risk_answer", "risk_score", "screening", "assessment", "illness_sign", "illness_case", "advance_care",
            "illness_meeting")  # fmt: skip
PEOPLE = {"encounter_id": "encounter", "made_by": "app_user", "ended_by": "app_user"}
SIGNS = (
    "('surprise', 'same_condition', 'intensive_week', 'function', 'symptoms', 'complex_care', 'disagreement',"
    " 'no_goals', 'life_limiting', 'metastatic', 'admissions', 'long_term_care', 'hip_fracture', 'home_oxygen',"
    " 'arrest', 'limited_support', 'no_document', 'considered', 'request', 'distress')"
)
CASES = "('found', 'deferred', 'not_applicable', 'accepted', 'consult_ordered', 'seen', 'closed', 'gone')"
ACTIONS = "('find', 'accept', 'defer', 'dismiss', 'return', 'order_consult', 'cancel_consult', 'see', 'close', 'lose')"


def upgrade() -> None:
    _risk()
    _screening()
    _assessment()
    _signs()
    _case()
    _advance_care()
    _meeting()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _risk() -> None:
    table = "risk_answer"
    op.create_table(
        table,
        *key("encounter_id"),
        word("question"),
        word("value"),
        at("taken_at"),
        word("taken_by"),
        word("source_system"),
        *made(),
        *ended("ended_reason"),
        check(table, "value", "value <> ''"),
        check(table, "ended", "(ended_at is null) = (ended_reason = '')"),
        *links(table, **PEOPLE),
    )
    current("uq_risk_answer_current", table, "encounter_id", "question")
    index("ix_risk_answer_stay", table, "encounter_id", "made_at")
    table = "risk_score"
    op.create_table(
        table,
        *key("encounter_id"),
        word("instrument"),
        word("version"),
        word("kind"),
        _number("total", null=True),
        _number("at_least"),
        word("band"),
        document("parts", "[]"),
        *made(),
        *ended(),
        *links(table, **PEOPLE),
    )
    current("uq_risk_score_current", table, "encounter_id", "instrument")
    index("ix_risk_score_stay", table, "encounter_id", "made_at")


def _screening() -> None:
    table = "screening"
    op.create_table(
        table,
        *key("encounter_id", "screening_id"),
        word("kind"),
        word("state"),
        _texts("needs"),
        word("asked_by"),
        word("note"),
        at("found_at"),
        person("found_by"),
        at("needed_at", null=True),
        *made(),
        word("made_because"),
        *ended(),
        check(table, "kind", "kind in ('screen', 'request')"),
        check(table, "state", "state in ('positive', 'negative', 'struck_out')"),
        check(table, "asked_by", "asked_by in ('', 'patient', 'family', 'physician')"),
        check(table, "request", "(kind = 'request') = (asked_by <> '')"),
        check(table, "past", "found_at <= made_at"),
        check(table, "needed", "(state = 'positive') <= (needed_at is not null)"),
        *links(table, found_by="app_user", **PEOPLE),
    )
    current("uq_screening_current", table, "screening_id")
    index("ix_screening_stay", table, "encounter_id", "made_at")


def _assessment() -> None:
    table = "assessment"
    op.create_table(
        table,
        *key("encounter_id", "assessment_id"),
        word("kind"),
        word("state"),
        document("content"),
        word("discussed"),
        word("discussed_with"),
        at("discussed_at", null=True),
        at("signed_at", null=True),
        person("signed_by"),
        *made(),
        word("made_because"),
        *ended(),
        check(table, "kind", "kind in ('evaluation', 'reassessment')"),
        check(table, "state", "state in ('draft', 'signed', 'discarded', 'struck_out')"),
        check(table, "signed", "(state in ('signed', 'struck_out')) = (signed_at is not null)"),
        check(table, "discussed", "state <> 'signed' or (discussed <> '' and discussed_at is not null)"),
        *links(table, signed_by="app_user", **PEOPLE),
    )
    current("uq_assessment_current", table, "assessment_id")
    index("ix_assessment_stay", table, "encounter_id", "made_at")


def _signs() -> None:
    table = "illness_sign"
    op.create_table(
        table,
        *key("encounter_id"),
        word("sign"),
        yes("told"),
        word("evidence"),
        at("found_at"),
        *made(),
        *ended(),
        check(table, "sign", f"sign in {SIGNS}"),
        *links(table, **PEOPLE),
    )
    current("uq_illness_sign_current", table, "encounter_id", "sign")
    index("ix_illness_sign_stay", table, "encounter_id", "made_at")


def _case() -> None:
    table = "illness_case"
    op.create_table(
        table,
        *key("encounter_id", "case_id", "round_id"),
        word("state"),
        word("action"),
        word("why"),
        word("note"),
        at("found_at"),
        at("first_found_at"),
        at("answered_at", null=True),
        day("return_on", null=True),
        at("ordered_at", null=True),
        at("seen_at", null=True),
        *made(),
        *ended(),
        check(table, "state", f"state in {CASES}"),
        check(table, "action", f"action in {ACTIONS}"),
        check(table, "ordered", "state not in ('consult_ordered', 'seen') or ordered_at is not null"),
        check(table, "seen", "state <> 'seen' or seen_at is not null"),
        check(table, "seen_after", "seen_at is null or seen_at >= ordered_at"),
        *links(table, **PEOPLE),
    )
    current("uq_illness_case_current", table, "encounter_id")
    index("ix_illness_case_stay", table, "encounter_id", "made_at")
    index("ix_illness_case_found", table, "facility_id", "found_at", where=OPEN)


def _advance_care() -> None:
    table = "advance_care"
    op.create_table(
        table,
        *key("encounter_id"),
        word("state"),
        _texts("documents"),
        _texts("documents_seen"),
        word("code_status"),
        word("conflict"),
        word("surrogate"),
        word("basis"),
        word("contact"),
        word("goals"),
        at("asked_at"),
        *made(),
        *ended(),
        check(table, "state", "state in ('unknown', 'none', 'documented', 'conflicting')"),
        check(table, "code_status", "code_status in ('not_said', 'full', 'limited', 'dnr')"),
        check(table, "basis", "basis in ('appointed', 'court', 'state_law', 'nobody')"),
        *links(table, **PEOPLE),
    )
    current("uq_advance_care_current", table, "encounter_id")
    index("ix_advance_care_stay", table, "encounter_id", "made_at")


def _meeting() -> None:
    table = "illness_meeting"
    op.create_table(
        table,
        *key("encounter_id", "meeting_id"),
        word("state"),
        at("wanted_at"),
        at("planned_at", null=True),
        at("held_at", null=True),
        sa.Column("minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        word("present"),
        word("outcome"),
        word("agreed"),
        yes("hospice_considered"),
        word("disposition"),
        word("note"),
        *made(),
        *ended(),
        check(table, "state", "state in ('planned', 'held', 'cancelled', 'struck_out')"),
        check(table, "planned", "state <> 'planned' or planned_at is not null"),
        check(table, "held", "(state <> 'held') or (held_at is not null and outcome <> '')"),
        check(table, "past", "held_at is null or held_at <= made_at"),
        check(table, "minutes", "minutes between 0 and 600"),
        *links(table, **PEOPLE),
    )
    current("uq_illness_meeting_current", table, "meeting_id")
    index("ix_illness_meeting_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
