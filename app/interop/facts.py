"""What the parser understood of a message, as `daybook hl7 facts` prints it; nothing is interpreted or stored.

Pure but for `facts_lines`, which reads files. Values stand as they were sent, deleting quote characters included, so
that an interface analyst can compare them with the message. Field numbers are those of HL7 2.5.1; other versions have
the fields used here in the same places.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.interop.hl7 import DEFAULT, NULL, Message, Repetition, Segment, Unparseable, parse, split_messages

Facts = dict[str, Any]

_NOT_SENT = Segment("", DEFAULT, "utf-8")
_LOCATION = {"unit": 1, "room": 2, "bed": 3, "facility": 4, "status": 5, "building": 7, "floor": 8}
_NAME = {"family": 1, "given": 2, "middle": 3, "suffix": 4}
_RECORD_NUMBER_TYPES = (("MR", "MRN"), ("PI",))
"""Identifier types of PID-3.5 (table 0203) that make the medical record number, the better ones first (I-KEY)."""


def facts_of(message: Message) -> Facts:
    """The facts of one message: "", None or [] where it says nothing."""
    patients = message.all("PID")
    patient = patients[0] if patients else _NOT_SENT
    visit = message.first("PV1") or _NOT_SENT
    facts = {
        **_header(message),
        **_identity(patient),
        "account": patient.text(18),
        "death": patient.text(30),
        **_stay(visit),
        "insurance": [_insurance(segment) for segment in message.all("IN1")],
        "diagnoses": [_diagnosis(segment) for segment in message.all("DG1")],
        "merge": [_merge(segment) for segment in message.all("MRG")],
        "expected_discharge": (message.first("PV2") or _NOT_SENT).text(9),
        "z_segments": [segment.name for segment in message.segments if segment.name.startswith("Z")],
        "nulls": [*_nulls(patient), *_nulls(visit)],
    }
    if len(patients) > 1:
        facts["pid2"] = _second_patient(message, patients[1])
    return facts


def _header(message: Message) -> Facts:
    occurrence = message.first("EVN") or _NOT_SENT
    return {
        "event": message.event,
        "msg_type": message.message_type,
        "structure": message.header.text(9, 3),
        "control_id": message.control_id,
        "version": message.version,
        "sending_app": message.sending_application,
        "sending_facility": message.sending_facility,
        "msg_dt": message.header.text(7),
        "evn_recorded": occurrence.text(2),
        "evn_occurred": occurrence.text(6),
    }


def _identity(patient: Segment) -> Facts:
    identifiers = identifiers_of(patient)
    record = record_number(identifiers)
    return {
        "ids": identifiers,
        "mrn": record["id"] if record else None,
        "mrn_authority": record["authority"] if record else None,
        "name": _name(patient),
        "dob": _birth_date(patient.text(7)),
        "sex": patient.text(8),
    }


def identifiers_of(patient: Segment) -> list[dict[str, str]]:
    """The patient's identifiers: PID-3, or PID-2 where a sender of an old version fills only that."""
    for field in (3, 2):
        sent = [part for part in patient.repetitions(field) if part.text()]
        if sent:
            return [{"id": part.text(), "authority": part.text(4), "type": part.text(5)} for part in sent]
    return []


def record_number(identifiers: list[dict[str, str]]) -> dict[str, str] | None:
    """The identifier typed MR or MRN, else PI, else the first one; deleted ones do not count."""
    valued = [identifier for identifier in identifiers if identifier["id"] != NULL]
    for types in _RECORD_NUMBER_TYPES:
        for identifier in valued:
            if identifier["type"] in types:
                return identifier
    return valued[0] if valued else None


def legal_name(patient: Segment) -> Repetition | None:
    """The repetition of PID-5 that is typed L, else the first."""
    names = patient.repetitions(5)
    for name in names:
        if name.text(7) == "L":
            return name
    return names[0] if names else None


def _name(patient: Segment) -> Facts | None:
    name = legal_name(patient)
    return {key: name.text(component) for key, component in _NAME.items()} if name else None


def _birth_date(sent: str) -> str | None:
    """The date alone where one was sent in full; anything else as it stands, so that it can be seen."""
    date = sent[:8]
    return date if len(date) == 8 and date.isascii() and date.isdigit() else sent or None


def _stay(visit: Segment) -> Facts:
    return {
        "visit_number": visit.text(19),
        "patient_class": visit.text(2),
        "location": _location(visit, 3),
        "prior_location": _location(visit, 6),
        "admit_dt": visit.text(44),
        "discharge_dt": visit.text(45),
        "disposition": visit.text(36),
        "admit_type": visit.text(4),
        "service": visit.text(10),
        "attending": [
            {"id": person.text(1), "family": person.text(2), "given": person.text(3)} for person in visit.repetitions(7)
        ],
        "financial_class": visit.text(20),
    }


def _location(visit: Segment, field: int) -> Facts | None:
    if not visit.raw(field):
        return None
    return {key: visit.text(field, component) for key, component in _LOCATION.items()}


def _insurance(segment: Segment) -> Facts:
    return {
        "set_id": segment.text(1),
        "plan_id": segment.text(2),
        "plan_name": segment.text(2, 2),
        "company_id": segment.text(3),
        "company_name": segment.text(4),
        "group": segment.text(8),
        "policy": segment.text(36),
        "subscriber_family": segment.text(16),
        "subscriber_given": segment.text(16, 2),
        "insured_id": segment.text(49),
    }


def _diagnosis(segment: Segment) -> Facts:
    return {
        "set_id": segment.text(1),
        "code": segment.text(3),
        "text": segment.text(3, 2) or segment.text(4),
        "system": segment.text(3, 3) or segment.text(2),
        "type": segment.text(6),
    }


def _merge(segment: Segment) -> Facts:
    prior = [part.text() for part in segment.repetitions(1)]
    return {
        "prior_ids": [number for number in prior if number],
        "prior_account": segment.text(3),
        "prior_visit": segment.text(5),
    }


def _nulls(segment: Segment) -> list[str]:
    """The fields that the sender deletes as a whole, as `PV1-45`."""
    return [f"{segment.name}-{field}" for field in range(1, segment.fields + 1) if segment.raw(field) == NULL]


def _second_patient(message: Message, patient: Segment) -> Facts:
    """The other patient of a two-patient event (A17, A24, A37, ...), with the visit that follows its PID."""
    own = message.segments[message.segments.index(patient) + 1 :]
    visit = next((segment for segment in own if segment.name == "PV1"), _NOT_SENT)
    record = record_number(identifiers_of(patient))
    return {
        "mrn": record["id"] if record else None,
        "name": {key: patient.text(5, _NAME[key]) for key in ("family", "given")},
        "visit_number": visit.text(19),
        "location": {key: visit.text(3, _LOCATION[key]) for key in ("unit", "room", "bed")},
    }


def facts_lines(paths: Iterable[Path], *, feed_charset: str = "cp1252") -> Iterator[Facts]:
    """One line per message of the files: {"file", "idx", "facts"}, or "error" with a sentence instead of the facts."""
    for path in paths:
        found = False
        for number, raw in enumerate(split_messages(path.read_bytes())):
            found = True
            line: Facts = {"file": str(path), "idx": number}
            try:
                line["facts"] = facts_of(parse(raw, feed_charset=feed_charset))
            except Unparseable as refusal:
                line["error"] = refusal.sentence
            yield line
        if not found:
            yield {"file": str(path), "idx": 0, "error": "The file holds no message: no line begins with MSH."}
