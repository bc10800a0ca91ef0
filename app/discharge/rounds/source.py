"""What the clocks learn from rounds: what conferences gave to do, and when complex cases are reviewed."""

import uuid
from collections.abc import Iterable, Sequence

from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.rounds import queries
from app.discharge.rounds.terms import ActionState, CaseStep
from app.platform.work import Reading

RULES = frozenset({"DP-ACTION", "DP-CASE"})
"""Rules whose closing record is made here."""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays. An action that was dropped or struck out is owed by nobody.

    A closed case sets no next review; its last review closes the one before.
    """
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    for one in queries.actions_of(db, encounter_ids):
        if one.state in (ActionState.DROPPED, ActionState.STRUCK_OUT):
            continue
        subject = str(one.action_id)
        set_ = Event(kind=EventKind.ACTION_SET, at=one.set_at, until=one.due_at, subject=subject, party=one.owner)
        events.setdefault(one.encounter_id, []).append(set_)
        if one.state is ActionState.DONE:
            done = Record(kind=RecordKind.ACTION_DONE, at=one.made_at, subject=subject)
            records.setdefault(one.encounter_id, []).append(done)
    for stay, steps in queries.cases_of(db, encounter_ids).items():
        standing = [one for one in steps if one.ended_at is None]
        for step in standing:
            if step.step is CaseStep.REVIEW:
                records.setdefault(stay, []).append(Record(kind=RecordKind.CASE_REVIEWED, at=step.made_at))
        if standing and (last := standing[-1]).due_at is not None:
            set_ = Event(kind=EventKind.CASE_REVIEW_SET, at=last.made_at, until=last.due_at, party=last.owner)
            events.setdefault(stay, []).append(set_)
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))
