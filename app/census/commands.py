"""The census changes in one way only: facts are taken in, what they touch is folded anew, the difference is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.census.events import CensusFolded, EncountersUnited, EncounterWithdrawn
from app.census.rules import fold
from app.census.storage import happened, kept, queue, tables
from app.census.storage.kept import House
from app.census.storage.matching import Matching, match
from app.census.storage.queue import Bed
from app.census.storage.rows import (
    ENCOUNTER,
    PATIENT,
    Surroundings,
    Values,
    coverage_values,
    diagnosis_values,
    encounter_values,
    movement_values,
    patient_values,
    strictest,
)
from app.census.storage.tables import COVERAGES, DIAGNOSES, MOVEMENTS, Row
from app.census.terms import AdtFact, EncounterState
from app.census.terms import House as Folded
from app.platform.work import Work

_PLACE = {name: ENCOUNTER.index(name) for name in ENCOUNTER}
_BEDS = ("facility_id", "place_facility", "location")


def apply_facts(work: Work, facts: Sequence[AdtFact]) -> None:
    """Keep the facts and bring the census up to date with everything they touch.

    The facts of one stay, of one call, are folded once. A fact that is kept already changes nothing. One call at a
    time in the whole installation: a merge may connect any two facilities.
    """
    if not facts:
        return
    work.connection.execute("select pg_advisory_xact_lock(hashtext('census.apply'))")
    kept.store(work, facts)
    keys = {key for fact in facts for key in kept.clean_keys(fact)}
    connected = kept.connected(work, keys)
    touched = _Change(work, connected, kept.houses(work)).write()
    work.record(CensusFolded(taken=len(facts), connected=len(connected), touched=touched))


@dataclass(slots=True)
class _Written:
    """Stays whose row, or what hangs on it, differs from what was stored."""

    before: dict[UUID, Values | None] = field(default_factory=dict)
    hanging: dict[UUID, list[str]] = field(default_factory=dict)


class _Change:
    """The way from the stored census to the one that a set of facts, closed under its numbers, tells."""

    def __init__(self, work: Work, facts: Sequence[AdtFact], houses: Mapping[str, House]) -> None:
        self.work = work
        self.facts = facts
        self.houses = houses
        self.feeds = {fact.sequence: houses[fact.feed] for fact in facts}
        self.folded: Folded = fold(facts, {name: house.policy for name, house in houses.items()})
        self.states = self.folded.encounters
        self.stored_patients: dict[str, Row] = {}
        self.matching = Matching()
        self.stays: dict[str, UUID] = {}
        self.rows: dict[UUID, Values] = {}
        self.written = _Written()

    def write(self) -> int:
        """Write the difference, say what happened, and return how many stays it touched."""
        self._recognize()
        around = Surroundings(
            self.houses, self._patient_keys(), tables.marks(self.work, list(self.stays.values())), self.work.now
        )
        for key, state in self.states.items():
            stay = self.stays[key]
            self.rows[stay] = encounter_values(state, stay, self._house(key, state), around)
        people = self._write_patients(around)
        self._write_encounters()
        self._write_lost()
        self._write_children()
        self._settle_exceptions(around)
        self._tell(people)
        return len(self.written.before)

    # --- what is known already ---------------------------------------------------------------------------------------

    def _recognize(self) -> None:
        keys = {key for fact in self.facts for key in kept.clean_keys(fact)}
        visits = {key[2:] for key in keys if key.startswith("V:")} | self.states.keys()
        self.stored_patients = tables.patients(self.work, self.folded.patients)
        self.matching = match(tables.encounters(self.work, visits), self.states)
        unknown = [key for key in self.states if key not in self.matching.kept]
        self.stays = {key: row.id for key, row in self.matching.kept.items()}
        self.stays.update(zip(unknown, tables.new_keys(self.work, len(unknown)), strict=True))

    def _patient_keys(self) -> dict[str, UUID]:
        known = {key: row.id for key, row in self.stored_patients.items()}
        new = [key for key in self.folded.patients if key not in known]
        return known | dict(zip(new, tables.new_keys(self.work, len(new)), strict=True))

    def _house(self, key: str, state: EncounterState) -> House:
        """A stay belongs to the facility whose feed told of it last, when it became known; it does not change hands."""
        row = self.matching.kept.get(key)
        if row is not None:
            return self.houses[str(row.values[0])]
        return self.feeds[state.sequences[-1]]

    # --- writing -----------------------------------------------------------------------------------------------------

    def _write_patients(self, around: Surroundings) -> dict[UUID, tuple[Values | None, Values]]:
        facilities, discretion = self._of_patients(around)
        new, changed, people = [], [], {}
        for key, state in self.folded.patients.items():
            row, own = self.stored_patients.get(key), around.patients[key]
            values = patient_values(state, around, facilities.get(key, ()), strictest(discretion.get(own, ())))
            if row is not None and row.values == values:
                continue
            people[own] = (row.values if row else None, values)
            (changed if row else new).append(tables.record(PATIENT, own, values))
        tables.insert(self.work, "patient", PATIENT, new)
        tables.update(self.work, "patient", PATIENT, changed)
        return people

    def _of_patients(self, around: Surroundings) -> tuple[dict[str, set[int]], dict[UUID, list[str]]]:
        """In which facilities each number is known, and what discretion the stays of each patient ask for."""
        facilities: dict[str, set[int]] = {}
        for fact in self.facts:
            for group in fact.groups:
                for number in (group.patient, *(prior.patient for prior in group.priors)):
                    if number:
                        facilities.setdefault(number, set()).add(self.houses[fact.feed].facility_id)
        discretion: dict[UUID, list[str]] = {}
        for key, state in self.states.items():
            values = self.rows[self.stays[key]]
            for number in (state.patient, state.home):
                facilities.setdefault(number, set()).add(values[0])
            discretion.setdefault(around.patients[state.patient], []).append(values[_PLACE["sensitivity"]])
        return facilities, discretion

    def _write_encounters(self) -> None:
        columns, now = (*ENCOUNTER, "updated_at"), self.work.now
        known = {row.id: row.values for row in self.matching.kept.values()}
        new, changed = [], []
        for stay, values in self.rows.items():
            before = known.get(stay)
            if before == values:
                continue
            self.written.before[stay] = before
            (new if before is None else changed).append(tables.record(ENCOUNTER, stay, values, updated_at=now))
        tables.insert(self.work, "encounter", columns, new)
        tables.update(self.work, "encounter", columns, changed)

    def _write_lost(self) -> None:
        """Rows that stand for no stay of their own are kept for what people hung on them, and point to where it is."""
        lost = [
            {
                "id": row.id, "status": "cancelled", "gone_at": self.work.now, "updated_at": self.work.now,
                "united_into_id": self.stays[into] if into else None, "location": "", "unit": "", "room": "", "bed": "",
            }
            for row, into in self.matching.lost
        ]  # fmt: skip
        names = ("status", "gone_at", "updated_at", "united_into_id", "location", "unit", "room", "bed")
        tables.update(self.work, "encounter", names, lost)

    def _write_children(self) -> None:
        known = [row.id for row in self.matching.kept.values()]
        lost = [row.id for row, _ in self.matching.lost]
        for kind, name, rows_of in (
            (MOVEMENTS, "timeline", movement_values),
            (COVERAGES, "coverage", coverage_values),
            (DIAGNOSES, "diagnoses", diagnosis_values),
        ):
            wanted: dict[UUID, Mapping[object, Values]] = {
                stay: rows_of(self.states[key])  # type: ignore[operator]
                for key, stay in self.stays.items()
            }
            wanted.update((stay, {}) for stay in lost)
            difference = tables.child_difference(self.work, kind, known + lost, wanted)
            tables.write_children(self.work, kind, difference)
            for stay in difference.stays & self.rows.keys():
                self.written.before.setdefault(stay, self.rows[stay])
                self.written.hanging.setdefault(stay, []).append(name)

    # --- exceptions and events ---------------------------------------------------------------------------------------

    def _settle_exceptions(self, around: Surroundings) -> None:
        known = queue.Known(
            patients=around.patients,
            encounters=self.stays,
            facilities={key: self.rows[stay][0] for key, stay in self.stays.items()},
            feeds=self.feeds,
        )
        beds = set(self._touched_beds())
        components = {queue.of_message(sequence) for sequence in self.feeds}
        components |= {queue.of_patient(number) for number in self.folded.patients}
        components |= {bed.component for bed in beds}
        found = queue.findings(self.folded.exceptions, self.folded.reviews, known)
        queue.settle(self.work, components, found + queue.bed_conflicts(self.work, beds))

    def _touched_beds(self) -> Iterable[Bed]:
        rows = [self.rows[stay] for stay in self.written.before]
        rows += [before for before in self.written.before.values() if before]
        rows += [row.values for row, _ in self.matching.lost]
        for values in rows:
            facility_id, house, location = (values[_PLACE[name]] for name in _BEDS)
            if location:
                yield Bed(facility_id, house, location)

    def _tell(self, people: Mapping[UUID, tuple[Values | None, Values]]) -> None:
        states = {stay: self.states[key] for key, stay in self.stays.items()}
        for own, (before, after) in people.items():
            for event in happened.of_patient(own, before, after):
                self.work.record(event)
        for stay, before in self.written.before.items():
            places = states[stay].locations
            told = happened.Stay(
                stay, before, self.rows[stay], tuple(self.written.hanging.get(stay, ())),
                places[-1].start if places else None,
            )  # fmt: skip
            for event in happened.of_stay(told):
                self.work.record(event)
        for row, into in self.matching.lost:
            facility_id, patient = row.values[0], row.values[_PLACE["patient_id"]]
            if into is None:
                self.work.record(EncounterWithdrawn(encounter_id=row.id, patient_id=patient, facility_id=facility_id))
            else:
                self.work.record(
                    EncountersUnited(encounter_id=self.stays[into], facility_id=facility_id, former_id=row.id)
                )
            self.work.changed(facility_id, row.id)
        patient = _PLACE["patient_id"]
        for stay, values in self.rows.items():
            if stay in self.written.before or values[patient] in people:
                self.work.changed(values[0], stay)
