"""Working towards a change of status, and the records that it rests on. The class itself changes by ADT only."""

import uuid
from datetime import datetime
from typing import Any

from app.census.united import Subject, held_subject, subject
from app.kernel.entered import true_time
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.status import queries, rules
from app.status.changing.evidence import evidence
from app.status.changing.kept import changes
from app.status.determining.commands import NO_RECORD
from app.status.events import (
    CareTeamNamed,
    ClaimSpokenOf,
    ExpectationWritten,
    StatusChangeBegun,
    StatusChangeCompleted,
    StatusChangeEnded,
    StatusRecordStruckOut,
)
from app.status.forms import BeginChange, CompleteChange, NameTeam, Say, SayClaim, WriteExpectation
from app.status.models import AdmissionExpectation, CareTeamEntry, ClaimStatement, StatusCase
from app.status.rules import CHANGES, Order, check_order
from app.status.terms import ChangeAction, ChangeKind, ChangeState, Question, Statement

NOT_THERE = "There is no such change of status, or it lies outside what you may see."
_NOUN = "change of status"
_A = ChangeAction


def write_expectation(work: Work, encounter_id: uuid.UUID, ask: WriteExpectation) -> AdmissionExpectation:
    """Record what the physician documented of the stay to be expected; an earlier entry ends with the reason."""
    stay = held_subject(work, encounter_id)
    at = _past(work, stay, ask.on, ask.at, "What is documented lies in the future. Write when it was written.")
    elsewhere = None
    if ask.elsewhere_on is not None:
        elsewhere = true_time(ask.elsewhere_on, ask.elsewhere_at, work.now, stay.zone)
        if stay.start_at is not None and elsewhere > stay.start_at:
            raise Refused("Care at the sending hospital began before the patient came here.", field="elsewhere_on")
    before = queries.expectations(work, [stay.encounter_id]).get(stay.encounter_id)
    if before is not None:
        if len(ask.because) < 3:
            raise Refused("An expectation is recorded already. Write why this one takes its place.", field="because")
        held = work.lock(AdmissionExpectation, before.id, NO_RECORD)
        held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.because
        work.session.flush()
    made = work.add(
        AdmissionExpectation(
            basis=ask.basis.value, physician=ask.physician, written_at=at, factors=ask.factors,
            cut_short=ask.cut_short.value, elsewhere_since=elsewhere, **_made(work, stay),
        )
    )  # fmt: skip
    work.record(ExpectationWritten(basis=made.basis, cut_short=made.cut_short, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def name_team(work: Work, encounter_id: uuid.UUID, ask: NameTeam) -> CareTeamEntry:
    """Record that somebody takes part in the care, so that they do not decide about it."""
    stay = held_subject(work, encounter_id)
    name = ask.name
    if ask.user_id is not None:
        member = next((one for one in queries.members(work, stay.facility_id) if one.user_id == ask.user_id), None)
        if member is None:
            raise Refused("Choose a member of the committee, or write the name.", field="user_id")
        name = name or member.name
    if not name:
        raise Refused("Write the name, or choose a member of the committee.", field="name")
    made = work.add(
        CareTeamEntry(user_id=ask.user_id, name=name, number=ask.number, capacity=ask.capacity, **_made(work, stay))
    )
    work.record(CareTeamNamed(entry_id=made.id, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def say_claim(work: Work, encounter_id: uuid.UUID, ask: SayClaim) -> ClaimStatement:
    """Record what somebody who knows says of the claim. The latest statement counts."""
    stay = held_subject(work, encounter_id)
    at = _past(work, stay, ask.on, ask.at, "The statement lies in the future. Write when it was made.")
    if ask.statement is Statement.DENIAL_FILED and not any(
        one.version.question == Question.SELF_DENIAL and one.version.finding
        for one in queries.cases(work, encounter_id)
    ):
        raise Refused("No self-denial was determined for this stay: there is no such claim.", field="statement")
    made = work.add(ClaimStatement(statement=ask.statement.value, said_by=ask.said_by, said_at=at, **_made(work, stay)))
    work.record(ClaimSpokenOf(statement=made.statement, said_at=at, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


_NOUNS: dict[type[CareTeamEntry | ClaimStatement], str] = {
    CareTeamEntry: "care team entry", ClaimStatement: "statement about the claim",
}  # fmt: skip


def strike_record(
    work: Work, model: type[CareTeamEntry | ClaimStatement], record_id: uuid.UUID, ask: Say
) -> CareTeamEntry | ClaimStatement:
    """Strike out a record that was a mistake."""
    record = work.lock(model, record_id, NO_RECORD)
    if record.ended_at is not None:
        raise Refused(f"This {_NOUNS[model]} is struck out already.")
    stay = subject(work, record.encounter_id)
    record.ended_at, record.ended_by, record.ended_reason = work.now, work.who.actor_id, ask.reason
    work.session.flush()
    work.record(StatusRecordStruckOut(record_id=record_id, kind=_NOUNS[model], **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return record


def begin_change(work: Work, encounter_id: uuid.UUID, ask: BeginChange) -> StatusCase:
    """Work towards a change of status. Refused where the stay does not stand where the change begins."""
    stay = held_subject(work, encounter_id)
    now = queries.where(work, stay.encounter_id)
    if ask.kind is ChangeKind.TO_INPATIENT:
        if now.left_at is not None:
            raise Refused("The patient has left. An inpatient order never works backwards: 42 CFR 412.3(c).")
        if now.inpatient:
            raise Refused("The patient is an inpatient already.")
    else:
        found = evidence(work, stay, queries.cases(work, stay.encounter_id))
        if found.other_way:
            raise Refused(found.other_way)
        if not now.inpatient:
            raise Refused("Condition code 44 changes an inpatient to an outpatient. This patient is no inpatient.")
    running = [one for one in changes(work, stay.encounter_id) if one.state == ChangeState.OPEN]
    if running:
        raise Refused("A change of status is open already. Complete it, or withdraw it first.")
    state = after(CHANGES, ChangeState.NOT_BEGUN, _A.BEGIN, noun=_NOUN)
    made = work.add(
        StatusCase(
            change_id=uuid.uuid4(), kind=ask.kind.value, state=state.value, begun_at=work.now,
            begun_by=work.who.actor_id, **_made(work, stay),
        )
    )  # fmt: skip
    work.record(StatusChangeBegun(case_id=made.change_id, kind=made.kind, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def complete_change(work: Work, change_id: uuid.UUID, ask: CompleteChange) -> StatusCase:
    """Complete a change when all its conditions hold; else Refused with what is missing and the way that is open."""
    held, stay = _held(work, change_id, _A.COMPLETE)
    order = _order(work, stay, ask)
    determination = None
    if held.kind == ChangeKind.CONDITION_44:
        found = evidence(work, stay, queries.cases(work, stay.encounter_id))
        if found.missing:
            raise Refused(" ".join(part for part in (rules.refusal(found.missing), found.other_way) if part))
        determination = found.determination.version.determination_id if found.determination else None
    else:
        now = queries.where(work, stay.encounter_id)
        if now.left_at is not None:
            raise Refused("The patient has left. An inpatient order never works backwards: 42 CFR 412.3(c).")
    check_order(order, work.now)
    made = _next(
        work, held, _A.COMPLETE, determination_id=determination, order_number=ask.order_number, ordered_by=order.by,
        ordered_at=order.at, effective_at=order.effective_at, completed_at=work.now, completed_by=work.who.actor_id,
        reason=ask.reason,
    )  # fmt: skip
    work.record(StatusChangeCompleted(case_id=change_id, kind=made.kind, effective_at=order.effective_at, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def withdraw_change(work: Work, change_id: uuid.UUID, ask: Say) -> StatusCase:
    """Give a change up."""
    return _end(work, change_id, _A.WITHDRAW, ask)


def strike_change(work: Work, change_id: uuid.UUID, ask: Say) -> StatusCase:
    """Say that completing a change was a mistake."""
    return _end(work, change_id, _A.STRIKE_OUT, ask)


def _end(work: Work, change_id: uuid.UUID, action: ChangeAction, ask: Say) -> StatusCase:
    held, stay = _held(work, change_id, action)
    made = _next(work, held, action, note=ask.reason)
    work.record(StatusChangeEnded(case_id=change_id, kind=made.kind, action=action.value, **_of(stay)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _held(work: Work, change_id: uuid.UUID, action: ChangeAction) -> tuple[StatusCase, Subject]:
    key = work.value(
        "select id from status_change where change_id = %s order by (ended_at is null) desc, made_at desc, id desc"
        " limit 1",
        (change_id,),
    )
    if key is None:
        raise NotFound(NOT_THERE)
    held = work.lock(StatusCase, key, NOT_THERE)
    stay = held_subject(work, held.encounter_id)
    after(CHANGES, ChangeState(held.state), action, noun=_NOUN)
    if held.ended_at is not None:
        raise Refused("Somebody changed this just now. Reload the page and look again.")
    return held, stay


def _next(work: Work, held: StatusCase, action: ChangeAction, **changed: Any) -> StatusCase:
    values = held.model_dump(exclude={"id", "ended_at"})
    held.ended_at = work.now
    work.session.flush()
    state = after(CHANGES, ChangeState(held.state), action, noun=_NOUN)
    fresh = {"state": state.value, "note": "", "made_at": work.now, "made_by": work.who.actor_id}
    return work.add(StatusCase(**values | fresh | changed))


def _order(work: Work, stay: Subject, ask: CompleteChange) -> Order:
    at = true_time(ask.ordered_on, ask.ordered_at, work.now, stay.zone)
    said = ask.effective_on is not None or ask.effective_at is not None
    effective = true_time(ask.effective_on, ask.effective_at, work.now, stay.zone) if said else at
    return Order(by=ask.ordered_by, at=at, effective_at=effective)


def _past(work: Work, stay: Subject, on: Any, at: Any, sentence: str) -> datetime:
    found = true_time(on, at, work.now, stay.zone)
    if found > work.now:
        raise Refused(sentence, field="at")
    return found


def _made(work: Work, stay: Subject) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "facility_id": stay.facility_id, "made_at": work.now,
        "made_by": work.who.actor_id,
    }  # fmt: skip


def _of(stay: Subject) -> dict[str, Any]:
    return {"encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id}
