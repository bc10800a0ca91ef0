"""What was known when: the states of stays and persons from one instant until the next, kept beside the present rows.

The state at an instant is the fold of the facts that were known by then; a version is nothing but that fold, written
down when its newest fact is applied. A fact that was known before others that are kept already (a file imported late,
a message that overtook another) makes the versions of its whole component anew from its instant on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.census.drg.lookup import Groups, groups
from app.census.rules import fold
from app.census.storage import kept, tables
from app.census.storage.difference import Difference
from app.census.storage.kept import Known
from app.census.storage.matching import match
from app.census.storage.rows import (
    COVERAGE,
    DIAGNOSIS,
    ENCOUNTER,
    MOVEMENT,
    PATIENT,
    Surroundings,
    Values,
    coverage_values,
    diagnosis_values,
    movement_values,
)
from app.census.storage.tables import Row
from app.census.storage.told import AT, Told
from app.census.terms import AdtFact, EncounterState
from app.platform.work import Work

STAY = ENCOUNTER[: ENCOUNTER.index("gone_at")]
"""The columns of a version of a stay; one that is gone has no version."""

_GONE = {"status": "cancelled", "location": "", "unit": "", "room": "", "bed": ""}

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


def remember(work: Work, difference: Difference, known: Known, new: set[int], *, anew: bool = False) -> None:
    """Write the versions that the new facts make. The present rows must be written already.

    With `anew` all versions of these stays and persons are made again.
    """
    stays: Courses = {}
    people: Courses = {}
    longer: list[_Component] = []
    for component in _components(difference, known, new):
        if anew or component.several:
            longer.append(component)
        else:
            component.newest(difference, stays, people)
    codes = {group.texts.get("drg") or "" for one in longer for fact in one.facts for group in fact.groups}
    around = _Around(work, difference, groups(work, codes) if longer else None)
    for component in longer:
        _History(around, component, anew=anew).collect(stays, people)
    _write(work, "encounter", stays, _stay_record)
    _write(work, "patient", people, _person_record)


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


# --- components ------------------------------------------------------------------------------------------------------


@dataclass
class _Component:
    """Facts that numbers connect, and what of the difference is theirs.

    Attributes:
        moments: the instants at which its new facts were known.
        others: the instants at which its other facts were known, and those at which people marked its stays.
    """

    known: Known
    facts: list[AdtFact] = field(default_factory=list)
    moments: set[datetime] = field(default_factory=set)
    others: set[datetime] = field(default_factory=set)
    visits: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    lost: list[Row] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """Whether something was known after the first of the new facts, and is kept already."""
        return bool(self.others) and max(self.others) > min(self.moments)

    @property
    def several(self) -> bool:
        """Whether the present state is not the only one that is new."""
        return len(self.moments) > 1 or self.late

    def newest(self, difference: Difference, stays: Courses, people: Courses) -> None:
        """The usual case: what is new is the present state."""
        [at] = self.moments
        for visit in self.visits:
            stay = difference.stays[visit]
            if stay in difference.before:
                stays[stay] = Course([State(at, difference.rows[stay], _parts(difference.states[visit]))])
        for row in self.lost:
            stays[row.id] = Course([State(at, None)])
        for number in self.persons:
            own = difference.patients[number]
            if own in difference.people:
                people[own] = Course([State(at, difference.persons[number])])


def _components(difference: Difference, known: Known, new: set[int]) -> Iterator[_Component]:
    """The components in which something is new."""
    roots = _roots(difference.facts)
    found: dict[str, _Component] = {}
    of_message: dict[int, _Component] = {}
    for fact in difference.facts:
        component = found.setdefault(roots[kept.clean_keys(fact)[0]], _Component(known))
        component.facts.append(fact)
        (component.moments if fact.sequence in new else component.others).add(known.at[fact.sequence])
        of_message[fact.sequence] = component
    for visit, state in difference.states.items():
        of_message[state.sequences[0]].visits.append(visit)
    for number in difference.patients:
        found[roots["P:" + number.replace("\0", "")]].persons.append(number)
    lost = {row.id for row, _ in difference.lost}
    for row in difference.stored:
        of_row = of_message.get(row.values[AT["first_message_id"]])
        if of_row is None:
            of_row = found.get(roots.get(f"V:{row.values[AT['authority']]}|{row.values[AT['visit_number']]}", ""))
        if of_row is not None:
            of_row.rows.append(row)
            if row.id in lost:
                of_row.lost.append(row)
            if row.id in difference.marked_at:
                of_row.others.add(difference.marked_at[row.id])
    return (component for component in found.values() if component.moments)


def _roots(facts: Iterable[AdtFact]) -> dict[str, str]:
    """Every number with the one that stands for all that are connected with it."""
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while parents.setdefault(key, key) != key:
            parents[key] = parents[parents[key]]
            key = parents[key]
        return key

    for fact in facts:
        first, *others = kept.clean_keys(fact)
        for other in others:
            parents[root(other)] = root(first)
        root(first)
    return {key: root(key) for key in list(parents)}


# --- several states at once ------------------------------------------------------------------------------------------


class _Around(NamedTuple):
    """What the histories of one call share."""

    work: Work
    difference: Difference
    groups: Groups | None


class _History:
    """The states of one component, from the first of its new facts on."""

    def __init__(self, around: _Around, component: _Component, *, anew: bool) -> None:
        self._work, self._difference, self._groups = around
        self._component = component
        self._anew = anew or component.late
        first = min(component.moments)
        later = component.others if self._anew else set()
        self._instants = sorted(component.moments | {at for at in later if at > first})
        difference = self._difference
        present = difference.rows
        self._rows = [Row(row.id, present.get(row.id, row.values)) for row in component.rows]
        listed = {row.id for row in self._rows}
        own = (difference.stays[visit] for visit in component.visits)
        self._rows += [Row(stay, present[stay]) for stay in own if stay not in listed]
        self._new: dict[UUID, tuple[Values, datetime]] = {}

    def collect(self, stays: Courses, people: Courses) -> None:
        """Add the courses of all stays and persons of the component."""
        own_stays, own_people = self._courses()
        self._store_gone()
        for stay, course in own_stays.items():
            if (changed := self._changed(stay, course)) is not None:
                stays[stay] = changed
        for own, course in own_people.items():
            if self._anew or own in self._difference.people:
                people[own] = course

    def _courses(self) -> tuple[Courses, Courses]:
        stays: Courses = {}
        people: Courses = {}
        for at in self._instants:
            rows, parts, persons = self._at(at)
            for stay in {row.id for row in self._rows}:
                stays.setdefault(stay, Course()).then(State(at, rows.get(stay), parts.get(stay)))
            for own in (self._difference.patients[number] for number in self._component.persons):
                people.setdefault(own, Course()).then(State(at, persons.get(own)))
        return stays, people

    def _at(self, at: datetime) -> tuple[Mapping[UUID, Values], dict[UUID, Parts], dict[UUID, Values]]:
        """Rows and parts of the stays, and rows of the persons, as known at an instant."""
        difference, component = self._difference, self._component
        if at == self._instants[-1]:
            own = {difference.stays[visit]: visit for visit in component.visits}
            rows = {stay: difference.rows[stay] for stay in own}
            persons = {difference.patients[number]: difference.persons[number] for number in component.persons}
            return rows, {stay: _parts(difference.states[visit]) for stay, visit in own.items()}, persons
        facts = [fact for fact in component.facts if component.known.at[fact.sequence] <= at]
        told = self._told(facts, at)
        parts = {told.stays[key]: _parts(state) for key, state in told.folded.encounters.items()}
        self._note_gone(told, at)
        return told.rows, parts, {difference.patients[number]: values for number, values in told.people().items()}

    def _told(self, facts: Sequence[AdtFact], at: datetime) -> Told:
        difference = self._difference
        houses = difference.houses
        folded = fold(facts, {name: house.policy for name, house in houses.items()})
        matched = match(self._rows, folded.encounters).kept
        stays = {key: row.id for key, row in matched.items()}
        missing = [key for key in folded.encounters if key not in stays]
        stays |= dict(zip(missing, tables.new_keys(self._work, len(missing)), strict=True))
        owners = {
            key: houses[str(matched[key].values[0])] if key in matched else difference.feeds[state.sequences[-1]]
            for key, state in folded.encounters.items()
        }
        marks = {stay: mark for stay, mark in difference.marks.items() if difference.marked_at[stay] <= at}
        assert self._groups is not None
        told = Told(facts, folded, stays, owners, Surroundings(houses, difference.patients, marks, at, self._groups))
        for key in missing:
            self._rows.append(Row(stays[key], told.rows[stays[key]]))
            self._new[stays[key]] = told.rows[stays[key]], at
        return told

    def _note_gone(self, told: Told, at: datetime) -> None:
        """A stay that was known for a while only, between two facts that came together, needs a row of its own too."""
        after = self._instants[self._instants.index(at) + 1]
        for stay in self._new.keys() & told.rows.keys():
            self._new[stay] = told.rows[stay], after

    def _store_gone(self) -> None:
        difference = self._difference
        holders = {
            sequence: visit for visit in self._component.visits for sequence in difference.states[visit].sequences
        }
        rows = []
        for stay, (values, gone_at) in self._new.items():
            into = holders.get(values[AT["first_message_id"]])
            row = tables.record(ENCOUNTER, stay, values, updated_at=self._work.now)
            rows.append(
                {**row, **_GONE, "gone_at": gone_at, "united_into_id": difference.stays[into] if into else None}
            )
        tables.insert(self._work, "encounter", (*ENCOUNTER, "updated_at"), rows)

    def _changed(self, stay: UUID, course: Course) -> Course | None:
        """The course from where it differs from what is kept; None where nothing does."""
        if self._anew:
            return course
        difference = self._difference
        untouched = stay in difference.rows and stay not in difference.before
        if untouched and len(course.states) == 1:
            return None
        before = difference.before.get(stay)
        if before is not None and stay not in difference.hanging and course.states[0].values == before:
            return Course(course.states[1:]) if len(course.states) > 1 else None
        return course


def _parts(state: EncounterState) -> Parts:
    return movement_values(state), coverage_values(state), diagnosis_values(state)


# --- writing ---------------------------------------------------------------------------------------------------------

_COLUMNS = {"encounter": (*STAY, "movements", "coverage", "diagnoses"), "patient": PATIENT}


def _write(work: Work, subject: str, courses: Courses, record: Any) -> None:
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
    rows = [
        {f"{subject}_id": key, "known_from": state.since, "known_until": until, **record(state)}
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
