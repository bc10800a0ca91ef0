"""What the clocks learn from reviews: signed reviews, those not met, days that were set, certifications."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.guessing import line_of
from app.clocks.terms import EventKind, Line, RecordKind
from app.kernel.days import end_of_day, start_of_day
from app.platform.work import Reading

RULES = frozenset({"UR-ADM-SCREEN", "UR-CSR", "UR-EXT", "UR-CERT20", "CAH-96", "MCD-CSR"})
"""Rules whose closing record is made here. The physician's decision (UR-2ND) is recorded by the advisor."""
REVIEW_DEEDS = ("UR-ADM-SCREEN", "UR-CSR", "UR-EXT", "MCD-CSR")
CERTIFICATE_DEEDS = ("UR-CERT20", "CAH-96")
_OF_INPATIENTS = ("admission", "continued_stay")


class _Review(msgspec.Struct):
    encounter_id: uuid.UUID
    review_id: uuid.UUID
    kind: str
    outcome: str
    exemption: str
    signed_at: datetime
    next_review_on: date | None
    for_day: date
    failed_at: datetime | None
    timezone: str


class _Payer(msgspec.Struct):
    encounter_id: uuid.UUID
    line: str | None
    payer_name: str
    plan_code: str
    payer_code: str


_REVIEWS = """
select r.encounter_id, r.review_id, r.kind, r.outcome, r.exemption, r.signed_at, r.next_review_on, r.for_day,
  case when r.outcome = 'not_met' and r.exemption = '' then (select min(v.made_at) from review v
    where v.review_id = r.review_id and v.made_at > coalesce((select max(w.made_at) from review w
      where w.review_id = r.review_id and (w.outcome <> 'not_met' or w.exemption <> '')), '-infinity')) end,
  f.timezone
from review r join facility f on f.id = r.facility_id
where r.encounter_id = any(%s) and r.ended_at is null order by r.signed_at, r.review_id
"""
_CERTIFICATES = "select encounter_id, certified_at from certification where encounter_id = any(%s) and ended_at is null"
_PAYERS = """
select c.encounter_id, (select l.line from payer_line l where l.facility_id = c.facility_id
    and l.payer_code = c.payer_code and l.plan_code in (c.plan_code, '') and l.ended_at is null
    order by l.plan_code desc limit 1), c.payer_name, c.plan_code, c.payer_code
from coverage c where c.encounter_id = any(%s)
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a query for each kind of record."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    reviews: dict[uuid.UUID, list[_Review]] = {}
    for one in db.rows(_Review, _REVIEWS, (wanted,)):
        reviews.setdefault(belongs[one.encounter_id], []).append(one)
    records: dict[uuid.UUID, list[Record]] = {}
    for stay, at in db.rows(_pair, _CERTIFICATES, (wanted,)):
        records.setdefault(belongs[stay], []).append(Record(kind=RecordKind.CERTIFICATION, at=at))
    medicaid = _of_medicaid(db, list(reviews))
    for stay in {*reviews, *records}:
        made = reviews.get(stay, [])
        yield Lent(
            stay,
            tuple(_events(made, dated=stay in medicaid)),
            (*records.get(stay, ()), *_records(made)),
        )


def _pair(stay: uuid.UUID, at: datetime) -> tuple[uuid.UUID, datetime]:
    return stay, at


def _of_medicaid(db: Reading, stays: list[uuid.UUID]) -> set[uuid.UUID]:
    """Stays that Medicaid itself pays for: only for those is a continued-stay date assigned, 42 CFR 456.128."""
    if not stays:
        return set()
    return {
        one.encounter_id
        for one in db.rows(_Payer, _PAYERS, (stays,))
        if (one.line or line_of(one.payer_name, one.plan_code, one.payer_code)) == Line.MEDICAID_FFS
    }


def _records(made: Sequence[_Review]) -> Iterable[Record]:
    """Each review is one; one of an inpatient that is met also is the decision that the stay goes on."""
    for place, one in enumerate(made):
        if not _catches_up(made, place):
            yield Record(kind=RecordKind.REVIEW, at=one.signed_at, subject=str(one.review_id))
        if one.outcome == "met" and one.kind in _OF_INPATIENTS:
            yield Record(kind=RecordKind.DECISION, at=one.signed_at, subject=str(one.review_id))


def _catches_up(made: Sequence[_Review], place: int) -> bool:
    """Whether a review is about a day before one that was reviewed already: it does nothing for the next one."""
    one = made[place]
    return one.kind != "admission" and any(one.for_day < earlier.for_day for earlier in made[:place])


def _is_met(one: _Review) -> bool:
    return one.outcome == "met" or one.exemption != ""


def _events(made: Sequence[_Review], *, dated: bool) -> Iterable[Event]:
    for place, one in enumerate(made):
        zone, subject = ZoneInfo(one.timezone), str(one.review_id)
        if one.failed_at is not None:
            yield Event(kind=EventKind.SCREEN_NOT_MET, at=one.failed_at, subject=subject, through=one.for_day)
            met = (later.signed_at for later in made[place + 1 :] if later.for_day == one.for_day and _is_met(later))
            if (supported_at := next(met, None)) is not None:
                yield Event(kind=EventKind.NEED_SUPPORTED, at=supported_at, subject=subject)
        if one.next_review_on is None or _catches_up(made, place):
            continue
        until = end_of_day(one.next_review_on, zone)
        yield Event(kind=EventKind.NEXT_REVIEW_DAY, at=one.signed_at, until=until, subject=subject)
        if dated and one.kind in _OF_INPATIENTS:
            # Closed by what was decided on that date: the next review when it is met, else its physician's decision.
            following = next((later for later in made[place + 1 :] if later.kind in _OF_INPATIENTS), None)
            subject = str(following.review_id) if following is not None else f"after {subject}"
            at = start_of_day(one.next_review_on, zone)
            yield Event(kind=EventKind.CONTINUED_STAY_DATE, at=at, subject=subject)
