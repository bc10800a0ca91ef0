"""One stay of a colleague: taken over for a while, kept."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import Refused
from app.platform.work import begin
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.render import the_viewer
from app.worklists.assignment.cover import takeover
from app.worklists.assignment.cover.takeover import TakeOver
from app.worklists.assignment.pages import assignment_page, carried_out

Asked = Request[Any, Any, Any]


@post("/encounters/{stay_id:uuid}/takeover", permission=Permission.STAY_TAKE, sync_to_thread=True)
def take_over_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Have a colleague's stay until a time, with a reason."""
    ask, state = read_form(TakeOver, form)
    if ask is None:
        return assignment_page(request, stay_id, state)
    try:
        with begin(the_viewer(request)) as work:
            made = takeover.take_over(work, stay_id, ask)
    except Refused as refused:
        return assignment_page(request, stay_id, state.refuse(refused))
    return carried_out(request, form, stay_id, "You have this stay until the time you chose.", made.id)


@post("/encounters/{stay_id:uuid}/own-assignment/keep", permission=Permission.STAY_TAKE, sync_to_thread=True)
def keep_stay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """What one covers becomes one's own."""
    with begin(the_viewer(request)) as work:
        made = takeover.keep(work, stay_id)
    return carried_out(request, form, stay_id, "This stay is yours from now on.", made.id)


ROUTES = [take_over_stay, keep_stay]
