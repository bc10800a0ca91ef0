"""What was done about the reasons of avoidable days."""

from alembic import op

from migrations.columns import check, current, day, ended, index, key, links, made, word
from migrations.helpers import audited, granted, scoped_by_facility

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "avoidable_action"
    op.create_table(
        table, *key("action_id"), word("code"), word("what"), word("owner"), word("state"), day("since", null=True),
        word("expected"), *made(), *ended("ended_because", "ended_reason"),
        check(table, "state", "state in ('proposed', 'started', 'in_place', 'stopped')"),
        check(table, "since", "(since is null) = (state = 'proposed')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'struck_out')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_avoidable_action_current", table, "action_id")
    index("ix_avoidable_action_facility", table, "facility_id", "made_at")
    scoped_by_facility(table)
    granted(table, "select, insert, update")
    audited(table)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
