"""What is charted of long-term stays."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, word, yes
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STAFF = {"made_by": "app_user", "ended_by": "app_user"}
TABLES = ("weaning_day", "therapy_day", "long_term_record")
KINDS = "('wound', 'wound_check', 'conference', 'validation', 'orientation', 'transfer')"


def upgrade() -> None:
    _weaning()
    _therapy()
    _records()
    for table in TABLES:
        scoped_by_stay(table)
        granted(table, "select, insert, update")
        audited(table)
        remembered(table, made="made_at")


def _weaning() -> None:
    table = "weaning_day"
    op.create_table(
        table,
        *key("encounter_id"),
        day("day"),
        *(word(name) for name in ("support", "mode", "trial", "trial_reason")),
        sa.Column("ventilated_hours", sa.Float(), nullable=True),
        sa.Column("collar_hours", sa.Float(), nullable=True),
        yes("decannulated"),
        word("note"),
        *made(),
        word("made_because"),
        *ended("ended_reason"),
        check(table, "support", "support in ('ventilated', 'trial', 'collar', 'free')"),
        check(table, "trial", "trial in ('', 'passed', 'failed', 'not_done')"),
        check(table, "reason", "trial <> 'not_done' or trial_reason <> ''"),
        check(table, "ventilated_hours", "ventilated_hours between 0 and 24"),
        check(table, "collar_hours", "collar_hours between 0 and 24"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_weaning_day_current", table, "encounter_id", "day")
    index("ix_weaning_day_stay", table, "encounter_id", "made_at")


def _therapy() -> None:
    table = "therapy_day"
    op.create_table(
        table,
        *key("encounter_id"),
        day("day"),
        word("discipline"),
        sa.Column("minutes", sa.Integer(), nullable=False),
        *made(),
        *ended(),
        check(table, "discipline", "discipline in ('PT', 'OT', 'SLP', 'RT')"),
        check(table, "minutes", "minutes between 0 and 1440"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_therapy_day_current", table, "encounter_id", "day", "discipline")
    index("ix_therapy_day_stay", table, "encounter_id", "made_at")


def _records() -> None:
    table = "long_term_record"
    op.create_table(
        table,
        *key("record_id", "encounter_id"),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        word("kind"),
        document("content"),
        at("at"),
        *made(),
        word("made_because"),
        *ended("ended_because", "ended_reason"),
        check(table, "kind", f"kind in {KINDS}"),
        check(table, "past", "at <= made_at"),
        check(table, "about", "(kind = 'wound_check') = (about_id is not null)"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        *links(table, encounter_id="encounter", **STAFF),
    )
    current("uq_long_term_record_current", table, "record_id")
    index("ix_long_term_record_stay", table, "encounter_id", "made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
