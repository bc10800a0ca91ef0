"""Rules by which stays find their owner, minutes of work, absences and cover."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
