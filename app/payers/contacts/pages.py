"""The log of contacts: the form on the stay and in the row, corrections, and what is open with one payer."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.united import Subject, subject
from app.clocks.settings.line_pages import place_of
from app.kernel.refusal import Refused
from app.payers.contacts import commands, showing
from app.payers.contacts.commands import AmendContact, LogContact
from app.payers.contacts.items import PayerItem, Wanted, open_items
from app.payers.contacts.queries import contact_version
from app.payers.directory.commands import check_payer
from app.payers.directory.queries import reach_of
from app.payers.tab import WRITE, payer_page
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import done, page, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
FORM = "payers/_contact.html"
UNDONE = StrikeOut(reason="Taken back right after it was recorded")


@get("/encounters/{stay_id:uuid}/payer-contacts/new", permission=WRITE, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID], next: FromQuery[str] = "") -> Response[bytes]:
    """The form of a contact; `next` is the payer whose open things are worked through one after the other."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        form = showing.usual(db, stay)
    form.given["next"] = next
    return _form_page(request, stay, form, 200)


def _form_page(
    request: Asked, stay: Subject, form: FormState, status: int, amends: uuid.UUID | None = None
) -> Response[bytes]:
    in_row = wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME
    form.id = f"c{stay.encounter_id}"
    with reading(the_viewer(request)) as db:
        context = showing.form_context(db, stay, form, amends)
    return stay_page(request, stay.encounter_id, Part("payer", FORM, context | {"in_row": in_row}, status))


@post("/encounters/{stay_id:uuid}/payer-contacts", permission=WRITE, sync_to_thread=True)
def take_contact(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a contact."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(LogContact, form)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.log_contact(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, stay, state, 422)
    onward = form.get("next", "")
    back = f"/payers/{onward}/open" if onward else f"/encounters/{stay.encounter_id}/payer"
    undo = Undo(f"/payer-contacts/{made.contact_id}/reversal")
    return done(
        request, "payers/_contacted.html", discloses=[stay.patient_id], changed=[stay.encounter_id], back=back,
        flash=Flash("The contact is recorded.", undo=undo), stay_id=str(stay.encounter_id), undo=undo.action,
        again=False,
    )  # fmt: skip


@post("/payer-contacts/{contact_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_contact(request: Asked, contact_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        stay = subject(work, contact_version(work, contact_id).encounter_id)
        commands.strike_contact(work, contact_id, UNDONE)
    return done(
        request, "payers/_contacted.html", discloses=[stay.patient_id], changed=[stay.encounter_id],
        back=f"/encounters/{stay.encounter_id}/payer", flash=Flash("The contact is struck out.", "blue"),
        stay_id=str(stay.encounter_id), undo="", again=True,
    )  # fmt: skip


@get("/payer-contacts/{contact_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, contact_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = contact_version(db, contact_id)
        stay = subject(db, one.encounter_id)
    return _form_page(request, stay, showing.of_version(one, stay), 200, contact_id)


@post("/payer-contacts/{contact_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, contact_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version of a contact, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, contact_version(db, contact_id).encounter_id)
    ask, state = read_form(AmendContact, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.amend_contact(work, contact_id, ask)
            said = "The contact is corrected; the earlier version stays readable."
            return see_other(request, f"/encounters/{stay.encounter_id}/payer", Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _form_page(request, stay, state, 422, contact_id)


@post("/payer-contacts/{contact_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end(request: Asked, contact_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a contact out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, contact_version(db, contact_id).encounter_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{contact_id}"
        return payer_page(request, stay.encounter_id, state)
    with begin(the_viewer(request)) as work:
        commands.strike_contact(work, contact_id, ask)
    return see_other(request, f"/encounters/{stay.encounter_id}/payer", Flash("The contact is struck out."))


@get("/payers/{payer_code:str}/open", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_open(request: Asked, payer_code: FromPath[str]) -> Response[bytes]:
    """Everything that is open with a payer, to be worked through while it is on the telephone."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.STAY_LIST)
    zone = ZoneInfo(place.timezone)
    with reading(viewer) as db:
        name = check_payer(db, place.id, payer_code)
        found = open_items(db, Wanted(place.id, payer_code, name, zone))
        reach = reach_of(db, place.id, payer_code)
    return page(
        request, "payers/open.html", fragment="payers/_open.html",
        discloses=list(dict.fromkeys(one.patient_id for one in found)), title=f"Open with {name}", name=name,
        code=payer_code, place=place.name, items=[_shown(one) for one in found],
        may_write=place.id in viewer.facilities_with(WRITE),
        reach=[{"kind": one.kind, "what": f"{one.purpose} {one.value}".strip(), "hours": one.hours} for one in reach],
    )  # fmt: skip


def _shown(one: PayerItem) -> dict[str, str]:
    return {"stay_id": str(one.encounter_id), "name": one.name, "place": one.place, "what": one.what,
            "detail": one.detail, "tone": one.tone, "when": one.when, "href": one.href}  # fmt: skip


ROUTES = [show_form, take_contact, undo_contact, show_amendment, amend, end, show_open]
