"""States of stays and persons from one instant until the next, and how they are written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.census.storage import tables
from app.census.storage.rows import (
    COVERAGE,
    DIAGNOSIS,
    ENCOUNTER,
    MOVEMENT,
    PATIENT,
    Values,
    coverage_values,
    diagnosis_values,
    movement_values,
)
from app.census.terms import EncounterState
from app.platform.work import Work

STAY = ENCOUNTER[: ENCOUNTER.index("gone_at")]
"""The columns of a version of a stay; one that is gone has no version."""

Parts = tuple[Mapping[Any, Values], Mapping[Any, Values], Mapping[Any, Values]]


class State(NamedTuple):
    """What was known of a stay or a person from an instant on; `values` is None where it was not known (any more)."""

    since: datetime
    values: Values | None
    parts: Parts | None = None

    def equals(self, other: "State") -> bool:
        return self.values == other.values and self.parts == other.parts


@dataclass
class Course:
    """What is to be written: the states of one row in their order, in place of all that is kept from the first on."""

    states: list[State] = field(default_factory=list)

    def then(self, state: State) -> None:
        """The next state; one that says the same as the last adds nothing."""
        if not self.states or not self.states[-1].equals(state):
            self.states.append(state)


Courses = dict[UUID, Course]


def parts_of(state: EncounterState) -> Parts:
    return movement_values(state), coverage_values(state), diagnosis_values(state)


_COLUMNS = {"encounter": (*STAY, "movements", "coverage", "diagnoses"), "patient": PATIENT}


def write(work: Work, subject: str, courses: Courses) -> None:
    """Put the courses in place of what is kept from their first instant on."""
    if not courses:
        return
    table = f"{subject}_known"
    given = (list(courses), [course.states[0].since for course in courses.values()])
    cut, same = "unnest(%s::uuid[], %s::timestamptz[]) as c (id, at)", f"k.{subject}_id = c.id"
    work.write(table, f"delete from {table} k using {cut} where {same} and k.known_from >= c.at", given)
    work.write(
        table, f"update {table} k set known_until = c.at from {cut} where {same} and k.known_until > c.at", given
    )
    if subject == "encounter":
        for stay, course in courses.items():
            since = course.states[0].since
            work.known_anew[stay] = min(since, work.known_anew.get(stay, since))
    rows = [
        {f"{subject}_id": key, "known_from": state.since, "known_until": until, **_RECORDS[subject](state)}
        for key, course in courses.items()
        for state, until in _periods(course)
        if state.values is not None
    ]
    if not rows:
        return
    names = [f"{subject}_id", "known_from", "known_until", *_COLUMNS[subject]]
    listed, source = ", ".join(names), ", ".join(f"r.{name}" for name in names)
    stays = subject == "encounter"
    work.write(
        table,
        f"insert into {table} ({listed}{', serial' if stays else ''}) select {source}{', e.serial' if stays else ''}"
        f" from json_populate_recordset(null::{table}, %s::json) r"
        + (" join encounter e on e.id = r.encounter_id" if stays else ""),
        (tables.as_json(rows),),
    )


def _periods(course: Course) -> Iterator[tuple[State, datetime | str]]:
    ends: list[datetime | str] = [state.since for state in course.states[1:]]
    return zip(course.states, [*ends, "infinity"], strict=True)


def _stay_record(state: State) -> dict[str, Any]:
    assert state.values is not None and state.parts is not None
    movements, coverages, diagnoses = state.parts
    return {
        **dict(zip(STAY, state.values, strict=False)),
        "movements": [
            {"lane": lane, "since": since, **dict(zip(MOVEMENT, values, strict=True))}
            for (lane, since), values in movements.items()
        ],
        "coverage": [{"rank": rank, **dict(zip(COVERAGE, one, strict=True))} for rank, one in coverages.items()],
        "diagnoses": [{"rank": rank, **dict(zip(DIAGNOSIS, one, strict=True))} for rank, one in diagnoses.items()],
    }


def _person_record(state: State) -> dict[str, Any]:
    assert state.values is not None
    return dict(zip(PATIENT, state.values, strict=True))


_RECORDS = {"encounter": _stay_record, "patient": _person_record}


def follow(work: Work, subject: str, keys: Sequence[UUID]) -> None:
    """Write what the rows say now as known from now on: for what is decided here and not told by any fact."""
    work.session.flush()
    table, columns = f"{subject}_known", STAY if subject == "encounter" else PATIENT
    given = {"keys": list(keys), "now": work.now}
    same = f"k.{subject}_id = t.id and t.id = any(%(keys)s::uuid[]) and k.known_until = 'infinity'"
    sets = ", ".join(f"{name} = t.{name}" for name in columns)
    work.write(table, f"update {table} k set {sets} from {subject} t where {same} and k.known_from >= %(now)s", given)
    hanging = ("serial", "movements", "coverage", "diagnoses") if subject == "encounter" else ()
    kept_columns = "".join(f", {name}" for name in hanging)
    listed, present = ", ".join(columns), ", ".join(f"t.{name}" for name in columns)
    work.write(
        table,
        f"with former as (update {table} k set known_until = %(now)s from {subject} t where {same}"
        f" and k.known_from < %(now)s returning k.{subject}_id{''.join(f', k.{name}' for name in hanging)})"
        f" insert into {table} ({subject}_id, known_from, known_until{kept_columns}, {listed})"
        f" select f.{subject}_id, %(now)s, 'infinity'{''.join(f', f.{name}' for name in hanging)}, {present}"
        f" from former f join {subject} t on t.id = f.{subject}_id",
        given,
    )
