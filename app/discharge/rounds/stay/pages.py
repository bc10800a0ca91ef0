"""Conferences of a stay: what they said, what they gave to do, and the review of a complex case."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.rounds import cases, commands, queries
from app.discharge.rounds.cases import CloseCase, PutOnList, ReviewCase
from app.discharge.rounds.commands import MoveAction, SetAction, StepAction
from app.discharge.rounds.stay.showing import stay_context
from app.discharge.rounds.terms import ActionStep
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
PAGE = "discharge/rounds/_stay.html"
STEPS = {ActionStep.FINISH, ActionStep.DROP, ActionStep.REOPEN, ActionStep.STRIKE_OUT}
SAID = {
    ActionStep.FINISH: "Done.", ActionStep.DROP: "Dropped.", ActionStep.REOPEN: "To be done again.",
    ActionStep.STRIKE_OUT: "Struck out.",
}  # fmt: skip


@get("/encounters/{stay_id:uuid}/conferences", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_conferences(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What conferences said of the stay."""
    return _page(request, stay_id, FormState(id=""))


def _page(request: Asked, stay_id: uuid.UUID, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        may = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
        context = stay_context(db, stay) | {"stay_id": str(stay.encounter_id), "may": may, "form": form}
    return stay_page(request, stay_id, Part("departure", PAGE, context, 422 if form.errors else 200))


class _Deed:
    """A deed on a stay: its form, what carries it out, which form of the page it is, what is said afterwards."""

    def __init__(
        self, kind: type[BaseModel], run: Callable[[Work, Any], Any], form: str, said: str, undo: str = ""
    ) -> None:
        self.kind, self.run, self.form, self.said, self.undo = kind, run, form, said, undo


def _do(request: Asked, stay_id: uuid.UUID, form: FormFields, deed: _Deed) -> Response[bytes]:
    """Carry it out, or show its form again with what is wrong beside the field."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    ask, state = read_form(deed.kind, form)
    made: Any = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = deed.run(work, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if ask is None or state.errors:
        state.id = deed.form
        return _page(request, stay_id, state)
    undo = Undo(deed.undo.format(made=getattr(made, "action_id", ""))) if deed.undo else None
    return see_other(request, f"/encounters/{stay_id}/conferences", Flash(deed.said, undo=undo))


@post("/encounters/{stay_id:uuid}/conference-actions", permission=WRITE, sync_to_thread=True)
def add_action(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give somebody something to do."""
    undo = "/conference-actions/{made}/reversal"
    deed = _Deed(SetAction, lambda work, ask: commands.set_action(work, stay_id, ask), "a", "It is on the list.", undo)
    return _do(request, stay_id, form, deed)


@post("/conference-actions/{action_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_action(request: Asked, action_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was asked for a moment ago."""
    note = StepAction(note="Taken back right after it was recorded")
    with begin(the_viewer(request)) as work:
        held = commands.step_action(work, action_id, ActionStep.STRIKE_OUT, note)
    return see_other(request, f"/encounters/{held.encounter_id}/conferences", Flash("Struck out.", "blue"))


@post("/conference-actions/{action_id:uuid}/change", permission=WRITE, sync_to_thread=True)
def move_action(request: Asked, action_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Another person or another time."""
    stay_id = _stay_of(request, action_id)
    deed = _Deed(
        MoveAction, lambda work, ask: commands.move_action(work, action_id, ask), f"m{action_id}", "It is changed."
    )
    return _do(request, stay_id, form, deed)


@post("/conference-actions/{action_id:uuid}/steps/{step:str}", permission=WRITE, sync_to_thread=True)
def step_action(
    request: Asked, action_id: FromPath[uuid.UUID], step: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Finish, drop, reopen or strike out."""
    stay_id = _stay_of(request, action_id)
    if step not in STEPS:
        raise NotFound("There is no such step.")
    kind = ActionStep(step)
    undo = f"/conference-actions/{action_id}/steps/reopen" if kind in (ActionStep.FINISH, ActionStep.DROP) else ""

    def run(work: Work, ask: StepAction) -> object:
        return commands.step_action(work, action_id, kind, ask)

    return _do(request, stay_id, form, _Deed(StepAction, run, f"s{action_id}", SAID[kind], undo))


def _stay_of(request: Asked, action_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return queries.action(db, action_id).encounter_id


@post("/encounters/{stay_id:uuid}/case-review", permission=WRITE, sync_to_thread=True)
def put_on(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put the stay on the list of complex cases."""
    back = f"/encounters/{stay_id}/case-review/reversal"
    run = _Deed(PutOnList, lambda work, ask: cases.put_on_list(work, stay_id, ask), "o", "It is on the list.", back)
    return _do(request, stay_id, form, run)


@post("/encounters/{stay_id:uuid}/case-review/review", permission=WRITE, sync_to_thread=True)
def review(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a review of the case."""
    back = f"/encounters/{stay_id}/case-review/reversal"
    run = _Deed(ReviewCase, lambda work, ask: cases.review_case(work, stay_id, ask), "r", "The review is kept.", back)
    return _do(request, stay_id, form, run)


@post("/encounters/{stay_id:uuid}/case-review/end", permission=WRITE, sync_to_thread=True)
def close(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the case off the list."""
    back = f"/encounters/{stay_id}/case-review/reversal"
    run = _Deed(CloseCase, lambda work, ask: cases.close_case(work, stay_id, ask), "c", "It is off the list.", back)
    return _do(request, stay_id, form, run)


@post("/encounters/{stay_id:uuid}/case-review/reversal", permission=WRITE, sync_to_thread=True)
def take_back(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The last step of the case was recorded by mistake."""
    with begin(the_viewer(request)) as work:
        state = cases.take_case_back(work, stay_id)
    said = Flash(f"Taken back. The case is {state.label}.", "blue")
    return see_other(request, f"/encounters/{stay_id}/conferences", said)


ROUTES = [show_conferences, add_action, undo_action, move_action, step_action, put_on, review, close, take_back]
