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
from app.web.forms import FormFields, read_form
from app.web.frame import Flash, Undo
from app.web.render import local_address, see_other, the_viewer
from app.web.stay import Part, stay_page
from app.worklists.assignment import commands
from app.worklists.assignment.commands import AssignStay
from app.worklists.assignment.people import colleagues, owner_of

Asked = Request[Any, Any, Any]


def _done(request: Asked, form: FormFields, stay_id: uuid.UUID, text: str, assignment_id: uuid.UUID) -> Response[bytes]:
    back = local_address(form.get("back", ""), f"/encounters/{stay_id}")
    return see_other(request, back, Flash(text, undo=Undo(f"/assignments/{assignment_id}/reversal")))


@get("/encounters/{stay_id:uuid}/assignment", permission=Permission.STAY_TAKE, sync_to_thread=True)
def show_assignment(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Who has the stay, and the ways to change that."""
    return _assignment_page(request, stay_id, {}, 200)


def _assignment_page(request: Asked, stay_id: uuid.UUID, errors: dict[str, str], status: int) -> Response[bytes]:
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
        "errors": list(errors.values()),
    }
    return stay_page(request, stay_id, Part("assignment", "worklists/_assignment.html", context, status))


@post("/encounters/{stay_id:uuid}/assignment", permission=Permission.STAY_ASSIGN, sync_to_thread=True)
def assign_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give the stay to a colleague."""
    ask, _ = read_form(AssignStay, form)
    if ask is None:
        return _assignment_page(request, stay_id, {"to": "Choose the person who should have the stay."}, 422)
    with begin(the_viewer(request)) as work:
        made = commands.assign(work, stay_id, ask)
    return _done(request, form, stay_id, "The stay is assigned.", made.id)


@post("/encounters/{stay_id:uuid}/own-assignment", permission=Permission.STAY_TAKE, sync_to_thread=True)
def take_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a stay that nobody has."""
    with begin(the_viewer(request)) as work:
        made = commands.take(work, stay_id)
    return _done(request, form, stay_id, "You have this stay now.", made.id)


@post("/encounters/{stay_id:uuid}/own-assignment/end", permission=Permission.STAY_TAKE, sync_to_thread=True)
def give_stay_back(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let go of one's own stay."""
    with begin(the_viewer(request)) as work:
        ended = commands.give_back(work, stay_id)
    return _done(request, form, stay_id, "Nobody has this stay now.", ended.id)


@post("/assignments/{assignment_id:uuid}/reversal", permission=Permission.STAY_TAKE, sync_to_thread=True)
def undo_assignment(
    request: Asked, assignment_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Put back the owner that one's own latest change replaced."""
    with begin(the_viewer(request)) as work:
        commands.undo(work, assignment_id)
    back = local_address(request.headers.get("referer", ""), "/worklists")
    return see_other(
        request, local_address(form.get("back", ""), back), Flash("The owner is as it was before.", "blue")
    )


@post("/worklists/{name:str}/assignments", permission=Permission.STAY_TAKE, sync_to_thread=True)
def assign_selected(request: Asked, name: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take, or give to one colleague, every selected stay; all of them or none."""
    viewer = the_viewer(request)
    stays = commands.stays_of(form.all("stay"))
    back = local_address(form.get("back", ""), f"/worklists/{name}")
    if form.get("to_me") == "yes":
        with begin(viewer) as work:
            for stay_id in stays:
                commands.take(work, stay_id)
        return see_other(request, back, Flash(f"You have {_stays(len(stays))} more on your list."))
    if not viewer.may(Permission.STAY_ASSIGN):
        raise Refused("Your role takes stays, it does not assign them. Ask the lead.")
    ask, _ = read_form(AssignStay, form)
    if ask is None:
        raise Refused("Choose the person who should have the selected stays.")
    with begin(viewer.acting(Permission.STAY_ASSIGN)) as work:
        for stay_id in stays:
            commands.assign(work, stay_id, ask)
    return see_other(request, back, Flash(f"{_stays(len(stays))} assigned."))


def _stays(number: int) -> str:
    return "1 stay" if number == 1 else f"{number} stays"


ROUTES = [show_assignment, assign_stay, take_stay, give_stay_back, undo_assignment, assign_selected]
