"""Conferences: opening one, writing what it says of a stay, and the life of what it gives somebody to do."""

import uuid
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, BaseModel, Field

from app.census.united import Subject, held_subject, with_former
from app.discharge.rounds import rules
from app.discharge.rounds.events import ConferenceActionMoved, ConferenceBegun, ConferenceNoted, ConferenceStruckOut
from app.discharge.rounds.models import Conference, ConferenceAction, ConferenceNote
from app.discharge.rounds.terms import ActionState, ActionStep
from app.kernel.days import instant_of
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Clock, Day, Key, Name, Words, one_line, past_instant

NO_CONFERENCE = "There is no such conference, or it lies outside what you may see."
NO_ACTION = "There is no such action, or it lies outside what you may see."
CHANGED = "Somebody changed this just now. Reload the page and look again."
END_OF_DAY = time(17, 0)
"""When something is due whose time of day nobody said."""

Task = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(one_line)]
Why = Annotated[str, Field(max_length=300), AfterValidator(one_line)]


class BeginConference(BaseModel):
    """When a conference of a unit was held, and who took part. Without day and time it begins now."""

    on: Day = None
    at: Clock = None
    people: Annotated[str, Field(max_length=400), AfterValidator(one_line)] = ""


class WriteNote(BaseModel):
    """What the conference said of one stay; empty takes the words away."""

    said: Words = ""


class SetAction(BaseModel):
    """What somebody is to do, and by when. Without a day it is due today."""

    what: Task
    owner: Name = ""
    due_on: Day = None
    due_clock: Clock = None
    conference_id: Key = None


class MoveAction(BaseModel):
    """Another person or another time."""

    owner: Name = ""
    due_on: Day = None
    due_clock: Clock = None


class StepAction(BaseModel):
    """Why something is dropped or struck out; nothing has to be said when it is done."""

    note: Why = ""


