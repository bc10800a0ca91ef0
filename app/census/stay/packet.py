"""What a packet says of the stay itself: who, when, who pays, diagnoses, and the course from place to place."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from app.census.leaving import planned_on
from app.census.stay.figure import class_word, place_text
from app.census.stay.queries import (
    Stay,
    course_of,
    coverage_of,
    diagnoses_of,
    movements_of,
    stay_of,
    units_of,
)
from app.census.stay.timeline import Counts, Course, Lane, Row, counts
from app.census.stay.words import DIAGNOSIS_KINDS, disposition_text
from app.kernel.wording import full_text, running_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

_LANES = {Lane.LOCATION: "Place", Lane.CLASS: "Class", Lane.ATTENDING: "Attending", Lane.SERVICE: "Service",
          Lane.LEAVE: "Leave"}  # fmt: skip


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """The stay and its course."""
    stay = stay_of(db, encounter_id)
    units = units_of(db, stay.facility_id)
    rows = movements_of(db, encounter_id)
    course = course_of(stay, rows, units, db.now)
    names = {unit.code: unit.name for unit in units if unit.name}
    return [
        Section(
            "stay", "The stay", 10, [_dates(db, stay), _sums(counts(course)), *_payers(db, stay), *_diagnoses(db, stay)]
        ),
        Section("course", "Course of the stay", 11, _course(course, rows, names)),
    ]


def _dates(db: Reading, stay: Stay) -> Block:
    planned = planned_on(db, stay.id)
    expected = f"{planned:%a %-d %b %Y}" if planned else _at(stay, stay.expected_discharge_at)
    facts = [
        ("Class", class_word(stay.patient_class)),
        ("Here since", _at(stay, stay.start_at)),
        ("Observation since", _at(stay, stay.observation_at)),
        ("Inpatient since", _at(stay, stay.inpatient_at)),
        ("Expected discharge", expected),
        ("Discharged", _at(stay, stay.discharge_at, precise=stay.discharge_precise)),
        ("Discharged to", disposition_text(stay.disposition) if stay.disposition else ""),
        ("Attending", stay.attending_name or stay.attending_number),
        ("Reason of admission", stay.admit_reason),
    ]
    return Block(facts=[(label, text) for label, text in facts if text])


def _sums(found: Counts) -> Block:
    facts = [("Midnights passed", str(found.midnights)), ("Inpatient days", str(found.patient_days))]
    if found.observation:
        facts.append(("Observation", running_text(found.observation)))
    if found.icu_days:
        facts.append(("Midnights in intensive care", str(found.icu_days)))
    return Block("Counts", facts=facts)


def _payers(db: Reading, stay: Stay) -> list[Block]:
    lines = coverage_of(db, stay.id)
    rows = [(str(one.rank), one.payer_name or one.payer_code, one.plan_code, one.member_number) for one in lines]
    return [Block("Payers", table=Table(("Order", "Payer", "Plan", "Member"), rows))] if rows else []


def _diagnoses(db: Reading, stay: Stay) -> list[Block]:
    rows = [(one.code, one.text, DIAGNOSIS_KINDS.get(one.kind, one.kind)) for one in diagnoses_of(db, stay.id)]
    return [Block("Diagnoses", table=Table(("Code", "Diagnosis", "Kind"), rows))] if rows else []


def _course(course: Course, rows: Sequence[Row], names: dict[str, str]) -> list[Block]:
    shown = [
        (full_text(row.since, course.zone), _LANES[row.lane], _words(row, names),
         full_text(row.until, course.zone) if row.until else "")
        for row in rows
    ]  # fmt: skip
    return [Block(table=Table(("From", "What", "", "Until"), shown))] if shown else []


def _words(row: Row, names: dict[str, str]) -> str:
    if row.lane is Lane.CLASS:
        return class_word(row.value)
    if row.lane is Lane.LOCATION:
        return place_text(row.value, names)
    return row.label or row.value


def _at(stay: Stay, at: datetime | None, *, precise: bool = True) -> str:
    return full_text(at, stay.zone, precise=precise) if at is not None else ""
