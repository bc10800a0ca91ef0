"""Saved reports of measures, when and to whom they are sent, and what became of each mail."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, check, current, day, document, ended, index, key, links, made, word
from migrations.helpers import audited, granted, scoped_by_facility

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _reports()
    _schedules()
    _deliveries()
    _addresses()


def _reports() -> None:
    table = "measure_report"
    op.create_table(
        table, *key("report_id"), word("name"), document("measures", "[]"), word("span"), word("against"),
        document("narrowed"), *made(), *ended("ended_because"),
        check(table, "span", "span in ('last_month', 'last_quarter', 'rolling_year')"),
        check(table, "against", "against in ('', 'before', 'year')"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'ended')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_measure_report_current", table, "report_id")
    index("ix_measure_report_facility", table, "facility_id", "made_at")
    _own(table)


def _schedules() -> None:
    table = "report_schedule"
    op.create_table(
        table, *key("report_id"), word("rhythm"), _whole("on_day"), _whole("at_hour"), document("people", "[]"),
        *made(), *ended("ended_because"),
        check(table, "rhythm", "rhythm in ('monthly', 'weekly')"),
        check(table, "on_day", "on_day between 1 and case rhythm when 'weekly' then 7 else 28 end"),
        check(table, "at_hour", "at_hour between 0 and 23"),
        check(table, "ended_because", "ended_because in ('', 'amended', 'ended')"),
        check(table, "ended", "(ended_at is null) = (ended_because = '')"),
        *links(table, made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_report_schedule_current", table, "report_id")
    index("ix_report_schedule_facility", table, "facility_id", "made_at")
    _own(table)


def _deliveries() -> None:
    table = "report_delivery"
    op.create_table(
        table, *key("delivery_id", "report_id", "user_id"), word("address"), at("due_at"),
        day("first", null=True), day("last", null=True),
        word("state"), word("fault"), _whole("attempts"), *made(), *ended(),
        check(table, "state", "state in ('waiting', 'sending', 'sent', 'failed')"),
        check(table, "fault", "state <> 'failed' or fault <> ''"),
        *links(table, user_id="app_user", made_by="app_user", ended_by="app_user"),
    )  # fmt: skip
    current("uq_report_delivery_current", table, "delivery_id")
    current("uq_report_delivery_once", table, "report_id", "user_id", "due_at")
    index("ix_report_delivery_facility", table, "facility_id", "made_at")
    _own(table)


def _addresses() -> None:
    """Mail addresses of people who work here. They belong to no facility, as people do not."""
    table = "report_address"
    op.create_table(
        table, *(one for one in key("user_id") if one.name != "facility_id"), word("address"), *made(), *ended(),
        check(table, "address", "address <> ''"),
        *(one for one in links(table, user_id="app_user", made_by="app_user", ended_by="app_user")
          if not isinstance(one, sa.ForeignKeyConstraint) or one.column_keys != ["facility_id"]),
    )  # fmt: skip
    current("uq_report_address_current", table, "user_id")
    granted(table, "select, insert, update")
    audited(table)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _own(table: str) -> None:
    scoped_by_facility(table)
    granted(table, "select, insert, update")
    audited(table)


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
