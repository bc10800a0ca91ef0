"""How long somebody has, and where they stand: the arithmetic of every clock in the house.

An `Allowance` is written as the law and the contracts write it, and kept as text in data files:

    36 hours                    elapsed hours; the wall clock shifts when daylight saving begins or ends
    2 calendar days             to the end of that local day; the day of the start is day 0; never rolls over weekends
    3 business days             the same, but only business days count
    6 months                    to the end of the same day of the month, or of that month's last day
    day 60                      to the end of the 60th day, the day of the start being day 1
    noon next day               also "17:00 next business day", "noon same day"
    4 hours before              back from the start; so are "2 calendar days before" and the others
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from app.kernel.days import (
    FEDERAL,
    ONE_DAY,
    BusinessCalendar,
    end_of_day,
    instant_of,
    local_day,
    months_after,
    start_of_day,
)

NOON = time(12, 0)
LONGEST = 5000  # no allowance of law or contract is longer; it keeps a slip of the pen from counting for minutes


_AMOUNT = re.compile(r"(\d+) (hour|calendar day|business day|month)s?( before)?")
_NUMBERED_DAY = re.compile(r"day ([1-9]\d*)")
_CLOCK_TIME = re.compile(r"(noon|[01]\d:[0-5]\d|2[0-3]:[0-5]\d) (same|next|next business) day")


class Unit(StrEnum):
    """What an allowance counts."""

    HOURS = "hours"  # elapsed hours, counted in UTC
    CALENDAR_DAYS = "calendar days"  # local dates, weekends and holidays included
    BUSINESS_DAYS = "business days"  # local dates on which business is done
    MONTHS = "months"  # the same day of a later month
    DAY_NUMBER = "day"  # local dates, the day of the start being day 1


class Standing(StrEnum):
    """Where an obligation stands against its deadline."""

    DUE = "due"  # open, and the deadline has not passed
    DONE = "done"  # closed by its evidence at or before the deadline
    LATE = "late"  # closed by its evidence after the deadline; the true time is kept
    OVERDUE = "overdue"  # open, and the deadline has passed
    NOT_REQUIRED = "not required"  # the facts say that nothing is owed; the rule says why


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock stands still, from `start` up to `end`. One that still lasts ends now, for now."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """An amount of time granted or demanded. With `at` it ends at that local time instead of the end of the day."""

    count: int
    unit: Unit
    before: bool = False
    at: time | None = None

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """Read the text forms listed above. ValueError names the text and the forms."""
        words = " ".join(text.split())
        if found := _AMOUNT.fullmatch(words):
            count, unit, before = found.groups()
            allowance = cls(int(count), Unit(f"{unit}s"), before=before is not None)
        elif found := _NUMBERED_DAY.fullmatch(words):
            allowance = cls(int(found[1]), Unit.DAY_NUMBER)
        elif found := _CLOCK_TIME.fullmatch(words):
            clock, day = found.groups()
            unit = Unit.BUSINESS_DAYS if "business" in day else Unit.CALENDAR_DAYS
            allowance = cls(int(day != "same"), unit, at=NOON if clock == "noon" else time.fromisoformat(clock))
        else:
            raise _unreadable(text)
        if allowance.count > LONGEST:
            raise _unreadable(text)
        return allowance

    def __str__(self) -> str:
        if self.at is not None:
            clock = "noon" if self.at == NOON else f"{self.at:%H:%M}"
            day = "same" if self.count == 0 else "next business" if self.unit is Unit.BUSINESS_DAYS else "next"
            return f"{clock} {day} day"
        if self.unit is Unit.DAY_NUMBER:
            return f"day {self.count}"
        words = self.unit.value.removesuffix("s") if self.count == 1 else self.unit.value
        return f"{self.count} {words}{' before' if self.before else ''}"


def due(
    start: datetime,
    allowance: Allowance,
    zone: tzinfo,
    calendar: BusinessCalendar = FEDERAL,
    pauses: Iterable[Pause] = (),
) -> datetime:
    """The last instant that still keeps the deadline, in UTC. Days end at 23:59:59 local.

    Pauses stop the clock (tolling). Hours resume where they stopped. A day counts when the clock runs at its end.
    Only hours and days that run forward can be tolled: ValueError for the others.
    """
    stops = sorted(pauses, key=lambda pause: pause.start)
    if allowance.unit is Unit.HOURS:
        return _due_in_hours(start, allowance, stops)
    day = _due_day(local_day(start, zone), allowance, calendar, _days_stopped(stops, allowance, zone))
    return end_of_day(day, zone) if allowance.at is None else instant_of(day, allowance.at, zone)


def opens(start: datetime, allowance: Allowance, zone: tzinfo, calendar: BusinessCalendar = FEDERAL) -> datetime:
    """The first instant of a window that an allowance opens: hours as they run, days from their local midnight.

    "Not more than 2 calendar days before discharge" opens at the start of that day.
    """
    if allowance.unit is Unit.HOURS:
        return _due_in_hours(start, allowance, [])
    day = _due_day(local_day(start, zone), allowance, calendar, frozenset())
    return start_of_day(day, zone) if allowance.at is None else instant_of(day, allowance.at, zone)


def standing(due_at: datetime, now: datetime, closed_at: datetime | None = None) -> Standing:
    """Where a duty stands at `now`, given when its evidence closed it, if it did. The deadline itself is in time.

    Evidence dated after `now` has not happened yet, so that a past instant can be looked at as it was.
    """
    if closed_at is not None and closed_at <= now:
        return Standing.DONE if closed_at <= due_at else Standing.LATE
    return Standing.DUE if now <= due_at else Standing.OVERDUE


def earliest(*instants: datetime | None) -> datetime | None:
    """The first of several limits of which some may not exist: "36 hours, or release if that is sooner"."""
    return min((instant for instant in instants if instant is not None), default=None)


def _due_in_hours(start: datetime, allowance: Allowance, stops: list[Pause]) -> datetime:
    hours = timedelta(hours=allowance.count)
    if allowance.before:
        _refuse_tolling(stops, allowance)
        return _utc(start) - hours
    end = _utc(start) + hours
    counted_to = _utc(start)
    for stop in stops:
        lost_from = max(_utc(stop.start), counted_to)
        if lost_from >= end:
            break
        if stop.end > lost_from:
            end += _utc(stop.end) - lost_from
            counted_to = _utc(stop.end)
    return end


def _due_day(start: date, allowance: Allowance, calendar: BusinessCalendar, stopped: frozenset[date]) -> date:
    if allowance.unit is Unit.MONTHS:
        return months_after(start, -allowance.count if allowance.before else allowance.count)
    if allowance.unit is Unit.DAY_NUMBER:
        return start + timedelta(days=allowance.count - 1)
    step = -ONE_DAY if allowance.before else ONE_DAY
    day, left = start, allowance.count
    while left > 0:
        day += step
        counts = allowance.unit is Unit.CALENDAR_DAYS or calendar.is_business_day(day)
        left -= counts and day not in stopped
    return day


def _days_stopped(stops: list[Pause], allowance: Allowance, zone: tzinfo) -> frozenset[date]:
    """Local days at whose end the clock stands still."""
    if allowance.before or allowance.at is not None or allowance.unit in (Unit.MONTHS, Unit.DAY_NUMBER):
        _refuse_tolling(stops, allowance)
    stopped: set[date] = set()
    for stop in stops:
        day = local_day(stop.start, zone)
        while end_of_day(day, zone) < stop.end:
            stopped.add(day)
            day += ONE_DAY
    return frozenset(stopped)


def _refuse_tolling(stops: list[Pause], allowance: Allowance) -> None:
    if stops:
        raise ValueError(f"An allowance of '{allowance}' cannot be tolled: only hours and days that run forward can.")


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs a time zone: without one no deadline can be counted from it.")
    return instant.astimezone(UTC)


def _unreadable(text: str) -> ValueError:
    return ValueError(
        f"{text!r} is no allowance of time. Write it like '36 hours', '2 calendar days', '3 business days', "
        "'6 months', 'day 60', 'noon next day' or '4 hours before'."
    )
