"""Calendar days as a hospital counts them: in the facility's own time zone, with its nights of 23 and 25 hours.

Instants are aware datetimes; results are in UTC. A day is a `date` of the facility's zone, never of UTC.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)
MIDNIGHT = time(0, 0)
JUNETEENTH_SINCE = 2021  # Public Law 117-17
KING_DAY_SINCE = 1986  # Public Law 98-144

MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that people write. Reckoning around a day at an end of the calendar would leave it."""


def written_year(day: date) -> bool:
    """Whether the day lies in a year that people write."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def written_day(text: str) -> date | None:
    """The day that a text such as 2026-03-05 names; None for what is no day, or lies in no year that is written."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if written_year(day) else None


def local_day(instant: datetime, zone: tzinfo) -> date:
    """The facility's calendar day on which the instant falls."""
    return _aware(instant).astimezone(zone).date()


def exists(day: date, clock: time, zone: tzinfo) -> bool:
    """False for a wall-clock time that is skipped when daylight saving begins."""
    wall = datetime.combine(day, clock, zone)
    # Going to UTC and back gives the same time, unless the zone had to make something of a time that it does not have.
    return wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(tzinfo=None)


def happens_twice(day: date, clock: time, zone: tzinfo) -> bool:
    """True for a wall-clock time that comes round again when daylight saving ends."""
    wall = datetime.combine(day, clock, zone)
    return exists(day, clock, zone) and wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def instant_of(day: date, clock: time, zone: tzinfo, *, later: bool = False) -> datetime:
    """The instant at which the facility's clocks show that time.

    A time that is skipped in spring means the first instant after the gap; a time that occurs twice in autumn means
    the first of the two, or the second with `later`.
    """
    wall = datetime.combine(day, clock, zone).replace(fold=int(later))
    if exists(day, clock, zone):
        return wall.astimezone(UTC)
    return _end_of_gap(wall, zone)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """First instant of the local day."""
    return instant_of(day, MIDNIGHT, zone)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Last whole second of the local day: a deadline "by the end of the day" still holds at this instant."""
    return start_of_day(day + ONE_DAY, zone) - ONE_SECOND


def bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """First instant of the local day and first instant of the next one, for half-open comparisons."""
    return start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)


def hours_in_day(day: date, zone: tzinfo) -> float:
    """Elapsed hours of the local day: 24, and 23 or 25 on the two nights of the year when clocks change."""
    first, following = bounds(day, zone)
    return (following - first) / timedelta(hours=1)


def midnights_crossed(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Local midnights after `start` and up to `end`; 0 when `end` is not after `start`.

    An end at the stroke of midnight has crossed it; a start there has not.
    """
    return max(0, (local_day(end, zone) - local_day(start, zone)).days)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def billing_days(admitted: date, discharged: date) -> int:
    """Inpatient days as Medicare counts utilization: the day of admission counts, the day of discharge does not.

    In and out on one day is one day. Source: Medicare Benefit Policy Manual, chapter 3, section 20.1.
    """
    return max(1, (discharged - admitted).days)


def months_after(day: date, months: int) -> date:
    """The same day of the month that many months later (earlier when negative), or that month's last day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=256)
def federal_holidays(year: int) -> dict[date, str]:
    """Legal public holidays (5 U.S.C. 6103(a)) on the days of `year` on which they are observed.

    A holiday on a Saturday is observed on the Friday before (6103(b)(1)), one on a Sunday on the Monday after
    (Executive Order 11582). Hence 31 December may be the New Year's Day of the year that follows. Inauguration Day,
    kept only around Washington, and closures by executive order are left out: they are rows of a facility's calendar.
    """
    named = [*_holidays(year), *_holidays(year + 1)]
    return {_observed(day): name for day, name in named if _observed(day).year == year}


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Which days are business days: Monday to Friday, less federal holidays, less the days that a contract adds."""

    closed: frozenset[date] = frozenset()
    keeps_federal_holidays: bool = True

    def is_business_day(self, day: date) -> bool:
        """Whether business is done on that day."""
        if day.weekday() >= SATURDAY or day in self.closed:
            return False
        return not (self.keeps_federal_holidays and day in federal_holidays(day.year))

    def next_business_day(self, day: date) -> date:
        """First business day after `day`, which itself never counts."""
        return self.after(day, 1)

    def after(self, day: date, count: int) -> date:
        """The business day number `count` after `day`; with 0 the day itself, whatever it is."""
        while count > 0:
            day += ONE_DAY
            count -= self.is_business_day(day)
        return day


FEDERAL = BusinessCalendar()


def _holidays(year: int) -> Iterator[tuple[date, str]]:
    """Statutory dates, before observation."""
    yield date(year, 1, 1), "New Year's Day"
    if year >= KING_DAY_SINCE:
        yield _nth_weekday(year, 1, MONDAY, 3), "Birthday of Martin Luther King, Jr."
    yield _nth_weekday(year, 2, MONDAY, 3), "Washington's Birthday"
    last_of_may = date(year, 5, 31)
    yield last_of_may - timedelta(days=last_of_may.weekday()), "Memorial Day"
    if year >= JUNETEENTH_SINCE:
        yield date(year, 6, 19), "Juneteenth National Independence Day"
    yield date(year, 7, 4), "Independence Day"
    yield _nth_weekday(year, 9, MONDAY, 1), "Labor Day"
    yield _nth_weekday(year, 10, MONDAY, 2), "Columbus Day"
    yield date(year, 11, 11), "Veterans Day"
    yield _nth_weekday(year, 11, THURSDAY, 4), "Thanksgiving Day"
    yield date(year, 12, 25), "Christmas Day"


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day - ONE_DAY
    if day.weekday() == SUNDAY:
        return day + ONE_DAY
    return day


def _nth_weekday(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone: without one its day cannot be known.")
    return instant


def _end_of_gap(wall: datetime, zone: tzinfo) -> datetime:
    """First instant after the gap that holds `wall`, found by halving: a zone does not tell when its clocks change."""
    # Of the two readings of a skipped time, one lies before the change of clocks and the other after it.
    before, after = sorted(int(wall.replace(fold=fold).astimezone(UTC).timestamp()) for fold in (0, 1))
    old_offset = datetime.fromtimestamp(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)
