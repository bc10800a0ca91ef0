"""Goals, milestones and tasks: adding, correcting, and the steps of their lives."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.plan.items import commands
from app.discharge.plan.items.commands import AddItem, AmendItem, MoveItem
from app.discharge.plan.stay.pages import plan_page
from app.discharge.plan.terms import ItemAction, ItemPart, ItemState
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
TAKEN_BACK = MoveItem(action=ItemAction.STRIKE_OUT, note="Taken back right after it was recorded")
_DONE = {
    ItemAction.FINISH: "done", ItemAction.SET_ASIDE: "not needed", ItemAction.REOPEN: "open again",
    ItemAction.STRIKE_OUT: "struck out",
}  # fmt: skip


@post("/encounters/{stay_id:uuid}/plan-items", permission=WRITE, sync_to_thread=True)
def take_item(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write a goal, a milestone or a task into the plan."""
    ask, state = read_form(AddItem, form)
    state.id = f"new-{form.get('part', '')}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.add_item(work, stay_id, ask)
            flash = Flash(f"{ask.part.label} added.", undo=Undo(f"/plan-items/{made.item_id}/reversal"))
            return see_other(request, f"/encounters/{made.encounter_id}/plan", flash)
        except Refused as refused:
            state.refuse(refused)
    return plan_page(request, stay_id, state)


@post("/plan-items/{item_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, item_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version of an item."""
    stay_id = _stay_of(request, item_id)
    ask, state = read_form(AmendItem, form)
    state.id = f"i{item_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.amend_item(work, item_id, ask)
            text = "It is corrected; the earlier version stays readable."
            return see_other(request, f"/encounters/{stay_id}/plan", Flash(text))
        except Refused as refused:
            state.refuse(refused)
    return plan_page(request, stay_id, state)


@post("/plan-items/{item_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def take_step(request: Asked, item_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A step in the life of an item."""
    stay_id = _stay_of(request, item_id)
    ask, state = read_form(MoveItem, form)
    state.id = f"{form.get('action', '')[:3]}{item_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.move_item(work, item_id, ask)
            undo = Undo(f"/plan-items/{item_id}/reopening") if made.state == ItemState.DONE else None
            flash = Flash(f"{ItemPart(made.part).label} {_DONE[ask.action]}.", undo=undo)
            return see_other(request, f"/encounters/{stay_id}/plan", flash)
        except Refused as refused:
            state.refuse(refused)
    return plan_page(request, stay_id, state)


@post("/plan-items/{item_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def undo_done(request: Asked, item_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back that an item is done."""
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, commands.item_of(work, item_id)).encounter_id
        commands.move_item(work, item_id, MoveItem(action=ItemAction.REOPEN))
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("It is open again.", "blue"))


@post("/plan-items/{item_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_item(request: Asked, item_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back an item that was added a moment ago."""
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, commands.item_of(work, item_id)).encounter_id
        commands.move_item(work, item_id, TAKEN_BACK)
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("It is struck out.", "blue"))


def _stay_of(request: Asked, item_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return subject(db, commands.item_of(db, item_id)).encounter_id


ROUTES = [take_item, amend, take_step, undo_done, undo_item]
