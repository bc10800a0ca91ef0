"""Calls and issues after discharge, readmissions, hand-off to programs."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, document, ended, index, key, links, made, person, word
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
STAFF = {"made_by": "app_user", "ended_by": "app_user"}
TABLES = ("follow_up_call", "follow_up_issue", "readmission_interview", "readmission_rating", "program_handoff")
OUTCOMES = "('patient', 'caregiver', 'no_answer', 'message', 'wrong_number', 'declined', 'letter')"


def upgrade() -> None:
    _calls()
    _issues()
    _readmissions()
    _programs()
    for table in TABLES:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")


def _calls() -> None:
    table = "follow_up_call"
    op.create_table(
        table,
        *key("call_id", "encounter_id"),
        *(word(name) for name in ("state", "outcome", "spoke_with")),
        at("at"),
        document("answers", "[]"),
        word("note"),
        at("next_at", null=True),
        *(word(name) for name in ("next_why", "because")),
        *made(),
        *ended(),
        check(table, "state", "state in ('draft', 'recorded', 'struck_out', 'dropped')"),
        check(table, "outcome", f"outcome in {OUTCOMES} or (outcome = '' and state in ('draft', 'dropped'))"),
        check(table, "past", "at <= made_at"),
        check(table, "because", "state <> 'struck_out' or because <> ''"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_follow_up_call_current", table, "call_id")
    index("uq_follow_up_call_draft", table, "encounter_id", unique=True, where=f"{OPEN} and state = 'draft'")
    index("ix_follow_up_call_stay", table, "encounter_id", "made_at")


def _issues() -> None:
    table = "follow_up_issue"
    op.create_table(
        table,
        *key("issue_id", "encounter_id"),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        *(word(name) for name in ("question", "urgency", "what", "owner")),
        *(at(name) for name in ("found_at", "due_at")),
        *(word(name) for name in ("state", "note")),
        *made(),
        *ended(),
        check(table, "urgency", "urgency in ('danger', 'usual')"),
        check(table, "what", "what <> ''"),
        check(table, "state", "state in ('open', 'working', 'closed', 'struck_out')"),
        check(table, "note", "state not in ('closed', 'struck_out') or note <> ''"),
        check(table, "due", "due_at > found_at"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_follow_up_issue_current", table, "issue_id")
    index("ix_follow_up_issue_stay", table, "encounter_id", "made_at")
    index("ix_follow_up_issue_open", table, "facility_id", "due_at", where=f"{OPEN} and state in ('open', 'working')")


def _readmissions() -> None:
    table = "readmission_interview"
    op.create_table(
        table,
        *key("encounter_id", "earlier_id"),
        at("at"),
        *(word(name) for name in ("answered_by", "planned")),
        document("reasons", "[]"),
        *(word(name) for name in ("in_own_words", "could_have_helped", "state", "because")),
        *made(),
        *ended(),
        check(table, "planned", "planned in ('yes', 'no', 'unknown')"),
        check(table, "state", "state in ('recorded', 'struck_out')"),
        check(table, "past", "at <= made_at"),
        check(table, "because", "state <> 'struck_out' or because <> ''"),
        *links(table, encounter_id="encounter", earlier_id="encounter", **STAFF),
    )
    current("uq_readmission_interview_current", table, "encounter_id")
    index("ix_readmission_interview_stay", table, "encounter_id", "made_at")
    table = "readmission_rating"
    op.create_table(
        table,
        *key("encounter_id", "earlier_id"),
        person("rater_id"),
        sa.Column("preventable", sa.SmallInteger(), nullable=False),
        document("reasons", "[]"),
        word("said"),
        *made(),
        *ended(),
        check(table, "preventable", "preventable between 1 and 5"),
        check(table, "rater", "rater_id is not null"),
        *links(table, encounter_id="encounter", earlier_id="encounter", rater_id="app_user", **STAFF),
    )
    current("uq_readmission_rating_current", table, "encounter_id", "rater_id")
    index("ix_readmission_rating_stay", table, "encounter_id", "made_at")
    index("ix_readmission_rating_facility", table, "facility_id", "made_at", where=OPEN)


def _programs() -> None:
    table = "program_handoff"
    op.create_table(
        table,
        *key("handoff_id", "encounter_id"),
        *(word(name) for name in ("kind", "program", "member_number", "lead_name", "lead_phone", "consent_by")),
        at("consent_at", null=True),
        at("chosen_at"),
        at("told_at", null=True),
        at("answered_at", null=True),
        at("met_at", null=True),
        *(word(name) for name in ("documents", "state", "note")),
        *made(),
        *ended(),
        check(table, "kind", "kind in ('targeted', 'enhanced', 'chronic', 'other')"),
        check(table, "program", "program <> ''"),
        check(
            table, "state",
            "state in ('chosen', 'told', 'accepted', 'declined', 'met', 'withdrawn', 'struck_out')",
        ),
        check(table, "consent", "(consent_at is null) = (consent_by = '')"),
        check(table, "told", "state not in ('told', 'accepted', 'declined', 'met') or told_at is not null"),
        check(table, "note", "state not in ('declined', 'withdrawn', 'struck_out') or note <> ''"),
        *links(table, encounter_id="encounter", **STAFF),
    )  # fmt: skip
    current("uq_program_handoff_current", table, "handoff_id")
    index("ix_program_handoff_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
