"""The door before a protected stay: a reason and proof of who asks open it for four hours, or until it is closed."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.accounts.glass import BreakGlass, close_stay, open_stay
from app.census.stay.pages import protected
from app.census.stay.queries import NOT_THERE, is_restricted
from app.kernel.refusal import NotFound, Refused
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer


@get("/encounters/{encounter_id:uuid}/glass", permission=Permission.STAY_SEE, sync_to_thread=True)
def door(request: Request[Any, Any, Any], encounter_id: FromPath[UUID]) -> Response[bytes]:
    """Asks for a reason; leads to the stay where none is needed."""
    with reading(the_viewer(request)) as db:
        if db.value("select true from encounter where id = %s", (encounter_id,)):
            return see_other(request, f"/encounters/{encounter_id}")
        if not is_restricted(db, encounter_id):
            raise NotFound(NOT_THERE)
    return protected(request, encounter_id, FormState(id="glass"))


@post("/encounters/{encounter_id:uuid}/glass", permission=Permission.GLASS_BREAK, sync_to_thread=True)
def break_it(
    request: Request[Any, Any, Any], encounter_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Opens the stay for four hours and leads to it."""
    ask, state = read_form(BreakGlass, form, hidden=("proof",))
    state.id = "glass"
    if ask is None:
        return protected(request, encounter_id, state)
    try:
        open_stay(the_viewer(request), encounter_id, ask)
    except Refused as refused:
        return protected(request, encounter_id, state.refuse(refused))
    return see_other(request, f"/encounters/{encounter_id}")


@post("/encounters/{encounter_id:uuid}/glass/end", permission=Permission.GLASS_BREAK, sync_to_thread=True)
def close_it(
    request: Request[Any, Any, Any], encounter_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Closes the stay again, before its four hours are over."""
    close_stay(the_viewer(request), encounter_id)
    return see_other(request, "/", Flash("The protected stay is closed to you again."))


ROUTES = [door, break_it, close_it]
