"""Three measures of the serious-illness lane, each with the stays behind its figures. Pure.

- Hours from the signs to the order of a consult, of cases whose consult was ordered; their median.
- Of stays with seven days of intensive care: goals of care documented within 48 hours after the seventh day.
- Of patients who died in the hospital: hospice considered at a meeting before.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

import msgspec

WEEK = timedelta(days=7)
GOALS_WITHIN = timedelta(hours=48)


class Measure(StrEnum):
    """One of the three."""

    CONSULT = "consult"  # hours from signs to the order of a consult
    GOALS = "goals"  # goals documented within 48 hours of the seventh day in intensive care
    HOSPICE = "hospice"  # hospice considered before a death in the hospital


class Course(msgspec.Struct, frozen=True):
    """What the measures read of one stay. `goals_at` are the instants at which goals of care were documented."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    found_at: datetime | None
    ordered_at: datetime | None
    intensive_since: datetime | None
    intensive_days: int
    goals_at: tuple[datetime, ...]
    died_at: datetime | None
    hospice_at: datetime | None


class Counted(msgspec.Struct, frozen=True):
    """A stay in a measure: whether it meets it, and in words why; None where its time is not over yet."""

    course: Course
    met: bool | None
    words: str


def consults(courses: Iterable[Course]) -> list[Counted]:
    """Cases with signs; those with a consult have the hours to its order."""
    found = []
    for one in courses:
        if one.found_at is None:
            continue
        if one.ordered_at is None:
            found.append(Counted(one, None, "no consult ordered"))
        else:
            found.append(Counted(one, True, f"{hours(one.found_at, one.ordered_at):.0f} h to the order"))
    return found


def hours(begin: datetime, end: datetime) -> float:
    """Hours between two instants."""
    return (end - begin).total_seconds() / 3600


def median_hours(courses: Iterable[Course]) -> float | None:
    """The median time from signs to the order of a consult; None without any."""
    all_hours = [hours(one.found_at, one.ordered_at) for one in courses if one.found_at and one.ordered_at]
    return median(all_hours) if all_hours else None


def goals(courses: Iterable[Course], now: datetime) -> list[Counted]:
    """Stays with a week of intensive care. Goals documented before the limit count, however early."""
    found = []
    for one in courses:
        if one.intensive_since is None or one.intensive_days < WEEK.days:
            continue
        limit = one.intensive_since + WEEK + GOALS_WITHIN
        met = any(at <= limit for at in one.goals_at)
        if not met and now <= limit:
            found.append(Counted(one, None, "time is not over yet"))
        else:
            found.append(Counted(one, met, "documented in time" if met else "not documented in time"))
    return found


def hospice(courses: Iterable[Course]) -> list[Counted]:
    """Patients who died in the hospital."""
    return [
        Counted(one, met, "hospice was considered" if met else "hospice was not considered")
        for one in courses
        if one.died_at is not None
        for met in [one.hospice_at is not None and one.hospice_at <= one.died_at]
    ]


def share(counted: Sequence[Counted]) -> tuple[int, int]:
    """How many meet a measure, of how many whose time is over."""
    over = [one for one in counted if one.met is not None]
    return sum(bool(one.met) for one in over), len(over)
