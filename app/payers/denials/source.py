"""What the clocks learn from denials: levels of appeal that are open, appeals that were sent, arrivals confirmed.

The first notice has the key of the denial as its subject, since a talk about it has the same. Later levels add their
number. A denial that was closed before its level was appealed to owes nothing at that level any more.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, Line, RecordKind
from app.kernel.days import local_day
from app.kernel.deadlines import Allowance
from app.payers.denials import queries
from app.payers.denials.appeals.course import Course, Law, Opening, walked
from app.payers.denials.appeals.rules import FILED, Contract, of_days
from app.payers.denials.appeals.terms import AppealState
from app.payers.denials.queries import AppealVersion, DenialVersion
from app.payers.denials.rules import AT_WORK, NO_TALK, PAYMENT_DISPUTES, law_of
from app.payers.denials.terms import DenialKind, DenialState
from app.payers.directory.queries import payers_of
from app.platform.work import Reading

FILING_RULES = ("PY-RECON", "PY-L1", "PY-L2", "PY-L3", "PY-L4", "PY-L5", "PY-APPEAL")
"""Rules that an appeal closes."""
RULES = frozenset({*FILING_RULES, "PY-VERIFY"})
"""Rules whose closing record is made here."""
_K, _R = EventKind, RecordKind
_MOMENT = timedelta(seconds=1)
_EVENTS = {
    "PY-RECON": _K.PLAN_DENIAL_NOTICE,
    "PY-L1": _K.INITIAL_DETERMINATION_DENIED,
    "PY-L2": _K.REDETERMINATION_DECIDED,
    "PY-L3": _K.RECONSIDERATION_DECIDED,
    "PY-L4": _K.JUDGE_DECIDED,
    "PY-L5": _K.COUNCIL_DECIDED,
}


class _Place(msgspec.Struct):
    id: int
    timezone: str


class _Card(msgspec.Struct):
    facility_id: int
    payer_code: str
    appeal_days: list[int]
    begins: date
    ends: date | None


_CARDS = """
select c.facility_id, c.payer_code, c.appeal_days, c.begins, c.ends from payer_card c
where c.facility_id = any(%s) and c.payer_code = any(%s) and c.ended_at is null
order by c.payer_code, c.begins desc, c.made_at desc
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by the same few queries for one as for all."""
    belongs = with_former(db, encounter_ids)
    found = [one for one in queries.standing(db, list(belongs)) if one.state != DenialState.STRUCK_OUT]
    if not found:
        return
    known = _Known(db, found, belongs)
    appeals: dict[uuid.UUID, list[AppealVersion]] = {}
    for appeal in queries.appeals(db, [one.denial_id for one in found]):
        appeals.setdefault(appeal.denial_id, []).append(appeal)
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    for one in found:
        stay, law = belongs[one.encounter_id], known.law(one)
        course = walked(one, law, appeals.get(one.denial_id, []))
        events.setdefault(stay, []).extend(_events(one, course, law))
        records.setdefault(stay, []).extend(_records(one, course))
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


class _Known:
    """Payers of the stays, the contracts of these payers, the zones of their hospitals."""

    def __init__(self, db: Reading, found: Sequence[DenialVersion], belongs: dict[uuid.UUID, uuid.UUID]) -> None:
        facilities = sorted({one.facility_id for one in found})
        codes = sorted({one.payer_code for one in found if one.payer_code})
        self._belongs = belongs
        self._zones = {
            place.id: ZoneInfo(place.timezone)
            for place in db.rows(_Place, "select id, timezone from facility where id = any(%s)", (facilities,))
        }
        self._cards = db.rows(_Card, _CARDS, (facilities, codes))
        self._payers = payers_of(db, sorted(set(belongs.values()), key=str))

    def law(self, one: DenialVersion) -> Law:
        """What says how it is appealed. What the card does not say is the clocks' own term or the usual one."""
        zone = self._zones[one.facility_id]
        key = one.payer_code or one.payer_name
        payers = self._payers.get(self._belongs[one.encounter_id], [])
        line = next((payer.line for payer in payers if payer.key == key), None)
        return Law(law_of(line, DenialKind(one.kind)), Contract(self._days(one, local_day(one.notice_at, zone))), zone)

    def _days(self, one: DenialVersion, on: date) -> list[Allowance]:
        for card in self._cards:
            same = (card.facility_id, card.payer_code) == (one.facility_id, one.payer_code)
            if same and card.begins <= on and (card.ends is None or on <= card.ends):
                return [of_days(days) for days in card.appeal_days]
        return []


