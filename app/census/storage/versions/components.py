"""What of a difference belongs together: facts that numbers connect, with the stays and persons that they tell of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.census.storage import kept
from app.census.storage.difference import Difference
from app.census.storage.kept import Known
from app.census.storage.tables import Row
from app.census.storage.told import AT
from app.census.storage.versions.writing import Course, Courses, State, parts_of
from app.census.terms import AdtFact


@dataclass
class Component:
    """Facts that numbers connect, and what of the difference is theirs.

    Attributes:
        new: its new facts, by their numbers; `moments` the instants at which they were known.
        others: the instants at which its other facts were known, and those at which people marked its stays.
    """

    known: Known
    facts: list[AdtFact] = field(default_factory=list)
    new: set[int] = field(default_factory=set)
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
                stays[stay] = Course([State(at, difference.rows[stay], parts_of(difference.states[visit]))])
        for row in self.lost:
            stays[row.id] = Course([State(at, None)])
        for number in self.persons:
            own = difference.patients[number]
            if own in difference.people:
                people[own] = Course([State(at, difference.persons[number])])


def components(difference: Difference, known: Known, new: set[int]) -> Iterator[Component]:
    """The components in which something is new."""
    roots = _roots(difference.facts)
    found: dict[str, Component] = {}
    of_message: dict[int, Component] = {}
    for fact in difference.facts:
        component = found.setdefault(roots[kept.clean_keys(fact)[0]], Component(known))
        component.facts.append(fact)
        if fact.sequence in new:
            component.new.add(fact.sequence)
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
