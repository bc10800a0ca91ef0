"""What was open in the feed at an earlier instant."""

from migrations.helpers import remembered

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    remembered("census_exception", made="opened_at", ended=("closed_at",))


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
