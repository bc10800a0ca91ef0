"""Reviews: versions of reviews with their points; criteria sets of the hospital, licensed products."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.helpers import audited, granted, scoped_by_facility

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _criteria()


def _criteria() -> None:
    """Criteria sets of a hospital and licensed products; both belong to a facility, neither is rewritten."""
    op.create_table(
        "criteria_set",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("set_id", "version", "title"),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *_made_and_ended(sa.Column("last_day", sa.Date(), nullable=True)),
        sa.CheckConstraint("(ended_at is null) = (last_day is null)", name=op.f("ck_criteria_set_ended")),
        *_of_facility("criteria_set"),
    )
    op.create_index("uq_criteria_set_version", "criteria_set", ["facility_id", "set_id", "version"], unique=True)
    op.create_table(
        "licensed_product",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_words("vendor", "product", "release"),
        sa.Column("subsets", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("agreed", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        *_made_and_ended(),
        sa.CheckConstraint("ends is null or ends >= begins", name=op.f("ck_licensed_product_days")),
        *_of_facility("licensed_product"),
    )
    op.create_index(
        "uq_licensed_product_current",
        "licensed_product",
        ["facility_id", sa.text("lower(product)"), sa.text("lower(release)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    for table in ("criteria_set", "licensed_product"):
        scoped_by_facility(table)
        granted(table, "select, insert, update")
        audited(table)


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False) for name in names]


def _made_and_ended(*between: sa.Column[object]) -> list[sa.Column[object]]:
    return [
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        *between,
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
    ]


def _of_facility(table: str) -> list[sa.Constraint]:
    links = {"facility_id": "facility", "made_by": "app_user", "ended_by": "app_user"}
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
            for column, target in links.items()
        ),
    ]


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
