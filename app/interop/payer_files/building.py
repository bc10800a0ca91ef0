"""What is said to a payer, put together from an authorization and the stay it is for."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.interop.payer_files.settings import Exchange, exchange_of
from app.interop.x12.checks import LONGEST_MESSAGE, plain
from app.interop.x12.terms import Guide, Kind, Organization, Parties, Person, Practitioner, Said
from app.interop.x12.values import day
from app.kernel.days import local_day
from app.kernel.identifiers import Malformed, Npi
from app.kernel.refusal import Refused
from app.payers.authorizations.queries import AskedVersion, Authorization, authorization
from app.payers.requests.terms import CertificationType, Diagnosis, ReviewRequest, ServiceLevel
from app.platform.work import Reading
from app.web import packets
from app.web.packets import Leaving, Recipient

STILL_HERE = "30"
"""CL103 of a patient who stays (NUBC patient status)."""
LISTED_DIAGNOSES = 12


class Stay(msgspec.Struct):
    """What of a stay and its patient goes to a payer."""

    facility_id: int
    timezone: str
    begins: datetime | None
    discharge_at: datetime | None
    disposition: str
    admit_source: str
    admit_type: str
    attending_number: str
    attending_name: str
    family: str
    given: str
    middle: str
    birth_text: str
    sex: str
    member_number: str

    @property
    def zone(self) -> ZoneInfo:
        """The facility's zone."""
        return ZoneInfo(self.timezone)

    def on(self, at: datetime | None) -> date | None:
        """The facility's calendar day of an instant."""
        return None if at is None else local_day(at, self.zone)


class Draft(msgspec.Struct):
    """What would be sent, and how. `earlier` are the requests of the same authorization before it, oldest first.

    `leaving` says whether it may leave today.
    """

    held: Authorization
    stay: Stay
    exchange: Exchange
    said: Said
    asked: AskedVersion | None
    leaving: Leaving
    earlier: tuple[ReviewRequest, ...] = ()


_STAY = """
select e.facility_id, f.timezone, coalesce(e.admit_at, e.start_at), e.discharge_at, e.disposition, e.admit_source,
  e.admit_type, e.attending_number, e.attending_name, p.family, p.given, p.middle, p.birth_text, p.sex,
  coalesce((select c.member_number from coverage c where c.encounter_id = e.id
    and (c.payer_code = %s or (%s = '' and c.payer_name = %s)) order by c.rank limit 1), '')
from encounter e join facility f on f.id = e.facility_id join patient p on p.id = e.patient_id where e.id = %s
"""
_DIAGNOSES = "select code, kind from diagnosis where encounter_id = %s and code <> '' order by rank limit %s"


def stay_of(db: Reading, held: Authorization) -> Stay:
    """The stay of an authorization with the member number of that payer; NotFound outside the reader's scope."""
    head = held.head
    parameters = (head.payer_code, head.payer_code, head.payer_name, head.encounter_id)
    return db.one(Stay, _STAY, parameters, missing="There is no such stay, or it lies outside what you may see.")


def draft(db: Reading, authorization_id: uuid.UUID, kind: Kind, reference: str, trace: str) -> Draft:
    """Put a message together; `trace` is the event trace of a notification, which repeats no request.

    Refused where there is nothing to send, or nobody set how. Whether it can be said is checked when it is written.
    """
    held = authorization(db, authorization_id)
    exchange = exchange_of(db, held.head.facility_id, held.head.payer_code or held.head.payer_name)
    stay = stay_of(db, held)
    asked = None if kind in (Kind.ADMISSION, Kind.DISCHARGE) else _asked(held, kind)
    leaving = packets.leaving(db, held.head.encounter_id, Recipient.PAYER, local_day(db.now, stay.zone))
    request = _request(db, held, stay, asked, trace)
    if leaving.part2 and kind.guide is Guide.REVIEW:
        request = msgspec.structs.replace(request, message=with_notice(request.message, leaving))
    said = Said(
        kind=kind, request=request, parties=_parties(exchange, stay),
        reference=reference, at=db.now.astimezone(stay.zone).replace(tzinfo=None, second=0, microsecond=0),
        patient_status=_status(stay, kind), admission_source=stay.admit_source if len(stay.admit_source) == 1 else "",
    )  # fmt: skip
    if kind is Kind.ADMISSION:
        said = msgspec.structs.replace(said, request=msgspec.structs.replace(said.request, discharged_on=None))
    return Draft(held, stay, exchange, said, asked, leaving, _earlier(held, asked))


def with_notice(message: str, leaving: Leaving) -> str:
    """The message to a payer under the notice of 42 CFR 2.32 and what the consent covers. Refused where both do not
    fit: neither is ever cut."""
    said = packets.PROHIBITION
    if leaving.permit is not None:
        said += f" Consent of {leaving.permit.given_on:%Y-%m-%d} for {leaving.permit.covers}."
    room = LONGEST_MESSAGE - len(said) - 1
    if len(message) > room:
        raise Refused(
            f"The message to the payer has {len(message)} characters; with the notice that must go with records of"
            f" addiction treatment {room} fit. Correct the request and shorten its message."
        )
    return f"{said} {message}".rstrip()


