"""The house in the forms of `daybook replay`: what one scenario of messages leads to, as plain JSON.

Pure. Numbers of the feed's own authority are written as sent, others with their authority before them; instants are in
the time of the feed, to the second.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.rules import bed_conflicts
from app.census.terms import (
    EncounterState,
    EncounterStatus,
    ExceptionKind,
    FeedPolicy,
    House,
    Location,
    PatientState,
    PatientStatus,
)

_IN_A_PLACE = (EncounterStatus.REGISTERED, EncounterStatus.ADMITTED, EncounterStatus.ON_LEAVE)


def render(house: House, policy: FeedPolicy, refused: Iterable[str] = ()) -> dict[str, Any]:
    """Census, encounters, patients and exceptions. `refused` are the `KIND@control id` of messages not accepted."""
    names = _Names(policy)
    stays = {names.number(one.key): one for one in house.encounters.values()}
    found = {names.exception(one.kind, one.about) for one in house.exceptions}
    found.update(names.exception(one.kind, one.about) for one in bed_conflicts(house.encounters.values()))
    return {
        "census": [_census_row(number, one, names) for number, one in sorted(stays.items()) if _in_census(one)],
        "encounters": {number: _encounter(one, names) for number, one in sorted(stays.items())},
        "patients": {names.number(one.key): _patient(one, names) for one in house.patients.values()},
        "exceptions": sorted(found | set(refused)),
    }


class _Names:
    """How numbers and instants are written for one feed."""

    def __init__(self, policy: FeedPolicy) -> None:
        self._own = f"{policy.default_authority}|"
        self._zone = ZoneInfo(policy.timezone)

    def number(self, key: str) -> str:
        return key.removeprefix(self._own)

    def instant(self, at: datetime | None) -> str | None:
        return at.astimezone(self._zone).strftime("%Y%m%d%H%M%S") if at else None

    def exception(self, kind: ExceptionKind, about: str) -> str:
        if kind is ExceptionKind.MULTIPLE_OPEN_IP:
            about = self.number(about)
        return f"{kind}@{about or '?'}"


def _in_census(stay: EncounterState) -> bool:
    return stay.status.in_census and stay.patient_class.bedded


def _place(location: Location | None) -> str | None:
    return location.text if location else None


def _census_row(number: str, stay: EncounterState, names: _Names) -> dict[str, Any]:
    return {
        "visit": number,
        "mrn": names.number(stay.patient),
        "location": _place(stay.location),
        "class": str(stay.patient_class),
        "on_leave": stay.status is EncounterStatus.ON_LEAVE,
    }


def _encounter(stay: EncounterState, names: _Names) -> dict[str, Any]:
    at = names.instant
    pending: list[str | None] | None = None
    if stay.pending_kind == "transfer":
        pending = ["transfer", _place(stay.pending_location)]
    elif stay.pending_kind == "discharge":
        pending = ["discharge", at(stay.pending_at)]
    return {
        "mrn": names.number(stay.patient),
        "status": str(stay.status),
        "class": str(stay.patient_class),
        "start_dt": at(stay.start_at),
        "admit_dt": at(stay.admit_at),
        "inpatient_dt": at(stay.inpatient_at),
        "discharge_dt": at(stay.discharge_at),
        "disposition": stay.disposition,
        "location": _place(stay.location) if stay.status in _IN_A_PLACE else None,
        "last_location": _place(stay.last_location),
        "locs": [[row.value.text, at(row.start), at(row.end)] for row in stay.locations],
        "classes": [[row.value, at(row.start), at(row.end)] for row in stay.classes],
        "attending": stay.text("attending"),
        "dx": [one.code for one in stay.diagnoses if one.code],
        "payers": [one.company for one in stay.insurances if one.company],
        "expected_discharge": at(stay.expected_discharge_at),
        "pending": pending,
        "inferred": stay.inferred,
    }


def _patient(patient: PatientState, names: _Names) -> dict[str, Any]:
    fields = {name: patient.text(name) for name in ("family", "given", "middle", "dob", "sex", "deceased")}
    merged = patient.status is PatientStatus.MERGED
    return {
        **fields,
        "status": str(PatientStatus.MERGED if merged else PatientStatus.ACTIVE),
        "merged_into": names.number(patient.merged_into) if merged and patient.merged_into else None,
    }
