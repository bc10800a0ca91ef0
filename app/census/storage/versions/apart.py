"""The history of a plain component: each stay is folded by itself, where something of its own became known."""

from datetime import datetime
from uuid import UUID

from app.census.rules import People, fold
from app.census.storage.rows import Values, patient_values, strictest
from app.census.storage.tables import Row
from app.census.storage.told import AT
from app.census.storage.versions.components import Component
from app.census.storage.versions.histories import Around, History
from app.census.storage.versions.plain import Plain, by_instant
from app.census.storage.versions.writing import Course, Courses, State, parts_of
from app.census.terms import AdtFact, House, PatientState


class Apart(History):
    """Nothing but the stays that new facts name, and the persons whose stays these are, has a new past.

    `forced`: the past of all others is made again too.
    """

    def __init__(self, around: Around, component: Component, known: Plain, *, forced: bool) -> None:
        super().__init__(around, component, anew=forced)
        self._plain = known
        new = known.visits.keys() if forced else component.new
        self._touched = {visit for sequence in new for visit in known.visits[sequence]}
        self._persons = {number for sequence in new for number in known.persons[sequence]}
        self._stays: Courses = {}
        self._of_people: Courses = {}
        self._now: dict[str, tuple[UUID, Values] | None] = {}
        self._facts: dict[str, list[AdtFact]] = {}
        self._facilities: dict[str, set[int]] = {}
        self._own_rows: dict[str, list[Row]] = {}

    def _courses(self) -> tuple[Courses, Courses]:
        wanted = {visit for number in self._persons for visit in self._plain.stays.get(number, ())}
        for row in self._rows_now():
            self._own_rows.setdefault(f"{row.values[AT['authority']]}|{row.values[AT['visit_number']]}", []).append(row)
        instants = by_instant(self._component.facts, self._component.known.at, self._instants[0])
        last_of_visit = {visit: at for at, facts in instants.items() for visit in self._visits(facts)}
        last_of_person = {number: at for at, facts in instants.items() for number in self._numbers(facts)}
        people = People()
        for at, facts in instants.items():
            self._take(facts)
            people.add(facts)
            for visit in self._visits(facts) & wanted:
                self._tell_stay(visit, at, last=last_of_visit[visit] == at)
            numbers = self._numbers(facts) & self._persons
            for number in [one for one in numbers if last_of_person[one] == at]:
                self._tell_present(number, at)
            for number, state in people.states(one for one in numbers if last_of_person[one] != at).items():
                self._tell_person(number, state, at)
        return self._stays, self._of_people

    def _visits(self, facts: list[AdtFact]) -> set[str]:
        return {visit for fact in facts for visit in self._plain.visits[fact.sequence]}

    def _numbers(self, facts: list[AdtFact]) -> set[str]:
        return {number for fact in facts for number in self._plain.persons[fact.sequence]}

    def _take(self, facts: list[AdtFact]) -> None:
        for fact in facts:
            for visit in self._plain.visits[fact.sequence]:
                self._facts.setdefault(visit, []).append(fact)
            here = self._difference.houses[fact.feed].facility_id
            for group in fact.groups:
                self._facilities.setdefault(group.patient, set()).add(here)

    def _tell_stay(self, visit: str, at: datetime, *, last: bool) -> None:
        """What is known of a stay from this instant on; nothing of it becomes known after the `last`."""
        difference = self._difference
        if last and visit in difference.states:
            stay = difference.stays[visit]
            state = State(at, difference.rows[stay], parts_of(difference.states[visit]))
            self._now[visit] = stay, difference.rows[stay]
        else:
            folded = fold(self._facts[visit], self._policies).encounters.get(visit)
            if folded is None or last:
                self._leave(visit, at)
                return
            rows = self._own_rows.setdefault(visit, [])
            told = self._told((), House(patients={}, encounters={visit: folded}, exceptions=[], reviews=[]), rows, at)
            [(stay, values)] = told.rows.items()
            self._now[visit] = stay, values
            state = State(at, values, parts_of(folded))
        if visit in self._touched:
            self._stays.setdefault(stay, Course()).then(state)

    def _leave(self, visit: str, at: datetime) -> None:
        """Nothing tells of the stay any more, or nothing yet."""
        for row in self._own_rows.get(visit, ()):
            self._stays.setdefault(row.id, Course()).then(State(at, None))
        before = self._now.pop(visit, None)
        if before is not None and before[0] in self._new:
            self._new[before[0]] = before[1], at

    def _tell_person(self, number: str, state: PatientState, at: datetime) -> None:
        stays = [told[1] for visit in self._plain.stays.get(number, ()) if (told := self._now.get(visit))]
        discretion = strictest(values[AT["sensitivity"]] for values in stays)
        facilities = self._facilities[number] | {values[0] for values in stays}
        self._know([number])
        values = patient_values(state, self._around(at), facilities, discretion)
        self._of_people.setdefault(self._patients[number], Course()).then(State(at, values))

    def _tell_present(self, number: str, at: datetime) -> None:
        if number in self._patients:
            person = State(at, self._difference.persons[number])
            self._of_people.setdefault(self._patients[number], Course()).then(person)
