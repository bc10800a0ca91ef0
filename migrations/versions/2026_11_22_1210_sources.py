"""Stays from FHIR resources, beside those of HL7 messages."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
