"""A message of the hospital as an X12 interchange: one transaction set in one group."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.interop.x12.checks import CannotBeSaid, check, delimiters_for
from app.interop.x12.terms import Control, Delimiters, Envelope, Guide, Kind, Organization, Person, Said
from app.payers.requests.terms import CertificationType, ReviewRequest, ServiceLevel

__all__ = ["CannotBeSaid", "carried", "interchange"]

RELEASE = "005010"
LARGEST_CONTROL = 999_999_999

_PURPOSE = {Kind.REQUEST: "13", Kind.CANCELLATION: "01"}
_ADMISSION_TYPE = {ServiceLevel.EMERGENCY: "1", ServiceLevel.URGENT: "2", ServiceLevel.ELECTIVE: "3"}
_QUALIFIERS = {"principal": "ABK", "admitting": "ABJ", "other": "ABF"}

Element = str | tuple[str, ...]
"""An element, or the components of a composite one."""


def carried(said: Said) -> Said:
    """What of a message its guide carries: a notification asks for no days, an inquiry names the request alone."""
    request, parties = said.request, said.parties
    parties = msgspec.structs.replace(
        parties, payer=msgspec.structs.replace(parties.payer, contact="", phone="", fax=""),
        dependent=msgspec.structs.replace(parties.dependent, member_id="") if parties.dependent else None,
    )  # fmt: skip
    said = msgspec.structs.replace(said, parties=parties)
    if said.kind.guide is Guide.REVIEW:
        return said
    if said.kind.guide is Guide.NOTIFICATION:
        kept = msgspec.structs.replace(request, days=None, message="", reference="")
        return msgspec.structs.replace(said, request=kept, quantity=None)
    asked = ReviewRequest(
        event_trace=request.event_trace, certification_type=CertificationType.INITIAL,
        service_level=ServiceLevel.EMERGENCY, admitted_on=request.admitted_on,
        authorization_number=request.authorization_number, reference=request.reference,
    )  # fmt: skip
    parties = msgspec.structs.replace(parties, attending=None, facility=parties.requester)
    return msgspec.structs.replace(said, request=asked, parties=parties, quantity=None, patient_status="",
                                   admission_source="")  # fmt: skip


def interchange(said: Said, envelope: Envelope, control: Control) -> str:
    """The text to send. Raises CannotBeSaid with all reasons where the guide cannot carry it."""
    check(said, envelope)
    _check_control(control)
    said = carried(said)
    body = [*_header(said, envelope), *_levels(said)]
    delimiters = delimiters_for(envelope.delimiters, _texts(body, envelope))
    release = envelope.releases.get(said.kind.guide) or f"{RELEASE}{said.kind.guide}"
    number = f"{control.set:04d}"
    lines: list[list[Element]] = [
        _group(said.at, envelope, control.group, release), ["ST", "278", number, release], *body,
        ["SE", str(len(body) + 2), number], ["GE", "1", str(control.group)],
        ["IEA", "1", f"{control.interchange:09d}"],
    ]  # fmt: skip
    written = [_isa(said.at, envelope, control.interchange, delimiters), *(_line(one, delimiters) for one in lines)]
    return "".join(f"{one}{delimiters.segment}{envelope.line_end}" for one in written)


def _check_control(control: Control) -> None:
    for value in (control.interchange, control.group, control.set):
        if not 0 < value <= LARGEST_CONTROL:
            raise CannotBeSaid(["The control numbers of this receiver are used up. Please set a new receiver."])


def _isa(at: datetime, envelope: Envelope, number: int, delimiters: Delimiters) -> str:
    """The header of fixed width, which itself says how everything after it is taken apart."""
    elements = [
        "ISA", "00", " " * 10, "00", " " * 10, envelope.sender_qualifier, envelope.sender.ljust(15),
        envelope.receiver_qualifier, envelope.receiver.ljust(15), at.strftime("%y%m%d"), at.strftime("%H%M"),
        delimiters.repetition, "00501", f"{number:09d}", "0", envelope.usage, delimiters.component,
    ]  # fmt: skip
    return delimiters.element.join(elements)


def _group(at: datetime, envelope: Envelope, number: int, release: str) -> list[Element]:
    sender, receiver = envelope.group_sender or envelope.sender, envelope.group_receiver or envelope.receiver
    return ["GS", "HI", sender, receiver, at.strftime("%Y%m%d"), at.strftime("%H%M"), str(number), "X", release]


def _texts(body: list[list[Element]], envelope: Envelope) -> list[str]:
    found = [envelope.sender, envelope.receiver, envelope.group_sender, envelope.group_receiver]
    for line in body:
        for element in line:
            found += [element] if isinstance(element, str) else list(element)
    return found


def _line(elements: Sequence[Element], delimiters: Delimiters) -> str:
    """A segment; empty elements at its end are left out."""
    texts = [one if isinstance(one, str) else delimiters.component.join(one) for one in elements]
    while texts and not texts[-1]:
        texts.pop()
    return delimiters.element.join(texts)


# --- the transaction set ---------------------------------------------------------------------------------------------


def _header(said: Said, envelope: Envelope) -> list[list[Element]]:
    purpose = _PURPOSE.get(said.kind) or (
        envelope.inquiry_purpose if said.kind is Kind.INQUIRY else envelope.notification_purpose
    )
    clock = said.at.strftime("%H%M%S" if said.at.second else "%H%M")
    return [["BHT", "0007", purpose, said.reference, said.at.strftime("%Y%m%d"), clock]]


def _levels(said: Said) -> list[list[Element]]:
    parties = said.parties
    payer = [_organization("X3", parties.payer)]
    ours = [_organization("FA", parties.requester), *_contact(parties.requester)]
    first, second = (ours, payer) if said.kind.guide is Guide.NOTIFICATION else (payer, ours)
    lines: list[list[Element]] = [["HL", "1", "", "20", "1"], *first, ["HL", "2", "1", "21", "1"], *second]
    lines += [["HL", "3", "2", "22", "1"], *_person("IL", parties.subscriber)]
    above = "3"
    if parties.dependent is not None:
        lines += [["HL", "4", "3", "23", "1"], *_person("QC", parties.dependent)]
        above = "4"
    return [*lines, ["HL", str(int(above) + 1), above, "EV", "0"], *_event(said)]


def _organization(entity: str, one: Organization) -> list[Element]:
    return ["NM1", entity, "2", one.name, "", "", "", "", one.qualifier, one.number]


def _contact(one: Organization) -> list[list[Element]]:
    pairs = [part for kind, value in (("TE", one.phone), ("FX", one.fax)) if value for part in (kind, value)]
    return [["PER", "IC", one.contact, *pairs]] if one.contact or pairs else []


def _person(entity: str, one: Person) -> list[list[Element]]:
    number = ["MI", one.member_id] if one.member_id else []
    lines: list[list[Element]] = [["NM1", entity, "1", one.family, one.given, one.middle, "", "", *number]]
    if one.birth_date is not None:
        lines.append(["DMG", "D8", one.birth_date.strftime("%Y%m%d"), one.sex])
    elif one.sex != "U":
        lines.append(["DMG", "", "", one.sex])
    return lines


def _event(said: Said) -> list[list[Element]]:
    request, parties = said.request, said.parties
    lines: list[list[Element]] = [["TRN", "1", request.event_trace, parties.trace_origin], _asked(said)]
    if request.authorization_number:
        lines.append(["REF", "BB", request.authorization_number])
    if request.reference:
        lines.append(["REF", "NT", request.reference])
    if request.days is not None:
        lines.append(["DTP", "AAH", "RD8", f"{request.days.first:%Y%m%d}-{request.days.until:%Y%m%d}"])
    for qualifier, day in (("435", request.admitted_on), ("096", request.discharged_on)):
        if day is not None:
            lines.append(["DTP", qualifier, "D8", day.strftime("%Y%m%d")])
    if said.kind is Kind.INQUIRY:
        return lines
    if request.diagnoses:
        lines.append(["HI", *((_QUALIFIERS[one.role], one.code) for one in request.diagnoses)])
    days = request.days.count if request.days else said.quantity
    if days is not None:
        lines.append(["HSD", "DY", str(days)])
    lines.append(["CL1", _ADMISSION_TYPE[request.service_level], said.admission_source, said.patient_status])
    if request.message:
        lines.append(["MSG", request.message])
    lines += [_organization("FA", parties.facility), *_contact(parties.facility)]
    if parties.attending is not None:
        one = parties.attending
        lines.append(["NM1", "71", "1", one.family, one.given, "", "", "", "XX", one.npi])
    return lines


def _asked(said: Said) -> list[Element]:
    """UM: an inpatient stay (AR) in a hospital (bill type 11)."""
    if said.kind is Kind.INQUIRY:
        return ["UM", "AR"]
    request = said.request
    elements: list[Element] = ["UM", "AR", request.certification_type, request.service_type, ("11", "A"), "",
                               request.service_level]  # fmt: skip
    return elements if said.kind.guide is Guide.NOTIFICATION else [*elements, "", "", "Y"]
