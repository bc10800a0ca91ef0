"""Rules by which stays find their owner, minutes of work, absences and cover."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import audited, execute, granted, remembered, scoped_by_facility

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WHY = "why in ('hand', 'taken', 'bulk', 'rule', 'balance', 'cover', 'takeover', 'return', 'kept')"


def upgrade() -> None:
    """The deeds of distributing, then what an assignment tells of them."""
    _tables()
    _assignments()
    for table in ("distribution", "assignment_rule", "work_minutes", "absence"):
        granted(table)
        scoped_by_facility(table)
        audited(table)
    for table, ended in (
        ("assignment_rule", ("ended_at",)),
        ("work_minutes", ("ended_at",)),
        ("absence", ("ended_at",)),
        ("distribution", ("undone_at",)),
    ):
        remembered(table, made="made_at", ended=ended)
    execute("drop view if exists as_of.assignment")  # it did not know the new columns
    remembered("assignment", made="assigned_at")


def _assignments() -> None:
    op.add_column("assignment", sa.Column("why", sa.String(), server_default=sa.text("'hand'"), nullable=False))
    op.add_column("assignment", sa.Column("distribution_id", sa.Uuid(), nullable=True))
    op.add_column("assignment", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.add_column("assignment", sa.Column("covers_for", sa.Uuid(), nullable=True))
    op.add_column("assignment", sa.Column("returns_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_assignment_why"), "assignment", WHY)
    op.create_check_constraint(
        op.f("ck_assignment_returns"), "assignment", "returns_at is null or covers_for is not null"
    )
    for column, table in (
        ("distribution_id", "distribution"),
        ("replaces_id", "assignment"),
        ("covers_for", "app_user"),
    ):
        op.create_foreign_key(op.f(f"fk_assignment_{column}_{table}"), "assignment", table, [column], ["id"])
    op.create_index(op.f("ix_assignment_distribution_id"), "assignment", ["distribution_id"])
    op.create_index(
        "ix_assignment_returns",
        "assignment",
        ["facility_id", "returns_at"],
        postgresql_where=sa.text("ended_at is null and returns_at is not null"),
    )


def _tables() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_days")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_absence_ended_by_app_user")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_absence_facility_id_facility")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_absence_made_by_app_user")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_absence_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(
        "ix_absence_open",
        "absence",
        ["facility_id", "last_day"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "distribution",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("why", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("absence_id", sa.Uuid(), nullable=True),
        sa.Column("stays", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(WHY, name=op.f("ck_distribution_why")),
        sa.CheckConstraint("undone_by is null or undone_at is not null", name=op.f("ck_distribution_undone")),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_distribution_absence_id_absence")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_distribution_facility_id_facility")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_distribution_made_by_app_user")),
        sa.ForeignKeyConstraint(["undone_by"], ["app_user.id"], name=op.f("fk_distribution_undone_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution")),
    )
    op.create_index(op.f("ix_distribution_absence_id"), "distribution", ["absence_id"], unique=False)
    op.create_index(op.f("ix_distribution_facility_id"), "distribution", ["facility_id"], unique=False)
    op.create_table(
        "assignment_rule",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("payers", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("classes", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_assignment_rule_name")),
        sa.CheckConstraint("cardinality(people) > 0", name=op.f("ck_assignment_rule_people")),
        sa.ForeignKeyConstraint(["ended_by"], ["app_user.id"], name=op.f("fk_assignment_rule_ended_by_app_user")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_assignment_rule_facility_id_facility")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_assignment_rule_made_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rule")),
    )
    op.create_index(
        "ix_assignment_rule_open",
        "assignment_rule",
        ["facility_id", "place"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "work_minutes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_work_minutes_facility_id_facility")),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_work_minutes_made_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_minutes")),
    )
    op.create_index(op.f("ix_work_minutes_facility_id"), "work_minutes", ["facility_id"], unique=False)
    op.create_index(
        "uq_work_minutes_open",
        "work_minutes",
        ["facility_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
