"""What a PAS bundle says: the answer of a payer, or the request of a hospital. Nothing raises on what a file holds.

The meaning is that of X12 278: the review action is HCR01, its number HCR02, its reason HCR03, an error is AAA. What
was modified (A6) stands in `addItem`, beside the item that was asked.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from app.interop.pas import codes
from app.interop.pas.items import Line, line_of
from app.interop.pas.values import concept, day_of, entries, extension, first, listed, resources, text_of, valued
from app.interop.x12.terms import Answer, AnswerKind, Finding, Place, Rejection
from app.payers.requests.rules import GRANTS, joined
from app.payers.requests.terms import (
    Action,
    CertificationType,
    Days,
    Decision,
    Diagnosis,
    ReviewRequest,
    ServiceLevel,
)

Json = dict[str, Any]
_REVIEW_NUMBER = "REVIEW_IDENTIFICATION_NUMBER"
_IDENTIFIER = re.compile(r"[?&]identifier=([^&]+)")


class Asked(msgspec.Struct, frozen=True):
    """A request as read, with the earlier ones of its case, oldest first."""

    request: ReviewRequest | None
    earlier: tuple[ReviewRequest, ...] = ()
    findings: tuple[Finding, ...] = ()


class Understood(msgspec.Struct, frozen=True):
    """All that a file says. `requests` counts claims that came without an answer: they are not for us."""

    answers: tuple[Answer, ...] = ()
    requests: int = 0
    findings: tuple[Finding, ...] = ()


def understand(raw: bytes) -> Understood:
    """Every answer in a file: a bundle, or a single ClaimResponse or OperationOutcome."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return Understood(findings=(_severe("The file is not JSON."),))
    if not isinstance(found, dict):
        return Understood(findings=(_severe("The file holds no FHIR resource."),))
    inside = [found] if found.get("resourceType") != "Bundle" else resources(found)
    answers = [_answer(one, found) for one in inside if one.get("resourceType") == "ClaimResponse"]
    answers += [_refusal(one) for one in inside if one.get("resourceType") == "OperationOutcome"]
    claims = sum(one.get("resourceType") == "Claim" for one in inside)
    if not answers and not claims:
        return Understood(findings=(_severe("The file holds neither an answer (ClaimResponse) nor a request."),))
    return Understood(tuple(answers), 0 if answers else claims)


# --- answers ---------------------------------------------------------------------------------------------------------


def _answer(response: Json, bundle: Json) -> Answer:
    findings: list[Finding] = []
    trace, origin, review = _numbers(response)
    decision = _decision(response, bundle, trace, review, findings)
    rejections = tuple(_rejections(response))
    if decision is not None and rejections and decision.action in GRANTS:
        findings.append(_severe("The answer certifies days and names errors at the same time."))
    kind = AnswerKind.DECISION if decision is not None else AnswerKind.REJECTION
    if decision is None and not rejections:
        kind = AnswerKind.UNREADABLE
        if not any(one.severe for one in findings):
            findings.append(_severe("The answer holds neither a decision (review action) nor an error."))
    patient = _patient(response, bundle)
    name = first(listed(patient, "name"))
    return Answer(
        kind=kind, event_trace=trace, trace_origin=origin, payer_trace=text_of(response, "id"), decision=decision,
        rejections=rejections, family=text_of(name, "family"),
        given=next((one for one in name.get("given") or () if isinstance(one, str)), "") if name else "",
        member_id=_member(patient), birth_date=day_of(patient.get("birthDate")),
        written_at=_moment(response.get("created")), place=Place(segment=0), findings=tuple(findings),
    )  # fmt: skip


def _refusal(outcome: Json) -> Answer:
    """The payer's computer did not take the bundle. Its own words may name the patient and are not repeated."""
    said = [text_of(one, "code") or "unknown" for one in listed(outcome, "issue")]
    words = ", ".join(dict.fromkeys(said)) or "unknown"
    sentence = f"The payer did not take the bundle (OperationOutcome: {words}). Correct it and send it again."
    return Answer(kind=AnswerKind.UNREADABLE, place=Place(segment=0), findings=(_severe(sentence),))


