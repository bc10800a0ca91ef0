"""What holds for every deadline, whatever the day, the zone and the allowance."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.days import (
    FEDERAL,
    bounds,
    days_between,
    end_of_day,
    exists,
    federal_holidays,
    instant_of,
    local_day,
    midnights_crossed,
    start_of_day,
)
from app.kernel.deadlines import Allowance, Pause, Standing, Unit, due, opens, standing

ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York",
        "America/Chicago",
        "America/Phoenix",  # never changes its clocks
        "America/Anchorage",
        "Pacific/Honolulu",
        "America/Puerto_Rico",
        "Pacific/Guam",  # ahead of UTC
        "America/Santiago",  # midnight is skipped in spring
        "America/Havana",  # midnight comes twice in autumn
        "Australia/Lord_Howe",  # moves by half an hour
    )
]

zones = st.sampled_from(ZONES)
dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
day_units = st.sampled_from([Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS])
any_allowance = st.one_of(
    st.builds(
        Allowance,
        st.integers(0, 200),
        st.sampled_from([Unit.HOURS, Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS, Unit.MONTHS]),
        st.booleans(),
    ),
    st.builds(Allowance, st.integers(1, 200), st.just(Unit.DAY_NUMBER)),
    st.builds(Allowance, st.just(1), day_units, st.just(False), clocks),
    st.builds(Allowance, st.just(0), st.just(Unit.CALENDAR_DAYS), st.just(False), clocks),
)


@given(any_allowance)
def test_allowance_survives_writing_and_reading(allowance: Allowance):
    assert Allowance.parse(str(allowance)) == allowance


@given(instants, st.integers(0, 500), zones)
def test_hours_are_elapsed_hours_in_every_zone(start: datetime, hours: int, zone: ZoneInfo):
    assert due(start.astimezone(zone), Allowance(hours, Unit.HOURS), zone) - start == timedelta(hours=hours)


@given(instants, st.integers(0, 200), zones)
def test_calendar_days_end_on_the_right_local_date(start: datetime, count: int, zone: ZoneInfo):
    limit = due(start, Allowance(count, Unit.CALENDAR_DAYS), zone)

    assert local_day(limit, zone) == local_day(start, zone) + timedelta(days=count)
    assert local_day(limit + timedelta(seconds=1), zone) == local_day(start, zone) + timedelta(days=count + 1)


@given(instants, st.integers(1, 60), zones)
def test_business_days_lie_between_start_and_due(start: datetime, count: int, zone: ZoneInfo):
    first, last = local_day(start, zone), local_day(due(start, Allowance(count, Unit.BUSINESS_DAYS), zone), zone)

    assert FEDERAL.is_business_day(last)
    assert sum(FEDERAL.is_business_day(day) for day in days_between(first + timedelta(days=1), last)) == count


@given(instants, instants, any_allowance, zones)
def test_a_later_start_is_never_due_earlier(one: datetime, other: datetime, allowance: Allowance, zone: ZoneInfo):
    earlier, later = sorted((one, other))

    assert due(earlier, allowance, zone) <= due(later, allowance, zone)


@given(instants, any_allowance, zones)
def test_a_window_never_opens_after_it_closes(start: datetime, allowance: Allowance, zone: ZoneInfo):
    assert opens(start, allowance, zone) <= due(start, allowance, zone)


@given(instants, st.integers(0, 100), st.lists(st.tuples(instants, st.integers(0, 100_000)), max_size=4), zones)
def test_time_outside_pauses_is_what_was_allowed(
    start: datetime, hours: int, spans: list[tuple[datetime, int]], zone: ZoneInfo
):
    pauses = [Pause(begin, begin + timedelta(seconds=seconds)) for begin, seconds in spans]

    limit = due(start, Allowance(hours, Unit.HOURS), zone, FEDERAL, pauses)

    marks = sorted(
        {start, limit, *(edge for stop in pauses for edge in (stop.start, stop.end) if start < edge < limit)}
    )
    running = timedelta()
    for begin, end in pairwise(marks):
        if not any(stop.start <= begin and end <= stop.end for stop in pauses):
            running += end - begin
    assert running == timedelta(hours=hours)


@given(instants, st.integers(1, 30), day_units, st.tuples(instants, st.integers(0, 1_000_000)), zones)
def test_a_pause_never_shortens_a_deadline(
    start: datetime, count: int, unit: Unit, span: tuple[datetime, int], zone: ZoneInfo
):
    pause = Pause(span[0], span[0] + timedelta(seconds=span[1]))

    assert due(start, Allowance(count, unit), zone, FEDERAL, [pause]) >= due(start, Allowance(count, unit), zone)


@given(instants, instants, st.one_of(st.none(), instants))
def test_standing_is_closed_exactly_when_the_evidence_is_there(
    due_at: datetime, now: datetime, closed: datetime | None
):
    known = closed is not None and closed <= now

    assert (standing(due_at, now, closed) in (Standing.DONE, Standing.LATE)) is known


@given(dates, zones)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo):
    first, following = bounds(day, zone)

    assert following == start_of_day(day + timedelta(days=1), zone)
    assert local_day(first, zone) == day
    assert local_day(first - timedelta(seconds=1), zone) == day - timedelta(days=1)
    assert local_day(end_of_day(day, zone), zone) == day


@given(instants, instants, instants, zones)
def test_midnights_add_up_over_parts_of_a_stay(one: datetime, two: datetime, three: datetime, zone: ZoneInfo):
    start, middle, end = sorted((one, two, three))

    parts = midnights_crossed(start, middle, zone) + midnights_crossed(middle, end, zone)

    assert parts == midnights_crossed(start, end, zone)


@given(dates, st.times(), zones)
def test_a_local_time_that_exists_is_shown_by_its_instant(day: date, clock: time, zone: ZoneInfo):
    shown = instant_of(day, clock, zone).astimezone(zone)

    if exists(day, clock, zone):
        assert (shown.date(), shown.time().replace(fold=0)) == (day, clock.replace(fold=0))
    else:
        assert (shown.date(), shown.time()) >= (day, clock)


@given(st.integers(1990, 2100))
def test_holidays_are_never_observed_on_a_weekend(year: int):
    assert all(day.weekday() < 5 and day.year == year for day in federal_holidays(year))