def _events(one: DenialVersion, course: Course, law: Law) -> Iterator[Event]:
    """Notices and levels that are open or were appealed to, and appeals on their way."""
    for opening in course.openings:
        number = opening.level.number
        filed = any(appeal.level == number and _filed(appeal) for appeal in course.appeals)
        if opening.level.automatic or not (filed or (_worked(one) and opening.enough)):
            continue
        kind = _EVENTS.get(opening.level.rule)
        if kind is None:
            until = opening.until if number > 1 or law.contract.at(number) or law.line in _BY_LAW else None
            yield Event(kind=_K.APPEAL_LEVEL_OPEN, at=opening.at, until=until, subject=subject_of(one, number))
        elif kind is not _K.PLAN_DENIAL_NOTICE:
            yield _notice(kind, opening, subject_of(one, number))
    first = course.openings[0] if course.openings else None
    if first is not None and _tells_of_plan(one, first, course, law):
        yield _notice(_K.PLAN_DENIAL_NOTICE, first, str(one.denial_id))
    for appeal in course.appeals:
        if appeal.sent_at is not None and appeal.state != AppealState.WITHDRAWN:
            yield Event(kind=_K.APPEAL_SENT, at=appeal.sent_at, subject=str(appeal.appeal_id))


_BY_LAW = frozenset({Line.MEDICAID_MCO, Line.MEDICAID_FFS})


def _tells_of_plan(one: DenialVersion, first: Opening, course: Course, law: Law) -> bool:
    """Whether the notice of a plan opens a talk, or a reconsideration by the plan.

    Original Medicare speaks with nobody. Under Medicare Advantage the notice also opens the reconsideration, so that
    what the contract alone decides must not say it.
    """
    kind = DenialKind(one.kind)
    if law.line in (Line.MEDICARE_FFS, Line.SELF_PAY) or kind in NO_TALK:
        return False
    appealed = any(_filed(appeal) for appeal in course.appeals)
    if first.level.rule == "PY-RECON":
        return _worked(one) or appealed
    if kind in PAYMENT_DISPUTES and law.line is Line.OTHER:
        return False
    return _worked(one) or appealed or one.talk_outcome != ""


def _records(one: DenialVersion, course: Course) -> Iterator[Record]:
    """Appeals that left the house, and arrivals that were confirmed; a decision confirms the arrival too."""
    for appeal in course.appeals:
        if appeal.sent_at is None or not _filed(appeal):
            continue
        yield Record(kind=_R.APPEAL, at=appeal.sent_at, subject=subject_of(one, appeal.level))
        arrived = min(filter(None, (appeal.verified_at, appeal.decided_at)), default=None)
        if arrived is not None:
            yield Record(kind=_R.APPEAL_VERIFIED, at=_after(arrived, appeal.sent_at), subject=str(appeal.appeal_id))


def _after(at: datetime, sent_at: datetime) -> datetime:
    """An arrival of the same instant as the sending is evidence too; the rule wants it later."""
    return at if at > sent_at else sent_at + _MOMENT


def subject_of(one: DenialVersion, number: int) -> str:
    """By what the obligation of a level is known."""
    return str(one.denial_id) if number == 1 else f"{one.denial_id}:{number}"


def _notice(kind: EventKind, opening: Opening, subject: str) -> Event:
    return Event(kind=kind, at=opening.at, received_on=opening.received_on, subject=subject)


def _filed(appeal: AppealVersion) -> bool:
    return AppealState(appeal.state) in FILED


def _worked(one: DenialVersion) -> bool:
    return DenialState(one.state) in AT_WORK
