"""What the pages of one stay read: one row for the stay, one list for each thing that hangs on it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.stay.timeline import Course, Lane, Row, units_seen
from app.kernel.refusal import NotFound
from app.platform.work import Reading

A_MOMENT = timedelta(seconds=1)
NOT_THERE = "This stay does not exist, or it lies outside what you may see."


class Stay(msgspec.Struct, frozen=True):
    """One stay with its patient and its facility."""

    id: uuid.UUID
    facility_id: int
    facility: str
    timezone: str
    patient_id: uuid.UUID
    family: str
    given: str
    middle: str
    suffix: str
    birth_text: str
    sex: str
    deceased: str
    number: str
    authority: str
    own_authority: str
    phone: str
    zip_code: str
    language: str
    identifiers: list[dict[str, str]]
    visit_authority: str
    visit_number: str
    account_number: str
    status: str
    patient_class: str
    start_at: datetime | None
    admit_at: datetime | None
    inpatient_at: datetime | None
    observation_at: datetime | None
    discharge_at: datetime | None
    discharge_precise: bool
    disposition: str
    location: str
    last_location: str
    service: str
    attending_name: str
    attending_number: str
    admit_source: str
    admit_type: str
    admit_reason: str
    payer_name: str
    payer_code: str
    drg: str
    gmlos: float | None
    expected_discharge_at: datetime | None
    pending_kind: str
    pending_location: str
    pending_at: datetime | None
    sensitivity: str
    inferred: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def open(self) -> bool:
        """Whether the patient is or will be here."""
        return self.status not in ("discharged", "cancelled")

    @property
    def name(self) -> str:
        """`Reyes, Alma B`."""
        first = " ".join(part for part in (self.given, self.middle) if part)
        family = " ".join(part for part in (self.family, self.suffix) if part)
        return ", ".join(part for part in (family, first) if part) or "Name not sent"


_STAY = """
select e.id, e.facility_id, f.name, f.timezone, e.patient_id, p.family, p.given, p.middle, p.suffix, p.birth_text,
  p.sex, p.deceased, p.number, p.authority,
  coalesce((select d.authority from feed d where d.facility_id = e.facility_id), ''),
  p.phone, p.zip_code, p.language, p.identifiers,
  e.authority, e.visit_number, e.account_number, e.status, e.patient_class, e.start_at, e.admit_at, e.inpatient_at,
  e.observation_at, e.discharge_at, e.discharge_precise, e.disposition, e.location, e.last_location, e.service,
  e.attending_name, e.attending_number, e.admit_source, e.admit_type, e.admit_reason, e.payer_name, e.payer_code, e.drg,
  e.gmlos, e.expected_discharge_at, e.pending_kind, e.pending_location, e.pending_at, e.sensitivity, e.inferred
