"""Calls after discharge: keeping a draft, recording, correcting, striking out. What a call finds becomes an issue."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.census.united import Subject, held_subject
from app.discharge.after import queries, rules
from app.discharge.after.calls.issues import Found, open_issue, strike_issues_of
from app.discharge.after.calls.script import Question
from app.discharge.after.events import CallAmended, CallDraftDropped, CallDraftKept, CallMade, CallStruckOut
from app.discharge.after.models import FollowUpCall
from app.discharge.after.terms import Answer, CallAction, CallOutcome, CallState
from app.discharge.after.versions import about, follow, held
from app.kernel.days import instant_of
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Name, Words, empty_is_none, one_line, past_instant


class WriteCall(BaseModel):
    """A call as a form says it. Without day and time it is made now; without a next day the rule says when."""

    outcome: Annotated[CallOutcome | None, BeforeValidator(empty_is_none)] = None
    spoke_with: Name = ""
    on: Day = None
    at: Clock = None
    note: Words = ""
    next_on: Day = None
    next_clock: Clock = None
    owner: Name = ""
    because: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""


class Given(msgspec.Struct, frozen=True):
    """What was answered to a question of the script."""

    question: Question
    answer: Answer
    note: str = ""

    def kept(self) -> dict[str, str]:
        """As the record keeps it, with the words that were shown."""
        shown = {Answer.GOOD: self.question.good, Answer.PROBLEM: self.question.problem}.get(self.answer, "Not asked")
        return {"key": self.question.key, "ask": self.question.ask, "answer": self.answer.value, "shown": shown,
                "note": self.note}  # fmt: skip


class _Left(msgspec.Struct):
    """Whether and when the patient left."""

    status: str
    discharge_at: datetime | None
    deceased: str


class _Call(msgspec.Struct, frozen=True):
    """The call that a next one follows: when it was, its key unless it is new, whether it found a problem."""

    at: datetime
    call_id: uuid.UUID | None
    problem: bool


_LEFT = """
select e.status, e.discharge_at, coalesce(p.deceased, '') from encounter e join patient p on p.id = e.patient_id
where e.id = %s
"""


def record_call(work: Work, encounter_id: uuid.UUID, ask: WriteCall, given: Sequence[Given] = ()) -> FollowUpCall:
    """Record a call; a draft that was kept becomes it. Refused before the discharge, and after a death."""
    stay = held_subject(work, encounter_id)
    _reached(ask)
    draft = queries.draft_of(work, stay.encounter_id)
    after(rules.CALL_LIFE, CallState.DRAFT if draft else CallState.UNWRITTEN, CallAction.RECORD, noun="call")
    said = _said(work, stay, ask, given)
    if draft is not None:
        made = follow(work, work.lock(FollowUpCall, draft.id), **said, state=CallState.RECORDED.value)
    else:
        made = _store(work, stay, said, CallState.RECORDED)
    _open_issues(work, stay, made, given, ask.owner)
    work.record(CallMade(**about(stay), call_id=made.call_id, outcome=made.outcome))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def keep_draft(work: Work, encounter_id: uuid.UUID, ask: WriteCall, given: Sequence[Given] = ()) -> FollowUpCall:
    """Keep what is written so far; a stay has one draft, whoever began it."""
    stay = held_subject(work, encounter_id)
    said = _said(work, stay, ask, given)
    draft = queries.draft_of(work, stay.encounter_id)
    if draft is not None:
        made = follow(work, work.lock(FollowUpCall, draft.id), **said)
    else:
        made = _store(work, stay, said, CallState.DRAFT)
    work.record(CallDraftKept(**about(stay), call_id=made.call_id))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def drop_draft(work: Work, call_id: uuid.UUID) -> FollowUpCall:
    """Give a draft up; it stays readable in the trail."""
    stay, before = held(work, FollowUpCall, call_id)
    state = after(rules.CALL_LIFE, CallState(before.state), CallAction.DROP, noun="call")
    made = follow(work, before, state=state.value)
    work.record(CallDraftDropped(**about(stay), call_id=call_id))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_call(work: Work, call_id: uuid.UUID, ask: WriteCall, given: Sequence[Given] = ()) -> FollowUpCall:
    """Record another version. Problems that are new open issues; those that stand stay until somebody closes them."""
    stay, before = held(work, FollowUpCall, call_id)
    state = after(rules.CALL_LIFE, CallState(before.state), CallAction.AMEND, noun="call")
    _reached(ask)
    if len(ask.because) < 3:
        raise Refused("Write why it is corrected.", field="because")
    made = follow(work, before, **_said(work, stay, ask, given, before), state=state.value, because=ask.because)
    _open_issues(work, stay, made, given, ask.owner)
    work.record(CallAmended(**about(stay), call_id=call_id))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_call(work: Work, call_id: uuid.UUID, reason: str) -> FollowUpCall:
    """Say that a call was recorded by mistake; what it opened and nobody closed is struck out with it."""
    stay, before = held(work, FollowUpCall, call_id)
    state = after(rules.CALL_LIFE, CallState(before.state), CallAction.STRIKE_OUT, noun="call")
    made = follow(work, before, state=state.value, because=reason)
    strike_issues_of(work, stay, call_id, reason)
    work.record(CallStruckOut(**about(stay), call_id=call_id))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def has_left(db: Reading, encounter_id: uuid.UUID) -> bool:
    """Whether there is somebody to call after this stay."""
    left = db.one(_Left, _LEFT, (encounter_id,))
    return left.status == "discharged" and left.deceased != "Y"


def _reached(ask: WriteCall) -> None:
    if ask.outcome is None:
        raise Refused("Say who was reached.", field="outcome")


def _said(
    work: Work, stay: Subject, ask: WriteCall, given: Sequence[Given], before: FollowUpCall | None = None
) -> dict[str, Any]:
    """What a version says. `before` is the version that it corrects; without an outcome it can only be a draft."""
    left = work.one(_Left, _LEFT, (stay.encounter_id,))
    if left.status != "discharged" or left.discharge_at is None:
        raise Refused("The patient has not left. Calls are made after the discharge.", field="outcome")
    if left.deceased == "Y":
        raise Refused("The patient has died. Nobody is called.", field="outcome")
    at = past_instant(ask.on, ask.at, work.now, stay.zone, before.at if before else None)
    if at < left.discharge_at:
        raise Refused("This time lies before the discharge.", field="on")
    problem = any(one.answer is Answer.PROBLEM for one in given)
    following = _next(work, stay, ask, _Call(at, before.call_id if before else None, problem))
    return {
        "outcome": ask.outcome.value if ask.outcome else "", "spoke_with": ask.spoke_with, "at": at, "note": ask.note,
        "answers": [one.kept() for one in given], "next_at": following.at, "next_why": following.why,
    }  # fmt: skip


def _store(work: Work, stay: Subject, said: dict[str, Any], state: CallState) -> FollowUpCall:
    return work.add(
        FollowUpCall(
            facility_id=stay.facility_id, call_id=uuid.uuid4(), encounter_id=stay.encounter_id, state=state.value,
            made_at=work.now, made_by=work.who.actor_id, **said,
        )
    )  # fmt: skip


def _open_issues(work: Work, stay: Subject, call: FollowUpCall, given: Sequence[Given], owner: str) -> None:
    """Every problem that is not an issue of this call yet becomes one."""
    known = {one.question for one in queries.issues_of(work, [stay.encounter_id]) if one.call_id == call.call_id}
    for one in given:
        if one.answer is Answer.PROBLEM and one.question.key not in known:
            what = f"{one.question.issue}: {one.note}" if one.note else one.question.issue
            found = Found(what[:300], one.question.urgency, owner, call.at, one.question.key)
            open_issue(work, stay, found, call_id=call.call_id)


def _next(work: Work, stay: Subject, ask: WriteCall, call: _Call) -> rules.Next:
    """When the next call is made: as the form says, else by the rule."""
    if ask.next_on is not None:
        at = instant_of(ask.next_on, ask.next_clock or rules.MORNING, stay.zone)
        if at <= call.at:
            raise Refused("The next call lies after this one.", field="next_on")
        return rules.Next(at, "As arranged.")
    if ask.outcome is None:
        return rules.Next(None, "")
    earlier = [
        one.outcome for one in queries.calls_of(work, [stay.encounter_id])
        if one.at <= call.at and one.call_id != call.call_id
    ]  # fmt: skip
    issues = queries.issues_of(work, [stay.encounter_id])
    still = call.problem or any(one.state in rules.STANDING_ISSUE for one in issues)
    attempts = rules.attempts_in_a_row([*earlier, ask.outcome])
    return rules.next_call(ask.outcome, attempts, still, call.at, stay.zone)
