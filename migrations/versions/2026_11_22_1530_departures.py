"""Rounds, conferences, case reviews, teaching, departure and hand-off."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, document, ended, index, key, links, made, word
from migrations.helpers import append_only, audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

OPEN = "ended_at is null"
STAFF = {"made_by": "app_user", "ended_by": "app_user"}
OF_STAYS = (
    "teaching_record", "departure_item", "handoff_step", "conference_note", "conference_action", "case_review",
)  # fmt: skip
ITEMS = (
    "('medicines', 'appointment', 'teach_back', 'equipment', 'transport', 'summary', 'notices', 'choice', 'packet',"
    " 'pasrr', 'accepted', 'certified')"
)


def upgrade() -> None:
    _teaching()
    _departure()
    _packets()
    _conferences()
    _cases()
    for table in OF_STAYS:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")
    scoped_by_stay("handoff_packet")
    append_only("handoff_packet")
    audited("handoff_packet", secret=("content", "document"))
    remembered("handoff_packet", made="made_at", ended=())
    scoped_by_facility("conference")
    granted("conference", "select, insert, update")
    audited("conference")
    remembered("conference", made="made_at")


def _teaching() -> None:
    table = "teaching_record"
    op.create_table(
        table,
        *key("record_id", "encounter_id"),
        word("kind"),
        document("content"),
        at("at"),
        *made(),
        word("made_because"),
        *ended("ended_because", "ended_reason"),
        check(table, "kind", "kind in ('topic', 'medicine', 'caregiver', 'crisis', 'goal', 'handed_over')"),
        check(table, "past", "at <= made_at"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_teaching_record_current", table, "record_id")
    index("uq_teaching_record_crisis", table, "encounter_id", unique=True, where=f"{OPEN} and kind = 'crisis'")
    index("ix_teaching_record_stay", table, "encounter_id", "made_at")


def _departure() -> None:
    table = "departure_item"
    op.create_table(
        table,
        *key("encounter_id"),
        *(word(name) for name in ("item", "state")),
        at("at"),
        *(word(name) for name in ("done_by", "with_whom")),
        at("planned_at", null=True),
        word("reason"),
        *made(),
        *ended(),
        check(table, "item", f"item in {ITEMS}"),
        check(table, "state", "state in ('done', 'not_needed', 'without')"),
        check(table, "reason", "state = 'done' or reason <> ''"),
        check(table, "past", "at <= made_at"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_departure_item_current", table, "encounter_id", "item")
    index("ix_departure_item_stay", table, "encounter_id", "made_at")


def _packets() -> None:
    table = "handoff_packet"
    op.create_table(
        table,
        *key("encounter_id"),
        *(word(name) for name in ("recipient", "destination")),
        document("manifest"),
        *(word(name) for name in ("digest", "file_digest")),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        *made(),
        check(table, "digests", "digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'"),
        *links(table, encounter_id="encounter", made_by="app_user"),
    )
    index("ix_handoff_packet_stay", table, "encounter_id", "made_at")
    table = "handoff_step"
    op.create_table(
        table,
        *key("packet_id", "encounter_id"),
        word("action"),
        at("at"),
        *(word(name) for name in ("recipient", "channel", "reason")),
        *made(),
        *ended(),
        check(table, "action", "action in ('release', 'confirm', 'withdraw')"),
        check(table, "release", "action <> 'release' or (recipient <> '' and channel <> '')"),
        check(table, "withdraw", "action <> 'withdraw' or reason <> ''"),
        check(table, "past", "at <= made_at"),
        *links(table, packet_id="handoff_packet", encounter_id="encounter", **STAFF),
    )
    current("uq_handoff_step_current", table, "packet_id", "action")
    index("ix_handoff_step_stay", table, "encounter_id", "made_at")


def _conferences() -> None:
    table = "conference"
    op.create_table(
        table, *key(), word("unit"), at("held_at"), word("people"), *made(), *ended("ended_reason"),
        *links(table, **STAFF),
    )  # fmt: skip
    index("ix_conference_unit", table, "facility_id", "unit", "held_at")
    table = "conference_note"
    op.create_table(
        table, *key("conference_id", "encounter_id"), word("said"), *made(), *ended(),
        check(table, "said", "said <> ''"),
        *links(table, conference_id="conference", encounter_id="encounter", **STAFF),
    )  # fmt: skip
    current("uq_conference_note_current", table, "conference_id", "encounter_id")
    index("ix_conference_note_stay", table, "encounter_id", "made_at")
    table = "conference_action"
    op.create_table(
        table,
        *key("action_id", "encounter_id"),
        sa.Column("conference_id", sa.Uuid(), nullable=True),
        *(word(name) for name in ("what", "owner")),
        at("due_at"),
        word("state"),
        at("set_at"),
        word("note"),
        *made(),
        *ended(),
        check(table, "what", "what <> ''"),
        check(table, "state", "state in ('open', 'done', 'dropped', 'struck_out')"),
        check(table, "note", "state not in ('dropped', 'struck_out') or note <> ''"),
        *links(table, conference_id="conference", encounter_id="encounter", **STAFF),
    )
    current("uq_conference_action_current", table, "action_id")
    index("ix_conference_action_stay", table, "encounter_id", "made_at")
    index("ix_conference_action_open", table, "facility_id", "due_at", where=f"{OPEN} and state = 'open'")


def _cases() -> None:
    table = "case_review"
    op.create_table(
        table,
        *key("encounter_id"),
        *(word(name) for name in ("step", "owner", "barrier", "next_step")),
        at("due_at", null=True),
        word("note"),
        *made(),
        *ended(),
        check(table, "step", "step in ('put_on', 'review', 'close')"),
        check(table, "due", "(step = 'close') = (due_at is null)"),
        check(table, "next_step", "step <> 'review' or next_step <> ''"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    index("ix_case_review_stay", table, "encounter_id", "made_at")
    index("ix_case_review_facility", table, "facility_id", "made_at", where=OPEN)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
