"""Whose a stay is: assign, take, give back, undo. A stay has at most one owner; every change keeps the one before."""

import uuid

import msgspec
from pydantic import BaseModel
from sqlmodel import select

from app.census.events import EncounterUpdated
from app.census.stay.marks import StayProtected
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.security.models import StayAccess
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.terms import Why
from app.worklists.events import StayAssigned, StayGivenBack
from app.worklists.models import Assignment

NOT_THERE = "There is no such stay, or it lies outside what you may see."
MOST_AT_ONCE = 200


class AssignStay(BaseModel):
    """Give a stay to a person of its facility."""

    to: uuid.UUID


class Subject(msgspec.Struct):
    """A stay whose owner changes."""

    id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    sensitivity: str
    open: bool


def assign(work: Work, encounter_id: uuid.UUID, ask: AssignStay) -> Assignment:
    """Make the stay that person's. Refused when the stay is over or the person may not have stays there."""
    stay = _lock(work, encounter_id)
    if not may_hold(work, ask.to, stay.facility_id):
        raise Refused("This person may not have stays in this facility. Choose another one.", field="to")
    before = _open(work, encounter_id)
    if before is not None and before.user_id == ask.to:
        return before
    return give_to(work, stay, Assignment(user_id=ask.to, why=Why.HAND.value), before)


def take(work: Work, encounter_id: uuid.UUID) -> Assignment:
    """Make a stay that nobody has one's own. Refused when somebody has it."""
    me = work.who.actor_id
    assert me is not None, "only a person takes a stay"
    stay = _lock(work, encounter_id)
    before = _open(work, encounter_id)
    if before is not None and before.user_id == me:
        return before
    if before is not None:
        raise Refused("A colleague has this stay. Take it over for a while, or ask the lead to assign it to you.")
    if not may_hold(work, me, stay.facility_id):
        raise Refused("Your role may not have stays in this facility. Ask an administrator.")
    return give_to(work, stay, Assignment(user_id=me, why=Why.TAKEN.value), None)


def give_back(work: Work, encounter_id: uuid.UUID) -> Assignment:
    """Let go of one's own stay; one that is covered goes back to whom it is covered for.

    Refused when somebody else has it.
    """
    stay = _lock(work, encounter_id, ended_too=True)
    held = _open(work, encounter_id)
    if held is None:
        raise Refused("Nobody has this stay.")
    if held.user_id != work.who.actor_id:
        raise Refused("A colleague has this stay. Only they or the lead can change that.")
    if held.covers_for is not None and may_hold(work, held.covers_for, stay.facility_id):
        return give_to(work, stay, Assignment(user_id=held.covers_for, why=Why.RETURN.value), held)
    _end(work, stay, held)
    work.record(
        StayGivenBack(
            encounter_id=stay.id, patient_id=stay.patient_id, facility_id=stay.facility_id, user_id=held.user_id
        )
    )
    work.changed(stay.facility_id, stay.id)
    return held


def undo(work: Work, assignment_id: uuid.UUID) -> uuid.UUID:
    """Put back what one's own latest change of a stay's owner replaced. Returns the stay.

    Refused when somebody changed the owner since, the change was another person's, or who had it may not any more.
    """
    last = work.get(Assignment, assignment_id, NOT_THERE)
    stay = _lock(work, last.encounter_id, ended_too=True)
    history = list(
        work.session.exec(
            select(Assignment)
            .where(Assignment.encounter_id == stay.id)
            .order_by(Assignment.assigned_at.desc(), Assignment.id.desc())  # type: ignore[attr-defined]
        ).all()
    )
    if not history or history[0].id != assignment_id:
        raise Refused("The stay was given to somebody else since. Nothing was undone.")
    given_back = last.ended_at is not None
    if (last.user_id if given_back else last.assigned_by) != work.who.actor_id:
        raise Refused("This was done by a colleague. Only they can undo it.")
    if given_back:
        give_to(work, stay, _again(last), None, undone=True)
        return stay.id
    before = next((one for one in history[1:] if one.ended_at == last.assigned_at), None)
    if before is not None and not may_hold(work, before.user_id, stay.facility_id):
        raise Refused("Who had this stay before may not have stays here any more. Give it to somebody else.")
    if before is not None:
        give_to(work, stay, _again(before), last, undone=True)
        return stay.id
    _end(work, stay, last)
    work.record(
        StayGivenBack(
            encounter_id=stay.id,
            patient_id=stay.patient_id,
            facility_id=stay.facility_id,
            user_id=last.user_id,
            undone=True,
        )
    )
    work.changed(stay.facility_id, stay.id)
    return stay.id


