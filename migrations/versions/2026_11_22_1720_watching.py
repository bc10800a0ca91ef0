"""Reviews of broken glass, and accesses that look unusual; psychiatry among the marks of protection."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, person, word, yes
from migrations.helpers import (
    IN_SCOPE,
    STAY_VISIBLE,
    audited,
    execute,
    granted,
    scoped,
    scoped_by_facility,
    scoped_by_stay,
    stay_in_reach,
)

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

PEOPLE = {"made_by": "app_user", "ended_by": "app_user"}
PATTERNS = (
    "'same_name', 'elsewhere', 'many', 'night', 'long_after', 'glass_often', 'taken_out', 'searches', 'after_change'"
)
ENDED = "(ended_at is null) = (ended_because = '')"
ENDS = "ended_because in ('', 'amended', 'taken_back')"
MARKS = "sensitivity in ('', 'vip', 'employee', 'part2', 'psychiatric')"


def upgrade() -> None:
    _marks()
    _openings()
    _rules()
    _findings()
    _decisions()


def _marks() -> None:
    for table in ("encounter", "sensitive_mark"):
        execute(f"alter table {table} drop constraint ck_{table}_sensitivity")
        execute(f"alter table {table} add constraint ck_{table}_sensitivity check ({MARKS})")


def _openings() -> None:
    table = "glass_review"
    op.create_table(
        table,
        *key("access_id", "encounter_id"),
        *(word(name) for name in ("verdict", "said")),
        *made(),
        *ended("ended_because"),
        check(table, "verdict", "verdict in ('justified', 'not_justified', 'compliance')"),
        check(table, "said", "verdict = 'justified' or said <> ''"),
        check(table, "ended_because", ENDS),
        check(table, "ended", ENDED),
        *links(table, access_id="stay_access", encounter_id="encounter", **PEOPLE),
    )
    current("uq_glass_review_current", table, "access_id")
    index("ix_glass_review_encounter_id", table, "encounter_id")
    scoped_by_stay(table)
    granted(table, "select, insert, update")
    audited(table)


def _rules() -> None:
    table = "watch_rule"
    op.create_table(
        table,
        *key(),
        word("pattern"),
        yes("resting"),
        document("limits"),
        word("reason"),
        *made(),
        *ended("ended_because"),
        check(table, "pattern", f"pattern in ({PATTERNS})"),
        check(table, "reason", "reason <> ''"),
        check(table, "ended_because", ENDS),
        check(table, "ended", ENDED),
        *links(table, **PEOPLE),
    )
    current("uq_watch_rule_current", table, "facility_id", "pattern")
    scoped_by_facility(table)
    granted(table, "select, insert, update")
    audited(table)


def _findings() -> None:
    table = "unusual_access"
    op.create_table(
        table,
        *key(),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        word("pattern"),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        day("day"),
        word("sentence"),
        sa.Column("rows", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        person("rule_id"),
        at("found_at"),
        check(table, "pattern", f"pattern in ({PATTERNS})"),
        *links(table, encounter_id="encounter", user_id="app_user", rule_id="watch_rule"),
    )
    op.create_index(
        "uq_unusual_access_once", table, ["facility_id", "pattern", "user_id", "day", "encounter_id"], unique=True,
        postgresql_nulls_not_distinct=True,
    )  # fmt: skip
    index("ix_unusual_access_facility", table, "facility_id", "day")
    index("ix_unusual_access_encounter_id", table, "encounter_id")
    index("ix_unusual_access_user_id", table, "user_id")
    _scoped_where_a_stay_may_be(table)
    granted(table, "select, insert")
    audited(table)


def _decisions() -> None:
    table = "access_decision"
    op.create_table(
        table,
        *key("finding_id"),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        *(word(name) for name in ("verdict", "said")),
        *made(),
        *ended("ended_because"),
        check(table, "verdict", "verdict in ('explained', 'follow_up', 'false_alarm')"),
        check(table, "said", "said <> ''"),
        check(table, "ended_because", ENDS),
        check(table, "ended", ENDED),
        *links(table, finding_id="unusual_access", encounter_id="encounter", **PEOPLE),
    )
    current("uq_access_decision_current", table, "finding_id")
    index("ix_access_decision_facility_id", table, "facility_id")
    index("ix_access_decision_encounter_id", table, "encounter_id")
    _scoped_where_a_stay_may_be(table)
    granted(table, "select, insert, update")
    audited(table)


def _scoped_where_a_stay_may_be(table: str) -> None:
    """Some rows are about a stay, which must not be a hidden one; the others about a day of a person."""
    scoped(
        table,
        f"{IN_SCOPE} and {STAY_VISIBLE}",
        f"{IN_SCOPE} and (encounter_id is null or {stay_in_reach(table)})",
    )


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
