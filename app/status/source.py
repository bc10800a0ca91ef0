"""What the clocks learn from status: determinations and who was told, decisions, the claims of a self-denial."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.rules.reviews import STATUS_CHANGE
from app.clocks.terms import EventKind, RecordKind
from app.platform.work import Reading
from app.status.terms import Finding, Question, Told

RULES = frozenset({"UR-NOTICE", "UR-GRACE", "ST-SELFDENY", "ST-OBS-REVIEW"})
"""Rules whose closing record is made here. Deciding on observation is shared with the physician advisor."""


class _Made(msgspec.Struct):
    encounter_id: uuid.UUID
    determination_id: uuid.UUID
    question: str
    finding: str
    determined_at: datetime
    review_id: uuid.UUID | None
    excepted_at: datetime | None
    told: list[str]
    told_at: datetime | None
    hospital_at: datetime | None
    patient_at: datetime | None


_DETERMINATIONS = """
select d.encounter_id, d.determination_id, d.question, d.finding, d.determined_at, d.review_id,
  case when d.state = 'closed' and d.exception <> '' then d.made_at end,
  coalesce((select array_agg(n.told) from determination_notice n
    where n.determination_id = d.determination_id and n.ended_at is null), '{}'),
  (select max(n.delivered_at) from determination_notice n
    where n.determination_id = d.determination_id and n.ended_at is null),
  (select min(n.delivered_at) from determination_notice n
    where n.determination_id = d.determination_id and n.ended_at is null and n.told = 'hospital'),
  (select min(v.delivered_at) from notice_delivery v where v.encounter_id = d.encounter_id and v.kind = 'CC44'
    and v.ended_at is null and v.delivered_at >= d.determined_at)
from determination d
where d.encounter_id = any(%s) and d.ended_at is null and d.finding <> '' and d.state in ('determined', 'closed')
"""
_CHANGES = """
select encounter_id, change_id, completed_at from status_change
where encounter_id = any(%s) and ended_at is null and state = 'completed'
"""
_FILED = """
select encounter_id, said_at from claim_statement
where encounter_id = any(%s) and ended_at is null and statement = 'denial_filed'
"""
_ELSEWHERE = """
select encounter_id, elsewhere_since from admission_expectation
where encounter_id = any(%s) and ended_at is null and elsewhere_since is not null
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a query for each kind of record."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    denied: dict[uuid.UUID, str] = {}
    for one in db.rows(_Made, _DETERMINATIONS, (wanted,)):
        stay = belongs[one.encounter_id]
        events.setdefault(stay, []).extend(_events(one))
        records.setdefault(stay, []).extend(_records(one))
        if one.question == Question.SELF_DENIAL and one.finding == Finding.NOT_NECESSARY:
            denied[stay] = str(one.determination_id)
    for part, change, at in db.rows(_three, _CHANGES, (wanted,)):
        record = Record(kind=RecordKind.DECISION, at=at, subject=str(change))
        records.setdefault(belongs[part], []).append(record)
    for part, at in db.rows(_pair, _FILED, (wanted,)):
        stay = belongs[part]
        if stay in denied:
            filed = Record(kind=RecordKind.CLAIM_FILED, at=at, subject=denied[stay])
            records.setdefault(stay, []).append(filed)
    for part, at in db.rows(_pair, _ELSEWHERE, (wanted,)):
        events.setdefault(belongs[part], []).append(Event(kind=EventKind.CARE_START, at=at))
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


def _pair(stay: uuid.UUID, at: datetime) -> tuple[uuid.UUID, datetime]:
    return stay, at


def _three(stay: uuid.UUID, thing: uuid.UUID, at: datetime) -> tuple[uuid.UUID, uuid.UUID, datetime]:
    return stay, thing, at


def _events(one: _Made) -> Iterable[Event]:
    """A finding that care is necessary starts no clock."""
    if one.finding != Finding.NOT_NECESSARY:
        return
    subject = str(one.determination_id)
    to = STATUS_CHANGE if one.question == Question.ADMISSION else ""
    yield Event(kind=EventKind.UR_DETERMINATION, at=one.determined_at, subject=subject, to=to)
    if one.question == Question.SELF_DENIAL:
        yield Event(kind=EventKind.SELF_DENIAL, at=one.determined_at, subject=subject)
    if one.question == Question.CONTINUED_STAY and one.hospital_at is not None:
        yield Event(kind=EventKind.UR_NOTICE_RECEIVED, at=one.hospital_at, subject=subject)


def _records(one: _Made) -> Iterable[Record]:
    """The finding is a decision, also about the review that led to it; the last of three notices closes the telling."""
    subject = str(one.determination_id)
    yield Record(kind=RecordKind.DECISION, at=one.determined_at, subject=subject)
    if one.review_id is not None:
        yield Record(kind=RecordKind.DECISION, at=one.determined_at, subject=str(one.review_id))
    told, at = {Told(each) for each in one.told}, one.told_at
    if Told.PATIENT not in told and one.patient_at is not None:
        told, at = told | {Told.PATIENT}, max(at or one.patient_at, one.patient_at)
    if told >= set(Told) and at is not None:
        yield Record(kind=RecordKind.DETERMINATION_NOTICES, at=at, subject=subject)
    elif one.excepted_at is not None:
        yield Record(kind=RecordKind.DETERMINATION_NOTICES, at=one.excepted_at, subject=subject)
