"""Views that people keep, share and open by default."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
