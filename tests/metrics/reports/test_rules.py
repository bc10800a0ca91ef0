"""Periods, due times, waiting times and life cycles of reports, as tables."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.days import ONE_DAY
from app.kernel.transitions import finals, unreachable
from app.metrics.reports.rules import LIFE, MAIL, due_at, is_allowed, months_before, period_beside, period_of, wait_of
from app.metrics.reports.terms import Beside, DeliveryState, ReportSpan, ReportState, Rhythm

CHICAGO = ZoneInfo("America/Chicago")
PERIODS = """
span          today       first       last        before                   year
last_month    2026-03-01  2026-02-01  2026-02-28  2026-01-01..2026-01-31   2025-02-01..2025-02-28
last_month    2026-03-31  2026-02-01  2026-02-28  2026-01-01..2026-01-31   2025-02-01..2025-02-28
last_month    2026-01-05  2025-12-01  2025-12-31  2025-11-01..2025-11-30   2024-12-01..2024-12-31
last_month    2025-03-09  2025-02-01  2025-02-28  2025-01-01..2025-01-31   2024-02-01..2024-02-29
last_quarter  2026-03-31  2025-10-01  2025-12-31  2025-07-01..2025-09-30   2024-10-01..2024-12-31
last_quarter  2026-04-01  2026-01-01  2026-03-31  2025-10-01..2025-12-31   2025-01-01..2025-03-31
rolling_year  2026-03-05  2025-03-01  2026-02-28  2024-03-01..2025-02-28   2024-03-01..2025-02-28
"""
DUE = """
rhythm   day  hour  now                    due                    why
monthly  3    6     2026-03-03T11:59+00:00 2026-02-03T12:00+00:00 a minute early, so the month before
monthly  3    6     2026-03-03T12:00+00:00 2026-03-03T12:00+00:00 on the minute
monthly  28   0     2026-03-01T12:00+00:00 2026-02-28T06:00+00:00 every month has a day 28
weekly   1    7     2026-03-05T15:41+00:00 2026-03-02T13:00+00:00 the Monday of this week
weekly   4    9     2026-03-05T15:41+00:00 2026-03-05T15:00+00:00 today, an hour ago
weekly   7    2     2026-03-08T12:00+00:00 2026-03-08T08:00+00:00 the hour that summer time skips
weekly   7    1     2026-11-01T12:00+00:00 2026-11-01T06:00+00:00 the hour that comes twice, the first time
"""


def lines(table: str) -> list[list[str]]:
    return [line.split(maxsplit=5) for line in table.strip().splitlines()[1:]]


@pytest.mark.parametrize(("span", "today", "first", "last", "before", "year"), lines(PERIODS))
def test_reports_are_about_whole_months_that_are_over(
    span: str, today: str, first: str, last: str, before: str, year: str
) -> None:
    found = period_of(ReportSpan(span), date.fromisoformat(today))

    assert (f"{found.first}", f"{found.last}") == (first, last)
    for beside, said in ((Beside.BEFORE, before), (Beside.YEAR, year)):
        other = period_beside(ReportSpan(span), found, beside)
        assert other is not None and f"{other.first}..{other.last}" == said
    assert period_beside(ReportSpan(span), found, Beside.NOTHING) is None


@given(st.sampled_from(ReportSpan), st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_a_period_ends_before_today_and_meets_the_one_before(span: ReportSpan, today: date) -> None:
    found = period_of(span, today)
    before = period_beside(span, found, Beside.BEFORE)

    assert found.last < today and found.first.day == 1 and (found.last + ONE_DAY).day == 1
    assert before is not None and before.last + ONE_DAY == found.first
    assert period_of(span, found.first) == before or span is ReportSpan.ROLLING_YEAR


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-40, 40))
def test_months_are_counted_back_and_forth(day: date, number: int) -> None:
    assert months_before(months_before(day, number), -number) == day.replace(day=1)


@pytest.mark.parametrize(("rhythm", "day", "hour", "now", "due", "why"), lines(DUE))
def test_a_report_is_due_by_the_clocks_of_the_hospital(
    rhythm: str, day: str, hour: str, now: str, due: str, why: str
) -> None:
    found = due_at(Rhythm(rhythm), int(day), int(hour), datetime.fromisoformat(now), CHICAGO)
    assert found == datetime.fromisoformat(due), why


@given(
    st.sampled_from(Rhythm),
    st.integers(1, 7),
    st.integers(0, 23),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_the_latest_due_time_is_never_ahead_nor_long_past(rhythm: Rhythm, day: int, hour: int, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    found = due_at(rhythm, day, hour, now, CHICAGO)
    assert now - timedelta(days=32 if rhythm is Rhythm.MONTHLY else 8) < found <= now
    assert due_at(rhythm, day, hour, found, CHICAGO) == found


def test_life_cycles_are_whole() -> None:
    assert unreachable(LIFE, ReportState.NONE) == [] and finals(LIFE) == []
    assert unreachable(MAIL, DeliveryState.WAITING) == []
    assert set(finals(MAIL)) == {DeliveryState.SENT, DeliveryState.FAILED}


def test_a_mail_waits_longer_each_time() -> None:
    assert [wait_of(number) // timedelta(minutes=1) for number in (1, 2, 3, 4)] == [2, 8, 32, 128]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("a@north.example", True), ("a@NORTH.example", True), ("a@sub.north.example", False), ("a@evil.example", False),
     ("a@north.example.evil.example", False), ("@north.example", False), ("north.example", False)],
)  # fmt: skip
def test_only_the_domains_themselves_are_allowed(address: str, allowed: bool) -> None:
    assert is_allowed(address, ("north.example",)) is allowed
    assert not is_allowed(address, ())
