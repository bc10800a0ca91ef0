"""What the clocks learn from payers: requests and answers that stand, the end of what is authorized, contacts."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, Line, RecordKind
from app.kernel.days import local_day, start_of_day
from app.payers.authorizations.queries import Kept, kept
from app.payers.directory.queries import PayerOf, payers_of
from app.payers.directory.rules import extension_in_time
from app.payers.requests.rules import DECIDES
from app.payers.requests.terms import CertificationType
from app.platform.work import Reading
from app.regulations import NotInForce, in_force

RULES = frozenset({"PY-NOTIFY", "PY-72", "PY-7", "PY-ERISA-CC", "PY-EXTEND", "PY-FOLLOW"})
"""Rules whose closing record is made here."""


class _Asked(msgspec.Struct):
    encounter_id: uuid.UUID
    authorization_id: uuid.UUID
    payer_code: str
    payer_name: str
    certification_type: str
    expedited: bool
    first_day: date | None
    asked_at: datetime
    timezone: str


class _Answer(msgspec.Struct):
    encounter_id: uuid.UUID
    authorization_id: uuid.UUID
    action: str
    received_at: datetime


class _Contact(msgspec.Struct):
    encounter_id: uuid.UUID
    contact_id: uuid.UUID
    payer: str
    at: datetime
    notified: bool
    follow_up_at: datetime | None


_ASKED = """
select r.encounter_id, r.authorization_id, a.payer_code, a.payer_name, r.certification_type, r.expedited, r.first_day,
  r.asked_at, f.timezone
from payer_request r join payer_authorization a on a.id = r.authorization_id join facility f on f.id = r.facility_id
where r.encounter_id = any(%s) and r.ended_at is null and a.ended_at is null
  and r.certification_type <> '3' order by r.asked_at, r.id
"""
_ANSWERS = """
select d.encounter_id, d.authorization_id, d.action, d.received_at
from payer_decision d join payer_authorization a on a.id = d.authorization_id
where d.encounter_id = any(%s) and d.ended_at is null and a.ended_at is null order by d.received_at, d.id
"""
_CONTACTS = """
select c.encounter_id, c.contact_id, coalesce(nullif(c.payer_code, ''), c.payer_name), c.at, c.notified,
  c.follow_up_at
from payer_contact c where c.encounter_id = any(%s) and c.ended_at is null order by c.at, c.id
"""
Facts = tuple[uuid.UUID, Event | Record]


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a query for each kind of record."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    standings = kept(db, encounter_ids)
    asked = db.rows(_Asked, _ASKED, (wanted,))
    payers = payers_of(db, encounter_ids) if asked else {}
    found: dict[uuid.UUID, tuple[list[Event], list[Record]]] = {}
    told = [
        *_of_requests(asked, _Known(belongs, payers)),
        *_of_answers(db.rows(_Answer, _ANSWERS, (wanted,)), belongs),
        *_of_contacts(db.rows(_Contact, _CONTACTS, (wanted,)), belongs),
        *((stay, event) for stay, ones in standings.items() for event in _ends(ones)),
    ]
    for stay, fact in told:
        events, records = found.setdefault(stay, ([], []))
        if isinstance(fact, Event):
            events.append(fact)
        else:
            records.append(fact)
    for stay, (events, records) in found.items():
        yield Lent(stay, tuple(events), tuple(records))


class _Known(msgspec.Struct):
    """What is known of the stays beside their requests."""

    belongs: dict[uuid.UUID, uuid.UUID]
    payers: dict[uuid.UUID, list[PayerOf]]

    def line(self, one: _Asked) -> Line | None:
        """The line of business of the payer that was asked."""
        key = one.payer_code or one.payer_name
        found = self.payers.get(self.belongs[one.encounter_id], [])
        return next((payer.line for payer in found if payer.key == key), None)


def _of_requests(asked: Sequence[_Asked], known: _Known) -> Iterator[Facts]:
    for one in asked:
        stay, subject = known.belongs[one.encounter_id], str(one.authorization_id)
        if one.certification_type == CertificationType.INITIAL:
            yield stay, Record(kind=RecordKind.PAYER_NOTIFICATION, at=one.asked_at)
        if one.certification_type == CertificationType.EXTENSION:
            yield stay, Record(kind=RecordKind.EXTENSION_REQUESTED, at=one.asked_at, subject=subject)
        kind = EventKind.PAYER_EXTENSION_ASKED if _short(one, known) else EventKind.PAYER_REQUEST_RECEIVED
        yield stay, Event(kind=kind, at=one.asked_at, expedited=one.expedited, subject=subject)


def _short(one: _Asked, known: _Known) -> bool:
    """Whether the short answer of ERISA is owed: urgent further days of a commercial plan, asked a day ahead.

    What is authorized ends where the further days begin.
    """
    extends = one.expedited and one.certification_type == CertificationType.EXTENSION
    if not extends or one.first_day is None or known.line(one) is not Line.COMMERCIAL:
        return False
    zone = ZoneInfo(one.timezone)
    try:
        lead = in_force("PY-ERISA-CC", local_day(one.asked_at, zone)).more["asked_by"]
    except NotInForce:
        return False
    return extension_in_time(one.asked_at, start_of_day(one.first_day, zone), lead)


def _of_answers(answers: Sequence[_Answer], belongs: dict[uuid.UUID, uuid.UUID]) -> Iterator[Facts]:
    for one in answers:
        if one.action in DECIDES:
            record = Record(kind=RecordKind.AUTHORIZATION, at=one.received_at, subject=str(one.authorization_id))
            yield belongs[one.encounter_id], record


def _ends(standings: Sequence[Kept]) -> Iterator[Event]:
    """By when further days must be asked, for the authorization of each payer that reaches farthest."""
    seen: set[tuple[str, str]] = set()
    for one in standings:
        payer = (one.payer_code, one.payer_name if not one.payer_code else "")
        if payer in seen or one.through is None:
            continue
        seen.add(payer)
        if one.ask_by is not None and one.known_at is not None:
            subject = str(one.authorization_id)
            yield Event(kind=EventKind.AUTHORIZATION_ENDS, at=one.known_at, until=one.ask_by, subject=subject)


def _of_contacts(contacts: Sequence[_Contact], belongs: dict[uuid.UUID, uuid.UUID]) -> Iterator[Facts]:
    """A follow-up is done by the next contact with the same payer about the stay."""
    for place, one in enumerate(contacts):
        stay = belongs[one.encounter_id]
        if one.notified:
            yield stay, Record(kind=RecordKind.PAYER_NOTIFICATION, at=one.at)
        if one.follow_up_at is None:
            continue
        subject = str(one.contact_id)
        yield stay, Event(kind=EventKind.FOLLOW_UP_SET, at=one.at, until=one.follow_up_at, subject=subject)
        for later in contacts[place + 1 :]:
            if (belongs[later.encounter_id], later.payer) == (stay, one.payer) and later.at > one.at:
                yield stay, Record(kind=RecordKind.PAYER_CONTACT, at=later.at, subject=subject)
                break
