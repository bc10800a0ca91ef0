"""DRG tables by fiscal year."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
