"""States of the fold as rows of the tables, column by column.

Texts that were never said are empty, never null. What the tables add to the fold: the geometric mean length of stay,
and who may see the stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.census.drg.lookup import Groups
from app.census.storage.kept import House
from app.census.terms import EncounterState, PatientClass, PatientState

PATIENT = (
    "authority", "number", "facility_ids", "status", "merged_into_id", "family", "given", "middle", "suffix",
    "birth_text", "sex", "deceased", "zip_code", "phone", "language", "sensitivity", "identifiers",
)  # fmt: skip
ENCOUNTER = (
    "facility_id", "authority", "visit_number", "account_number", "patient_id", "home_patient_id", "status",
    "patient_class", "start_at", "admit_at", "inpatient_at", "observation_at", "class_since", "discharge_at",
    "discharge_precise", "disposition", "unit", "room", "bed", "location", "place_facility", "last_location",
    "service", "attending_number", "attending_name", "admit_source", "admit_type", "admit_reason", "financial_class",
    "payer_code", "payer_name", "drg", "gmlos", "expected_discharge_at", "pending_kind", "pending_location",
    "pending_at", "sensitivity", "inferred", "first_message_id", "gone_at", "united_into_id",
)  # fmt: skip
MOVEMENT = ("value", "label", "until")
COVERAGE = ("payer_code", "payer_name", "plan_code", "group_number", "member_number", "starts_text", "ends_text")
DIAGNOSIS = ("code", "text", "kind")

LOCATION, CLASS, ATTENDING, SERVICE, LEAVE = 1, 2, 3, 4, 5
_ORDER = ("part2", "psychiatric", "employee", "vip")

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row needs beside its state. `patients` are the keys of patient rows, `marks` people's own flags."""

    houses: Mapping[str, House]
    patients: Mapping[str, UUID]
    marks: Mapping[UUID, str]
    now: datetime
    groups: Groups


def number_of(key: str) -> tuple[str, str]:
    """`AUTHORITY|number` in its two parts."""
    authority, _, number = key.partition("|")
    return authority, number


def strictest(words: Iterable[str]) -> str:
    """The reason for discretion that weighs most; "" where there is none."""
    found = set(words)
    return next((word for word in _ORDER if word in found), "")


def patient_values(state: PatientState, around: Surroundings, facilities: Iterable[int], sensitivity: str) -> Values:
    """The columns of PATIENT for one medical record number."""
    text = state.texts.get
    return (
        *number_of(state.key),
        sorted(facilities),
        str(state.status),
        around.patients[state.merged_into] if state.merged_into else None,
        *(text(name) or "" for name in ("family", "given", "middle", "suffix", "dob", "sex", "deceased", "zip", "phone",
                                        "language")),
        sensitivity,
        [{"authority": one.authority, "number": one.number, "type": one.type} for one in state.identifiers],
    )  # fmt: skip


def encounter_values(state: EncounterState, key: UUID, house: House, around: Surroundings) -> Values:
    """The columns of ENCOUNTER for one stay."""
    text = state.texts.get
    place, last = state.location, state.last_location
    first = state.insurances[0] if state.insurances else None
    observed = next((row.start for row in state.classes if row.value == PatientClass.OBSERVATION), None)
    return (
        house.facility_id, *number_of(state.key), text("account") or "",
        around.patients[state.patient], around.patients[state.home],
        str(state.status), str(state.patient_class), state.start_at, state.admit_at, state.inpatient_at, observed,
        state.classes[-1].start if state.classes else None, state.discharge_at, state.discharge_precise,
        state.disposition or "",
        *((place.unit, place.room, place.bed, place.text, place.facility) if place else ("", "", "", "", "")),
        last.text if last else "",
        *(text(name) or "" for name in ("service", "attending", "attending_name", "admit_source", "admit_type",
                                        "admit_reason", "financial_class")),
        *((first.company, first.name) if first else ("", "")),
        text("drg") or "", _gmlos(state, house, around), state.expected_discharge_at, state.pending_kind or "",
        state.pending_location.text if state.pending_location else "", state.pending_at,
        around.marks.get(key, str(state.sensitivity)), state.inferred, min(state.sequences), None, None,
    )  # fmt: skip


def _gmlos(state: EncounterState, house: House, around: Surroundings) -> float | None:
    on = (state.discharge_at or around.now).astimezone(ZoneInfo(house.timezone)).date()
    return around.groups.gmlos(house.kind, state.texts.get("drg") or "", on)


def movement_values(state: EncounterState) -> dict[tuple[int, datetime], Values]:
    """The timeline: what held (MOVEMENT) by lane and start. Labels are the words that a code stands for."""
    found: dict[tuple[int, datetime], Values] = {}
    for place in state.locations:
        found[LOCATION, place.start] = (place.value.text, "", place.end)
    lanes = ((CLASS, state.classes), (ATTENDING, state.attendings), (SERVICE, state.services), (LEAVE, state.leaves))
    for lane, rows in lanes:
        for row in rows:
            found[lane, row.start] = (row.value, row.label, row.end)
    return found


def coverage_values(state: EncounterState) -> dict[int, Values]:
    """Insurances by rank, the first payer first."""
    return {
        rank: (one.company, one.name, one.plan, one.group, one.member, one.effective, one.expires)
        for rank, one in enumerate(state.insurances, start=1)
    }


def diagnosis_values(state: EncounterState) -> dict[int, Values]:
    """Diagnoses by rank, in the order in which they were sent."""
    return {rank: (one.code, one.text, one.type) for rank, one in enumerate(state.diagnoses, start=1)}


def changed_columns(names: Sequence[str], before: Values, after: Values) -> tuple[str, ...]:
    """The columns in which two rows differ."""
    return tuple(name for name, one, other in zip(names, before, after, strict=True) if one != other)