def kind_of(held: Authorization) -> Kind:
    """What a file about the last request of an authorization is."""
    last = _last(held)
    cancelled = last is not None and last.certification_type == CertificationType.CANCEL
    return Kind.CANCELLATION if cancelled else Kind.REQUEST


def _last(held: Authorization) -> AskedVersion | None:
    return max((one for one in held.asked if one.stands), key=lambda one: (one.asked_at, one.made_at), default=None)


def _asked(held: Authorization, kind: Kind) -> AskedVersion:
    """The request that is sent, or asked after."""
    wanted = _last(held) if kind is not Kind.INQUIRY else held.open_request
    if wanted is None:
        raise Refused("Nothing was asked of this payer yet. Record the request first.")
    return wanted


def _earlier(held: Authorization, asked: AskedVersion | None) -> tuple[ReviewRequest, ...]:
    """What was asked before it in the same case; a request that was struck out was not."""
    if asked is None:
        return ()
    moment = (asked.asked_at, asked.made_at)
    before = [one for one in held.asked if one.stands and one.request_id != asked.request_id
              and (one.asked_at, one.made_at) < moment]  # fmt: skip
    return tuple(one.request for one in sorted(before, key=lambda one: (one.asked_at, one.made_at)))


def _request(db: Reading, held: Authorization, stay: Stay, asked: AskedVersion | None, trace: str) -> ReviewRequest:
    """The request with the facts of the stay, in signs that X12 carries."""
    base = asked.request if asked is not None else ReviewRequest(
        event_trace=trace, certification_type=CertificationType.INITIAL, service_level=_level(stay)
    )  # fmt: skip
    first = base.certification_type is CertificationType.INITIAL and asked is not None
    return msgspec.structs.replace(
        base, admitted_on=stay.on(stay.begins), discharged_on=stay.on(stay.discharge_at),
        diagnoses=_diagnoses(db, held.head.encounter_id),
        authorization_number=base.authorization_number if first else base.authorization_number or held.number,
        reference=base.reference or (_reference(held) if not held.number else ""), message=plain(base.message),
    )  # fmt: skip


def _reference(held: Authorization) -> str:
    """The payer's administrative number of its last answer, where it gave no authorization number."""
    told = [(one.received_at, one.reference) for one in held.answers if one.stands and one.reference]
    return max(told, default=(None, ""))[1]


def _level(stay: Stay) -> ServiceLevel:
    """The urgency of the admission (PV1-4, HL7 table 0007: E emergency, U urgent, C elective)."""
    by_type = {
        "U": ServiceLevel.URGENT,
        "C": ServiceLevel.ELECTIVE,
        "3": ServiceLevel.ELECTIVE,
        "2": ServiceLevel.URGENT,
    }
    return by_type.get(stay.admit_type, ServiceLevel.EMERGENCY)


def _diagnoses(db: Reading, encounter_id: uuid.UUID) -> tuple[Diagnosis, ...]:
    """Codes without their dot. The feed marks the admitting one; of the others the first is the principal one."""
    found: list[Diagnosis] = []
    for code, kind in db.rows(lambda code, kind: (code, kind), _DIAGNOSES, (encounter_id, LISTED_DIAGNOSES)):
        others = any(one.role == "principal" for one in found)
        role = "admitting" if kind == "A" else "other" if others else "principal"
        one = Diagnosis(code.replace(".", "").upper(), role)
        if one.code not in [known.code for known in found]:
            found.append(one)
    return tuple(found)


def _parties(exchange: Exchange, stay: Stay) -> Parties:
    hospital = Organization(
        name=exchange.requester_name, qualifier="XX", number=exchange.requester_npi, contact=exchange.contact,
        phone=exchange.phone, fax=exchange.fax,
    )  # fmt: skip
    return Parties(
        payer=Organization(
            name=exchange.payer_name, qualifier=exchange.payer_qualifier, number=exchange.payer_number
        ),
        requester=hospital, facility=hospital, attending=_attending(stay), trace_origin=exchange.trace_origin,
        subscriber=Person(
            family=plain(stay.family), given=plain(stay.given), middle=plain(stay.middle)[:25],
            birth_date=day(stay.birth_text[:8]), sex=stay.sex if stay.sex in ("F", "M") else "U",
            member_id="".join(stay.member_number.split()),
        ),
    )  # fmt: skip


def _attending(stay: Stay) -> Practitioner | None:
    """Named only where the feed's number is an NPI: a payer cannot know a number of the house."""
    family, _, given = stay.attending_name.partition(",")
    try:
        npi = str(Npi(stay.attending_number))
    except Malformed:
        return None
    return Practitioner(family=plain(family), given=plain(given), npi=npi) if family.strip() else None


def _status(stay: Stay, kind: Kind) -> str:
    if stay.discharge_at is None or kind is Kind.ADMISSION:
        return STILL_HERE
    return stay.disposition if len(stay.disposition) <= 2 else ""