def keep_access(work: Work, happened: StayProtected | EncounterUpdated) -> None:
    """Open a stay that became protected for the person who has it, so that it does not vanish from their list."""
    stay_id = happened.encounter_id
    if stay_id is None or (isinstance(happened, EncounterUpdated) and "sensitivity" not in happened.changed):
        return
    held = _open(work, stay_id)
    if held is not None and work.value("select sensitivity from encounter where id = %s", (stay_id,)):
        _open_for(work, held.facility_id, held.encounter_id, held.user_id)


def held_stay(work: Work, encounter_id: uuid.UUID) -> tuple[Subject, Assignment | None]:
    """The stay, locked, and whose it is. Refused when it is over."""
    return _lock(work, encounter_id), _open(work, encounter_id)


def _lock(work: Work, encounter_id: uuid.UUID, *, ended_too: bool = False) -> Subject:
    query = (
        "select id, facility_id, patient_id, sensitivity, status in ('admitted', 'on_leave', 'registered', 'preadmit')"
        " from encounter where id = %s for update"
    )
    stay = work.one(Subject, query, (encounter_id,), missing=NOT_THERE)
    if not stay.open and not ended_too:
        raise Refused("This stay is over. It needs no owner.")
    return stay


def _open(work: Work, encounter_id: uuid.UUID) -> Assignment | None:
    return work.session.exec(
        select(Assignment).where(Assignment.encounter_id == encounter_id, Assignment.ended_at == None)  # noqa: E711
    ).first()


def _again(was: Assignment) -> Assignment:
    """A new row that says what an ended one said."""
    kept = ("user_id", "why", "reason", "distribution_id", "replaces_id", "covers_for", "returns_at")
    return Assignment(**{name: getattr(was, name) for name in kept})


def give_to(
    work: Work, stay: Subject, given: Assignment, before: Assignment | None, *, undone: bool = False
) -> Assignment:
    """Write the new owner behind the one before, and say what happened. The caller has looked at both."""
    if before is not None:
        _end(work, stay, before)
    given.encounter_id, given.facility_id = stay.id, stay.facility_id
    given.assigned_at, given.assigned_by = work.now, work.who.actor_id
    if before is not None and not undone:
        given.replaces_id = before.id
    given = work.add(given)
    to = given.user_id
    if stay.sensitivity:
        _open_for(work, stay.facility_id, stay.id, to)
    work.record(
        StayAssigned(
            encounter_id=stay.id,
            patient_id=stay.patient_id,
            facility_id=stay.facility_id,
            user_id=to,
            before_id=before.user_id if before else None,
            undone=undone,
            why=given.why,
        )
    )
    work.changed(stay.facility_id, stay.id)
    return given


def _end(work: Work, stay: Subject, held: Assignment) -> None:
    held.ended_at = work.now
    work.session.flush()
    query = (
        "update stay_access set until = %s where encounter_id = %s and user_id = %s and kind = 'assigned'"
        " and (until is null or until > %s)"
    )
    work.write("stay_access", query, (work.now, stay.id, held.user_id, work.now))


def _open_for(work: Work, facility_id: int, encounter_id: uuid.UUID, user_id: uuid.UUID) -> None:
    query = (
        "select true from stay_access where user_id = %s and encounter_id = %s and kind = 'assigned'"
        " and (until is null or until > %s)"
    )
    if work.value(query, (user_id, encounter_id, work.now)) is None:
        work.add(
            StayAccess(
                user_id=user_id, encounter_id=encounter_id, facility_id=facility_id, kind="assigned", opened_at=work.now
            )
        )


def stays_of(texts: list[str]) -> list[uuid.UUID]:
    """The stays of a selection; Refused when nothing is selected or one is no stay."""
    try:
        found = list(dict.fromkeys(uuid.UUID(text) for text in texts))
    except ValueError as error:
        raise NotFound(NOT_THERE) from error
    if not found:
        raise Refused("Select one or more stays first.")
    if len(found) > MOST_AT_ONCE:
        raise Refused(f"Select up to {MOST_AT_ONCE} stays at once.")
    return found
