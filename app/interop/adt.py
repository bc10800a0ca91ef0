"""From a parsed ADT message to the one fact that the census folds, or to a refusal for its acknowledgement.

Pure. The rules are those of the ADT brief: keys I-KEY and I-ACCT, clocks T-REC to T-TZ, fields F-NULL and F-SNAP,
acknowledgement W-ACK.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from app.census.terms import (
    AdtFact,
    Diagnosis,
    ExceptionKind,
    FeedPolicy,
    Group,
    Identifier,
    Instant,
    Insurance,
    Location,
    PatientClass,
    Prior,
)
from app.interop.hl7 import Message, Repetition, Segment

NULL = '""'

_STAYS = [f"A{number:02}" for number in (*range(1, 11), 14, 15, 16, 17, 21, 22, 23, 32, 33, 54)]
_CANCELS = [f"A{number}" for number in (11, 12, 13, 25, 26, 27, 38, 52, 53, 55)]
_PERSONS = [f"A{number}" for number in (18, 28, 29, 30, 31, 34, 37, 39, 40, 42, 43, 44, 45, 46, 47, 50)]
SUPPORTED = frozenset([*_STAYS, *_CANCELS, *_PERSONS, "A20", "A60", "A61", "A62"])
"""Trigger events with a meaning here, even if that is to change nothing (A20, A60 to A62)."""

SEVERAL = frozenset([*_PERSONS, "A17"]) - {"A28", "A29", "A31"}
"""Events whose message may name several patients or visits."""

_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\.\d+)?([+-]\d{4})?")


class NotAccepted(msgspec.Struct, frozen=True):
    """Why a message can never work: the code of its acknowledgement, a sentence without patient data, the place."""

    kind: ExceptionKind
    code: str
    sentence: str
    segment: str
    field: int


def to_fact(message: Message, policy: FeedPolicy, sequence: int, received_at: datetime) -> AdtFact | NotAccepted:
    """The fact of an acceptable message. `received_at` stands in only where a sender gave no readable time at all."""
    refusal = _refusal(message, policy)
    if refusal:
        return refusal
    event = message.event.strip().upper()
    facility = message.sending_facility or policy.default_authority
    sections = _sections(message, event)
    if any(not _patient_key(section.pid, 3, facility) for section in sections):
        said = "The message names no patient: PID-3 has no identifier."
        return NotAccepted(ExceptionKind.NO_PATIENT_ID, "AE", said, "PID", 3)
    groups = tuple(_group(section, event, policy, facility) for section in sections)
    evn = message.first("EVN")
    sent = instant(message.header.text(7), policy.timezone)
    sent_at = sent.at if sent else received_at
    recorded = (instant(evn.text(2), policy.timezone) if evn else None) or sent
    occurred = instant(evn.text(6), policy.timezone) if evn else None
    effective = (_effective(event, groups[0], occurred) if groups else occurred) or recorded
    if event == "A16" and evn and "expected_discharge" not in groups[0].times:
        planned = instant(evn.text(3), policy.timezone)
        if planned:
            groups[0].times["expected_discharge"] = planned
    return AdtFact(
        sequence=sequence,
        feed=policy.feed,
        application=message.sending_application,
        facility=message.sending_facility,
        control_id=message.control_id,
        digest=hashlib.sha256(message.raw.rstrip()).hexdigest()[:32],
        event=event,
        recorded=recorded.at if recorded else received_at,
        sent=sent_at,
        effective=effective.at if effective else received_at,
        occurred=occurred.at if occurred else None,
        effective_digits=effective.digits if effective else 14,
        groups=groups,
        supported=event in SUPPORTED,
    )


def _refusal(message: Message, policy: FeedPolicy) -> NotAccepted | None:
    kind = ExceptionKind
    if message.message_type.strip().upper() != "ADT":
        said = "Only ADT messages are taken here: MSH-9 names another type."
        return NotAccepted(kind.UNSUPPORTED_TYPE, "AR", said, "MSH", 9)
    if message.processing_id and message.processing_id.strip().upper() not in policy.processing_ids:
        said = "This feed does not take messages of the processing id in MSH-11."
        return NotAccepted(kind.PROCESSING_ID, "AR", said, "MSH", 11)
    if not message.control_id or message.control_id == NULL:
        said = "The message has no control id in MSH-10, so an answer could not be matched to it."
        return NotAccepted(kind.NO_CONTROL_ID, "AE", said, "MSH", 10)
    if message.first("PID") is None and message.event.strip().upper() != "A20":  # a bed has no patient
        return NotAccepted(kind.NO_PATIENT_ID, "AE", "The message has no PID segment.", "PID", 3)
    return None


# --- times -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def instant(text: str, zone: str) -> Instant | None:
    """An HL7 time stamp in UTC, missing parts as the start of the period; None for anything that is no time.

    A time with an offset is converted by it, one without belongs to the zone of the feed (T-PREC, T-TZ).
    """
    found = _TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    digits = sum(len(part) for part in (year, month, day, hour, minute, second) if part)
    try:
        local = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
            int(float(fraction) * 1_000_000) if fraction else 0,
            tzinfo=_offset(offset) if offset else ZoneInfo(zone),
        )  # fmt: skip
        return Instant(local.astimezone(UTC), digits, text)
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timezone:
    span = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    return timezone(-span if text[0] == "-" else span)


def _effective(event: str, group: Group, occurred: Instant | None) -> Instant | None:
    if event in ("A01", "A04"):
        return occurred or group.times.get("admit")
    if event == "A03":
        return group.times.get("discharge") or occurred
    return occurred


# --- segments of one patient -----------------------------------------------------------------------------------------


class _Section:
    """One PID and the segments below it."""

    __slots__ = ("dg1", "drg", "in1", "mrg", "pd1", "pid", "pv1", "pv2")

    def __init__(self, pid: Segment) -> None:
        self.pid = pid
        self.pd1: Segment | None = None
        self.pv1: Segment | None = None
        self.pv2: Segment | None = None
        self.drg: Segment | None = None
        self.mrg: list[Segment] = []
        self.dg1: list[Segment] = []
        self.in1: list[Segment] = []


def _sections(message: Message, event: str) -> list[_Section]:
    """An A45 repeats MRG and PV1 below one PID: every MRG after a PV1 opens a section of the same patient."""
    sections: list[_Section] = []
    for segment in message.segments:
        name = segment.name
        if name == "PID":
            sections.append(_Section(segment))
            continue
        if not sections:
            continue
        section = sections[-1]
        if name == "MRG":
            if section.pv1 is not None:
                section = _Section(section.pid)
                sections.append(section)
            section.mrg.append(segment)
        elif name in ("DG1", "IN1"):
            getattr(section, name.lower()).append(segment)
        elif name in ("PD1", "PV1", "PV2", "DRG") and getattr(section, name.lower()) is None:
            setattr(section, name.lower(), segment)
    return sections if event in SEVERAL else sections[:1]


def _group(section: _Section, event: str, policy: FeedPolicy, facility: str) -> Group:
    pid, pv1 = section.pid, section.pv1
    account = _number(pid, 18, facility)
    visit = _number(pv1, 19, facility) if pv1 else None
    if not visit and account:
        authority, _, number = account.partition("|")
        visit = f"{authority}|ACCT:{number}"
    texts, times = _visit_fields(section, policy.timezone)
    if account:
        texts["account"] = account.partition("|")[2]
    return Group(
        patient=_patient_key(pid, 3, facility),
        person=_person(pid),
        identifiers=_identifiers(pid, facility),
        visit=visit,
        account=account,
        priors=tuple(_prior(mrg, event, facility) for mrg in section.mrg),
        patient_class=patient_class(pv1.text(2), pv1.text(18), policy) if pv1 else None,
        patient_type_said=bool(pv1 and pv1.raw(18)),
        location=_location(pv1, 3, facility) if pv1 else None,
        prior_location=_location(pv1, 6, facility) if pv1 else None,
        pending_location=_location(pv1, 42, facility) if pv1 else None,
        texts=texts,
        times=times,
        diagnoses=_diagnoses(section.dg1),
        insurances=_insurances(section.in1),
    )


# --- identifiers -----------------------------------------------------------------------------------------------------


def _chosen(repetitions: list[Repetition]) -> Repetition | None:
    """The repetition typed MR or MRN, else PI, else the first with a number (I-KEY)."""
    valued = [one for one in repetitions if one.text(1) not in ("", NULL)]
    for types in (("MR", "MRN"), ("PI",)):
        for one in valued:
            if one.text(5).upper() in types:
                return one
    return valued[0] if valued else None


def _patient_key(segment: Segment, field: int, facility: str) -> str:
    chosen = _chosen(segment.repetitions(field))
    return f"{_said_or(chosen.text(4), facility)}|{chosen.text(1)}" if chosen else ""


def _said_or(value: str, otherwise: str) -> str:
    return otherwise if value in ("", NULL) else value


def _number(segment: Segment, field: int, facility: str) -> str | None:
    number = segment.text(field)
    if number in ("", NULL):
        return None
    return f"{_said_or(segment.text(field, 4), facility)}|{number}"


def _identifiers(pid: Segment, facility: str) -> tuple[Identifier, ...]:
    return tuple(
        Identifier(_said_or(one.text(4), facility), number, one.text(5).replace(NULL, ""))
        for one in pid.repetitions(3)
        if (number := one.text(1)) not in ("", NULL)
    )


def _prior(mrg: Segment, event: str, facility: str) -> Prior:
    patient = _patient_key(mrg, 1, facility)
    if not patient and event == "A46":  # the external id of older versions stands in MRG-4
        patient = _patient_key(mrg, 4, facility)
    return Prior(patient or None, _number(mrg, 3, facility), _number(mrg, 5, facility))


# --- fields ----------------------------------------------------------------------------------------------------------


def _keep(texts: dict[str, str], name: str, value: str) -> None:
    """Empty = not said and left out; the two quote characters = deleted, written as "" (F-NULL)."""
    if value:
        texts[name] = "" if value == NULL else value


def _person(pid: Segment) -> dict[str, str]:
    person: dict[str, str] = {}
    names = pid.repetitions(5)
    if names:
        name = next((one for one in names if one.text(7).upper() == "L"), names[0])
        if name.text(1) == NULL and not any(name.text(part) for part in (2, 3, 4)):
            person.update(family="", given="", middle="", suffix="")
        else:
            for part, field in enumerate(("family", "given", "middle", "suffix"), start=1):
                _keep(person, field, name.text(part))
    _keep(person, "dob", pid.text(7))
    _keep(person, "sex", pid.text(8))
    if pid.raw(11):
        _keep(person, "zip", NULL if pid.is_null(11) else pid.text(11, 5))
    if pid.raw(13):
        _keep(person, "phone", pid.text(13) or pid.text(13, 12) or (pid.text(13, 6) + pid.text(13, 7)))
    _keep(person, "language", pid.text(15))
    _keep(person, "deceased_at", pid.text(29))
    _keep(person, "deceased", pid.text(30))
    return person


def patient_class(code: str, patient_type: str, policy: FeedPolicy) -> PatientClass | None:
    """Canonical class of PV1-2; an outpatient whose PV1-18 says observation is one. None where nothing is said."""
    known = policy.class_map.get(code.strip().upper())
    observed = policy.class_map.get(patient_type.strip().upper()) is PatientClass.OBSERVATION
    if code in ("", NULL):
        return PatientClass.OBSERVATION if observed else None
    if known is PatientClass.OUTPATIENT and observed:
        return PatientClass.OBSERVATION
    return known or PatientClass.UNKNOWN


def _location(pv1: Segment, field: int, facility: str) -> Location | None:
    if not pv1.raw(field):
        return None
    unit, room, bed = (pv1.text(field, part).replace(NULL, "") for part in (1, 2, 3))
    if not (unit or room or bed):
        return None
    return Location(unit, room, bed, _said_or(pv1.text(field, 4), facility))


_PV1_TEXTS = ((4, "admit_type"), (10, "service"), (14, "admit_source"), (16, "vip"), (20, "financial_class"))


def _visit_fields(section: _Section, zone: str) -> tuple[dict[str, str], dict[str, Instant | None]]:
    texts: dict[str, str] = {}
    times: dict[str, Instant | None] = {}
    pv1, pv2 = section.pv1, section.pv2
    if pv1:
        for field, name in _PV1_TEXTS:
            _keep(texts, name, pv1.text(field))
        _keep(texts, "disposition", pv1.text(36))
        for field, name in ((7, "attending"), (8, "referring"), (17, "admitting")):
            _practitioner(texts, name, pv1, field)
        tracked = _location(pv1, 11, "")
        if tracked:
            texts["tracking_location"] = tracked.text
        _time(times, "admit", pv1.text(44), zone)
        _time(times, "discharge", pv1.text(45), zone)
    if pv2:
        _keep(texts, "accommodation", pv2.text(2))
        _keep(texts, "admit_reason", pv2.text(3, 2) or pv2.text(3))
        _keep(texts, "protection", pv2.text(22))
        _time(times, "expected_discharge", pv2.text(9), zone)
    if section.drg:
        _keep(texts, "drg", section.drg.text(1))
    if section.pd1 and "protection" not in texts:
        _keep(texts, "protection", section.pd1.text(12))
    return texts, times


def _practitioner(texts: dict[str, str], name: str, pv1: Segment, field: int) -> None:
    """Number and name are one value: a new physician must not keep the name of the one before."""
    if not pv1.raw(field):
        return
    number, family, given = (pv1.text(field, part) for part in (1, 2, 3))
    if number == NULL:
        texts[name] = texts[f"{name}_name"] = ""
    elif number or family:
        texts[name] = number
        texts[f"{name}_name"] = ", ".join(part for part in (family, given) if part and part != NULL)


def _time(times: dict[str, Instant | None], name: str, text: str, zone: str) -> None:
    if text == NULL:
        times[name] = None
    elif text:
        found = instant(text, zone)
        if found:
            times[name] = found


def _diagnoses(segments: list[Segment]) -> tuple[Diagnosis, ...] | None:
    if not segments:
        return None
    found = (
        Diagnosis(one.text(3), (one.text(3, 2) or one.text(4)).replace(NULL, ""), one.text(6).replace(NULL, ""))
        for one in segments
        if not one.is_null(3)
    )
    return tuple(one for one in found if one.code or one.text)


def _insurances(segments: list[Segment]) -> tuple[Insurance, ...] | None:
    if not segments:
        return None
    found = []
    for one in segments:
        plan, company, name = (one.text(field) for field in (2, 3, 4))
        if company == NULL or (plan == NULL and not company):
            continue
        group, start, end, kind, policy, member = (one.text(part).replace(NULL, "") for part in (8, 12, 13, 15, 36, 49))
        plan, name = plan.replace(NULL, ""), name.replace(NULL, "")
        found.append(Insurance(plan, company, name, group, start, end, kind, policy, member or policy))
    return tuple(one for one in found if one.company or one.plan or one.name)
