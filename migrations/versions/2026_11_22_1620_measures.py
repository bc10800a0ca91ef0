"""Cases of measures and their figures per day."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, day, document, index, key, links, word
from migrations.helpers import IN_SCOPE, NOT_ATTENDING, execute, granted, scoped, scoped_by_facility

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# What figures are made of: read from the index alone.
INDEXED = [
    "excluded", "numerator", "denominator", "value", "unit", "service", "attending", "payer", "vendor", "counted",
    "encounter_id", "record_id",
]  # fmt: skip


def upgrade() -> None:
    _cases()
    _days()
    _touches()
    for table in ("measure_case", "measure_day"):
        scoped(table, f"{IN_SCOPE} and {NOT_ATTENDING}")  # figures are of whole services, not of one physician's stays
        granted(table)
    granted("measure_case", "maintain")  # whoever fills it says so to the planner
    scoped_by_facility("measure_touch")
    granted("measure_touch", "select, insert, delete")


def _amount(name: str, *, null: bool = True) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), server_default=None if null else sa.text("0"), nullable=null)


def _cases() -> None:
    op.create_table(
        "measure_case",
        *key(),
        word("measure"),
        day("day"),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        word("excluded"),
        *(_amount(name) for name in ("numerator", "denominator", "value")),
        *(word(name) for name in ("unit", "service", "attending", "payer", "vendor")),
        document("detail"),
        at("computed_at"),
        check("measure_case", "excluded", "counted = (excluded = '')"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_case")),
    )
    op.create_index(
        "ix_measure_case_day", "measure_case", ["facility_id", "measure", "day"], postgresql_include=INDEXED
    )
    # An index answers alone only for pages that a vacuum has seen since they were last written.
    execute(
        "alter table measure_case set (autovacuum_vacuum_insert_scale_factor = 0.01,"
        " autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
    )
    index("ix_measure_case_patient", "measure_case", "patient_id")
    op.create_index(
        "uq_measure_case",
        "measure_case",
        ["encounter_id", "measure", "day", "record_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def _days() -> None:
    op.create_table(
        "measure_day",
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("measure",)),
        day("day"),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("dimension", "member")),
        *(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False) for name in ("cases", "excluded")),
        *(_amount(name, null=False) for name in ("numerator", "denominator", "total", "logs", "logs_expected")),
        at("computed_at"),
        sa.PrimaryKeyConstraint("facility_id", "measure", "day", "dimension", "member", name=op.f("pk_measure_day")),
    )


def _touches() -> None:
    op.create_table(
        "measure_touch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        at("at"),
        *links("measure_touch"),
    )
    # A queue that is emptied every few seconds: its statistics are those of an empty table or of a full one.
    execute("alter table measure_touch set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
