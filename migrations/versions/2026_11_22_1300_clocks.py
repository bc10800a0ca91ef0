"""The clocks: what is owed for each stay in versions, terms of facilities and payers, payers' lines of business."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import audited, granted, remembered, scoped_by_facility, scoped_by_stay

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = "ended_at is null and required and closed_at is null"


def upgrade() -> None:
    _obligations()
    _faults()
    _terms()
    _lines()
    for table in ("obligation", "clock_fault"):
        scoped_by_stay(table)
        granted(table, "select, insert, update")
    for table in ("policy_rule", "payer_line"):
        scoped_by_facility(table)
        granted(table, "select, insert, update")
        audited(table)
    remembered("obligation", made="made_at")


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False)


def _instant(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _made() -> list[sa.Column[object]]:
    return [
        _instant("made_at", null=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        _instant("ended_at"),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
    ]


def _people(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["app_user.id"], name=op.f(f"fk_{table}_{column}_app_user"))
        for column in ("made_by", "ended_by")
    ]


def _at_facility(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f(f"fk_{table}_facility_id_facility"))


def _of_stay(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f(f"fk_{table}_encounter_id_encounter"))


def _obligations() -> None:
    op.create_table(
        "obligation",
        _key(),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(
            _text(name)
            for name in (
                "rule",
                "subject",
                "title",
                "actor",
                "severity",
                "because",
                "citation",
                "confidence",
                "version",
            )
        ),
        sa.Column("required", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *(_instant(name) for name in ("start_at", "earliest_at", "due_at", "closed_at")),
        _instant("made_at", null=False),
        _instant("ended_at"),
        _of_stay("obligation"),
        _at_facility("obligation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
    )
    op.create_index(
        "uq_obligation_current",
        "obligation",
        ["encounter_id", "rule", "subject"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    for name, first in (("ix_obligation_open", "encounter_id"), ("ix_obligation_due", "facility_id")):
        op.create_index(name, "obligation", [first, "due_at"], unique=False, postgresql_where=sa.text(OPEN))
    op.create_index("ix_obligation_stay", "obligation", ["encounter_id", "made_at"], unique=False)


def _faults() -> None:
    op.create_table(
        "clock_fault",
        _key(),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        _text("error"),
        _instant("opened_at", null=False),
        _instant("closed_at"),
        _of_stay("clock_fault"),
        _at_facility("clock_fault"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_fault")),
    )
    op.create_index(
        "uq_clock_fault_open",
        "clock_fault",
        ["encounter_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(op.f("ix_clock_fault_facility_id"), "clock_fault", ["facility_id"], unique=False)


def _terms() -> None:
    op.create_table(
        "policy_rule",
        _key(),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(_text(name) for name in ("rule", "payer_code", "allowance")),
        sa.Column("asked", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("closed_days", postgresql.ARRAY(sa.Date()), server_default="{}", nullable=False),
        _text("source"),
        *_made(),
        sa.CheckConstraint("ends is null or ends >= begins", name=op.f("ck_policy_rule_period")),
        sa.CheckConstraint("allowance <> '' or not asked", name=op.f("ck_policy_rule_allowance")),
        _at_facility("policy_rule"),
        *_people("policy_rule"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_rule")),
    )
    op.create_index(
        "ix_policy_rule_current",
        "policy_rule",
        ["facility_id", "rule"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )


def _lines() -> None:
    op.create_table(
        "payer_line",
        _key(),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *(_text(name) for name in ("payer_code", "plan_code", "line")),
        *_made(),
        sa.CheckConstraint(
            "line in ('medicare_ffs', 'medicare_advantage', 'medicaid_ffs', 'medicaid_mco', 'commercial', 'self_pay',"
            " 'other')",
            name=op.f("ck_payer_line_line"),
        ),
        _at_facility("payer_line"),
        *_people("payer_line"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_line")),
    )
    op.create_index(
        "uq_payer_line_current",
        "payer_line",
        ["facility_id", "payer_code", "plan_code"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
