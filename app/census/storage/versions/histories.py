"""The states of a component at one instant after the other, each a fold of what was known by then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.census.drg.lookup import Groups
from app.census.rules import fold
from app.census.storage import tables
from app.census.storage.difference import Difference
from app.census.storage.matching import match
from app.census.storage.rows import ENCOUNTER, Surroundings, Values
from app.census.storage.tables import Row
from app.census.storage.told import AT, Told
from app.census.storage.versions.components import Component
from app.census.storage.versions.writing import Course, Courses, Parts, State, parts_of
from app.census.terms import AdtFact
from app.platform.work import Work

_GONE = {"status": "cancelled", "location": "", "unit": "", "room": "", "bed": ""}


class Around(NamedTuple):
    """What the histories of one call share."""

    work: Work
    difference: Difference
    groups: Groups | None


class History:
    """The states of one component, from the first of its new facts on."""

    def __init__(self, around: Around, component: Component, *, anew: bool) -> None:
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
            return rows, {stay: parts_of(difference.states[visit]) for stay, visit in own.items()}, persons
        facts = [fact for fact in component.facts if component.known.at[fact.sequence] <= at]
        told = self._told(facts, at)
        parts = {told.stays[key]: parts_of(state) for key, state in told.folded.encounters.items()}
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
