"""What a set of facts says, as rows of the tables under the keys that stays and persons have there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.census.storage.kept import House
from app.census.storage.rows import ENCOUNTER, Surroundings, Values, encounter_values, patient_values, strictest
from app.census.terms import AdtFact
from app.census.terms import House as Folded

AT = {name: place for place, name in enumerate(ENCOUNTER)}
"""Where a column stands in the values of a stay."""


@dataclass(frozen=True)
class Told:
    """A fold and what its rows need beside it.

    Attributes:
        stays: key of the row of every stay, by its number in this fold.
        owners: the facility that every stay belongs to, by the same number.
    """

    facts: Sequence[AdtFact]
    folded: Folded
    stays: Mapping[str, UUID]
    owners: Mapping[str, House]
    around: Surroundings

    @cached_property
    def rows(self) -> dict[UUID, Values]:
        """What the row of every stay should hold."""
        return {
            self.stays[key]: encounter_values(state, self.stays[key], self.owners[key], self.around)
            for key, state in self.folded.encounters.items()
        }

    def people(self) -> dict[str, Values]:
        """What the row of every medical record number should hold."""
        facilities, discretion = self._of_patients()
        return {
            key: patient_values(state, self.around, facilities.get(key, ()), strictest(discretion.get(state.key, ())))
            for key, state in self.folded.patients.items()
        }

    def _of_patients(self) -> tuple[dict[str, set[int]], dict[str, list[str]]]:
        """In which facilities each number is known, and what discretion the stays of each patient ask for."""
        facilities: dict[str, set[int]] = {}
        for fact in self.facts:
            here = self.around.houses[fact.feed].facility_id
            for group in fact.groups:
                for number in (group.patient, *(prior.patient for prior in group.priors)):
                    if number:
                        facilities.setdefault(number, set()).add(here)
        discretion: dict[str, list[str]] = {}
        for key, state in self.folded.encounters.items():
            values = self.rows[self.stays[key]]
            for number in (state.patient, state.home):
                facilities.setdefault(number, set()).add(values[0])
                discretion.setdefault(number, []).append(values[AT["sensitivity"]])
        return facilities, discretion
