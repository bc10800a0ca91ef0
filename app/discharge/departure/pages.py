"""Departure of a stay: the checklist, what is said of each item, and taking it back."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.departure import commands, showing
from app.discharge.departure.commands import SayItem
from app.discharge.departure.terms import Item
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
PAGE = "discharge/departure/_departure.html"


@get("/encounters/{stay_id:uuid}/departure", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_departure(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What has to be done before the patient leaves, and the packets that go along."""
    return departure_page(request, stay_id, FormState(id=""))


def departure_page(request: Asked, stay_id: uuid.UUID, form: FormState) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        context = showing.tab_context(db, stay, form)
        context["may"] = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
    return stay_page(request, stay_id, Part("departure", PAGE, context, 422 if form.errors else 200))


@post("/encounters/{stay_id:uuid}/departure/{item:str}", permission=WRITE, sync_to_thread=True)
def say(
    request: Asked, stay_id: FromPath[uuid.UUID], item: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what is said of one item."""
    named = _item(item)
    ask, state = read_form(SayItem, FormFields([*form.items(), ("item", named.value)]))
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.say_item(work, stay_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if ask is None or state.errors:
        state.id = named.value
        return departure_page(request, stay_id, state)
    said = Flash(f"{named.label}: {ask.state.label}.", undo=Undo(f"/encounters/{stay_id}/departure/{item}/reversal"))
    return see_other(request, f"/encounters/{stay_id}/departure", said)


@post("/encounters/{stay_id:uuid}/departure/{item:str}/reversal", permission=WRITE, sync_to_thread=True)
def take_back(
    request: Asked, stay_id: FromPath[uuid.UUID], item: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """What was said of the item does not count."""
    with begin(the_viewer(request)) as work:
        commands.take_back(work, stay_id, _item(item))
    return see_other(request, f"/encounters/{stay_id}/departure", Flash("Taken back. The item is open again.", "blue"))


def _item(word: str) -> Item:
    if word not in set(Item):
        raise NotFound("There is no such item on the checklist.")
    return Item(word)


ROUTES = [show_departure, say, take_back]
