"""What the clocks learn from the serious-illness lane: signs to answer, consults to be seen, meetings to hold."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.illness.terms import CaseState
from app.platform.work import Reading

RULES = frozenset({"SI-ANSWER", "SI-CONSULT", "SI-MEETING"})
"""Rules whose closing record is made here."""


class _Case(msgspec.Struct):
    encounter_id: uuid.UUID
    state: str
    round_id: uuid.UUID
    found_at: datetime
    answered_at: datetime | None
    ordered_at: datetime | None
    seen_at: datetime | None


class _Meeting(msgspec.Struct):
    encounter_id: uuid.UUID
    meeting_id: uuid.UUID
    wanted_at: datetime
    planned_at: datetime | None
    held_at: datetime | None


_CASES = """
select c.encounter_id, c.state, c.round_id, c.found_at, c.answered_at, c.ordered_at, c.seen_at from illness_case c
where c.encounter_id = any(%s) and c.ended_at is null order by c.made_at
"""
_MEETINGS = """
select m.encounter_id, m.meeting_id, m.wanted_at, m.planned_at, m.held_at from illness_meeting m
where m.encounter_id = any(%s) and m.ended_at is null and m.state in ('planned', 'held')
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by two queries. Of two numbers of one stay the later case counts, as it
    is answered on the page."""
    belongs = with_former(db, encounter_ids)
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    standing = {belongs[case.encounter_id]: case for case in db.rows(_Case, _CASES, (list(belongs),))}
    for stay, case in standing.items():
        if case.state == CaseState.GONE:
            continue
        subject = str(case.round_id)
        began, done = events.setdefault(stay, []), records.setdefault(stay, [])
        began.append(Event(kind=EventKind.TRIGGER_FOUND, at=case.found_at, subject=subject))
        if case.answered_at is not None:
            done.append(Record(kind=RecordKind.TRIGGER_ANSWER, at=case.answered_at, subject=subject))
        if case.ordered_at is not None:
            began.append(Event(kind=EventKind.CONSULT_ORDERED, at=case.ordered_at, subject=subject))
        if case.seen_at is not None:
            done.append(Record(kind=RecordKind.CONSULT_SEEN, at=case.seen_at, subject=subject))
    for one in db.rows(_Meeting, _MEETINGS, (list(belongs),)):
        stay, subject = belongs[one.encounter_id], str(one.meeting_id)
        if one.planned_at is not None:
            wanted = Event(kind=EventKind.MEETING_WANTED, at=one.wanted_at, until=one.planned_at, subject=subject)
            events.setdefault(stay, []).append(wanted)
        if one.held_at is not None:
            records.setdefault(stay, []).append(Record(kind=RecordKind.MEETING_HELD, at=one.held_at, subject=subject))
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))
