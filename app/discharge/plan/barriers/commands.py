"""Raising a barrier, and what follows until it is out of the way. Every step ends a version and writes another."""

import uuid
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from app.census.united import Subject, held_subject
from app.discharge.plan.events import BarrierChanged, BarrierRaised, BarrierResolved, BarrierStruckOut
from app.discharge.plan.models import Barrier
from app.discharge.plan.rules import BARRIER_LIFE, BARRIER_SAYS_WHY
from app.discharge.plan.terms import BarrierAction, BarrierState
from app.discharge.terms import BarrierKind, Discipline
from app.kernel.days import instant_of
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Key, Name, Words, empty_is_none, past_instant

NOT_THERE = "There is no such barrier, or it lies outside what you may see."
END_OF_DAY = time(23, 59)
"""The due time of a barrier for which only a day is said."""


class RaiseBarrier(BaseModel):
    """Something that stands in the way. Without `began_on` it began now; `discipline` empty is the usual owner."""

    kind: BarrierKind
    detail: Words = ""
    discipline: Annotated[Discipline | None, BeforeValidator(empty_is_none)] = None
    owner_id: Key = None
    owner_name: Name = ""
    due_on: Day = None
    due_time: Clock = None
    on: Day = None
    at: Clock = None


class AmendBarrier(RaiseBarrier):
    """The barrier as it should be recorded."""


class MoveBarrier(BaseModel):
    """A step in the life of a barrier, with what is said of it; `on` and `at` say when it was out of the way."""

    action: BarrierAction
    note: Words = ""
    on: Day = None
    at: Clock = None


def raise_barrier(work: Work, encounter_id: uuid.UUID, ask: RaiseBarrier) -> Barrier:
    """Record what stands in the way. Refused for a begin before the stay or in the future."""
    stay = held_subject(work, encounter_id)
    values = _values(work, stay, ask, None)
    made = work.add(
        Barrier(
            barrier_id=uuid.uuid4(), facility_id=stay.facility_id, encounter_id=stay.encounter_id, **values,
            raised_at=work.now, state=BarrierState.OPEN.value, action=BarrierAction.RAISE.value, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, stay, made, BarrierAction.RAISE)
    return made


def amend_barrier(work: Work, barrier_id: uuid.UUID, ask: AmendBarrier) -> Barrier:
    """Correct words, owner, begin or due time of a barrier that stands in the way."""
    stay, before = _held(work, barrier_id)
    state = after(BARRIER_LIFE, BarrierState(before.state), BarrierAction.AMEND, noun="barrier")
    made = _next(work, before, state, BarrierAction.AMEND, _values(work, stay, ask, before))
    _say(work, stay, made, BarrierAction.AMEND)
    return made


def move_barrier(work: Work, barrier_id: uuid.UUID, ask: MoveBarrier) -> Barrier:
    """One step of its life. Refused where the table has none, and without a sentence where one is needed."""
    stay, before = _held(work, barrier_id)
    state = after(BARRIER_LIFE, BarrierState(before.state), ask.action, noun="barrier")
    if ask.action in BARRIER_SAYS_WHY and len(ask.note) < 3:
        raise Refused("Say why in a few words.", field="note")
    values: dict[str, Any] = {"note": ask.note, "resolved_at": None}
    if ask.action is BarrierAction.RESOLVE:
        at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
        if at < before.began_at:
            raise Refused("This is before the barrier began. Correct the time.", field="at")
        values["resolved_at"] = at
    made = _next(work, before, state, ask.action, values)
    _say(work, stay, made, ask.action)
    return made


def barrier_of(db: Reading, barrier_id: uuid.UUID) -> uuid.UUID:
    """The stay of a barrier; NotFound outside the reader's scope."""
    found: uuid.UUID | None = db.value(
        "select encounter_id from plan_barrier where barrier_id = %s limit 1", (barrier_id,)
    )
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _held(work: Work, barrier_id: uuid.UUID) -> tuple[Subject, Barrier]:
    """The version that stands, with its stay locked first, so that of two people the second sees what the first did."""
    stay = held_subject(work, barrier_of(work, barrier_id))
    key = work.value("select id from plan_barrier where barrier_id = %s and ended_at is null", (barrier_id,))
    return stay, work.lock(Barrier, key, NOT_THERE)


def _values(work: Work, stay: Subject, ask: RaiseBarrier, before: Barrier | None) -> dict[str, Any]:
    if ask.kind is BarrierKind.OTHER and not ask.detail:
        raise Refused("Say in words what stands in the way.", field="detail")
    began = past_instant(ask.on, ask.at, work.now, stay.zone, before.began_at if before else None)
    if stay.start_at is not None and began < stay.start_at:
        raise Refused("This is before the stay began. Correct the day or the time.", field="on")
    if before is not None and began > before.raised_at:
        raise Refused("The barrier was recorded before that time. Correct the day or the time.", field="on")
    due = due_instant(stay, ask.due_on, ask.due_time)
    if due is not None and due < began:
        raise Refused("It would be due before it began. Choose a later time.", field="due_on")
    return {
        "kind": ask.kind.value,
        "detail": ask.detail,
        "discipline": (ask.discipline or ask.kind.usual_owner).value,
        "owner_id": ask.owner_id,
        "owner_name": "" if ask.owner_id else ask.owner_name,
        "began_at": began,
        "due_at": due,
    }


def due_instant(stay: Subject, on: date | None, at: time | None) -> datetime | None:
    """The due instant of a day with or without a time; a time alone says nothing."""
    if on is None:
        if at is not None:
            raise Refused("Write the day too.", field="due_on")
        return None
    return instant_of(on, at or END_OF_DAY, stay.zone)


def _next(work: Work, before: Barrier, state: BarrierState, action: BarrierAction, values: dict[str, Any]) -> Barrier:
    kept = before.model_dump(exclude={"id", "state", "action", "note", "made_at", "made_by", "ended_at"})
    before.ended_at = work.now
    work.session.flush()
    return work.add(
        Barrier(**(kept | values), state=state.value, action=action.value, made_at=work.now,
                made_by=work.who.actor_id)
    )  # fmt: skip


def _say(work: Work, stay: Subject, made: Barrier, action: BarrierAction) -> None:
    about: dict[str, Any] = {
        "facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "patient_id": stay.patient_id,
        "barrier_id": made.barrier_id,
    }  # fmt: skip
    if action in (BarrierAction.RAISE, BarrierAction.REOPEN):
        work.record(BarrierRaised(**about, kind=made.kind))
    elif action is BarrierAction.RESOLVE:
        work.record(BarrierResolved(**about, kind=made.kind))
    elif action is BarrierAction.STRIKE_OUT:
        work.record(BarrierStruckOut(**about, kind=made.kind))
    else:
        work.record(BarrierChanged(**about, action=action.value, state=made.state))
    work.changed(stay.facility_id, stay.encounter_id)
