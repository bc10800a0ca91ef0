"""DRG tables by fiscal year."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import append_only, audited, granted, never_emptied

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drg_table",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("system", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("digest", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("codes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("system in ('MS-DRG', 'MS-LTC-DRG')", name=op.f("ck_drg_table_system")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drg_table")),
    )
    op.create_index(
        "uq_drg_table_holds", "drg_table", ["system", "fiscal_year"], unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )  # fmt: skip
    op.create_table(
        "drg_entry",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("title", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("mdc", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("type", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("gmlos", sa.Float(), nullable=True),
        sa.Column("amlos", sa.Float(), nullable=True),
        sa.Column("short_stay_threshold", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["table_id"], ["drg_table.id"], name=op.f("fk_drg_entry_table_id_drg_table")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drg_entry")),
        sa.UniqueConstraint("table_id", "code", name=op.f("uq_drg_entry_table_id_code")),
    )
    granted("drg_table", "select, insert, update")
    audited("drg_table")
    append_only("drg_entry")
    never_emptied("drg_entry")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
