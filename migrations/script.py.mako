"""${message}

Old processes may still run while this step is applied: add first, fill, and remove in a later release.
A new table gets `audited(...)` and `scoped(...)` in the step that creates it.
"""

import sqlalchemy as sa
from alembic import op
from migrations.helpers import audited, granted, scoped_by_stay
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
