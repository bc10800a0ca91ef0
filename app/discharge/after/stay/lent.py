"""What the days after discharge lend to others: lines of the hand-off, sections of packets, what changed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.census.united import subject
from app.discharge.after import queries, rules
from app.discharge.after.calls.showing import next_words
from app.discharge.after.programs.queries import handoffs_of
from app.discharge.after.programs.showing import facts
from app.discharge.after.readmitted.queries import earlier_stays
from app.discharge.after.terms import ProgramState
from app.kernel.wording import full_text
from app.platform.work import Reading
from app.web.changes import Change
from app.web.packets import Block, Section, Table

PLACE = 95
_OVER = (ProgramState.WITHDRAWN, ProgramState.STRUCK_OUT, ProgramState.DECLINED)


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """What the hand-off between colleagues says: what is open after a discharge, whom it follows, which program."""
    found: dict[uuid.UUID, list[str]] = {}
    for one in earlier_stays(db, stays).values():
        found.setdefault(one.encounter_id, []).append(f"Readmitted day {one.days}")
    for issue in queries.issues_of(db, stays):
        if issue.state in rules.STANDING_ISSUE:
            who = f" ({issue.owner})" if issue.owner else ""
            found.setdefault(issue.encounter_id, []).append(f"From the call: {issue.what}{who}")
    for handoff in handoffs_of(db, stays):
        if handoff.state not in _OVER:
            line = f"{handoff.kind.label}, {handoff.program}: {handoff.state.label}"
            found.setdefault(handoff.encounter_id, []).append(line)
    return found


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """What a packet says: calls, what is to be settled, programs that take over."""
    stay = subject(db, encounter_id)
    blocks = []
    calls = [
        (full_text(one.at, stay.zone), one.outcome.label, one.note, next_words(one, stay.zone, db.now))
        for one in queries.calls_of(db, [stay.encounter_id])
    ]
    if calls:
        blocks.append(Block("Calls", table=Table(("When", "Reached", "Note", "Next"), calls)))
    issues = [
        (one.what, one.owner, full_text(one.due_at, stay.zone), one.state.label)
        for one in queries.issues_of(db, [stay.encounter_id]) if one.state in rules.STANDING_ISSUE
    ]  # fmt: skip
    if issues:
        blocks.append(Block("To settle", table=Table(("What", "Who", "By", "State"), issues)))
    for one in handoffs_of(db, [stay.encounter_id]):
        if one.state not in _OVER:
            said = [("State", one.state.label), *facts(one, stay.zone, db.now)]
            blocks.append(Block(f"{one.kind.label}: {one.program}", facts=said))
    return [Section("follow_up", "After the discharge", PLACE, blocks)] if blocks else []


def follow_up_changes(db: Reading, encounter_id: uuid.UUID, since_when: datetime) -> Sequence[Change]:
    """What of the days after discharge was recorded since an instant."""
    stay = subject(db, encounter_id)
    found = [
        Change("Call after discharge", one.outcome.label, one.made_at)
        for one in queries.calls_of(db, [stay.encounter_id]) if one.made_at > since_when
    ]  # fmt: skip
    found += [
        Change(one.what, one.state.label, one.made_at)
        for one in queries.issues_of(db, [stay.encounter_id]) if one.made_at > since_when
    ]  # fmt: skip
    return found
