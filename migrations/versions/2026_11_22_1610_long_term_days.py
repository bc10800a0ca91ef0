"""Days of long-term stays as payers count them."""

from alembic import op

from migrations.columns import check, current, document, ended, index, key, links, made, word
from migrations.helpers import audited, granted, remembered, scoped_by_stay

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE = "payment_day_entry"


def upgrade() -> None:
    op.create_table(
        TABLE,
        *key("entry_id", "encounter_id"),
        *(word(name) for name in ("kind", "about")),
        document("content"),
        *made(),
        *ended("ended_because", "ended_reason"),
        check(TABLE, "kind", "kind in ('earlier_use', 'reserve_choice', 'evidence', 'away')"),
        check(TABLE, "about", "(kind = 'away') = (about <> '')"),
        check(TABLE, "ended", "(ended_at is null) = (ended_because = '')"),
        check(TABLE, "ended_because", "ended_because in ('', 'replaced', 'struck_out')"),
        *links(TABLE, encounter_id="encounter", made_by="app_user", ended_by="app_user"),
    )
    current("uq_payment_day_entry_current", TABLE, "encounter_id", "kind", "about")
    index("ix_payment_day_entry_stay", TABLE, "encounter_id", "made_at")
    index("ix_payment_day_entry_versions", TABLE, "entry_id", "made_at")
    scoped_by_stay(TABLE)
    granted(TABLE, "select, insert, update")
    audited(TABLE)
    remembered(TABLE, made="made_at")


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