from encounter e join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s
"""


class UnitName(msgspec.Struct, frozen=True):
    """A unit as its facility describes it."""

    code: str
    name: str
    kind: str


class DiagnosisLine(msgspec.Struct, frozen=True):
    """One diagnosis, in the order sent."""

    code: str
    text: str
    kind: str


class CoverageLine(msgspec.Struct, frozen=True):
    """One insurance, in the order in which they pay."""

    rank: int
    payer_code: str
    payer_name: str
    plan_code: str
    group_number: str
    member_number: str
    starts_text: str
    ends_text: str


class ExceptionLine(msgspec.Struct, frozen=True):
    """An open exception about a stay or its patient."""

    kind: str
    detail: str
    opened_at: datetime
    message_id: int | None


class OtherStay(msgspec.Struct, frozen=True):
    """Another stay of the same patient."""

    id: uuid.UUID
    facility: str
    timezone: str
    patient_class: str
    status: str
    start_at: datetime | None
    discharge_at: datetime | None
    discharge_precise: bool
    disposition: str


class Opened(msgspec.Struct, frozen=True):
    """How a protected stay came to be open for its reader."""

    kind: str
    until: datetime | None


def stay_of(db: Reading, encounter_id: uuid.UUID) -> Stay:
    """The stay; NotFound when there is none in scope."""
    return db.one(Stay, _STAY, (encounter_id,), missing=NOT_THERE)


def united_into(db: Reading, encounter_id: uuid.UUID) -> uuid.UUID | None:
    """The stay that this one turned out to be part of, when its number was merged away."""
    found: uuid.UUID | None = db.value(
        "select united_into_id from encounter where id = %s and gone_at is not null", (encounter_id,)
    )
    return found


def is_restricted(db: Reading, encounter_id: uuid.UUID) -> bool:
    """Whether the id is a protected stay of a facility in scope, which this reader may not see without a reason."""
    return bool(db.value("select true from restricted_stays() where id = %s", (encounter_id,)))


def units_of(db: Reading, facility_id: int) -> list[UnitName]:
    """The described units of a facility."""
    return db.rows(UnitName, "select code, name, kind from unit where facility_id = %s order by code", (facility_id,))


def movements_of(db: Reading, encounter_id: uuid.UUID) -> list[Row]:
    """Every row of the timeline, in order."""
    query = "select lane, value, label, since, until from movement where encounter_id = %s order by since, lane"
    return db.rows(_movement, query, (encounter_id,))


def _movement(lane: int, value: str, label: str, since: datetime, until: datetime | None) -> Row:
    return Row(Lane(lane), value, label, since, until)


def course_of(stay: Stay, rows: list[Row], units: Iterable[UnitName], now: datetime) -> Course:
    """The timeline as the counters read it: up to the discharge, else up to now.

    Where only the day of discharge is known, the stay ends at the start of that day, or right after its last movement.
    """
    end = stay.discharge_at if stay.discharge_at is not None and stay.status == "discharged" else now
    discharged = stay.status == "discharged"
    if discharged and not stay.discharge_precise:
        end = max([end, *(row.since + A_MOMENT for row in rows)])
    intensive = units_seen(rows, {unit.code for unit in units if unit.kind == "intensive"})
    return Course(tuple(rows), stay.zone, end, discharged, stay.discharge_precise, intensive)


def diagnoses_of(db: Reading, encounter_id: uuid.UUID) -> list[DiagnosisLine]:
    """The diagnoses of a stay."""
    query = "select code, text, kind from diagnosis where encounter_id = %s order by rank"
    return db.rows(DiagnosisLine, query, (encounter_id,))


def coverage_of(db: Reading, encounter_id: uuid.UUID) -> list[CoverageLine]:
    """The insurances of a stay."""
    query = (
        "select rank, payer_code, payer_name, plan_code, group_number, member_number, starts_text, ends_text"
        " from coverage where encounter_id = %s order by rank"
    )
    return db.rows(CoverageLine, query, (encounter_id,))


def exceptions_of(db: Reading, stay: Stay) -> list[ExceptionLine]:
    """Open exceptions about the stay or its patient."""
    query = (
        "select kind, detail, opened_at, message_id from census_exception where closed_at is null"
        " and (encounter_id = %s or (encounter_id is null and patient_id = %s)) order by opened_at"
    )
    return db.rows(ExceptionLine, query, (stay.id, stay.patient_id))


def other_stays(db: Reading, stay: Stay, most: int = 10) -> list[OtherStay]:
    """The patient's other stays that the reader may see, latest first."""
    query = (
        "select e.id, f.name, f.timezone, e.patient_class, e.status, e.start_at, e.discharge_at, e.discharge_precise,"
        " e.disposition from encounter e join facility f on f.id = e.facility_id"
        " where e.patient_id = %s and e.id <> %s and e.status <> 'cancelled' and e.gone_at is null"
        " order by e.start_at desc nulls last limit %s"
    )
    return db.rows(OtherStay, query, (stay.patient_id, stay.id, most))


def opened_for(db: Reading, encounter_id: uuid.UUID, user_id: uuid.UUID) -> Opened | None:
    """How this person came to see a protected stay; None when it was never opened, or no longer is."""
    query = (
        "select kind, until from stay_access where user_id = %s and encounter_id = %s and (until is null or until > %s)"
        " order by until desc nulls first limit 1"
    )
    found: list[Any] = db.rows(Opened, query, (user_id, encounter_id, db.now))
    return found[0] if found else None


def require_stay(db: Reading, encounter_id: uuid.UUID) -> None:
    """Raise NotFound unless the stay is in scope."""
    if db.value("select true from encounter where id = %s", (encounter_id,)) is None:
        raise NotFound(NOT_THERE)
