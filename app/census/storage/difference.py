"""What the tables would have to change so that they say what a set of facts says. Reads only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.census.drg.lookup import groups
from app.census.rules import fold
from app.census.storage import kept, queue, tables
from app.census.storage.kept import House
from app.census.storage.matching import match
from app.census.storage.queue import Bed
from app.census.storage.rows import (
    Surroundings,
    Values,
    coverage_values,
    diagnosis_values,
    movement_values,
)
from app.census.storage.tables import COVERAGES, DIAGNOSES, MOVEMENTS, ChildDifference, Children
from app.census.storage.told import AT, Told
from app.census.terms import AdtFact, EncounterState
from app.platform.work import Reading

_HANGING: tuple[tuple[Children, str, Callable[[EncounterState], Mapping[Any, Values]]], ...] = (
    (MOVEMENTS, "timeline", movement_values),
    (COVERAGES, "coverage", coverage_values),
    (DIAGNOSES, "diagnoses", diagnosis_values),
)


class Difference:
    """The stored census against the one that a set of facts tells; the set must be closed under its numbers.

    Attributes:
        stored: all rows of the stays as they are, those that are gone among them.
        stays: key of the row of every stay, by its present number; rows that are new have one already.
        rows: what the row of every stay should hold.
        patients: key of the row of every medical record number.
        persons: what the row of every medical record number should hold.
        people: rows of patients that differ, as they are (None: new) and as they should be.
        marks, marked_at: what people said of the discretion that a stay needs, and when.
        before: rows of stays that differ, or on which something that differs hangs, as they are (None: new).
        lost: rows that stand for no stay of their own any more, with the number of the stay they are part of, if any.
        children: what differs in the tables that hang on stays, each with its name in events.
    """

    def __init__(self, view: Reading, facts: Sequence[AdtFact], houses: Mapping[str, House]) -> None:
        self.facts, self.houses = facts, houses
        self.feeds = {fact.sequence: houses[fact.feed] for fact in facts}
        self.folded = fold(facts, {name: house.policy for name, house in houses.items()})
        self.states = self.folded.encounters
        keys = {key for fact in facts for key in kept.clean_keys(fact)}
        visits = {key[2:] for key in keys if key.startswith("V:")} | self.states.keys()
        self.stored = tables.encounters(view, visits)
        matching = match(self.stored, self.states)
        self.known, self.lost = matching.kept, matching.lost
        stored = tables.patients(view, self.folded.patients)
        self.stays = self._keyed(view, {key: row.id for key, row in self.known.items()}, self.states)
        self.patients = self._keyed(view, {key: row.id for key, row in stored.items()}, self.folded.patients)
        known_groups = groups(view, {state.texts.get("drg") or "" for state in self.states.values()})
        self.marks: dict[UUID, str] = {}
        self.marked_at: dict[UUID, datetime] = {}
        self._read_marks(view)
        around = Surroundings(houses, self.patients, self.marks, view.now, known_groups)
        owners = {key: self._house(key, state) for key, state in self.states.items()}
        self.told = Told(facts, self.folded, self.stays, owners, around)
        self.rows = self.told.rows
        self.persons = self.told.people()
        self.people = dict(self._people({row.id: row.values for row in stored.values()}))
        known = {row.id: row.values for row in self.known.values()}
        self.before: dict[UUID, Values | None] = {
            stay: known.get(stay) for stay, values in self.rows.items() if known.get(stay) != values
        }
        self.hanging: dict[UUID, list[str]] = {}
        self.children = [(kind, self._compare(view, kind, name, rows_of)) for kind, name, rows_of in _HANGING]

    @staticmethod
    def _keyed(view: Reading, known: dict[str, UUID], wanted: Mapping[str, Any]) -> dict[str, UUID]:
        new = [key for key in wanted if key not in known]
        return known | dict(zip(new, tables.new_keys(view, len(new)), strict=True))

    def _read_marks(self, view: Reading) -> None:
        """What people asked for; a mark of a stay that is part of another one now holds for that one."""
        stored = tables.marks(view, [row.id for row in self.stored])
        for stay, mark in stored.items():
            self.marks[stay], self.marked_at[stay] = mark
        for row, into in self.lost:
            if into is not None and row.id in stored:
                self.marks.setdefault(self.stays[into], stored[row.id][0])
                self.marked_at.setdefault(self.stays[into], stored[row.id][1])

    def _house(self, key: str, state: EncounterState) -> House:
        """A stay belongs to the facility whose feed told of it when it became known; it does not change hands."""
        row = self.known.get(key)
        return self.houses[str(row.values[0])] if row else self.feeds[state.sequences[-1]]

    def _people(self, stored: Mapping[UUID, Values]) -> Iterator[tuple[UUID, tuple[Values | None, Values]]]:
        for key, after in self.persons.items():
            own = self.patients[key]
            before = stored.get(own)
            if before != after:
                yield own, (before, after)

    def _compare(
        self, view: Reading, kind: Children, name: str, rows_of: Callable[[EncounterState], Mapping[Any, Values]]
    ) -> ChildDifference[Any]:
        lost = [row.id for row, _ in self.lost]
        wanted = {stay: rows_of(self.states[key]) for key, stay in self.stays.items()}
        wanted.update((stay, {}) for stay in lost)
        found = tables.child_difference(view, kind, [row.id for row in self.known.values()] + lost, wanted)
        for stay in found.stays & self.rows.keys():
            self.before.setdefault(stay, self.rows[stay])
            self.hanging.setdefault(stay, []).append(name)
        return found

    # --- exceptions --------------------------------------------------------------------------------------------------

    def components(self) -> set[str]:
        """What the exceptions of these facts stand under, beds apart."""
        found = {queue.of_message(sequence) for sequence in self.feeds}
        return found | {queue.of_patient(number) for number in self.folded.patients}

    def findings(self) -> list[queue.Finding]:
        """The exceptions that hold by these facts, conflicts of beds apart."""
        known = queue.Known(
            patients=self.patients,
            encounters=self.stays,
            facilities={state.patient: self.rows[self.stays[key]][0] for key, state in self.states.items()},
            feeds=self.feeds,
        )
        return queue.findings(self.folded.exceptions, self.folded.reviews, known)

    def touched_beds(self) -> set[Bed]:
        """Beds that are taken or left by this difference, and those in which its stays remain."""
        rows = [self.rows[stay] for stay in self.before]
        rows += [before for before in self.before.values() if before]
        rows += [row.values for row, _ in self.lost]
        found = {Bed(values[0], values[AT["place_facility"]], values[AT["location"]]) for values in rows}
        return {bed for bed in found if bed.location}
