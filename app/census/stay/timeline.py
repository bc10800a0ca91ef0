"""From movements to what a case manager counts: midnights, observation hours, intensive-care days, patient days.

Pure. Rows are half-open periods in UTC; calendar days are the facility's. Hours are elapsed hours, so a night on which
clocks change has 23 or 25 of them. A midnight belongs to the period that reaches it: who leaves at the stroke of
midnight has passed it, who arrives then has not.

Sources: two-midnight benchmark, 42 CFR 412.3(d)(1); hours of observation, Medicare Claims Processing Manual chapter 4,
section 290.2.2; leave of absence, Medicare Claims Processing Manual chapter 3, section 40.2.5; inpatient days, Medicare
Benefit Policy Manual chapter 3, section 20.1.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import IntEnum
from functools import lru_cache

from app.census.terms import PatientClass
from app.kernel.days import ONE_DAY, billing_days, local_day, start_of_day

NOTHING = timedelta(0)
_starts = lru_cache(maxsize=4096)(start_of_day)  # the stays of a year share their midnights


class Lane(IntEnum):
    """What a row of the timeline tells about."""

    LOCATION = 1  # unit, room and bed
    CLASS = 2  # inpatient, observation, ...
    ATTENDING = 3  # attending physician
    SERVICE = 4  # hospital service
    LEAVE = 5  # leave of absence


@dataclass(frozen=True, slots=True)
class Row:
    """One movement: what held from when to when; `until` is None while it still holds."""

    lane: Lane
    value: str
    label: str
    since: datetime
    until: datetime | None = None

    @property
    def unit(self) -> str:
        """The unit of a location `unit^room^bed`."""
        return self.value.split("^")[0]


@dataclass(frozen=True, slots=True)
class Course:
    """The timeline of one stay up to one instant.

    `end` is the discharge, else now. `end_precise` is false when only the day of discharge is known: what is counted
    in hours is then at least that much. `intensive` are the units that give intensive care.
    """

    rows: tuple[Row, ...]
    zone: tzinfo
    end: datetime
    discharged: bool = False
    end_precise: bool = True
    intensive: frozenset[str] = frozenset()

    def lane(self, lane: Lane) -> list[Row]:
        """The rows of one lane that had begun by the end, in order."""
        found = [row for row in self.rows if row.lane is lane and row.since < self.end]
        return sorted(found, key=lambda row: row.since)

    def close(self, row: Row) -> datetime:
        """When a row ended, the end of the course for one that still holds."""
        return min(row.until or self.end, self.end)

    @property
    def start(self) -> datetime | None:
        """When care in this stay began, as far as the rows tell."""
        begun = [row.since for row in self.rows if row.lane in (Lane.CLASS, Lane.LOCATION) and row.since < self.end]
        return min(begun, default=None)


@dataclass(frozen=True, slots=True)
class Midnight:
    """One midnight of a stay, named by the day that ends with it."""

    day: date
    at: datetime
    patient_class: str  # "" where no class is known
    unit: str
    away: bool
    intensive: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What the timeline adds up to.

    `midnights` are all that were passed; inpatient, observation, other (emergency and clinic) and away are its parts.
    `patient_days` are days of inpatient care: the day of admission counts, the day of discharge does not, leave does
    not, and in and out on one day is one. `icu_days` are midnights in intensive care, whatever the class.
    `observation` leaves out time on leave.
    """

    midnights: int = 0
    inpatient: int = 0
    observed: int = 0
    other: int = 0
    away: int = 0
    icu_days: int = 0
    patient_days: int = 0
    observation: timedelta = NOTHING
    observation_open: bool = False
    at_least: bool = False  # only the day of discharge is known


@dataclass
class _Cursor:
    rows: list[Row]
    place: int = 0
    found: Row | None = field(default=None)


