"""Barriers: the form on the stay and in the row, corrections, and the steps until one is out of the way."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.plan import queries
from app.discharge.plan.barriers import commands, showing
from app.discharge.plan.barriers.commands import AmendBarrier, MoveBarrier, RaiseBarrier
from app.discharge.plan.models import Barrier
from app.discharge.plan.stay.pages import in_row, plan_page, said
from app.discharge.plan.terms import BarrierAction, BarrierState
from app.discharge.terms import BarrierKind
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
FORM = "discharge/plan/_barrier_form.html"
TAKEN_BACK = MoveBarrier(action=BarrierAction.STRIKE_OUT, note="Taken back right after it was recorded")
_DONE = {
    BarrierAction.WAIT: "The barrier waits for somebody else.", BarrierAction.GO_ON: "The barrier is taken up again.",
    BarrierAction.RESOLVE: "The barrier is resolved.", BarrierAction.REOPEN: "The barrier is open again.",
    BarrierAction.STRIKE_OUT: "The barrier is struck out.",
}  # fmt: skip


@get("/encounters/{stay_id:uuid}/barriers/new", permission=WRITE, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form of a barrier; it is due tomorrow unless somebody says otherwise."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        due = showing.barrier_choices(db, stay, db.now)["barrier_due"]
    return _form_page(request, stay, FormState(given={"due_on": due}), 200)


def _form_page(
    request: Asked, stay: Subject, form: FormState, status: int, amends: uuid.UUID | None = None
) -> Response[bytes]:
    form.id = f"b{amends or stay.encounter_id}"
    with reading(the_viewer(request)) as db:
        context = showing.barrier_choices(db, stay, db.now) | {
            "stay_id": str(stay.encounter_id), "form": form, "in_row": in_row(request), "amends": str(amends or ""),
        }  # fmt: skip
    return stay_page(request, stay.encounter_id, Part("plan", FORM, context, status))


@post("/encounters/{stay_id:uuid}/barriers", permission=WRITE, sync_to_thread=True)
def take_barrier(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what stands in the way."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(RaiseBarrier, _one_kind(form))
    made: Barrier | None = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.raise_barrier(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, stay, _two_kinds(state, form), 422)
    text = f"Barrier recorded: {BarrierKind(made.kind).label}."
    return said(request, stay, Flash(text, undo=Undo(f"/plan-barriers/{made.barrier_id}/reversal")), "barrier")


@post("/plan-barriers/{barrier_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_barrier(request: Asked, barrier_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back a barrier that was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        stay = subject(work, commands.barrier_of(work, barrier_id))
        commands.move_barrier(work, barrier_id, TAKEN_BACK)
    return said(request, stay, Flash("The barrier is struck out.", "blue"), "barrier")


@get("/plan-barriers/{barrier_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, barrier_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, commands.barrier_of(db, barrier_id))
        one = next(row for row in queries.barriers(db, [stay.encounter_id]) if row.barrier_id == barrier_id)
    return _form_page(request, stay, showing.form_of(one, stay), 200, barrier_id)


@post("/plan-barriers/{barrier_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, barrier_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version of a barrier."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, commands.barrier_of(db, barrier_id))
    ask, state = read_form(AmendBarrier, _one_kind(form))
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.amend_barrier(work, barrier_id, ask)
            text = "The barrier is corrected; the earlier version stays readable."
            return see_other(request, f"/encounters/{stay.encounter_id}/plan", Flash(text))
        except Refused as refused:
            state.refuse(refused)
    return _form_page(request, stay, _two_kinds(state, form), 422, barrier_id)


@post("/plan-barriers/{barrier_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def take_step(request: Asked, barrier_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A step in the life of a barrier."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay_id = subject(db, commands.barrier_of(db, barrier_id)).encounter_id
    ask, state = read_form(MoveBarrier, form)
    state.id = showing.key_of(barrier_id, form.get("action", ""))
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.move_barrier(work, barrier_id, ask)
            undo = Undo(f"/plan-barriers/{barrier_id}/reopening") if made.state == BarrierState.RESOLVED else None
            return see_other(request, f"/encounters/{stay_id}/plan", Flash(_DONE[ask.action], undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return plan_page(request, stay_id, state)


@post("/plan-barriers/{barrier_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def undo_resolution(
    request: Asked, barrier_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take back that a barrier is resolved."""
    again = MoveBarrier(action=BarrierAction.REOPEN, note="Resolved by mistake")
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, commands.barrier_of(work, barrier_id)).encounter_id
        commands.move_barrier(work, barrier_id, again)
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("The barrier is open again.", "blue"))


def _one_kind(form: FormFields) -> FormFields:
    """The form with its kind from the list of the others, where one of those was chosen."""
    other = form.get("other_kind", "")
    pairs = [(name, other if name == "kind" and other else value) for name in form for value in form.all(name)]
    if other and "kind" not in form:
        pairs.append(("kind", other))
    return FormFields(pairs)


def _two_kinds(state: FormState, form: FormFields) -> FormState:
    """What was typed goes back into the two fields from which the kind came."""
    state.given["kind"] = form.get("kind", "")
    state.given["other_kind"] = form.get("other_kind", "")
    return state


ROUTES = [show_form, take_barrier, undo_barrier, show_amendment, amend, take_step, undo_resolution]
