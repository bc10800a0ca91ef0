"""The census as the tables hold it, in the words of the fold: to show it, to send it on, and to compare the two."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.census.storage.rows import ATTENDING, CLASS, LEAVE, LOCATION, SERVICE
from app.census.terms import (
    AdtException,
    Diagnosis,
    EncounterState,
    EncounterStatus,
    ExceptionKind,
    House,
    Insurance,
    Location,
    LocationRow,
    PatientClass,
    PatientState,
    PatientStatus,
    Row,
)
from app.platform.work import Reading

_ENCOUNTERS = """
select e.id, e.authority || '|' || e.visit_number, h.authority || '|' || h.number, p.authority || '|' || p.number,
  e.status, e.patient_class, e.start_at, e.admit_at, e.inpatient_at, e.discharge_at, e.disposition, e.location,
  e.place_facility, e.last_location, e.attending_number, e.expected_discharge_at, e.pending_kind, e.pending_location,
  e.pending_at, e.inferred
from encounter e join patient p on p.id = e.patient_id join patient h on h.id = e.home_patient_id
where e.gone_at is null
"""


def stored_house(view: Reading) -> House:
    """Patients, stays and open exceptions in scope. What the tables do not hold is left at its default."""
    stays = dict(view.rows(_stay, _ENCOUNTERS))
    for key, lane, value, label, since, until in _children(view, "movement", "lane, value, label, since, until"):
        if key in stays:
            _add_movement(stays[key], lane, Row(value, since, until, label))
    for key, *rest in _children(view, "diagnosis", "code, text, kind, rank"):
        if key in stays:
            stays[key].diagnoses += (Diagnosis(*rest[:3]),)
    for key, plan, company, name, _rank in _children(view, "coverage", "plan_code, payer_code, payer_name, rank"):
        if key in stays:
            stays[key].insurances += (Insurance(plan, company, name),)
    patients = view.rows(
        _patient,
        "select p.authority || '|' || p.number, p.status, m.authority || '|' || m.number, p.family, p.given, p.middle,"
        " p.birth_text, p.sex, p.deceased from patient p left join patient m on m.id = p.merged_into_id",
    )
    return House(
        patients={one.key: one for one in patients},
        encounters={one.key: one for one in stays.values()},
        exceptions=open_exceptions(view),
        reviews=[],
    )


def open_exceptions(view: Reading) -> list[AdtException]:
    """What is open in the exceptions queue of the facilities in scope; work that only a person closes is not in it."""
    return view.rows(
        _exception,
        "select kind, subject, message_id from census_exception where closed_at is null and kind = any(%s)"
        " order by kind, subject",
        ([str(kind) for kind in ExceptionKind],),
    )


def _exception(kind: str, subject: str, message_id: int | None) -> AdtException:
    return AdtException(kind=ExceptionKind(kind), about="" if subject == "?" else subject, sequence=message_id)


def _children(view: Reading, table: str, columns: str) -> Iterable[tuple[Any, ...]]:
    last = columns.rpartition(", ")[2]
    order = "lane, since" if table == "movement" else last
    rows: list[tuple[Any, ...]] = view.rows(
        _tuple, f"select encounter_id, {columns} from {table} order by encounter_id, {order}"
    )
    return rows


def _tuple(*values: Any) -> tuple[Any, ...]:
    return values


class _Stay(msgspec.Struct):
    id: UUID
    number: str
    home: str
    patient: str
    status: str
    patient_class: str
    start_at: datetime | None
    admit_at: datetime | None
    inpatient_at: datetime | None
    discharge_at: datetime | None
    disposition: str
    location: str
    place_facility: str
    last_location: str
    attending: str
    expected_discharge_at: datetime | None
    pending_kind: str
    pending_location: str
    pending_at: datetime | None
    inferred: bool


def _stay(*values: Any) -> tuple[UUID, EncounterState]:
    row = _Stay(*values)
    return row.id, EncounterState(
        key=row.number,
        origin=row.number,
        numbers=(row.number,),
        home=row.home,
        patient=row.patient,
        status=EncounterStatus(row.status),
        patient_class=PatientClass(row.patient_class),
        start_at=row.start_at,
        admit_at=row.admit_at,
        inpatient_at=row.inpatient_at,
        discharge_at=row.discharge_at,
        disposition=row.disposition or None,
        location=place_of(row.location, row.place_facility),
        last_location=place_of(row.last_location),
        pending_kind=row.pending_kind or None,
        pending_location=place_of(row.pending_location),
        pending_at=row.pending_at,
        expected_discharge_at=row.expected_discharge_at,
        inferred=row.inferred,
        texts={"attending": row.attending} if row.attending else {},
    )


def place_of(text: str, facility: str = "") -> Location | None:
    """A location from unit^room^bed; None where there is none."""
    unit, room, bed = text.split("^", 2) if text else ("", "", "")
    return Location(unit, room, bed, facility) if text else None


def _add_movement(stay: EncounterState, lane: int, row: Row) -> None:
    if lane == LOCATION:
        place = place_of(row.value) or Location()
        stay.locations += (LocationRow(place, row.start, row.end),)
    elif lane == CLASS:
        stay.classes += (row,)
    elif lane == ATTENDING:
        stay.attendings += (row,)
    elif lane == SERVICE:
        stay.services += (row,)
    elif lane == LEAVE:
        stay.leaves += (row,)


_PERSON = ("family", "given", "middle", "dob", "sex", "deceased")


def _patient(key: str, status: str, merged_into: str | None, *texts: str) -> PatientState:
    return PatientState(
        key=key,
        origin=key,
        status=PatientStatus(status),
        merged_into=merged_into,
        texts={name: value for name, value in zip(_PERSON, texts, strict=True) if value},
    )
