"""Stating readiness and the discharge order, and striking a statement out. Nothing is rewritten."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.census.united import Subject, held_subject
from app.discharge.ready import rules
from app.discharge.ready.events import (
    DischargeOrdered,
    DischargeOrderWithdrawn,
    MedicallyReady,
    NoLongerReady,
)
from app.discharge.ready.models import ReadinessStatement
from app.discharge.ready.queries import standing
from app.discharge.ready.rules import Bounds, Stated
from app.discharge.ready.terms import Lane, StatementKind
from app.kernel.entered import true_time
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Name, Words

NOT_THERE = "There is no such statement, or it lies outside what you may see."


class State(BaseModel):
    """A statement. Without day and time it is made now; both are the facility's.

    `physician` is who said it; empty for a physician who states it in person.
    """

    kind: StatementKind
    on: Day = None
    at: Clock = None
    physician: Name = ""
    reason: Words = ""


class StrikeStatement(BaseModel):
    """Why a statement does not count."""

    reason: Annotated[str, Field(min_length=3, max_length=300)]


def state(work: Work, encounter_id: uuid.UUID, ask: State, *, own: bool) -> ReadinessStatement:
    """Record what a physician says: in person (`own`), or told to whoever records it.

    Refused without the physician's name, for a time that cannot be, or for what contradicts what stands.
    """
    stay = held_subject(work, encounter_id)
    if not own and not ask.physician:
        raise Refused("Write which physician said it.", field="physician")
    said = Stated(ask.kind, true_time(ask.on, ask.at, work.now, stay.zone))
    rules.check(said, ask.reason, standing(work, [stay.encounter_id]).get(stay.encounter_id, ()), _bounds(work, stay))
    made = work.add(
        ReadinessStatement(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, kind=ask.kind.value, at=said.at,
            physician=_own_name(work) if own else ask.physician, on_word=not own, reason=ask.reason, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, stay, made, ask.kind, "cleared")
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_out(work: Work, statement_id: uuid.UUID, ask: StrikeStatement, *, own: bool) -> ReadinessStatement:
    """Say that a statement was a mistake. With `own` only one that the same person made.

    Refused for one on which a later statement stands.
    """
    found = work.get(ReadinessStatement, statement_id, NOT_THERE)
    stay = held_subject(work, found.encounter_id)
    found = work.lock(ReadinessStatement, statement_id, NOT_THERE)
    if own and found.made_by != work.who.actor_id:
        raise Refused("Somebody else recorded this. Ask them, or the case manager, to strike it out.")
    if found.ended_at is not None:
        raise Refused("This statement is struck out already. Reload the page.")
    kind = StatementKind(found.kind)
    rules.may_strike(Stated(kind, found.at), standing(work, [stay.encounter_id]).get(stay.encounter_id, ()))
    found.ended_at, found.ended_by, found.ended_reason = work.now, work.who.actor_id, ask.reason
    work.session.flush()
    lane = rules.LANE[kind]
    other = rules.ENDS[lane] if kind is rules.BEGINS[lane] else rules.BEGINS[lane]
    _say(work, stay, found, other, "struck_out")
    work.changed(stay.facility_id, stay.encounter_id)
    return found


def statement_of(db: Reading, statement_id: uuid.UUID) -> uuid.UUID:
    """The stay of a statement; NotFound outside the reader's scope."""
    found: uuid.UUID | None = db.value("select encounter_id from readiness where id = %s", (statement_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _say(work: Work, stay: Subject, made: ReadinessStatement, effect: StatementKind, because: str) -> None:
    """Record the effect: a statement has its own, one that is struck out has the opposite one, at what holds again."""
    standing_now = standing(work, [stay.encounter_id]).get(stay.encounter_id, ())
    lane: Lane = rules.LANE[effect]
    at: datetime = rules.since(standing_now, lane) or made.at
    shared: dict[str, Any] = {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "statement_id": made.id, "at": at,
    }  # fmt: skip
    if effect is StatementKind.READY:
        work.record(MedicallyReady(**shared))
    elif effect is StatementKind.NOT_READY:
        work.record(NoLongerReady(**shared, because=because))
    elif effect is StatementKind.ORDERED:
        work.record(DischargeOrdered(**shared))
    else:
        work.record(DischargeOrderWithdrawn(**shared))


def _bounds(work: Work, stay: Subject) -> Bounds:
    departed = work.value(
        "select discharge_at from encounter where id = %s and status = 'discharged'", (stay.encounter_id,)
    )
    return Bounds(work.now, stay.start_at, departed)


def _own_name(work: Work) -> str:
    found = work.value(
        "select concat_ws(', ', display_name, nullif(credentials, '')) from app_user where id = %s",
        (work.who.actor_id,),
    )
    return str(found or work.who.actor)
