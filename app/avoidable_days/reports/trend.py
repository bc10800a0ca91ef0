"""Avoidable days per 100 patient days over time, and what was expected. Pure.

Points are days, weeks (from Monday) or months, whichever gives enough of them. The limits are those of the moving
range, since the lost days of one stay follow each other and are not independent; whoever wants them can have those of
the counts (u), which are narrower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import polars as pl

from app.avoidable_days.reports.breakdown import counted
from app.kernel.control_charts import Chart, Moved, Series, chart, individuals, moved, rates

HUNDRED = 100.0


class Grain(StrEnum):
    """How long a point is."""

    DAY = "day"  # one midnight
    WEEK = "week"  # from Monday to Sunday
    MONTH = "month"  # of the calendar

    def start(self, day: date) -> date:
        """The first day of the point in which a day lies."""
        if self is Grain.DAY:
            return day
        return day - timedelta(days=day.weekday()) if self is Grain.WEEK else day.replace(day=1)


def grain_of(first: date, last: date) -> Grain:
    """Days for up to six weeks, weeks for up to a year and a half, months beyond."""
    span = (last - first).days + 1
    if span <= 42:
        return Grain.DAY
    return Grain.WEEK if span <= 550 else Grain.MONTH


@dataclass(frozen=True, slots=True)
class Point:
    """Lost days and patient days of one point, and the days that it holds."""

    first: date
    last: date
    days: float
    patient_days: int

    @property
    def rate(self) -> float:
        """Per 100 patient days; a point without patient days is not in the chart."""
        return HUNDRED * self.days / self.patient_days


def points(entries: pl.DataFrame, nights: pl.DataFrame, first: date, last: date) -> list[Point]:
    """All points of a period in order, those without patient days left out."""
    grain = grain_of(first, last)
    lost: dict[date, float] = {}
    for day, amount in counted(entries).select("day", "amount").rows():
        lost[grain.start(day)] = lost.get(grain.start(day), 0.0) + amount
    there: dict[date, int] = {}
    for day in nights["day"].to_list():
        there[grain.start(day)] = there.get(grain.start(day), 0) + 1
    found: list[Point] = []
    for start in sorted(set(lost) | set(there)):
        end = min(_end(grain, start), last)
        found.append(Point(max(start, first), end, lost.get(start, 0.0), there.get(start, 0)))
    return found


def _end(grain: Grain, start: date) -> date:
    if grain is Grain.DAY:
        return start
    if grain is Grain.WEEK:
        return start + timedelta(days=6)
    return (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _series(found: Sequence[Point], limits: str) -> Series:
    if limits == "u":
        return rates([one.days for one in found], [one.patient_days / HUNDRED for one in found])
    return individuals([one.rate for one in found])


def trend(found: Sequence[Point], actions: Sequence[date], limits: str) -> Chart:
    """The chart of points that have patient days, with limits from each action on that has enough points."""
    drawn = with_patients(found)
    return chart(_series(drawn, limits), [place_of(drawn, day) for day in actions])


def with_patients(found: Sequence[Point]) -> list[Point]:
    """The points that have a rate."""
    return [one for one in found if one.patient_days]


def place_of(found: Sequence[Point], day: date) -> int:
    """The first point that begins on a day or later: the one in which something is done belongs to before."""
    return next((place for place, one in enumerate(found) if one.first >= day), len(found))


def effect(found: Sequence[Point], since: date, limits: str) -> Moved:
    """Whether the rate moved when something was done."""
    drawn = with_patients(found)
    return moved(_series(drawn, limits), place_of(drawn, since))
