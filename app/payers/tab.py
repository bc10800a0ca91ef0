"""The tab Payer of a stay: authorizations with their days, contacts, what is owed to and by the payer."""

import uuid
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.payers.authorizations import queries, showing
from app.payers.contacts.showing import contacts_words
from app.payers.directory.queries import payers_of, reach_of
from app.payers.sending import files
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormState
from app.web.past.reading import reading_then
from app.web.render import the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.AUTHORIZATION_WRITE
TAB = "payers/_payer.html"


@get("/encounters/{stay_id:uuid}/payer", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_payer(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What the payers of the stay were asked, what they answered, who spoke with them."""
    return payer_page(request, stay_id)


def payer_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        context = _context(db, viewer, subject(db, stay_id))
    context["form"] = state or FormState(id="none")
    return stay_page(request, stay_id, Part("payer", TAB, context, 422 if state else 200))


def _context(db: Reading, viewer: Viewer, stay: Subject) -> dict[str, Any]:
    may = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
    held = queries.authorizations(db, stay.encounter_id)
    sent = files(db, [one.id for one in held])
    found = [showing.authorization_words(one, db, stay) | {"files": sent.get(one.id, [])} for one in held]
    return {
        "stay_id": str(stay.encounter_id),
        "may_write": may,
        "may_send": db.as_of is None and stay.facility_id in viewer.facilities_with(Permission.PAYER_SEND),
        "payers": [_payer(db, stay, one.payer_code, one.name)
                   for one in payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])],
        "authorizations": [one for one in found if one["stands"]],
        "struck_out": [one for one in found if not one["stands"]],
        "contacts": contacts_words(db, stay),
    }  # fmt: skip


def _payer(db: Reading, stay: Subject, code: str, name: str) -> dict[str, Any]:
    reach = reach_of(db, stay.facility_id, code) if code else []
    return {
        "name": name,
        "code": code,
        "reach": [{"kind": one.kind, "what": " ".join(part for part in (one.purpose, one.value) if part),
                   "hours": one.hours} for one in reach],
    }  # fmt: skip


ROUTES = [show_payer]
