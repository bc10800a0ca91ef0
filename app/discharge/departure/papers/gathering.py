"""What a packet says of a stay: the sections that features have, what is coded, and what is missing."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import Subject, with_former
from app.discharge.departure import queries, rules
from app.discharge.departure.papers.document import Diagnosis, Handoff, Medicine, Person, Visit
from app.discharge.departure.terms import Item, ItemState, Part
from app.discharge.teaching import queries as teaching
from app.discharge.teaching.terms import Change, RecordKind
from app.kernel.wording import birth_date, birth_text, day_text, full_text
from app.platform.work import Reading
from app.web import packets
from app.web.packets import Block, Recipient, Section
from app.web.paper.packet import Packet

TITLE = "Hand-off packet"
OF_THE_HOUSE = frozenset({
    "denials", "payers", "reviews", "opinions", "attending", "midnights", "determinations", "status_changes",
})  # fmt: skip
"""Sections that are about payment and not about care: left out unless somebody chooses them."""
WITH_YEAR = date.min  # as seen from there every day bears its year


class _Head(msgspec.Struct):
    """Who and what the packet is about."""

    family: str
    given: str
    birth: str
    sex: str
    number: str
    authority: str
    visit: str
    patient_class: str
    start_at: datetime | None
    left_at: datetime | None
    facility: str
    code: str
    attending: str


_HEAD = """
select p.family, p.given, p.birth_text, p.sex, p.number, p.authority, e.visit_number, e.patient_class, e.start_at,
  case when e.status = 'discharged' then e.discharge_at end, f.name, f.code,
  coalesce(nullif(e.attending_name, ''), e.attending_number)
from encounter e join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s
"""
_DIAGNOSES = "select code, text from diagnosis where encounter_id = %s order by rank"
_GOALS = """
select concat_ws(': ', wording, nullif(target, '')) from plan_item
where encounter_id = any(%s) and part = 'goal' and state = 'open' and ended_at is null order by made_at
"""


class Gathered(msgspec.Struct):
    """Everything that a packet about a stay can say."""

    stay: Subject
    head: _Head
    offered: list[Section]
    diagnoses: list[Diagnosis]
    medicines: list[Medicine]
    goals: list[str]
    destination: str
    plan: str
    parts: set[Part]
    notice: list[Section]

    def absent(self, recipient: str) -> tuple[Part, ...]:
        """What the packet should hold and does not."""
        return rules.missing(self.parts | ({Part.RECIPIENT} if recipient else set()))


def gather(db: Reading, stay: Subject) -> Gathered:
    """Read all of it, as of the reading."""
    checklist = queries.checklist(db, stay.encounter_id)
    taught = teaching.standing(db, stay.encounter_id)
    own = [str(one.content["goal"]) for one in taught[RecordKind.GOAL]]
    diagnoses = db.rows(Diagnosis, _DIAGNOSES, (stay.encounter_id,))
    medicines = [_medicine(one.content) for one in taught[RecordKind.MEDICINE]]
    goals = [*own, *db.values(_GOALS, (list(with_former(db, [stay.encounter_id])),))]
    marks = {one.standing.item: one for one in checklist.lines}
    appointment = marks.get(Item.APPOINTMENT)
    present = {
        Part.DIAGNOSES: bool(diagnoses),
        Part.DESTINATION: checklist.head.destination is not None,
        Part.MEDICINES: bool(medicines),
        Part.GOALS: bool(goals),
        Part.TEACHING: bool(taught[RecordKind.TOPIC]),
        Part.APPOINTMENT: appointment is None or appointment.standing.state in (ItemState.DONE, ItemState.NOT_NEEDED),
        Part.CAREGIVER: bool(taught[RecordKind.CAREGIVER]),
    }
    return Gathered(
        stay=stay, head=db.one(_Head, _HEAD, (stay.encounter_id,)),
        offered=packets.sections(db, stay.encounter_id), diagnoses=diagnoses, medicines=medicines, goals=goals,
        destination=checklist.head.destination or "", plan=_plan(checklist.head, stay.zone),
        parts={part for part, there in present.items() if there},
        notice=packets.notice(
            packets.leaving(db, stay.encounter_id, Recipient.CAREGIVER, stay.day(db.now))
        ),
    )  # fmt: skip


def _medicine(content: Mapping[str, Any]) -> Medicine:
    return Medicine(
        str(content["name"]), str(content["dose"]), str(content["purpose"]), content["change"] == Change.STOPPED
    )


def _plan(head: queries.Head, zone: ZoneInfo) -> str:
    """Where the patient goes and when, in words; empty where nobody has said it."""
    going = f"Going to: {head.destination.label}." if head.destination else ""
    if head.left_at is not None:
        return f"{going} Left {full_text(head.left_at, zone, precise=head.left_precise)}.".strip()
    day = f"Expected to leave {day_text(head.expected_on, WITH_YEAR)}." if head.expected_on else ""
    return f"{going} {day}".strip()


def chosen(found: Gathered, keys: Collection[str] | None) -> list[Section]:
    """The sections that go out: those chosen, or all that are about care."""
    if keys is None:
        return [one for one in found.offered if one.key not in OF_THE_HOUSE]
    return [one for one in found.offered if one.key in keys]


def paper(found: Gathered, sections: Sequence[Section], recipient: str, made: tuple[str, datetime]) -> Packet:
    """The packet for paper. `made` is who makes it, and when. The notice of 42 CFR 2.32 stands first, then what is
    missing."""
    head, absent = found.head, found.absent(recipient)
    gaps = Block(paragraphs=[f"Not recorded: {part.label.lower()}." for part in absent])
    first = [Section("missing", "Not recorded", 0, [gaps])] if absent else []
    facts = [
        ("Patient", ", ".join(part for part in (head.family, head.given) if part)),
        ("Born", birth_text(head.birth) if head.birth else ""),
        ("Record number", head.number),
        ("Visit", head.visit.removeprefix("ACCT:")),
        ("To", recipient),
        ("Plan", found.plan),
        ("Attending", head.attending),
        ("Not recorded", ", ".join(part.label.lower() for part in absent)),
    ]
    return Packet(
        title=TITLE, facility=head.facility, subject=[(label, text) for label, text in facts if text],
        sections=[*found.notice, *first, *sections], made_by=made[0], made_at=made[1], zone=found.stay.zone,
    )  # fmt: skip


def handoff(found: Gathered, sections: Sequence[Section], recipient: str, packet_id: uuid.UUID) -> Handoff:
    """The same for the FHIR document; who makes it and when is filled in by `with_maker`."""
    head, zone = found.head, found.stay.zone
    return Handoff(
        packet_id=packet_id, made_at=datetime.min, made_by="", title=TITLE, facility=head.facility,
        facility_code=head.code, recipient=recipient,
        patient=Person(head.family, head.given, birth_date(head.birth), head.sex, head.number, head.authority),
        visit=Visit(head.visit.removeprefix("ACCT:"), head.patient_class, _local(head.start_at, zone),
                    _local(head.left_at, zone)),
        diagnoses=found.diagnoses, medicines=found.medicines, goals=found.goals, plan=found.plan,
        sections=[*found.notice, *sections],
        missing=[part.label for part in found.absent(recipient)],
    )  # fmt: skip


def with_maker(said: Handoff, by: str, at: datetime, zone: ZoneInfo) -> Handoff:
    """The document signed by its maker, at its instant in the facility's offset."""
    return replace(said, made_by=by, made_at=at.astimezone(zone))


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)
