"""Issues: what a call found, who settles it and by when, until it is closed."""

import uuid
from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import AfterValidator, BaseModel, Field

from app.census.united import Subject, held_subject
from app.discharge.after import queries, rules
from app.discharge.after.events import FollowUpIssueMoved
from app.discharge.after.models import FollowUpIssue
from app.discharge.after.terms import IssueAction, IssueState, Urgency
from app.discharge.after.versions import about, follow, held
from app.kernel.days import instant_of
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Clock, Day, Name, one_line

Note = Annotated[str, Field(max_length=300), AfterValidator(one_line)]
NEEDS_WORDS = {
    IssueAction.CLOSE: "Write how it was settled.", IssueAction.STRIKE_OUT: "Write why.",
    IssueAction.REOPEN: "Write why it is open again.",
}  # fmt: skip


class OpenIssue(BaseModel):
    """Something to settle that somebody writes down, beside what the questions of a call find."""

    what: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(one_line)]
    urgency: Urgency = Urgency.USUAL
    owner: Name = ""


class MoveIssue(BaseModel):
    """A step of an issue. What is not said of owner and time stays as it is."""

    action: IssueAction
    owner: Name = ""
    due_on: Day = None
    due_clock: Clock = None
    note: Note = ""


class Found(msgspec.Struct, frozen=True):
    """What was found, how urgent it is, who settles it, when it was found, by which question."""

    what: str
    urgency: Urgency
    owner: str
    at: datetime
    question: str = ""


def write_issue(work: Work, encounter_id: uuid.UUID, ask: OpenIssue) -> FollowUpIssue:
    """Write down something to settle after a discharge."""
    stay = held_subject(work, encounter_id)
    if work.value("select status from encounter where id = %s", (stay.encounter_id,)) != "discharged":
        raise Refused("The patient has not left. What stands in the way of leaving is a barrier of the plan.",
                      field="what")  # fmt: skip
    made = open_issue(work, stay, Found(ask.what, ask.urgency, ask.owner, work.now))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def open_issue(work: Work, stay: Subject, found: Found, *, call_id: uuid.UUID | None = None) -> FollowUpIssue:
    """Open an issue on a stay that the caller holds; due by its urgency."""
    state = after(rules.ISSUE_LIFE, IssueState.UNFOUND, IssueAction.OPEN, noun="issue")
    made = work.add(
        FollowUpIssue(
            facility_id=stay.facility_id, issue_id=uuid.uuid4(), encounter_id=stay.encounter_id, call_id=call_id,
            question=found.question, urgency=found.urgency.value, what=found.what, owner=found.owner,
            found_at=found.at, due_at=rules.issue_due(found.urgency, found.at, stay.zone), state=state.value,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(FollowUpIssueMoved(**about(stay), issue_id=made.issue_id, action=IssueAction.OPEN.value))
    return made


def move_issue(work: Work, issue_id: uuid.UUID, ask: MoveIssue) -> FollowUpIssue:
    """A step of its life. Refused without words where they are needed, and for a change that changes nothing."""
    stay, before = held(work, FollowUpIssue, issue_id)
    state = after(rules.ISSUE_LIFE, IssueState(before.state), ask.action, noun="issue")
    if len(ask.note) < 3 and ask.action in NEEDS_WORDS:
        raise Refused(NEEDS_WORDS[ask.action], field="note")
    owner, due = ask.owner or before.owner, _due(work, stay, ask, before)
    if ask.action is IssueAction.CHANGE and (owner, due) == (before.owner, before.due_at):
        raise Refused("Write another person or another time.", field="owner")
    return _moved(work, stay, before, ask.action, state=state.value, owner=owner, due_at=due, note=ask.note)


def strike_issues_of(work: Work, stay: Subject, call_id: uuid.UUID, reason: str) -> None:
    """Strike out what a call opened and nobody closed."""
    for one in queries.issues_of(work, [stay.encounter_id]):
        if one.call_id == call_id and one.state in rules.STANDING_ISSUE:
            before = work.lock(FollowUpIssue, one.id)
            _moved(work, stay, before, IssueAction.STRIKE_OUT, state=IssueState.STRUCK_OUT.value, note=reason)


def _due(work: Work, stay: Subject, ask: MoveIssue, before: FollowUpIssue) -> datetime:
    """The time that is said, else the one that stands; an issue that is open again gets a fresh one."""
    if ask.due_on is not None:
        due = instant_of(ask.due_on, ask.due_clock or rules.END_OF_WORK, stay.zone)
        if due <= work.now:
            raise Refused("This time is over already. Write when it is due.", field="due_on")
        return due
    if ask.action is IssueAction.REOPEN and before.due_at <= work.now:
        return rules.issue_due(Urgency(before.urgency), work.now, stay.zone)
    return before.due_at


def _moved(work: Work, stay: Subject, before: FollowUpIssue, action: IssueAction, **changes: object) -> FollowUpIssue:
    made = follow(work, before, **changes)
    work.record(FollowUpIssueMoved(**about(stay), issue_id=made.issue_id, action=action.value))
    work.changed(stay.facility_id, stay.encounter_id)
    return made
