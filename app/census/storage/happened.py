"""From the difference between two rows of a stay to the events that name it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.census.events import (
    ClassChanged,
    DischargeCancelled,
    EncounterAdmitted,
    EncounterCancelled,
    EncounterDischarged,
    EncounterReassigned,
    EncounterUpdated,
    LeaveChanged,
    PatientMoved,
    PatientsMerged,
    PatientsUnmerged,
    PatientUpdated,
    StayEvent,
)
from app.census.storage.rows import ENCOUNTER, PATIENT, Values, changed_columns

_OPEN = ("registered", "admitted", "on_leave")
_HERE = (*_OPEN, "discharged")
_NAMED = {
    "facility_id", "status", "patient_class", "location", "unit", "room", "bed", "place_facility", "last_location",
    "start_at", "admit_at", "inpatient_at", "observation_at", "class_since", "patient_id", "home_patient_id",
    "first_message_id", "gone_at", "united_into_id",
}  # fmt: skip
"""Columns whose change another event tells, or nobody needs to hear of by itself."""
_DEPARTURE = frozenset({"discharge_at", "discharge_precise", "disposition"})


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay before and after. `hanging` names what changed beside its row: timeline, coverage, diagnoses."""

    key: UUID
    before: Values | None
    after: Values
    hanging: tuple[str, ...] = ()
    lies_since: datetime | None = None  # since when the patient lies in the present place


def of_stay(stay: Stay) -> list[StayEvent]:
    """What happened to a stay, each thing once."""
    new = dict(zip(ENCOUNTER, stay.after, strict=True))
    old = dict(zip(ENCOUNTER, stay.before, strict=True)) if stay.before else dict.fromkeys(ENCOUNTER)
    who: dict[str, Any] = {
        "encounter_id": stay.key,
        "patient_id": new["patient_id"],
        "facility_id": new["facility_id"],
    }
    found: list[StayEvent] = [*_status(old, new, who), *_course(old, new, stay.lies_since, who)]
    if stay.before and old["patient_id"] != new["patient_id"]:
        found.append(EncounterReassigned(before_id=old["patient_id"], after_id=new["patient_id"], **who))
    changed = changed_columns(ENCOUNTER, stay.before, stay.after) if stay.before else ()
    hanging = tuple(name for name in stay.hanging if not found or name != "timeline")
    told = _NAMED | (_DEPARTURE if any(isinstance(one, EncounterDischarged) for one in found) else frozenset())
    rest = tuple(name for name in changed if name not in told) + hanging
    if not found or (stay.before and rest):
        found.append(EncounterUpdated(changed=rest or changed or ("known",), **who))
    return found


def _status(old: dict[str, Any], new: dict[str, Any], who: dict[str, Any]) -> Iterator[StayEvent]:
    before, after = old["status"], new["status"]
    if after in _HERE and before not in _HERE:
        yield EncounterAdmitted(
            patient_class=new["patient_class"], start_at=new["start_at"], inferred=new["inferred"], **who
        )
    if after == "discharged" and before != "discharged":
        yield EncounterDischarged(discharge_at=new["discharge_at"], disposition=new["disposition"] or None, **who)
    elif before == "discharged" and after in _OPEN:
        yield DischargeCancelled(**who)
    elif after == "cancelled" and before != "cancelled":
        yield EncounterCancelled(**who)
    if "on_leave" in (before, after) and before != after and {before, after} <= {"admitted", "on_leave"}:
        yield LeaveChanged(on_leave=after == "on_leave", **who)


def _course(
    old: dict[str, Any], new: dict[str, Any], since: datetime | None, who: dict[str, Any]
) -> Iterator[StayEvent]:
    if old["status"] not in _HERE or new["status"] not in _HERE:
        return
    if old["patient_class"] != new["patient_class"]:
        yield ClassChanged(
            before=old["patient_class"], after=new["patient_class"], at=new["class_since"] or new["start_at"], **who
        )
    if new["status"] in _OPEN and old["status"] in _OPEN and old["location"] != new["location"]:
        yield PatientMoved(before=old["location"] or None, after=new["location"] or None, at=since, **who)


def of_patient(key: UUID, before: Values | None, after: Values) -> Iterator[StayEvent]:
    """What happened to a medical record number and its person."""
    facilities = after[PATIENT.index("facility_ids")]
    who: dict[str, Any] = {"facility_id": facilities[0] if facilities else None}
    into = PATIENT.index("merged_into_id")
    old = before[into] if before else None
    if after[into] is not None and after[into] != old:
        yield PatientsMerged(patient_id=after[into], retired_id=key, **who)
    elif old is not None and after[into] is None:
        yield PatientsUnmerged(patient_id=old, restored_id=key, **who)
    changed = changed_columns(PATIENT, before, after) if before else ("known",)
    rest = tuple(name for name in changed if name not in ("merged_into_id", "status", "facility_ids"))
    if rest:
        yield PatientUpdated(patient_id=key, changed=rest, **who)
