"""Synthetic stays for tests of lists: rows of the census as a fold would have left them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

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
    work.write("patient",
        "insert into patient (id, authority, number, facility_ids, family, given, birth_text, sex, sensitivity)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (patient, spec.facility, f"M{number:06d}", [facility], spec.family, spec.given, spec.birth, spec.sex, spec.sensitivity))  # fmt: skip
    inpatient = spec.start if spec.patient_class == "IP" else None
    observed = spec.start if spec.patient_class == "OBS" else None
    here = spec.status in ("admitted", "on_leave")
    work.write("encounter",
        "insert into encounter (id, facility_id, authority, visit_number, patient_id, home_patient_id, status, patient_class,"
        " start_at, admit_at, inpatient_at, observation_at, class_since, unit, room, bed, location, last_location, service,"
        " attending_number, attending_name, payer_code, payer_name, gmlos, expected_discharge_at, pending_kind, pending_at,"
        " sensitivity, updated_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
        " %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (stay, facility, spec.facility, f"V{number:06d}", patient, patient, spec.status, spec.patient_class, spec.start,
         spec.start, inpatient, observed, spec.start, spec.unit, spec.room, spec.bed,
         f"{spec.unit}^{spec.room}^{spec.bed}" if here else "", f"{spec.unit}^{spec.room}^{spec.bed}", spec.service,
         spec.attending, f"Doctor {spec.attending}" if spec.attending else "", spec.payer, f"Payer {spec.payer}" if spec.payer
         else "", spec.gmlos, spec.expected, spec.pending, spec.pending_at, spec.sensitivity, work.now))  # fmt: skip
    for lane, value in ((1, f"{spec.unit}^{spec.room}^{spec.bed}"), (2, spec.patient_class)):
        work.write("movement",
            "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since)"
            " select id, serial, facility_id, %s, %s, start_at from encounter where id = %s", (lane, value, stay))  # fmt: skip
    work.record(EncounterAdmitted(encounter_id=stay, patient_id=patient, patient_class=spec.patient_class, start_at=spec.start))
    work.changed(facility, stay)
    return stay
