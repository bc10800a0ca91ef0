"""Asking the payer of the stay to authorize care after the hospital, and recording what it decided."""

import uuid
from datetime import date, datetime, time
from typing import Any

from app.census.united import Subject, held_subject, subject
from app.discharge.booking import queries
from app.discharge.booking.asks import AskPayer, Decide
from app.discharge.booking.commands import follow_decision, wait_again
from app.discharge.booking.events import PostAcuteAsked, PostAcuteDecided
from app.discharge.booking.models import PostAcuteAuthorization
from app.discharge.booking.rules import DECIDING, DECISION_LIFE, check_decision
from app.discharge.booking.terms import DecisionAction, DecisionState
from app.discharge.terms import CareType
from app.kernel.days import instant_of
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import past_instant

NOT_THERE = "There is no such request to a payer, or it lies outside what you may see."
NO_PAYER = "No payer of this stay is known. It can be asked once the feed has named one."
_D, _A = DecisionState, DecisionAction
_ANSWERS = {_D.APPROVED: _A.APPROVE, _D.DENIED: _A.DENY, _D.NOT_REQUIRED: _A.SAY_NOT_REQUIRED}
_PAYERS = """
select payer_code, coalesce(nullif(payer_name, ''), payer_code) from coverage where encounter_id = %s order by rank
"""
_CURRENT = """
select id from post_acute_authorization where authorization_id = %s
order by (ended_at is null) desc, made_at desc, id desc limit 1
"""
_KEPT = (
    "facility_id", "authorization_id", "encounter_id", "booking_id", "care_type", "payer_code", "payer_name",
    "expedited", "asked_at", "due_at", "decided_at", "decided_by", "payer_number", "first_day", "days", "reason",
)  # fmt: skip


def payers(db: Reading, encounter_id: uuid.UUID) -> list[tuple[str, str]]:
    """Code and name of the payers of a stay, the first one first."""
    return db.rows(lambda code, name: (code, name), _PAYERS, (encounter_id,))


def ask_payer(work: Work, encounter_id: uuid.UUID, ask: AskPayer) -> PostAcuteAuthorization:
    """Record that a payer was asked. Refused while a request for the same care waits for its answer."""
    stay = held_subject(work, encounter_id)
    code, name = _payer(work, stay, ask.payer)
    for one in queries.requests(work, [stay.encounter_id]):
        if one.care_type is ask.care_type and one.state is _D.REQUESTED:
            raise Refused("This payer is asked already. Record its answer, or withdraw the request.", field="care_type")
    asked_at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    due_at = _due(ask.due_on, ask.due_at, stay)
    if due_at is not None and due_at <= asked_at:
        raise Refused("The payer decides after it was asked. Correct one of the times.", field="due_on")
    given = {
        "facility_id": stay.facility_id, "authorization_id": uuid.uuid4(), "encounter_id": stay.encounter_id,
        "care_type": ask.care_type.value, "payer_code": code, "payer_name": name, "expedited": ask.expedited,
        "asked_at": asked_at, "due_at": due_at, "reason": ask.reason,
    }  # fmt: skip
    made = _store(work, given, _D.REQUESTED)
    work.record(PostAcuteAsked(expedited=ask.expedited, **_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def decide(work: Work, authorization_id: uuid.UUID, ask: Decide) -> PostAcuteAuthorization:
    """Record what the payer answered; bookings that wait for it follow."""
    held, stay = _held(work, authorization_id)
    action = _ANSWERS.get(ask.state)
    if action is None:
        raise Refused("Choose what the payer answered.", field="state")
    state = after(DECISION_LIFE, _D(held.state), action, noun="request")
    decided_at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    if decided_at < held.asked_at:
        raise Refused("The answer came before the payer was asked. Correct the day or the time.", field="on")
    check_decision(ask.days, ask.reason, state)
    given = {
        "decided_at": decided_at, "decided_by": ask.decided_by, "payer_number": ask.payer_number,
        "first_day": ask.first_day, "days": ask.days, "reason": ask.reason,
    }  # fmt: skip
    made = _next(work, stay, held, given, state)
    if state in DECIDING:
        follow_decision(work, stay, CareType(made.care_type), DECIDING[state])
    return made


def ask_again(work: Work, authorization_id: uuid.UUID, reason: str) -> PostAcuteAuthorization:
    """Ask anew after a denial, with what is to be shown; the payer's time begins again."""
    held, stay = _held(work, authorization_id)
    state = after(DECISION_LIFE, _D(held.state), _A.ASK_AGAIN, noun="request")
    given = {
        "asked_at": work.now, "due_at": None, "decided_at": None, "decided_by": "", "days": None, "reason": reason,
    }  # fmt: skip
    return _next(work, stay, held, given, state)


def end_request(work: Work, authorization_id: uuid.UUID, action: DecisionAction, reason: str) -> PostAcuteAuthorization:
    """Withdraw a request, or strike out one that was recorded by mistake: what its answer moved waits again."""
    held, stay = _held(work, authorization_id)
    state = after(DECISION_LIFE, _D(held.state), action, noun="request")
    if len(reason) < 3:
        raise Refused("Say in a few words why.", field="reason")
    made = _next(work, stay, held, {"reason": reason}, state)
    if action is _A.STRIKE_OUT and _D(held.state) in DECIDING:
        wait_again(work, stay, CareType(made.care_type))
    return made


def _payer(work: Work, stay: Subject, named: str) -> tuple[str, str]:
    """The payer of the stay that a form names, else the first."""
    known = payers(work, stay.encounter_id)
    if not known:
        raise Refused(NO_PAYER, field="payer")
    for code, name in known:
        if named in ("", code):
            return code, name
    raise Refused("The stay has no such payer. Choose one of the list.", field="payer")


def _due(on: date | None, at: time | None, stay: Subject) -> datetime | None:
    """Until when the payer said it decides; without an hour the end of the day."""
    if on is None:
        if at is not None:
            raise Refused("Write the day too.", field="due_on")
        return None
    return instant_of(on, at or time(23, 59, 59), stay.zone)


def stay_of(db: Reading, authorization_id: uuid.UUID) -> uuid.UUID:
    """The stay of a request; NotFound outside the reach of whoever asks."""
    query = "select encounter_id from post_acute_authorization where authorization_id = %s limit 1"
    found = db.value(query, (authorization_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return subject(db, found).encounter_id


def _held(work: Work, authorization_id: uuid.UUID) -> tuple[PostAcuteAuthorization, Subject]:
    key = work.value(_CURRENT, (authorization_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    stay = held_subject(work, stay_of(work, authorization_id))
    held = work.lock(PostAcuteAuthorization, key, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("Somebody changed this request just now. Reload the page and look again.")
    return held, stay


def _next(
    work: Work, stay: Subject, held: PostAcuteAuthorization, given: dict[str, Any], state: DecisionState
) -> PostAcuteAuthorization:
    values = {name: getattr(held, name) for name in _KEPT} | given
    held.ended_at = work.now
    work.session.flush()
    made = _store(work, values, state)
    work.record(PostAcuteDecided(state=state.value, **_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _store(work: Work, values: dict[str, Any], state: DecisionState) -> PostAcuteAuthorization:
    row = PostAcuteAuthorization(**values, state=state.value, made_at=work.now, made_by=work.who.actor_id)
    return work.add(row)


def _about(stay: Subject, made: PostAcuteAuthorization) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "authorization_id": made.authorization_id, "care_type": made.care_type,
    }  # fmt: skip
