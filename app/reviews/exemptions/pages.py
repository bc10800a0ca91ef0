"""The page of the policies by which a review that is not met need not go to a physician."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.reviews.exemptions import commands
from app.reviews.exemptions.commands import AddPolicy
from app.reviews.exemptions.queries import every_row, policies
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SET = Permission.CRITERIA_SET
WHERE = "/review-exemptions"


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return place


@get(WHERE, permission=Permission.REVIEW_WRITE, sync_to_thread=True)
def show_policies(request: Asked) -> Response[bytes]:
    """The policies of the facility."""
    return _page(request, FormState(), 200)


def _page(request: Asked, state: FormState, status: int) -> Response[bytes]:
    viewer, place = the_viewer(request), _place(request)
    with reading(viewer) as db:
        now = policies(db, place.id)
        rows = every_row(db, place.id)
    return page(
        request, "reviews/exemptions/policies.html", discloses=NO_PHI, title="Policies without referral", status=status,
        policies=[{"code": one.code, "label": one.label, "explanation": one.explanation} for one in now],
        ended=[one.label for one in rows if one.ended_at is not None],
        shipped=not rows, may_set=viewer.may(SET), form=state, where=WHERE,
    )  # fmt: skip


@post(WHERE, permission=SET, sync_to_thread=True)
def add(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put a policy on the list."""
    ask, state = read_form(AddPolicy, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.add_policy(work, _place(request).id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _page(request, state, 422)
    return see_other(request, WHERE, Flash("The policy is on the list."))


@post(f"{WHERE}/{{code:str}}/end", permission=SET, sync_to_thread=True)
def end(request: Asked, code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a policy off the list."""
    with begin(the_viewer(request)) as work:
        commands.end_policy(work, _place(request).id, code)
    return see_other(request, WHERE, Flash("The policy is off the list. Reviews that named it keep it."))


ROUTES = [show_policies, add, end]
