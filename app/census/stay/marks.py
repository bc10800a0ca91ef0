"""Marking a stay as sensitive by hand, and taking the mark away: a person's word outranks the hint of the feed."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field, field_validator

from app.census.models import Encounter, Patient, SensitiveMark
from app.census.storage import versions
from app.census.storage.rows import strictest
from app.census.terms import Sensitivity
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work

UNPROTECTED = "none"  # what a form sends for no protection: an empty field would be one not filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class StayProtected(Event):
    """A person marked the stay as sensitive."""

    name: ClassVar[str] = "stay.protected"
    facility_id: int
    sensitivity: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayUnprotected(Event):
    """A person decided that the stay is not sensitive, whatever the feed says."""

    name: ClassVar[str] = "stay.unprotected"
    facility_id: int
    reason: str


class MarkStay(BaseModel):
    """How sensitive a stay is, and why; `none` takes the protection away."""

    sensitivity: Sensitivity
    reason: str = Field(min_length=3, max_length=500)

    @field_validator("sensitivity", mode="before")
    @classmethod
    def _none_in_words(cls, value: object) -> object:
        return Sensitivity.NONE if value == UNPROTECTED else value


def mark_stay(work: Work, encounter_id: uuid.UUID, ask: MarkStay) -> None:
    """Set the mark on the stay and what follows for its patient. Refused when nothing would change.

    `work` must see every stay of the patient: whether a person is protected depends on stays that the one who marks
    may not see.
    """
    stay = work.lock(Encounter, encounter_id)
    if stay.sensitivity == ask.sensitivity.value:
        raise Refused("The stay is marked like this already.", field="sensitivity")
    mark = work.session.get(SensitiveMark, encounter_id)
    if mark is None:
        mark = SensitiveMark(encounter_id=encounter_id, facility_id=stay.facility_id, marked_at=work.now)
    mark.sensitivity, mark.reason = ask.sensitivity.value, ask.reason
    mark.marked_at, mark.marked_by = work.now, work.who.actor_id
    work.add(mark)
    stay.sensitivity = ask.sensitivity.value
    work.add(stay)
    _protect_patient(work, stay.patient_id)
    versions.follow(work, "encounter", [encounter_id])
    versions.follow(work, "patient", [stay.patient_id])
    subject = {"encounter_id": encounter_id, "patient_id": stay.patient_id}
    if ask.sensitivity is Sensitivity.NONE:
        work.record(StayUnprotected(facility_id=stay.facility_id, reason=ask.reason, **subject))
    else:
        work.record(StayProtected(facility_id=stay.facility_id, sensitivity=ask.sensitivity.value, reason=ask.reason,
                                  **subject))  # fmt: skip
    work.changed(stay.facility_id, encounter_id)


def _protect_patient(work: Work, patient_id: uuid.UUID) -> None:
    """A person is protected while any of the stays is."""
    patient = work.lock(Patient, patient_id)
    patient.sensitivity = strictest(
        work.values("select sensitivity from encounter where patient_id = %s", (patient_id,))
    )
    work.add(patient)
