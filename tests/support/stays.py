"""Synthetic stays for tests of lists: rows of the census as a fold would have left them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from app.census.events import EncounterAdmitted
from app.platform.work import Work, begin, everywhere
from tests.support.world import NOW, World

_serial = count(1)


@dataclass(frozen=True, kw_only=True)
class StaySpec:
    """One stay; instants default to something plausible before the fixed now of the tests."""

    facility: str = "NORTH"
    family: str = "Example"
    given: str = "Ann"
    birth: str = "19580214"
    sex: str = "F"
    patient_class: str = "IP"
    status: str = "admitted"
    unit: str = "4W"
    room: str = "412"
    bed: str = "B"
    service: str = "MED"
    attending: str = "1001"
    payer: str = "PLAN1"
    start: datetime = NOW - timedelta(days=2)
    expected: datetime | None = None
    gmlos: float | None = None
    pending: str = ""
    pending_at: datetime | None = None
    sensitivity: str = ""


def add_stay(world: World, spec: StaySpec | None = None) -> uuid.UUID:
    """Store one stay with its patient and first movements; returns its key."""
    with begin(everywhere("test"), at=NOW) as work:
        return insert_stay(work, world, spec or StaySpec())


def add_stays(world: World, specs: list[StaySpec]) -> list[uuid.UUID]:
    """Store several stays in one transaction."""
    with begin(everywhere("test"), at=NOW) as work:
        return [insert_stay(work, world, spec) for spec in specs]


def insert_stay(work: Work, world: World, spec: StaySpec) -> uuid.UUID:
    """Store one stay inside a transaction of the caller."""
    number, patient, stay = next(_serial), uuid.uuid4(), uuid.uuid4()
    facility = world.facility[spec.facility]
    here = spec.status in ("admitted", "on_leave")
    place = f"{spec.unit}^{spec.room}^{spec.bed}"
    person = {
        "id": patient, "authority": spec.facility, "number": f"M{number:06d}", "facility_ids": [facility],
        "family": spec.family, "given": spec.given, "birth_text": spec.birth, "sex": spec.sex,
        "sensitivity": spec.sensitivity,
    }  # fmt: skip
    row = {
        "id": stay, "facility_id": facility, "authority": spec.facility, "visit_number": f"V{number:06d}",
        "patient_id": patient, "home_patient_id": patient, "status": spec.status, "patient_class": spec.patient_class,
        "start_at": spec.start, "admit_at": spec.start, "class_since": spec.start, "updated_at": work.now,
        "inpatient_at": spec.start if spec.patient_class == "IP" else None,
        "observation_at": spec.start if spec.patient_class == "OBS" else None,
        "discharge_at": None if here else work.now, "unit": spec.unit, "room": spec.room, "bed": spec.bed,
        "location": place if here else "", "last_location": place, "service": spec.service,
        "attending_number": spec.attending, "attending_name": f"Doctor {spec.attending}" if spec.attending else "",
        "payer_code": spec.payer, "payer_name": f"Payer {spec.payer}" if spec.payer else "", "gmlos": spec.gmlos,
        "expected_discharge_at": spec.expected, "pending_kind": spec.pending, "pending_at": spec.pending_at,
        "sensitivity": spec.sensitivity,
    }  # fmt: skip
    _insert(work, "patient", person)
    _insert(work, "encounter", row)
    query = (
        "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since)"
        " select id, serial, facility_id, unnest(array[1, 2]), unnest(%s::text[]), start_at"
        " from encounter where id = %s"
    )
    work.write("movement", query, ([place, spec.patient_class], stay))
    work.record(
        EncounterAdmitted(encounter_id=stay, patient_id=patient, patient_class=spec.patient_class, start_at=spec.start)
    )
    work.changed(facility, stay)
    return stay


def _insert(work: Work, table: str, row: dict[str, Any]) -> None:
    columns, marks = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    work.write(table, f"insert into {table} ({columns}) values ({marks})", row)
