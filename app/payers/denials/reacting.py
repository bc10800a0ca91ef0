"""What follows here from what other features record: a payer's answer is a denial, a talk ends one."""

import uuid
from datetime import datetime
from typing import Protocol

from app.census.united import held_subject
from app.kernel.days import start_of_day
from app.kernel.refusal import NotFound
from app.payers.authorizations import queries as authorizations
from app.payers.authorizations.queries import AnswerVersion, Authorization
from app.payers.denials import commands, queries
from app.payers.denials.commands import Back, Step, closed, closing, held_denial, move, moved
from app.payers.denials.queries import DenialVersion
from app.payers.denials.rules import AT_WORK, count
from app.payers.denials.terms import DenialAction, DenialKind, DenialOutcome, DenialState, TalkOutcome
from app.payers.requests.rules import covered, without
from app.payers.requests.terms import Action, Days
from app.platform.work import Work
from app.web.fields import StrikeOut

DENIES = frozenset({Action.NOT_CERTIFIED, Action.MODIFIED, Action.PARTIAL, Action.CERTIFIED})
"""Answers by which fewer days than asked may be authorized."""
_ONE_TALK, _STRUCK = "A peer-to-peer talk", "The record of the talk was struck out."


class Answered(Protocol):
    """A payer's answer to a request."""

    @property
    def authorization_id(self) -> uuid.UUID: ...
    @property
    def decision_id(self) -> uuid.UUID: ...
    @property
    def action(self) -> str: ...
    @property
    def fewer(self) -> bool: ...
    @property
    def received_at(self) -> datetime: ...


class AnswerGone(Protocol):
    """A request, an answer or a whole authorization that does not count any more."""

    @property
    def authorization_id(self) -> uuid.UUID: ...
    @property
    def what(self) -> str: ...
    @property
    def record_id(self) -> uuid.UUID: ...


class Talked(Protocol):
    """A talk between physicians that ended."""

    @property
    def denial_id(self) -> uuid.UUID | None: ...
    @property
    def outcome(self) -> str: ...


class TalkGone(Protocol):
    """A signed answer that was a mistake."""

    @property
    def denial_id(self) -> uuid.UUID | None: ...
    @property
    def decision(self) -> str: ...


def record_from_answer(work: Work, event: Answered) -> None:
    """An answer that leaves days that were asked without authorization is a denial of these days."""
    if not event.fewer or Action(event.action) not in DENIES:
        return
    if queries.by_payer_decision(work, event.decision_id) is not None:
        return
    held = authorizations.authorization(work, event.authorization_id)
    answer = next(one for one in held.answers if one.decision_id == event.decision_id and one.stands)
    stay = held_subject(work, held.head.encounter_id)
    days = _denied(held, answer)
    came = stay.day(answer.received_at)
    earlier = answer.issued_on is not None and answer.issued_on < came
    notice_at = start_of_day(answer.issued_on, stay.zone) if earlier and answer.issued_on else answer.received_at
    columns = {
        "kind": _kind(work, stay.encounter_id, answer.received_at).value, "payer_code": held.head.payer_code,
        "payer_name": held.head.payer_name, "plan_code": held.head.plan_code, "authorization_id": held.id,
        "payer_decision_id": event.decision_id, "firsts": [one.first for one in days],
        "untils": [one.until for one in days], "notice_at": notice_at, "received_on": came,
        "channel": answer.channel, "reference": answer.reference, "reason_code": ", ".join(answer.reasons),
        "reason": answer.text,
    }  # fmt: skip
    commands.store_denial(work, stay, columns)


def forget_answer(work: Work, event: AnswerGone) -> None:
    """A denial whose answer was struck out does not count; one about which something was done is left to people."""
    if event.what == "request":
        return
    held = authorizations.authorization(work, event.authorization_id)
    gone = {event.record_id} if event.what == "decision" else {one.decision_id for one in held.answers}
    for decision_id in gone:
        found = queries.by_payer_decision(work, decision_id)
        if found is not None and found.state == DenialState.OPEN and not queries.appeals(work, [found.denial_id]):
            commands.strike_denial(work, found.denial_id, StrikeOut(reason="The payer's answer was struck out."))


def take_talk(work: Work, event: Talked) -> None:
    """How a talk ended: what it overturned is closed, what it left goes on. Said again when the record is amended."""
    if event.denial_id is None:
        return
    held, stay = held_denial(work, event.denial_id)
    outcome = TalkOutcome(event.outcome)
    if held.state == DenialState.STRUCK_OUT or held.talk_outcome == outcome.value:
        return
    said = {"talk_outcome": outcome.value}
    if outcome is TalkOutcome.OVERTURNED and held.state in AT_WORK:
        step = closing(DenialAction.WIN_TALK, DenialOutcome.OVERTURNED, work.now, _all_of(held), f"{_ONE_TALK}.")
        closed(work, stay, move(work, held, Step(step.action, step.note, step.changes | said)))
        return
    reopens = held.state == DenialState.CLOSED and _closed_by_talk(held)
    if held.state == DenialState.CLOSED and not reopens:
        moved(work, stay, move(work, held, Step(DenialAction.AMEND, f"{_ONE_TALK}: {outcome.label}.", said)))
        return
    changes = said | (dict(commands.NOT_CLOSED) if reopens else {})
    moved(work, stay, move(work, held, Step(DenialAction.HOLD_TALK, f"{_ONE_TALK}: {outcome.label}.", changes)))


def forget_talk(work: Work, event: TalkGone) -> None:
    """The record of a talk was a mistake: what it had closed is open again."""
    if event.denial_id is None:
        return
    held, stay = held_denial(work, event.denial_id)
    if not held.talk_outcome or held.state == DenialState.STRUCK_OUT:
        return
    changes: dict[str, object] = {"talk_outcome": ""}
    if held.state == DenialState.CLOSED and not _closed_by_talk(held):
        moved(work, stay, move(work, held, Step(DenialAction.AMEND, _STRUCK, changes)))
        return
    if held.state == DenialState.CLOSED:
        changes |= commands.NOT_CLOSED
    moved(
        work, stay, move(work, held, Step(DenialAction.FORGET_TALK, "The record of the talk was struck out.", changes))
    )


def _denied(held: Authorization, answer: AnswerVersion) -> tuple[Days, ...]:
    """The days that were asked and are not authorized by the answer."""
    asked = next((one for one in held.asked if one.request_id == answer.request_id and one.stands), None)
    if asked is None or asked.days is None:
        return ()
    return without([asked.days], covered(answer.decision, asked.request).ranges)


def _kind(work: Work, encounter_id: uuid.UUID, at: datetime) -> DenialKind:
    """Whether the payer denied while the patient was here, before or after."""
    found = work.rows(
        lambda status, left: (status, left), "select status, discharge_at from encounter where id = %s", (encounter_id,)
    )
    if not found:
        raise NotFound(queries.NOT_THERE)
    status, left = found[0]
    if status == "cancelled" or (status == "discharged" and (left is None or left <= at)):
        return DenialKind.RETROSPECTIVE
    return DenialKind.PRE_AUTHORIZATION if status == "preadmit" else DenialKind.CONCURRENT


def _all_of(held: DenialVersion) -> Back:
    return Back(count(held.days) if held.days else None, held.amount)


def _closed_by_talk(held: DenialVersion) -> bool:
    return held.talk_outcome == TalkOutcome.OVERTURNED and held.outcome == DenialOutcome.OVERTURNED
