"""Days are counted in the hospital's zone: one midnight too many and a status, a bill or a notice is wrong."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.kernel import days

CHICAGO = ZoneInfo("America/Chicago")
SANTIAGO = ZoneInfo("America/Santiago")  # its clocks change at midnight, so that a day begins at one o'clock
HAVANA = ZoneInfo("America/Havana")  # its clocks go back at one o'clock, so that midnight comes twice


def local(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_local_day_differs_from_the_utc_day_in_the_evening():
    assert days.local_day(datetime(2026, 5, 5, 4, 30, tzinfo=UTC), CHICAGO) == date(2026, 5, 4)


def test_local_day_refuses_an_instant_without_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        days.local_day(datetime(2026, 5, 5), CHICAGO)


@pytest.mark.parametrize(
    ("start", "end", "crossed"),
    [
        ("2026-05-04T21:10", "2026-05-06T11:00", 2),  # care before the order counts towards the benchmark
        ("2026-05-05T09:30", "2026-05-06T11:00", 1),
        ("2026-05-04T23:50", "2026-05-06T10:00", 2),
        ("2026-05-29T18:00", "2026-06-01T14:00", 3),  # month end
        ("2026-02-27T22:00", "2026-03-03T09:00", 4),  # end of February
        ("2026-06-10T06:00", "2026-06-10T20:00", 0),
        ("2026-10-31T20:00", "2026-11-02T07:00", 2),  # the night of 25 hours
        ("2026-03-07T20:00", "2026-03-09T07:00", 2),  # the night of 23 hours
        ("2026-12-31T23:59", "2027-01-01T00:01", 1),
        ("2026-05-05T00:00", "2026-05-05T23:59", 0),  # a start at midnight has not crossed it
        ("2026-05-05T23:59", "2026-05-06T00:00", 1),  # an end at midnight has
        ("2026-05-06T10:00", "2026-05-04T10:00", 0),
    ],
)
def test_midnights_crossed(start: str, end: str, crossed: int):
    assert days.midnights_crossed(local(start), local(end), CHICAGO) == crossed


def test_midnights_crossed_counts_local_midnights_within_one_utc_day():
    care, order = datetime(2026, 5, 5, 4, 30, tzinfo=UTC), datetime(2026, 5, 5, 5, 30, tzinfo=UTC)

    assert days.midnights_crossed(care, order, CHICAGO) == 1


@pytest.mark.parametrize(
    ("admitted", "discharged", "count"),
    [("2026-05-05", "2026-05-06", 1), ("2026-02-28", "2026-03-03", 3), ("2026-06-10", "2026-06-10", 1)],
)
def test_billing_days(admitted: str, discharged: str, count: int):
    assert days.billing_days(date.fromisoformat(admitted), date.fromisoformat(discharged)) == count


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (CHICAGO, date(2026, 3, 8), 23),
        (CHICAGO, date(2026, 11, 1), 25),
        (CHICAGO, date(2026, 6, 1), 24),
        (SANTIAGO, date(2026, 9, 6), 23),
        (HAVANA, date(2026, 11, 1), 25),
    ],
)
def test_hours_in_day(zone: ZoneInfo, day: date, hours: int):
    assert days.hours_in_day(day, zone) == hours


def test_start_of_day_where_midnight_is_skipped():
    assert days.start_of_day(date(2026, 9, 6), SANTIAGO) == local("2026-09-06T01:00", SANTIAGO)


def test_start_of_day_where_midnight_comes_twice_is_the_first():
    first = days.start_of_day(date(2026, 11, 1), HAVANA)

    assert first == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def test_end_of_day_is_its_last_second():
    assert days.end_of_day(date(2026, 3, 8), CHICAGO) == datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)


def test_instant_of_a_skipped_time_is_the_end_of_the_gap():
    day = date(2026, 3, 8)

    assert not days.exists(day, time(2, 30), CHICAGO)
    assert days.instant_of(day, time(2, 30), CHICAGO) == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)
    assert days.instant_of(day, time(3, 0), CHICAGO) == datetime(2026, 3, 8, 8, 0, tzinfo=UTC)


def test_instant_of_a_time_that_comes_twice():
    day = date(2026, 11, 1)

    assert days.happens_twice(day, time(1, 30), CHICAGO)
    assert not days.happens_twice(day, time(2, 0), CHICAGO)
    assert days.instant_of(day, time(1, 30), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert days.instant_of(day, time(1, 30), CHICAGO, later=True) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


def test_federal_holidays_of_2026():
    # The Office of Personnel Management publishes this list.
    assert sorted(days.federal_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),  # the fourth is a Saturday
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    ]


def test_federal_holidays_on_a_sunday_are_observed_on_monday():
    assert days.federal_holidays(2027)[date(2027, 7, 5)] == "Independence Day"
    assert date(2027, 7, 4) not in days.federal_holidays(2027)


def test_federal_holidays_may_take_new_years_day_from_the_next_year():
    assert days.federal_holidays(2021)[date(2021, 12, 31)] == "New Year's Day"
    assert date(2022, 1, 1) not in days.federal_holidays(2022)


def test_federal_holidays_since_juneteenth_is_one():
    assert date(2020, 6, 19) not in days.federal_holidays(2020)
    assert days.federal_holidays(2021)[date(2021, 6, 18)] == "Juneteenth National Independence Day"


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-07-02", "2026-07-06"),  # over an observed holiday and a weekend
        ("2026-11-25", "2026-11-27"),  # over Thanksgiving; the Friday after is a business day
        ("2026-05-08", "2026-05-11"),
        ("2026-05-09", "2026-05-11"),
        ("2026-12-31", "2027-01-04"),
    ],
)
def test_next_business_day(day: str, following: str):
    assert days.FEDERAL.next_business_day(date.fromisoformat(day)) == date.fromisoformat(following)


def test_business_calendar_keeps_the_days_that_a_contract_adds():
    calendar = days.BusinessCalendar(closed=frozenset({date(2026, 11, 27)}))

    assert calendar.next_business_day(date(2026, 11, 25)) == date(2026, 11, 30)


def test_business_calendar_without_federal_holidays():
    assert days.BusinessCalendar(keeps_federal_holidays=False).is_business_day(date(2026, 7, 3))


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2026-08-31", -6, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
    ],
)
def test_months_after(day: str, months: int, result: str):
    assert days.months_after(date.fromisoformat(day), months) == date.fromisoformat(result)
