"""Day sheets, and stays put aside until an instant."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import (
    append_only,
    audited,
    granted,
    never_emptied,
    remembered,
    scoped_by_facility,
    scoped_by_stay,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _snoozes()
    _sheets()
    # When somebody was last here is asked for at every opening of My day: by the person, latest first.
    op.drop_index(op.f("ix_phi_access_actor_id"), table_name="phi_access")
    op.create_index("ix_phi_access_actor", "phi_access", ["actor_id", "at"])
    granted("snooze")
    scoped_by_stay("snooze")
    audited("snooze")
    remembered("snooze", made="made_at")
    for table in ("day_sheet", "day_sheet_line"):
        append_only(table)
        never_emptied(table)
    scoped_by_facility("day_sheet")
    scoped_by_stay("day_sheet_line")


def _snoozes() -> None:
    op.create_table(
        "snooze",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("detail", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("kind in ('snooze', 'not_needed')", name=op.f("ck_snooze_kind")),
        sa.CheckConstraint(
            "reason in ('reply', 'result', 'planned', 'other_team', 'stable', 'other')", name=op.f("ck_snooze_reason")
        ),
        sa.CheckConstraint("until is not null or until_change", name=op.f("ck_snooze_until")),
        sa.CheckConstraint("kind = 'not_needed' or until is not null", name=op.f("ck_snooze_returns")),
        sa.CheckConstraint("(ended_at is null) = (ended_because = '')", name=op.f("ck_snooze_ended")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_snooze_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_snooze_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_snooze_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    still_aside = sa.text("ended_at is null")
    op.create_index(op.f("ix_snooze_encounter_id"), "snooze", ["encounter_id"])
    op.create_index(op.f("ix_snooze_facility_id"), "snooze", ["facility_id"])
    op.create_index("uq_snooze_open", "snooze", ["user_id", "encounter_id"], unique=True, postgresql_where=still_aside)
    op.create_index("ix_snooze_due", "snooze", ["until"], postgresql_where=still_aside)
    op.create_index("ix_snooze_person", "snooze", ["user_id", "ended_at"])


def _sheets() -> None:
    op.create_table(
        "day_sheet",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("built_by", sa.Uuid(), nullable=True),
        sa.Column("assigned", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stays", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("edition > 0", name=op.f("ck_day_sheet_edition")),
        sa.ForeignKeyConstraint(["built_by"], ["app_user.id"], name=op.f("fk_day_sheet_built_by_app_user")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_day_sheet_facility_id_facility")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_sheet")),
        sa.UniqueConstraint("facility_id", "day", "edition", name=op.f("uq_day_sheet_facility_id_day_edition")),
    )
    op.create_table(
        "day_sheet_line",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("due_text", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("due_what", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("patient_class", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("bed", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("day_of_stay", sa.Integer(), nullable=True),
        sa.Column("chips", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("snoozed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounter.id"], name=op.f("fk_day_sheet_line_encounter_id_encounter")
        ),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_day_sheet_line_facility_id_facility")),
        sa.ForeignKeyConstraint(["sheet_id"], ["day_sheet.id"], name=op.f("fk_day_sheet_line_sheet_id_day_sheet")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_day_sheet_line_user_id_app_user")),
        sa.PrimaryKeyConstraint("sheet_id", "encounter_id", name=op.f("pk_day_sheet_line")),
    )
    op.create_index(op.f("ix_day_sheet_line_encounter_id"), "day_sheet_line", ["encounter_id"])


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
