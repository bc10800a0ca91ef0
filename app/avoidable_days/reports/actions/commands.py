"""Writing down what is done about a reason, carrying it on, striking it out."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import col, select

from app.avoidable_days.reasons.queries import dictionary
from app.avoidable_days.reports.actions.events import ActionAmended, ActionRecorded, ActionStruckOut
from app.avoidable_days.reports.actions.models import ReasonAction
from app.avoidable_days.reports.actions.rules import LIFE, check
from app.avoidable_days.reports.actions.terms import ActionAct, ActionEnd, ActionState, Standing
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Day, Name, StrikeOut, one_line

NO_ACTION = "There is no such action here."


class RecordAction(BaseModel):
    """What is done about a reason (without a code: about all), since when, by whom, and what is expected of it."""

    code: Annotated[str, Field(max_length=6), AfterValidator(str.upper)] = ""
    what: Annotated[str, Field(min_length=3, max_length=200), AfterValidator(one_line)]
    owner: Name = ""
    state: ActionState = ActionState.PROPOSED
    since: Day = None
    expected: Annotated[str, Field(max_length=200), AfterValidator(one_line)] = ""


def record_action(work: Work, facility_id: int, ask: RecordAction) -> ReasonAction:
    """Write an action down."""
    after(LIFE, Standing.NONE, ActionAct.RECORD, noun="action")
    _check(work, facility_id, ask)
    made = _version(work, facility_id, uuid.uuid4(), ask)
    work.record(
        ActionRecorded(facility_id=facility_id, action_id=made.action_id, code=made.code, state=made.state)
    )  # fmt: skip
    return made


def amend_action(work: Work, facility_id: int, action_id: uuid.UUID, ask: RecordAction) -> ReasonAction:
    """Carry an action on, or correct it: the version that stood is ended and stays readable."""
    old = _standing(work, facility_id, action_id, ActionAct.AMEND)
    _check(work, facility_id, ask)
    _end(work, old, ActionEnd.AMENDED, "")
    made = _version(work, facility_id, action_id, ask)
    work.record(ActionAmended(facility_id=facility_id, action_id=action_id, code=made.code, state=made.state))
    return made


def strike_action(work: Work, facility_id: int, action_id: uuid.UUID, ask: StrikeOut) -> ReasonAction:
    """Say that an action was recorded by mistake; it stays readable."""
    old = _standing(work, facility_id, action_id, ActionAct.STRIKE_OUT)
    _end(work, old, ActionEnd.STRUCK_OUT, ask.reason)
    work.record(ActionStruckOut(facility_id=facility_id, action_id=action_id, code=old.code))
    return old


def _standing(work: Work, facility_id: int, action_id: uuid.UUID, act: ActionAct) -> ReasonAction:
    versions = work.session.exec(
        select(ReasonAction)
        .where(ReasonAction.facility_id == facility_id, ReasonAction.action_id == action_id)
        .order_by(col(ReasonAction.made_at))
        .with_for_update()
    ).all()
    if not versions:
        raise NotFound(NO_ACTION)
    standing = next((one for one in versions if one.ended_at is None), None)
    after(LIFE, Standing.STRUCK_OUT if standing is None else Standing.STANDING, act, noun="action")
    assert standing is not None, "nothing may happen to an action that was struck out"
    return standing


def _check(work: Work, facility_id: int, ask: RecordAction) -> None:
    zone: str = work.value("select timezone from facility where id = %s", (facility_id,))
    today: date = work.today(zone)
    if ask.state is ActionState.PROPOSED:
        ask.since = None
    check(ask.state, ask.since, today)
    if ask.code and ask.code not in dictionary(work, facility_id, today):
        raise Refused("Choose a reason of the list, or leave it empty for all reasons.", field="code")


def _version(work: Work, facility_id: int, action_id: uuid.UUID, ask: RecordAction) -> ReasonAction:
    return work.add(
        ReasonAction(
            action_id=action_id, facility_id=facility_id, code=ask.code, what=ask.what, owner=ask.owner,
            state=ask.state.value, since=ask.since, expected=ask.expected, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip


def _end(work: Work, old: ReasonAction, because: ActionEnd, reason: str) -> None:
    old.ended_at, old.ended_by = work.now, work.who.actor_id
    old.ended_because, old.ended_reason = because.value, reason
    work.session.flush()