def begin_conference(work: Work, place: tuple[int, str], ask: BeginConference, zone: ZoneInfo) -> Conference:
    """Open a conference of a unit; `place` is the facility and the unit's code."""
    facility_id, unit = place
    made = work.add(
        Conference(
            facility_id=facility_id, unit=unit, held_at=past_instant(ask.on, ask.at, work.now, zone, None),
            people=ask.people, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ConferenceBegun(facility_id=facility_id, conference_id=made.id, unit=unit))
    return made


def strike_conference(work: Work, conference_id: uuid.UUID, reason: str) -> Conference:
    """Say that it was recorded by mistake. Refused while it holds words about a stay."""
    held = _conference(work, conference_id)
    if work.value("select 1 from conference_note where conference_id = %s and ended_at is null", (conference_id,)):
        raise Refused("This conference holds notes. Take them away first.")
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, reason
    work.record(ConferenceStruckOut(facility_id=held.facility_id, conference_id=held.id))
    return held


def _conference(work: Work, conference_id: uuid.UUID) -> Conference:
    held = work.lock(Conference, conference_id, NO_CONFERENCE)
    if held.ended_at is not None:
        raise Refused("This conference is struck out.")
    return held


def write_note(work: Work, conference_id: uuid.UUID, encounter_id: uuid.UUID, ask: WriteNote) -> None:
    """Write what the conference said of a stay in the place of what stood. Refused when nothing would change."""
    stay = held_subject(work, encounter_id)
    held = _conference(work, conference_id)
    if held.facility_id != stay.facility_id:
        raise NotFound(NO_CONFERENCE)
    key = work.value(
        "select id from conference_note where conference_id = %s and encounter_id = any(%s) and ended_at is null",
        (conference_id, list(with_former(work, [stay.encounter_id]))),
    )
    before = work.lock(ConferenceNote, key) if key else None
    if (before.said if before else "") == ask.said:
        raise Refused("These are the words that stand already.", field="said")
    if before is not None:
        before.ended_at, before.ended_by = work.now, work.who.actor_id
        work.session.flush()
    if ask.said:
        work.add(
            ConferenceNote(
                facility_id=stay.facility_id, conference_id=conference_id, encounter_id=stay.encounter_id,
                said=ask.said, made_at=work.now, made_by=work.who.actor_id,
            )
        )  # fmt: skip
    work.record(ConferenceNoted(**_about(stay), conference_id=conference_id))
    work.changed(stay.facility_id, stay.encounter_id)


def set_action(work: Work, encounter_id: uuid.UUID, ask: SetAction) -> ConferenceAction:
    """Give somebody something to do for a stay."""
    stay = held_subject(work, encounter_id)
    if ask.conference_id is not None and _conference(work, ask.conference_id).facility_id != stay.facility_id:
        raise NotFound(NO_CONFERENCE)
    state = after(rules.ACTION_LIFE, ActionState.UNSET, ActionStep.SET, noun="action")
    said = _Said(what=ask.what, owner=ask.owner, due_at=_due(work, stay, ask.due_on, ask.due_clock))
    made = _store(work, stay, said, (uuid.uuid4(), ask.conference_id, work.now), state)
    return _moved(work, stay, made, ActionStep.SET)


def move_action(work: Work, action_id: uuid.UUID, ask: MoveAction) -> ConferenceAction:
    """Another person or time; what is not said stays."""
    stay, before = _held(work, action_id)
    state = after(rules.ACTION_LIFE, ActionState(before.state), ActionStep.MOVE, noun="action")
    due = before.due_at if ask.due_on is None else _due(work, stay, ask.due_on, ask.due_clock)
    said = _Said(what=before.what, owner=ask.owner or before.owner, due_at=due)
    if (said.owner, said.due_at) == (before.owner, before.due_at):
        raise Refused("Write another person or another day.", field="owner")
    return _follow(work, stay, before, (said, state, ActionStep.MOVE))


def step_action(work: Work, action_id: uuid.UUID, step: ActionStep, ask: StepAction) -> ConferenceAction:
    """Finish, drop, reopen or strike out. Refused without a reason where one is needed."""
    stay, before = _held(work, action_id)
    state = after(rules.ACTION_LIFE, ActionState(before.state), step, noun="action")
    if step in (ActionStep.DROP, ActionStep.STRIKE_OUT) and len(ask.note) < 3:
        raise Refused("Write why.", field="note")
    said = _Said(what=before.what, owner=before.owner, due_at=before.due_at, note=ask.note)
    return _follow(work, stay, before, (said, state, step))


class _Said(msgspec.Struct, frozen=True):
    """What a version says."""

    what: str
    owner: str
    due_at: datetime
    note: str = ""


def _due(work: Work, stay: Subject, on: date | None, at: time | None) -> datetime:
    """When it is due: the day at its end of work unless a time is said. Refused when that is over."""
    day = on or stay.day(work.now)
    due = instant_of(day, at or END_OF_DAY, stay.zone)
    if at is None and on is None and due <= work.now:
        return instant_of(day, time(23, 59), stay.zone)
    if due <= work.now:
        raise Refused("This time is over already. Write when it is due.", field="due_on")
    return due


def _held(work: Work, action_id: uuid.UUID) -> tuple[Subject, ConferenceAction]:
    """The version that stands, locked with its stay."""
    stay_id = work.value("select encounter_id from conference_action where action_id = %s limit 1", (action_id,))
    if stay_id is None:
        raise NotFound(NO_ACTION)
    stay = held_subject(work, stay_id)
    key = work.value("select id from conference_action where action_id = %s and ended_at is null", (action_id,))
    return stay, work.lock(ConferenceAction, key, NO_ACTION)


def _follow(
    work: Work, stay: Subject, before: ConferenceAction, fresh: tuple[_Said, ActionState, ActionStep]
) -> ConferenceAction:
    said, state, step = fresh
    before.ended_at, before.ended_by = work.now, work.who.actor_id
    work.session.flush()
    made = _store(work, stay, said, (before.action_id, before.conference_id, before.set_at), state)
    return _moved(work, stay, made, step)


def _store(
    work: Work, stay: Subject, said: _Said, of: tuple[uuid.UUID, uuid.UUID | None, datetime], state: ActionState
) -> ConferenceAction:
    action_id, conference_id, set_at = of
    return work.add(
        ConferenceAction(
            facility_id=stay.facility_id, action_id=action_id, encounter_id=stay.encounter_id,
            conference_id=conference_id, what=said.what, owner=said.owner, due_at=said.due_at, state=state.value,
            set_at=set_at, note=said.note, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip


def _moved(work: Work, stay: Subject, made: ConferenceAction, step: ActionStep) -> ConferenceAction:
    work.record(ConferenceActionMoved(**_about(stay), action_id=made.action_id, step=step.value))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _about(stay: Subject) -> dict[str, Any]:
    return {"encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id}
