"""Views that people keep, share and open by default."""

import sqlalchemy as sa
from alembic import op

from migrations.helpers import IN_SCOPE, audited, granted, scoped

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OWN = "(user_id = (select app_person()) or (select app_everywhere()))"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("kept", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_view_name")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_saved_view_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_user_id"), "saved_view", ["user_id"], unique=False)
    op.create_index(
        "uq_saved_view_open", "saved_view", ["view_id"], unique=True, postgresql_where=sa.text("ended_at is null")
    )
    op.create_index(
        "uq_saved_view_name",
        "saved_view",
        ["facility_id", "user_id", "list", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "view_choice",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("list", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=True),
        sa.Column("kept", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('default', 'first', 'hidden')", name=op.f("ck_view_choice_kind")),
        sa.CheckConstraint("kind <> 'hidden' or view_id is not null", name=op.f("ck_view_choice_hidden")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_view_choice_facility_id_facility")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_view_choice_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view_choice")),
    )
    op.create_index(
        "uq_view_choice_open",
        "view_choice",
        ["user_id", "facility_id", "kind", "list"],
        unique=True,
        postgresql_where=sa.text("ended_at is null and kind <> 'hidden'"),
    )
    op.create_index(
        "uq_view_choice_hidden",
        "view_choice",
        ["user_id", "view_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null and kind = 'hidden'"),
    )
    # A view is its owner's; one that is shared is read, never changed, by the people of its facility.
    scoped("saved_view", f"{IN_SCOPE} and (shared or {OWN})", f"{IN_SCOPE} and {OWN}")
    scoped("view_choice", f"{IN_SCOPE} and {OWN}", f"{IN_SCOPE} and {OWN}")
    for table in ("saved_view", "view_choice"):
        audited(table)
        granted(table, "select, insert, update (ended_at)")  # rows are ended, never rewritten


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
