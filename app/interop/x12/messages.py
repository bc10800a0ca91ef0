"""What a hospital's 278 says: requests, cancellations, notifications and inquiries, read back into what was asked.

The program reads its own messages with it, as proof of what was sent.
"""

from datetime import date

from app.interop.x12.loops import Level, LevelKind, Loops
from app.interop.x12.segments import Segment, TransactionSet
from app.interop.x12.terms import Finding, Guide, Heard, Kind, Parties, Said
from app.interop.x12.values import Notes, days_counted, moment, one_day, organization, period, person, practitioner
from app.payers.requests.terms import CertificationType, Days, Diagnosis, ReviewRequest, ServiceLevel

ROLES = {"ABK": "principal", "ABJ": "admitting", "ABF": "other"}
"""The qualifiers of ICD-10-CM codes in HI."""


def messages_in(one: TransactionSet, tree: Loops, guide: Guide | None) -> list[Heard]:
    """One message for each patient event."""
    outside = [finding for finding in (*one.findings, *tree.findings) if finding.severe]
    heard = []
    for event in tree.of(LevelKind.EVENT):
        notes = Notes(outside)
        said = _said(event, tree, guide, notes)
        heard.append(Heard(said=said, place=one.place, findings=tuple(notes)))
    if not heard:
        finding = Finding(one.place.segment, "This message of a hospital names no patient event.")
        heard.append(Heard(said=None, place=one.place, findings=(*outside, finding)))
    return heard


def _said(event: Level, tree: Loops, guide: Guide | None, notes: Notes) -> Said | None:
    header = next(one for one in tree.header if one.name == "BHT")
    at = moment(header.get(4), header.get(5))
    if at is None:
        notes.severe(header, "BHT holds no date and time that can be read.")
    trace = event.qualified("TRN", "1")
    if trace is None:
        notes.severe(event.head, "The patient event bears no trace number (TRN).")
    parties = _parties(event, guide, trace, notes)
    request = _request(event, trace, guide, notes)
    if at is None or parties is None or request is None:
        return None
    more = event.first("CL1")
    return Said(
        kind=_kind(header.get(2), guide, request), request=request, parties=parties, reference=header.get(3), at=at,
        patient_status=more.get(3) if more else "", admission_source=more.get(2) if more else "",
        quantity=_counted(event, request, notes),
    )  # fmt: skip


def _kind(purpose: str, guide: Guide | None, request: ReviewRequest) -> Kind:
    if guide is Guide.NOTIFICATION:
        return Kind.DISCHARGE if request.discharged_on else Kind.ADMISSION
    if guide is Guide.INQUIRY:
        return Kind.INQUIRY
    return Kind.CANCELLATION if purpose == "01" else Kind.REQUEST


def _counted(event: Level, request: ReviewRequest, notes: Notes) -> int | None:
    counted = days_counted(event, notes)
    if request.days is None:
        return counted
    if counted is not None and counted != request.days.count:
        notes.severe(event.head, f"The message asks for a period of {request.days.count} days and counts {counted}.")
    return None


def _parties(event: Level, guide: Guide | None, trace: Segment | None, notes: Notes) -> Parties | None:
    source, receiver = event.above(LevelKind.SOURCE), event.above(LevelKind.RECEIVER)
    covered = event.above(LevelKind.SUBSCRIBER)
    if source is None or receiver is None or covered is None:
        return None
    theirs, ours = (receiver, source) if guide is Guide.NOTIFICATION else (source, receiver)
    payer, requester = organization(theirs, "X3", "PR"), organization(ours, "FA", "1P")
    subscriber, dependent = person(covered, "IL"), event.above(LevelKind.DEPENDENT)
    if payer is None or requester is None or subscriber is None:
        notes.severe(event.head, "The payer, the requester or the subscriber is not named.")
        return None
    return Parties(
        payer=payer, requester=requester, subscriber=subscriber, facility=organization(event, "FA") or requester,
        dependent=person(dependent, "QC") if dependent else None, attending=practitioner(event, "71"),
        trace_origin=trace.get(3) if trace else "",
    )  # fmt: skip


def _request(event: Level, trace: Segment | None, guide: Guide | None, notes: Notes) -> ReviewRequest | None:
    asked = event.first("UM")
    kind = _certification(asked, guide, notes)
    level = _service_level(asked, guide, notes)
    if trace is None or kind is None or level is None:
        return None
    reference, number = event.qualified("REF", "NT"), event.qualified("REF", "BB")
    return ReviewRequest(
        event_trace=trace.get(2), certification_type=kind, service_level=level,
        service_type=(asked.get(3) if asked else "") or "1", days=_days(event, notes),
        admitted_on=one_day(event, notes, "435"), discharged_on=one_day(event, notes, "096"),
        diagnoses=_diagnoses(event, notes), authorization_number=number.get(2) if number else "",
        reference=reference.get(2) if reference else "", message="\n".join(one.get(1) for one in event.all("MSG")),
    )  # fmt: skip


def _certification(asked: Segment | None, guide: Guide | None, notes: Notes) -> CertificationType | None:
    """UM02. An inquiry asks for nothing, and names no kind of request."""
    if asked is None:
        return None
    if guide is Guide.INQUIRY and not asked.get(2):
        return CertificationType.INITIAL
    try:
        return CertificationType(asked.get(2))
    except ValueError:
        notes.severe(asked, "UM02 holds no kind of request that is known.")
        return None


def _service_level(asked: Segment | None, guide: Guide | None, notes: Notes) -> ServiceLevel | None:
    """UM06. Only an inquiry may leave it out, since it asks for nothing new."""
    if asked is None or (guide is Guide.INQUIRY and not asked.get(6)):
        return ServiceLevel.EMERGENCY
    try:
        return ServiceLevel((asked.parts(6) or [""])[0])
    except ValueError:
        notes.severe(asked, "UM06 holds no level of service that is known.")
        return None


def _days(event: Level, notes: Notes) -> Days | None:
    """The period asked for (DTP AAH). A single day with a count is a period too."""
    found = period(event, notes, "AAH")
    first: date | None = one_day(event, notes, "AAH")
    counted = days_counted(event, Notes())
    if found is None and first is not None and counted:
        return Days(first, date.fromordinal(first.toordinal() + counted))
    return found


def _diagnoses(event: Level, notes: Notes) -> tuple[Diagnosis, ...]:
    found = []
    for segment in event.all("HI"):
        for position in range(1, len(segment.elements) + 1):
            parts = segment.parts(position)
            if not parts:
                continue
            if len(parts) < 2 or parts[0] not in ROLES:
                notes.mild(segment, "HI holds a code that is no diagnosis of ICD-10-CM.")
                continue
            found.append(Diagnosis(parts[1], ROLES[parts[0]]))
    return tuple(found)
