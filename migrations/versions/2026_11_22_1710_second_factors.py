"""Secrets of one-time codes are kept encrypted; recovery codes; why and by what proof a protected stay was opened."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, word
from migrations.helpers import audited, execute, granted

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sealing()
    _recovery()
    for name in ("code", "proof"):
        op.add_column("stay_access", word(name))


def _sealing() -> None:
    """The secrets that lie in the clear are sealed at the next start, since the key is not the database's to know."""
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        word("name"),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        at("made_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_key")),
        sa.UniqueConstraint("name", name=op.f("uq_sealing_key_name")),
    )
    granted("sealing_key", "select, insert")
    audited("sealing_key", secret=("proof",))
    op.add_column("app_user", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("app_user", at("factor_taken_at", null=True))
    op.add_column("app_user", word("factor_taken_by"))
    # Its list of secret columns is an argument of the trigger: a new one needs a new trigger.
    execute("drop trigger audit_row on app_user")
    execute(
        "create trigger audit_row after insert or update or delete on app_user for each row"
        " execute function audit_row('id', 'password_hash,totp_secret,totp_sealed,totp_last_step')"
    )


def _recovery() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        at("made_at"),
        at("ended_at", null=True),
        word("ended_because"),
        check("recovery_code", "ended", "(ended_at is null) = (ended_because = '')"),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_recovery_code_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    granted("recovery_code", "select, insert, update")
    audited("recovery_code", secret=("salt", "digest"))


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
