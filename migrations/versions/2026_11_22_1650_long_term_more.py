"""In which month the cost-report year of a long-term hospital begins; sessions know the kind of their hospitals."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import check, current, ended, key, links, made
from migrations.functions import SESSIONS
from migrations.helpers import audited, execute, granted, remembered, scoped_by_facility

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE = "cost_report_year"


def upgrade() -> None:
    op.create_table(
        TABLE,
        *key(),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        *made(),
        *ended(),
        check(TABLE, "month", "month between 1 and 12"),
        *links(TABLE, made_by="app_user", ended_by="app_user"),
    )
    current("uq_cost_report_year_current", TABLE, "facility_id")
    scoped_by_facility(TABLE)
    granted(TABLE, "select, insert, update")
    audited(TABLE)
    remembered(TABLE, made="made_at")
    with_kind = SESSIONS.replace("f.timezone, f.totp_required)", "f.timezone, f.totp_required, f.kind)")
    execute(with_kind.replace("create function", "create or replace function"))


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
