"""Stays from FHIR resources and census files, beside those of HL7 messages."""

from migrations.helpers import execute

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    execute("alter table inbound_message drop constraint ck_inbound_message_source")
    execute(
        "alter table inbound_message add constraint ck_inbound_message_source"
        " check (source in ('mllp', 'file', 'replay', 'demo', 'fhir', 'census'))"
    )


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
