"""Recording readiness and the discharge order: by a physician in person, or on a physician's word."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.plan.stay.pages import plan_page
from app.discharge.ready.commands import State, StrikeStatement, state, statement_of, strike_out
from app.discharge.ready.terms import StatementKind
from app.kernel.refusal import Refused
from app.platform.work import begin
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WORD, OWN = Permission.PLAN_WRITE, Permission.READY_SET
TAKEN_BACK = StrikeStatement(reason="Taken back right after it was recorded")


@post("/encounters/{stay_id:uuid}/readiness", permission=WORD, sync_to_thread=True)
def take_word(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what a physician said."""
    return _take(request, stay_id, form, own=False)


@post("/encounters/{stay_id:uuid}/own-readiness", permission=OWN, sync_to_thread=True)
def take_own(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """State it as a physician, in person."""
    return _take(request, stay_id, form, own=True)


def _take(request: Asked, stay_id: uuid.UUID, form: FormFields, *, own: bool) -> Response[bytes]:
    ask, shown = read_form(State, form)
    shown.id = f"{'own' if own else 'word'}-{form.get('kind', '')}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = state(work, stay_id, ask, own=own)
            undo = f"/{'own-readiness' if own else 'readiness'}/{made.id}/reversal"
            text = f"{StatementKind(made.kind).label}: it is recorded."
            return see_other(request, f"/encounters/{made.encounter_id}/plan", Flash(text, undo=Undo(undo)))
        except Refused as refused:
            shown.refuse(refused)
    return plan_page(request, stay_id, shown)


@post("/readiness/{statement_id:uuid}/end", permission=WORD, sync_to_thread=True)
def end_word(request: Asked, statement_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a statement out, with the reason."""
    return _end(request, statement_id, form, own=False)


@post("/own-readiness/{statement_id:uuid}/end", permission=OWN, sync_to_thread=True)
def end_own(request: Asked, statement_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike one's own statement out, with the reason."""
    return _end(request, statement_id, form, own=True)


def _end(request: Asked, statement_id: uuid.UUID, form: FormFields, *, own: bool) -> Response[bytes]:
    ask, shown = read_form(StrikeStatement, form)
    shown.id = f"s{statement_id}"
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, statement_of(work, statement_id)).encounter_id
        if ask is not None:
            strike_out(work, statement_id, ask, own=own)
    if ask is None:
        return plan_page(request, stay_id, shown)
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("The statement is struck out."))


@post("/readiness/{statement_id:uuid}/reversal", permission=WORD, sync_to_thread=True)
def undo_word(request: Asked, statement_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    return _undo(request, statement_id, own=False)


@post("/own-readiness/{statement_id:uuid}/reversal", permission=OWN, sync_to_thread=True)
def undo_own(request: Asked, statement_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what one stated a moment ago."""
    return _undo(request, statement_id, own=True)


def _undo(request: Asked, statement_id: uuid.UUID, *, own: bool) -> Response[bytes]:
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, statement_of(work, statement_id)).encounter_id
        strike_out(work, statement_id, TAKEN_BACK, own=own)
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("The statement is struck out.", "blue"))


ROUTES = [take_word, take_own, end_word, end_own, undo_word, undo_own]
