"""The monitor of the exchange: what waits for people, what was sent, what came in."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from app.interop.payer_files import queries
from app.interop.payer_files.pages.showing import in_text, item_text, out_text
from app.interop.payer_files.settings import exchanges
from app.interop.payer_files.taking import TakePayerFile, take
from app.interop.x12.segments import LARGEST
from app.kernel.refusal import Refused
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Ask = Request[Any, Any, Any]
SET = Permission.EXCHANGE_SET


@get("/payer-files", permission=SET, sync_to_thread=True)
def show_files(request: Ask) -> Response[bytes]:
    """Answers to look at, files out, files in, and a form to bring a file by hand."""
    return _page(request, FormState(id="bring"), 200)


def _page(request: Ask, form: FormState, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    may_open = viewer.may(Permission.STAY_SEE)
    with reading(viewer) as db:
        now = db.now
        waiting = [item_text(one, now, may_open=may_open) for one in queries.open_items(db)]
        out = [out_text(one, now) for one in queries.files_out(db)]
        known = exchanges(db)
    came = [in_text(one, now) for one in queries.files_in(viewer.scope.facilities)]
    names = {place.id: place.name for place in viewer.places}
    places = [
        {"value": f"{one.facility_id}:{one.payer_code}", "label": f"{one.payer_name}, {names.get(one.facility_id, '')}"}
        for one in known
    ]
    return page(
        request, "interop/payers/files.html", discloses=NO_PHI, title="Payer files", status=status, waiting=waiting,
        out=out, came=came, payers=places, form=form, may_open=may_open, may_send=viewer.may(Permission.PAYER_SEND),
    )  # fmt: skip


@post("/payer-files/in", permission=SET, sync_to_thread=True, request_max_body_size=LARGEST + 1_000_000)
def bring_file(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a file that came another way: by mail, or from the payer's web site."""
    viewer = the_viewer(request)
    state = FormState(given={"payer": form.get("payer", "")}, id="bring")
    sent = form.files.get("file")
    facility, _, payer = form.get("payer", "").partition(":")
    if not (facility.isdigit() and len(facility) < 5 and int(facility) in viewer.scope.facilities and payer):
        state.errors["payer"] = "Choose the payer."
    if sent is None or not sent.filename:
        state.errors["file"] = "Choose a file."
    if state.errors or sent is None:
        return _page(request, state, 422)
    try:
        ask = TakePayerFile(int(facility), payer, sent.filename or "file", sent.file.read(), person=viewer.user_id)
        taken = take(ask)
    except Refused as refused:
        return _page(request, state.refuse(refused), 422)
    said = (
        "The file was stored and is being read."
        if taken.new
        else "This file was taken before; nothing follows from it."
    )
    return see_other(request, f"/payer-files/in/{taken.file_id}", Flash(said, "blue"))


ROUTES = [show_files, bring_file]
