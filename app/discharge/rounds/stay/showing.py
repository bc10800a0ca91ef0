"""What conferences and reviews said of one stay, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.census.united import Subject, subject
from app.discharge.rounds import queries, rules
from app.discharge.rounds.queries import ActionVersion, CaseVersion
from app.discharge.rounds.terms import ActionState, CaseState, CaseStep
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, full_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

PLACE = 83
_TONES = {ActionState.OPEN: ("amber", "clock"), ActionState.DONE: ("green", "check")}


def stay_context(db: Reading, stay: Subject) -> dict[str, Any]:
    """The part of the tab about conferences: `rounds`."""
    zone, now = stay.zone, db.now
    versions = queries.actions_of(db, [stay.encounter_id], ended=True)
    steps = queries.cases_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    state = queries.case_state(steps)
    notes = queries.notes_of(db, stay.encounter_id)
    return {
        "rounds": {
            "actions": [action_words(one, zone, now) for one in versions if one.ended_at is None],
            "notes": [
                {"when": dated_text(one.held_at, zone, now), "unit": one.unit, "people": one.people, "said": one.said,
                 "by": f"written {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}",
                 "stands": one.ended_at is None,
                 "ended": f"taken away {dated_text(one.ended_at, zone, now)}" if one.ended_at else ""}
                for one in notes
            ],
            "case": {
                "state": state.label,
                "listed": state in (CaseState.WAITING, CaseState.REVIEWED),
                "steps": [case_words(one, zone, now) for one in reversed(steps)],
                "back": any(one.ended_at is None for one in steps),
                "may": [step.value for step in actions(rules.CASE_LIFE, state)],
            },
        }
    }  # fmt: skip


def action_words(one: ActionVersion, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Something to do: what, who, by when, how it stands."""
    tone, picture = _TONES.get(one.state, ("gray", "x"))
    late = one.state is ActionState.OPEN and one.due_at < now
    return {
        "id": str(one.action_id),
        "what": one.what,
        "owner": one.owner,
        "due": dated_text(one.due_at, zone, now),
        "due_full": full_text(one.due_at, zone),
        "chip": {"text": "overdue" if late else one.state.label, "tone": "red" if late else tone, "icon": picture},
        "note": one.note,
        "by": f"{one.state.label} {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}",
        "stands": one.state is not ActionState.STRUCK_OUT,
        "open": one.state is ActionState.OPEN,
        "may": [step.value for step in actions(rules.ACTION_LIFE, one.state)],
    }


def case_words(one: CaseVersion, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """A step of the review of a case."""
    what = {CaseStep.PUT_ON: "Put on the list", CaseStep.REVIEW: "Reviewed", CaseStep.CLOSE: "Closed"}[one.step]
    facts = [("Owner", one.owner), ("In the way", one.barrier), ("Next step", one.next_step), ("Note", one.note),
             ("Next review", dated_text(one.due_at, zone, now) if one.due_at else "")]  # fmt: skip
    return {
        "what": what,
        "when": dated_text(one.made_at, zone, now),
        "by": one.made_by or "the program",
        "facts": [(label, text) for label, text in facts if text],
        "stands": one.ended_at is None,
        "ended": f"taken back {dated_text(one.ended_at, zone, now)}" if one.ended_at else "",
    }


def brief_lines(db: Reading, stays: Sequence[UUID]) -> Mapping[UUID, Sequence[str]]:
    """What the hand-off between colleagues says: what is still to be done."""
    found: dict[UUID, list[str]] = {}
    for one in queries.actions_of(db, stays):
        if one.state is ActionState.OPEN:
            who = f" ({one.owner})" if one.owner else ""
            found.setdefault(one.encounter_id, []).append(f"From the conference: {one.what}{who}")
    return found


def sections(db: Reading, encounter_id: UUID) -> Sequence[Section]:
    """What a packet says of rounds: what is still to be done after the patient has left."""
    stay = subject(db, encounter_id)
    rows = [
        (one.what, one.owner, full_text(one.due_at, stay.zone))
        for one in queries.actions_of(db, [stay.encounter_id]) if one.state is ActionState.OPEN
    ]  # fmt: skip
    if not rows:
        return []
    return [Section("actions", "Still to be done", PLACE, [Block(table=Table(("What", "Who", "By"), rows))])]