def midnights(course: Course) -> list[Midnight]:
    """Every local midnight after the start and up to the end, in order."""
    start = course.start
    if start is None:
        return []
    lanes = [_Cursor(course.lane(lane)) for lane in (Lane.CLASS, Lane.LOCATION, Lane.LEAVE)]
    passed = []
    for day, at in _midnights_between(start, course.end, course.zone):
        kind, place, leave = (_holding(cursor, course, at) for cursor in lanes)
        unit = place.unit if place else ""
        away = leave is not None
        passed.append(Midnight(day, at, kind.value if kind else "", unit, away, unit in course.intensive and not away))
    return passed


def counts(course: Course) -> Counts:
    """Midnights, days and hours of a stay, each in the facility's calendar or in elapsed time."""
    nights = midnights(course)
    here = [night for night in nights if not night.away]
    inpatient = sum(night.patient_class == PatientClass.INPATIENT for night in here)
    observed = sum(night.patient_class == PatientClass.OBSERVATION for night in here)
    observation = [row for row in course.lane(Lane.CLASS) if row.value == PatientClass.OBSERVATION]
    open_now = not course.discharged and any(row.until is None or row.until > course.end for row in observation)
    leaves = course.lane(Lane.LEAVE)
    return Counts(
        midnights=len(nights),
        inpatient=inpatient,
        observed=observed,
        other=len(here) - inpatient - observed,
        away=len(nights) - len(here),
        icu_days=sum(night.intensive for night in here),
        patient_days=inpatient or _single_day(course),
        observation=sum((_without(row, leaves, course) for row in observation), NOTHING),
        observation_open=open_now and not any(row.until is None or row.until > course.end for row in leaves),
        at_least=course.discharged
        and not course.end_precise
        and bool(observation)
        and _reaches_end(observation, course),
    )


def stay_day(course: Course) -> int:
    """Day of the stay in a bed of the house: the day on which observation or inpatient care began is day 1; else 0."""
    bedded = [row for row in course.lane(Lane.CLASS) if row.value in (PatientClass.INPATIENT, PatientClass.OBSERVATION)]
    if not bedded:
        return 0
    return (local_day(course.end, course.zone) - local_day(bedded[0].since, course.zone)).days + 1


def units_seen(rows: Iterable[Row], kinds: Collection[str]) -> frozenset[str]:
    """Units among the rows that belong to a set of codes, for `Course.intensive`."""
    return frozenset(row.unit for row in rows if row.lane is Lane.LOCATION) & frozenset(kinds)


def _midnights_between(start: datetime, end: datetime, zone: tzinfo) -> Iterator[tuple[date, datetime]]:
    day = local_day(start, zone)
    while (at := _starts(day + ONE_DAY, zone)) <= end:
        if at > start:
            yield day, at
        day += ONE_DAY


def _holding(cursor: _Cursor, course: Course, at: datetime) -> Row | None:
    while cursor.place < len(cursor.rows) and course.close(cursor.rows[cursor.place]) < at:
        cursor.place += 1
    if cursor.place == len(cursor.rows):
        return None
    row = cursor.rows[cursor.place]
    return row if row.since < at else None


def _without(row: Row, leaves: Iterable[Row], course: Course) -> timedelta:
    away = NOTHING
    for leave in leaves:
        away += max(NOTHING, min(course.close(row), course.close(leave)) - max(row.since, leave.since))
    return course.close(row) - row.since - away


def _single_day(course: Course) -> int:
    """In and out on one day is one day, for an inpatient who never passed a midnight."""
    stays = [row for row in course.lane(Lane.CLASS) if row.value == PatientClass.INPATIENT]
    if not stays or not course.discharged or course.close(stays[-1]) < course.end:
        return 0
    first, last = local_day(stays[0].since, course.zone), local_day(course.end, course.zone)
    return billing_days(first, last) if first == last else 0


def _reaches_end(rows: Iterable[Row], course: Course) -> bool:
    return any(course.close(row) == course.end for row in rows)
