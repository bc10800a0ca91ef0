"""Deeds about the owner of a stay, from its row, its page or a selection."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import local_address, see_other, the_viewer
from app.web.stay import Part, stay_page
from app.worklists.assignment import commands
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.commands import AssignStay
from app.worklists.assignment.lead.overview import came_from, given_flash, stays_text
from app.worklists.assignment.people import colleagues, owner_of

Asked = Request[Any, Any, Any]


def carried_out(
    request: Asked, form: FormFields, stay_id: uuid.UUID, text: str, assignment_id: uuid.UUID
) -> Response[bytes]:
    """Lead back to where it was asked, with what was done and its undo."""
    back = local_address(form.get("back", ""), f"/encounters/{stay_id}")
    return see_other(request, back, Flash(text, undo=Undo(f"/assignments/{assignment_id}/reversal")))


@get("/encounters/{stay_id:uuid}/assignment", permission=Permission.STAY_TAKE, sync_to_thread=True)
def show_assignment(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Who has the stay, and the ways to change that."""
    return assignment_page(request, stay_id)


def assignment_page(request: Asked, stay_id: uuid.UUID, form: FormState | None = None) -> Response[bytes]:
    """Who has the stay; `form` is the take-over that came back with errors."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        owner = owner_of(db, stay_id)
        people = colleagues(db, viewer)
    context = {
        "stay_id": str(stay_id),
        "owner": owner,
        "mine": bool(owner and owner.user_id == viewer.user_id),
        "people": people,
        "may_assign": viewer.may(Permission.STAY_ASSIGN),
        "may_take": viewer.may(Permission.STAY_TAKE),
        "back": f"/encounters/{stay_id}/assignment",
        "form": form or FormState(),
    }
    status = 422 if form is not None else 200
    return stay_page(request, stay_id, Part("assignment", "worklists/_assignment.html", context, status))


@post("/encounters/{stay_id:uuid}/assignment", permission=Permission.STAY_ASSIGN, sync_to_thread=True)
def assign_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give the stay to a colleague."""
    ask, _ = read_form(AssignStay, form)
    if ask is None:
        state = FormState(errors={"": "Choose the person who should have the stay."})
        return assignment_page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        made = commands.assign(work, stay_id, ask)
    return carried_out(request, form, stay_id, "The stay is assigned.", made.id)


@post("/encounters/{stay_id:uuid}/own-assignment", permission=Permission.STAY_TAKE, sync_to_thread=True)
def take_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a stay that nobody has."""
    with begin(the_viewer(request)) as work:
        made = commands.take(work, stay_id)
    return carried_out(request, form, stay_id, "You have this stay now.", made.id)


@post("/encounters/{stay_id:uuid}/own-assignment/end", permission=Permission.STAY_TAKE, sync_to_thread=True)
def give_stay_back(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let go of one's own stay."""
    with begin(the_viewer(request)) as work:
        last = commands.give_back(work, stay_id)
    text = "Nobody has this stay now." if last.ended_at is not None else "Your colleague has this stay again."
    return carried_out(request, form, stay_id, text, last.id)


@post("/assignments/{assignment_id:uuid}/reversal", permission=Permission.STAY_TAKE, sync_to_thread=True)
def undo_assignment(
    request: Asked, assignment_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Put back the owner that one's own latest change replaced."""
    with begin(the_viewer(request)) as work:
        commands.undo(work, assignment_id)
    where = local_address(form.get("back", ""), came_from(request))
    return see_other(request, where, Flash("The owner is as it was before.", "blue"))


@post("/worklists/{name:str}/assignments", permission=Permission.STAY_TAKE, sync_to_thread=True)
def assign_selected(request: Asked, name: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take, or give to one colleague, every selected stay; all of them or none."""
    viewer = the_viewer(request)
    stays = commands.stays_of(form.all("stay"))
    back = local_address(form.get("back", ""), f"/worklists/{name}")
    if form.get("to_me") == "yes":
        with begin(viewer) as work:
            done = give_selected(work, stays, viewer.user_id, taking=True)
        return given_flash(request, back, f"You have {stays_text(done.done)} more on your list.", done)
    if not viewer.may(Permission.STAY_ASSIGN):
        raise Refused("Your role takes stays, it does not assign them. Ask the lead.")
    ask, _ = read_form(AssignStay, form)
    if ask is None:
        raise Refused("Choose the person who should have the selected stays.")
    with begin(viewer.acting(Permission.STAY_ASSIGN)) as work:
        done = give_selected(work, stays, ask.to)
    return given_flash(request, back, f"{stays_text(done.done)} assigned.", done)


ROUTES = [show_assignment, assign_stay, take_stay, give_stay_back, undo_assignment, assign_selected]
