"""The packet as a FHIR R4 document: a Bundle whose first entry is the Composition, with what is coded beside it.

Only what is recorded is written; what is missing stands in a section of its own. Keys follow from the packet's own key,
so that the same packet is the same document.
"""

import html
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.web.packets import Block, Section

Json = dict[str, Any]
NAMESPACE = uuid.UUID("2b3f8a3c-6c0f-5a52-9d19-1f0a4a6f8d11")
LOINC = "http://loinc.org"
TRANSFER_SUMMARY = "18761-7"  # LOINC: Transfer summary note
ICD_10 = "http://hl7.org/fhir/sid/icd-10-cm"
CLASSES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_SEX = {"F": "female", "M": "male", "O": "other", "U": "unknown"}
_CLASS = {"IP": ("IMP", "inpatient encounter"), "OBS": ("OBSENC", "observation encounter"),
          "ED": ("EMER", "emergency"), "OP": ("AMB", "ambulatory")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis of the stay: ICD-10-CM code and words, either may be empty."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine of the list; `stopped` ones are listed so that nobody gives them again."""

    name: str
    dose: str
    purpose: str
    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """What the document tells. Instants carry their offset; empty words are left out.

    Attributes:
        patient: family, given, birth date, sex as HL7 v2 codes it, record number, its authority.
        plan: where the patient goes and when, in words.
        missing: parts that the packet should hold and does not, in words.
    """

    packet_id: uuid.UUID
    made_at: datetime
    made_by: str
    title: str
    facility: str
    facility_code: str
    recipient: str
    patient: "Person"
    visit: "Visit"
    diagnoses: Sequence[Diagnosis] = ()
    medicines: Sequence[Medicine] = ()
    goals: Sequence[str] = ()
    plan: str = ""
    sections: Sequence[Section] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """The patient."""

    family: str
    given: str
    birth: date | None
    sex: str
    number: str
    authority: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The stay: its number, class as the census codes it, begin and end."""

    number: str
    patient_class: str
    start: datetime | None
    end: datetime | None


def document(said: Handoff) -> Json:
    """The document bundle."""
    return _Writer(said).bundle()


class _Writer:
    """One document; every resource has a key made of its name."""

    def __init__(self, said: Handoff) -> None:
        self.said = said

    def plain_key(self, name: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.said.packet_id}/{name}"))

    def to(self, name: str) -> Json:
        return {"reference": f"urn:uuid:{self.plain_key(name)}"}

    def bundle(self) -> Json:
        coded = [*self.conditions(), *self.medicines(), *self.goals(), *self.plan()]
        found = [
            ("composition", self.composition()), ("patient", self.patient()), ("encounter", self.encounter()),
            ("author", self.author()), ("custodian", self.organization(self.said.facility, self.said.facility_code)),
            *([("recipient", self.organization(self.said.recipient, ""))] if self.said.recipient else []), *coded,
        ]  # fmt: skip
        return {
            "resourceType": "Bundle",
            "id": self.plain_key("bundle"),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{self.said.packet_id}"},
            "type": "document",
            "timestamp": self.said.made_at.isoformat(timespec="seconds"),
            "entry": [
                {"fullUrl": f"urn:uuid:{self.plain_key(name)}", "resource": {**one, "id": self.plain_key(name)}}
                for name, one in found
            ],
        }

    def composition(self) -> Json:
        said = self.said
        sections = [
            self.coded_section("Diagnoses", "11450-4", "condition", len(said.diagnoses)),
            self.coded_section("Medicines", "10160-0", "medicine", len(said.medicines)),
            self.coded_section("Goals of the patient", "61146-7", "goal", len(said.goals)),
            self.coded_section("Plan", "18776-5", "plan", 1 if said.plan else 0),
            *({"title": one.title, "text": _narrative(one.blocks)} for one in said.sections),
        ]
        if said.missing:
            lines = "".join(f"<li>{html.escape(one)}</li>" for one in said.missing)
            sections.append({"title": "Not recorded", "text": _div(f"<ul>{lines}</ul>")})
        return {
            "resourceType": "Composition",
            "status": "final",
            "type": {"coding": [{"system": LOINC, "code": TRANSFER_SUMMARY}], "text": said.title},
            "subject": self.to("patient"),
            "encounter": self.to("encounter"),
            "date": said.made_at.isoformat(timespec="seconds"),
            "author": [self.to("author")],
            "title": said.title,
            "custodian": self.to("custodian"),
            "section": [one for one in sections if one],
        }

    def coded_section(self, title: str, code: str, name: str, count: int) -> Json:
        """A section whose entries are resources; nothing where there are none."""
        if not count:
            return {}
        texts = [self.words(name, place) for place in range(count)]
        lines = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
        return {
            "title": title,
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "text": _div(f"<ul>{lines}</ul>"),
            "entry": [self.to(f"{name}-{place}") for place in range(count)],
        }

    def words(self, name: str, place: int) -> str:
        said = self.said
        if name == "condition":
            one = said.diagnoses[place]
            return " ".join(part for part in (one.code, one.text) if part)
        if name == "medicine":
            return _medicine_words(said.medicines[place])
        return said.goals[place] if name == "goal" else said.plan

    def patient(self) -> Json:
        one = self.said.patient
        made: Json = {
            "resourceType": "Patient",
            "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                                                 "code": "MR"}]},
                            "system": f"urn:daybook:{one.authority}:patient", "value": one.number}],
        }  # fmt: skip
        name = {"family": one.family, **({"given": [one.given]} if one.given else {})} if one.family else {}
        if name or one.given:
            made["name"] = [name or {"given": [one.given]}]
        if one.sex in _SEX:
            made["gender"] = _SEX[one.sex]
        if one.birth is not None:
            made["birthDate"] = one.birth.isoformat()
        return made

    def encounter(self) -> Json:
        visit = self.said.visit
        code, display = _CLASS.get(visit.patient_class, ("IMP", "inpatient encounter"))
        period = {"start": visit.start, "end": visit.end}
        made: Json = {
            "resourceType": "Encounter",
            "identifier": [{"system": f"urn:daybook:{self.said.facility_code}:visit", "value": visit.number}],
            "status": "finished" if visit.end else "in-progress",
            "class": {"system": CLASSES, "code": code, "display": display},
            "subject": self.to("patient"),
            "serviceProvider": self.to("custodian"),
        }
        if visit.start:
            made["period"] = {name: at.isoformat(timespec="seconds") for name, at in period.items() if at}
        if self.said.diagnoses:
            made["diagnosis"] = [
                {"condition": self.to(f"condition-{place}"), "rank": place + 1}
                for place in range(len(self.said.diagnoses))
            ]
        if self.said.recipient:
            made["hospitalization"] = {"destination": self.to("recipient")}
        return made

    def author(self) -> Json:
        return {"resourceType": "Practitioner", "name": [{"text": self.said.made_by}]}

    def organization(self, name: str, code: str) -> Json:
        made: Json = {"resourceType": "Organization", "name": name}
        if code:
            made["identifier"] = [{"system": "urn:daybook:facility", "value": code}]
        return made

    def conditions(self) -> list[tuple[str, Json]]:
        return [
            (f"condition-{place}", {
                "resourceType": "Condition",
                "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
                "code": {**({"coding": [{"system": ICD_10, "code": one.code}]} if one.code else {}),
                         **({"text": one.text} if one.text else {})},
                "subject": self.to("patient"),
                "encounter": self.to("encounter"),
            })
            for place, one in enumerate(self.said.diagnoses)
        ]  # fmt: skip

    def medicines(self) -> list[tuple[str, Json]]:
        return [
            (f"medicine-{place}", {
                "resourceType": "MedicationStatement",
                "status": "stopped" if one.stopped else "active",
                "medicationCodeableConcept": {"text": one.name},
                "subject": self.to("patient"),
                "context": self.to("encounter"),
                **({"reasonCode": [{"text": one.purpose}]} if one.purpose else {}),
                **({"dosage": [{"text": one.dose}]} if one.dose else {}),
            })
            for place, one in enumerate(self.said.medicines)
        ]  # fmt: skip

    def goals(self) -> list[tuple[str, Json]]:
        return [
            (f"goal-{place}", {
                "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": one},
                "subject": self.to("patient"),
            })
            for place, one in enumerate(self.said.goals)
        ]  # fmt: skip

    def plan(self) -> list[tuple[str, Json]]:
        if not self.said.plan:
            return []
        made: Json = {
            "resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Plan after the stay",
            "description": self.said.plan, "subject": self.to("patient"), "encounter": self.to("encounter"),
        }  # fmt: skip
        if self.said.goals:
            made["goal"] = [self.to(f"goal-{place}") for place in range(len(self.said.goals))]
        return [("plan-0", made)]


def _medicine_words(one: Medicine) -> str:
    words = ", ".join(part for part in (one.name, one.dose, f"for {one.purpose}" if one.purpose else "") if part)
    return f"Stopped: {words}" if one.stopped else words


def _div(inside: str) -> Json:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'}


def _narrative(blocks: Sequence[Block]) -> Json:
    """A section as text for people: headings, facts, paragraphs, tables."""
    return _div("".join(_block(one) for one in blocks))


def _block(one: Block) -> str:
    parts = [f"<h4>{html.escape(one.heading)}</h4>"] if one.heading else []
    parts += [f"<p><b>{html.escape(label)}:</b> {html.escape(text)}</p>" for label, text in one.facts]
    parts += [f"<p>{html.escape(text)}</p>" for text in one.paragraphs]
    if one.table is not None:
        heads = "".join(f"<th>{html.escape(head)}</th>" for head in one.table.heads)
        rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in one.table.rows)
        parts.append(f"<table><tr>{heads}</tr>{rows}</table>")
    return "".join(parts)
