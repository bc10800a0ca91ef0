"""The states of a component at one instant after the other, each a fold of what was known by then."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.census.drg.lookup import Groups
from app.census.rules import fold
from app.census.storage import tables
from app.census.storage.difference import Difference
from app.census.storage.matching import match
from app.census.storage.rows import ENCOUNTER, PATIENT, Surroundings, Values
from app.census.storage.tables import Row
from app.census.storage.told import AT, Told
from app.census.storage.versions.components import Component
from app.census.storage.versions.writing import Course, Courses, State, parts_of
from app.census.terms import AdtFact, House
from app.platform.work import Work

_GONE = {"status": "cancelled", "location": "", "unit": "", "room": "", "bed": ""}


class Around(NamedTuple):
    """What the histories of one call share."""

    work: Work
    difference: Difference
    groups: Groups


class History(ABC):
    """The courses of the stays and persons of one component, from the first of its new facts on."""

    def __init__(self, around: Around, component: Component, *, anew: bool) -> None:
        self._work, self._difference, self._groups = around
        self._component = component
        self._anew = anew or component.late
        first = min(component.moments)
        later = component.others if self._anew else set()
        self._instants = sorted(component.moments | {at for at in later if at > first})
        difference = self._difference
        self._policies = {name: house.policy for name, house in difference.houses.items()}
        self._patients = {number: difference.patients[number] for number in component.persons}
        self._persons_before = {
            own: difference.people[own][0] if own in difference.people else difference.persons[number]
            for number, own in self._patients.items()
        }
        self._left_out: dict[str, UUID] = {}
        self._new: dict[UUID, tuple[Values, datetime | None]] = {}

    def collect(self, stays: Courses, people: Courses) -> None:
        """Add the courses of those stays and persons of the component that have new states."""
        own_stays, own_people = self._courses()
        self._store_left_out(own_people)  # first: a stay that is gone may be theirs
        self._store_gone()
        for stay, course in own_stays.items():
            if (changed := self._changed(stay, course)) is not None:
                stays[stay] = changed
        for own, course in own_people.items():
            if not self._anew and course.states[0].values == self._persons_before[own]:
                course = Course(course.states[1:])
            if course.states:
                people[own] = course

    @abstractmethod
    def _courses(self) -> tuple[Courses, Courses]:
        """All states of the stays and persons by their keys."""

    # --- a fold at an instant ----------------------------------------------------------------------------------------

    def _told(self, facts: Sequence[AdtFact], folded: House, rows: list[Row], at: datetime) -> Told:
        """What was known at an instant, as rows. `rows` are those of which a stay may be one; new ones are added."""
        difference = self._difference
        self._know(folded.patients)
        matched = match(rows, folded.encounters).kept
        stays = {key: row.id for key, row in matched.items()}
        missing = [key for key in folded.encounters if key not in stays]
        stays |= dict(zip(missing, tables.new_keys(self._work, len(missing)), strict=True))
        owners = {
            key: difference.houses[str(matched[key].values[0])]
            if key in matched
            else difference.feeds[state.sequences[-1]]
            for key, state in folded.encounters.items()
        }
        told = Told(facts, folded, stays, owners, self._around(at))
        for key in missing:
            rows.append(Row(stays[key], told.rows[stays[key]]))
            self._new[stays[key]] = told.rows[stays[key]], None
        return told

    def _around(self, at: datetime) -> Surroundings:
        difference = self._difference
        marks = {stay: mark for stay, mark in difference.marks.items() if difference.marked_at[stay] <= at}
        return Surroundings(difference.houses, self._patients, marks, at, self._groups)

    def _rows_now(self) -> list[Row]:
        """All rows that belong here, those just written among them."""
        difference, present = self._difference, self._difference.rows
        rows = [Row(row.id, present.get(row.id, row.values)) for row in self._component.rows]
        listed = {row.id for row in rows}
        own = (difference.stays[visit] for visit in self._component.visits)
        return rows + [Row(stay, present[stay]) for stay in own if stay not in listed]

    def _know(self, numbers: Iterable[str]) -> None:
        """Keys of numbers that nothing names any more, because what named them was struck out or told otherwise."""
        missing = [number for number in numbers if number not in self._patients]
        if not missing:
            return
        stored = tables.patients(self._work, missing)
        keys = dict(zip(missing, tables.new_keys(self._work, len(missing)), strict=True))
        keys |= {number: stored[number].id for number in missing if number in stored}
        self._persons_before |= {keys[number]: None for number in missing}
        self._persons_before |= {row.id: row.values for row in stored.values()}
        self._patients |= keys
        self._left_out |= keys

    # --- stays and persons that are known no longer ------------------------------------------------------------------

    def _seen(self, stays: Iterable[UUID], at: datetime) -> None:
        """Of the stays that only a part of the facts tells of, those that are not among these are gone."""
        there = set(stays)
        for stay, (values, gone_at) in self._new.items():
            self._new[stay] = values, None if stay in there else gone_at or at

    def _store_gone(self) -> None:
        """A stay that was known for a while only, between two facts that came together, needs a row of its own too."""
        difference = self._difference
        holders = {
            sequence: visit for visit in self._component.visits for sequence in difference.states[visit].sequences
        }
        rows = []
        for stay, (values, gone_at) in self._new.items():
            into = holders.get(values[AT["first_message_id"]])
            row = tables.record(ENCOUNTER, stay, values, updated_at=self._work.now)
            rows.append({
                **row, **_GONE, "gone_at": gone_at or self._instants[-1],
                "united_into_id": difference.stays[into] if into else None,
            })  # fmt: skip
        tables.insert(self._work, "encounter", (*ENCOUNTER, "updated_at"), rows)

    def _store_left_out(self, people: Courses) -> None:
        """A person of whom nothing speaks any more stays as he or she was known last."""
        last = {own: people[own].states[-1].values for own in self._left_out.values() if own in people}
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for own, values in last.items():
            assert values is not None
            before = self._persons_before[own]
            if before != values:
                (new if before is None else changed).append(tables.record(PATIENT, own, values))
        tables.insert(self._work, "patient", PATIENT, new)
        tables.update(self._work, "patient", PATIENT, changed)

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


class Whole(History):
    """Everything is folded together at every instant: numbers may mean now this and now that."""

    def _courses(self) -> tuple[Courses, Courses]:
        stays: Courses = {}
        people: Courses = {}
        rows = self._rows_now()
        for at in self._instants[:-1]:
            facts = [fact for fact in self._component.facts if self._component.known.at[fact.sequence] <= at]
            told = self._told(facts, fold(facts, self._policies), rows, at)
            self._seen(told.rows, at)
            parts = {told.stays[key]: parts_of(state) for key, state in told.folded.encounters.items()}
            for stay in {row.id for row in rows}:
                stays.setdefault(stay, Course()).then(State(at, told.rows.get(stay), parts.get(stay)))
            for number, values in told.people().items():
                people.setdefault(self._patients[number], Course()).then(State(at, values))
        self._present({row.id for row in rows}, stays, people)
        return stays, people

    def _present(self, known: set[UUID], stays: Courses, people: Courses) -> None:
        """At the last instant holds what the present rows say."""
        difference, at = self._difference, self._instants[-1]
        own = {difference.stays[visit]: visit for visit in self._component.visits}
        self._seen(own, at)
        for stay in known:
            parts = parts_of(difference.states[own[stay]]) if stay in own else None
            values = difference.rows[stay] if stay in own else None
            stays.setdefault(stay, Course()).then(State(at, values, parts))
        for number in self._component.persons:
            person = State(at, difference.persons[number])
            people.setdefault(difference.patients[number], Course()).then(person)