def _numbers(response: Json) -> tuple[str, str, str]:
    """Our trace with its origin, and the payer's number where it stands among the identifiers."""
    trace = origin = review = ""
    for one in listed(response, "identifier"):
        if _REVIEW_NUMBER in text_of(one, "system"):
            review = text_of(one, "value")
        elif not trace:
            trace = text_of(one, "value")
            origin = text_of(valued(valued(one, "assigner"), "identifier"), "value")
    if not trace and (found := _IDENTIFIER.search(text_of(valued(response, "request"), "reference"))):
        trace = found.group(1)
    return trace, origin, review or text_of(response, "preAuthRef")


def _decision(response: Json, bundle: Json, trace: str, number: str, findings: list[Finding]) -> Decision | None:
    line = _line(response, trace, findings)
    if line is None:
        queued = text_of(response, "outcome") == "queued"
        line = Line(Action.PENDED) if queued and not listed(response, "error") else None
    if line is None:
        return None
    if line.ranges and line.quantity is not None and sum(one.count for one in line.ranges) != line.quantity:
        counted = sum(one.count for one in line.ranges)
        findings.append(_severe(f"The answer gives a period of {counted} days and counts {line.quantity} days."))
    errors = [one.reason for one in _rejections(response)]
    return Decision(
        action=line.action, authorization_number=line.number or number, reference=line.reference, ranges=line.ranges,
        quantity=line.quantity, reasons=tuple(dict.fromkeys(filter(None, (*line.reasons, *errors)))),
        issued_on=line.issued_on or day_of(response.get("created")),
        more_follows=line.action is Action.PENDED, text=_words(response, bundle),
    )  # fmt: skip


def _line(response: Json, trace: str, findings: list[Finding]) -> Line | None:
    """The line that speaks for the stay: of the item that bears our trace, else of all items together."""
    added = listed(response, "addItem")
    lines = [line for item in listed(response, "item") if (line := line_of(item, added, findings)) is not None]
    ours = [one for one in lines if one.trace and one.trace == trace]
    chosen = ours or lines
    if not chosen:
        return line_of(response, [], findings)
    if len({one.action for one in chosen}) > 1:
        findings.append(_severe("The items of this answer were decided differently, and the stay as a whole was not."))
        return Line(Action.PARTIAL, number=_only({one.number for one in chosen}),
                    reasons=tuple(reason for one in chosen for reason in one.reasons))  # fmt: skip
    counts = {one.quantity for one in chosen if one.quantity is not None}
    if len(counts) > 1 and not any(one.ranges for one in chosen):
        findings.append(_severe("Items of this answer name different numbers of days."))
    return msgspec.structs.replace(
        chosen[-1], number=_only({one.number for one in chosen}),
        ranges=joined([days for one in chosen for days in one.ranges]),
        quantity=counts.pop() if len(counts) == 1 and len(chosen) == 1 else None,
        reasons=tuple(dict.fromkeys(reason for one in chosen for reason in one.reasons)),
    )  # fmt: skip


def _only(numbers: set[str]) -> str:
    known = {one for one in numbers if one}
    return known.pop() if len(known) == 1 else ""


def _rejections(response: Json) -> Iterator[Rejection]:
    for one in listed(response, "error"):
        follow = concept(extension(one, "errorFollowupAction", "valueCodeableConcept"))
        level = text_of(extension(one, "errorElement", ""), "valueString") or "claim"
        yield Rejection(level=level, reason=concept(valued(one, "code")), follow_up=follow)


def _words(response: Json, bundle: Json) -> str:
    """What the payer wrote, and the documents that it wants (Task, CommunicationRequest)."""
    said = [text_of(response, "disposition"), *(text_of(one, "text") for one in listed(response, "processNote"))]
    for one in resources(bundle):
        if one.get("resourceType") == "CommunicationRequest":
            wanted = [text_of(part, "contentString") for part in listed(one, "payload")]
            said.append("Documents are wanted: " + ", ".join(filter(None, wanted)))
        if one.get("resourceType") == "Task":
            said.append("Documents are wanted: " + (text_of(one, "description") or concept(valued(one, "code"))))
    return "\n".join(dict.fromkeys(filter(None, said)))


