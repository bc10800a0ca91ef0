"""What the clocks learn from the physician advisor: questions, slots and messages, and the answers that stand."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from app.advisor.queries import INTERIM
from app.advisor.rules import OF_TALKS
from app.advisor.terms import EscalationKind, Outcome
from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.platform.work import Reading

RULES = frozenset({"ES-ANSWER", "ES-ATTENDING", "ES-P2P", "UR-2ND", "PY-P2P", "ST-OBS-REVIEW", "MCD-ADM"})
"""Rules whose closing record is made here."""

_TALKS = frozenset(one.value for one in OF_TALKS)


class _Question(msgspec.Struct):
    encounter_id: uuid.UUID
    escalation_id: uuid.UUID
    kind: str
    state: str
    asked_at: datetime
    made_at: datetime
    due_at: datetime | None
    review_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    outcome: str
    decided_at: datetime | None
    slot_at: datetime | None
    slot_made_at: datetime | None


class _Message(msgspec.Struct):
    id: uuid.UUID
    encounter_id: uuid.UUID
    made_at: datetime
    due_at: datetime
    answered_at: datetime | None


_QUESTIONS = """
select x.encounter_id, x.escalation_id, x.kind, x.state, x.asked_at, x.made_at, x.due_at, x.review_id, x.denial_id,
  coalesce(d.outcome, ''), d.decided_at, s.begins_at, s.made_at
from escalation x
  left join escalation_decision d on d.escalation_id = x.escalation_id and d.ended_at is null
    and not (d.outcome = any(%s))
  left join peer_slot s on s.escalation_id = x.escalation_id and s.ended_at is null and s.chosen
where x.encounter_id = any(%s) and x.ended_at is null and x.state not in ('withdrawn', 'struck_out')
"""
_MESSAGES = """
select m.id, m.encounter_id, m.made_at, m.due_at, r.answered_at from attending_message m
  left join attending_reply r on r.message_id = m.id and r.ended_at is null
where m.encounter_id = any(%s) and m.ended_at is null
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by two queries."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    for one in db.rows(_Question, _QUESTIONS, (INTERIM, wanted)):
        events.setdefault(belongs[one.encounter_id], []).extend(_events(one))
        records.setdefault(belongs[one.encounter_id], []).extend(_records(one))
    for asked in db.rows(_Message, _MESSAGES, (wanted,)):
        stay, subject = belongs[asked.encounter_id], str(asked.id)
        event = Event(kind=EventKind.ATTENDING_ASKED, at=asked.made_at, until=asked.due_at, subject=subject)
        events.setdefault(stay, []).append(event)
        if asked.answered_at is not None:
            answer = Record(kind=RecordKind.ATTENDING_ANSWER, at=asked.answered_at, subject=subject)
            records.setdefault(stay, []).append(answer)
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


def _events(one: _Question) -> Iterable[Event]:
    """A talk has its own times; a question that was returned owes nothing until it is answered back."""
    subject = str(one.escalation_id)
    waits = one.kind != EscalationKind.CONCURRENT_DENIAL and one.state != "returned"
    if waits and one.due_at is not None:
        yield Event(kind=EventKind.ESCALATED, at=one.asked_at, until=one.due_at, subject=subject)
    if one.slot_at is not None and one.slot_made_at is not None:
        yield Event(kind=EventKind.P2P_SLOT, at=one.slot_made_at, until=one.slot_at, subject=subject)
    if one.decided_at is not None and one.review_id is not None and one.outcome == Outcome.INPATIENT_SUPPORTED:
        yield Event(kind=EventKind.NEED_SUPPORTED, at=one.decided_at, subject=str(one.review_id))


def _records(one: _Question) -> Iterable[Record]:
    """An answer closes its question, and what the question came from.

    A talk that was not held closes the payer's window too: it is a signed answer with its reason, and nothing is owed
    for the window any more. The outcome stays apart in the record.
    """
    if one.decided_at is None:
        return
    subject, at = str(one.escalation_id), one.decided_at
    if one.outcome in _TALKS:
        yield Record(kind=RecordKind.PEER_TO_PEER, at=at, subject=subject)
        if one.denial_id is not None:
            yield Record(kind=RecordKind.PEER_TO_PEER, at=at, subject=str(one.denial_id))
        if one.kind == EscalationKind.CONCURRENT_DENIAL:
            return
    yield Record(kind=RecordKind.DECISION, at=at, subject=subject)
    if one.review_id is not None:
        yield Record(kind=RecordKind.DECISION, at=at, subject=str(one.review_id))