def _patient(response: Json, bundle: Json) -> Json:
    wanted = text_of(valued(response, "patient"), "reference")
    for url, one in entries(bundle):
        if one.get("resourceType") == "Patient" and wanted in (url, f"Patient/{text_of(one, 'id')}"):
            return one
    return {}


def _member(patient: Json) -> str:
    for one in listed(patient, "identifier"):
        if concept(valued(one, "type")) == "MB" or "MIN" in text_of(one, "system"):
            return text_of(one, "value")
    return ""


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if isinstance(text, str) else None
    except ValueError:
        return None


def _severe(sentence: str) -> Finding:
    return Finding(segment=0, sentence=sentence)


# --- requests --------------------------------------------------------------------------------------------------------


def asked(bundle: Json) -> Asked:
    """The request that a bundle makes: the first claim in it; the last item is what it asks."""
    claim = next((one for one in resources(bundle) if one.get("resourceType") == "Claim"), None)
    if claim is None:
        return Asked(None, findings=(_severe("The bundle holds no Claim."),))
    findings: list[Finding] = []
    trace = text_of(first(listed(claim, "identifier")), "value")
    whole = _certification(claim, findings)
    items = [_item(one, whole, findings) for one in listed(claim, "item")]
    level = concept(extension(claim, "levelOfServiceCode", "valueCodeableConcept"))
    head = ReviewRequest(
        event_trace=trace, certification_type=whole or CertificationType.INITIAL,
        service_level=_known(ServiceLevel, level, ServiceLevel.ELECTIVE, findings),
        admitted_on=_fact(claim, codes.ADMITTED), discharged_on=_fact(claim, codes.DISCHARGED),
        diagnoses=tuple(_diagnoses(claim)), message=_message(claim),
    )  # fmt: skip
    if not items:
        return Asked(head, findings=tuple(findings))
    last = items[-1]
    request = msgspec.structs.replace(
        head, certification_type=last.certification_type, service_type=last.service_type, days=last.days,
        authorization_number=last.authorization_number, reference=last.reference,
    )  # fmt: skip
    return Asked(request, tuple(items[:-1]), tuple(findings))


def _item(item: Json, whole: CertificationType | None, findings: list[Finding]) -> ReviewRequest:
    return ReviewRequest(
        event_trace=text_of(extension(item, "itemTraceNumber", "valueIdentifier"), "value"),
        certification_type=_certification(item, findings) or whole or CertificationType.INITIAL,
        service_type=concept(valued(item, "category")) or "1",
        days=_days(valued(item, "servicedPeriod")),
        authorization_number=text_of(extension(item, "authorizationNumber", ""), "valueString"),
        reference=text_of(extension(item, "administrationReferenceNumber", ""), "valueString"),
    )


def _certification(thing: Json, findings: list[Finding]) -> CertificationType | None:
    code = concept(extension(thing, "certificationType", "valueCodeableConcept"))
    return _known(CertificationType, code, None, findings) if code else None


def _known(kind: Any, code: str, otherwise: Any, findings: list[Finding]) -> Any:
    try:
        return kind(code) if code else otherwise
    except ValueError:
        findings.append(_severe(f"The bundle holds a code of {kind.__name__} that is not known."))
        return otherwise


def _days(period: Json) -> Days | None:
    begin, end = day_of(period.get("start")), day_of(period.get("end"))
    return Days(begin, end) if begin and end and begin < end else None


def _facts(claim: Json, category: str) -> Sequence[Json]:
    return [one for one in listed(claim, "supportingInfo") if concept(valued(one, "category")) == category]


def _fact(claim: Json, category: str) -> date | None:
    found = first(_facts(claim, category))
    return day_of(found.get("timingDate")) or day_of(valued(found, "timingPeriod").get("start"))


def _message(claim: Json) -> str:
    return "\n".join(text_of(one, "valueString") for one in _facts(claim, codes.MESSAGE))


def _diagnoses(claim: Json) -> Iterator[Diagnosis]:
    for one in listed(claim, "diagnosis"):
        code = concept(valued(one, "diagnosisCodeableConcept")).replace(".", "")
        role = concept(first(listed(one, "type")))
        if code:
            yield Diagnosis(code, role if role in ("principal", "admitting") else "other")
