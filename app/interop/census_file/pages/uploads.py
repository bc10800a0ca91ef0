"""Uploading a census file: chosen, looked at, taken or discarded."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.interop.census_file.comparing import files
from app.interop.census_file.pages.showing import contents_text, file_text
from app.interop.census_file.reading.decoding import Unreadable
from app.interop.census_file.settings import applies, settings_of
from app.interop.census_file.storing import ACTOR, LARGEST, understood
from app.interop.census_file.taking.uploading import AskUpload, as_file, discard_upload, own_upload, take_upload, upload
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text
from app.platform.now import now
from app.platform.work import Disclosure, begin, disclose, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, route_name, see_other, the_viewer

Ask = Request[Any, Any, Any]
REPAIR = Permission.CENSUS_REPAIR


def upload_form(viewer: Viewer, state: FormState | None = None) -> dict[str, Any]:
    """What the form needs: the facilities whose files this person takes, and the present instant in their time."""
    mine = [place for place in viewer.places if place.id in viewer.scope.facilities]
    here = viewer.place if viewer.place in mine else next(iter(mine), None)
    zone = ZoneInfo(here.timezone if here else "UTC")
    usual = {"taken_at": f"{now().astimezone(zone):%Y-%m-%dT%H:%M}", "facility": here.code if here else ""}
    return {
        "form": state or FormState(given=usual, id="upload"),
        "places": [{"value": place.code, "label": place.name} for place in mine],
        "megabytes": str(LARGEST // 1024 // 1024),
    }


@post("/reconciliation/uploads", permission=REPAIR, sync_to_thread=True, request_max_body_size=LARGEST + 1_000_000)
def take_upload_in(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Keep a file aside and show what is understood of it; one that cannot be read is not kept."""
    viewer = the_viewer(request)
    ask, state = read_form(AskUpload, form)
    state.id = "upload"
    sent = form.files.get("census")
    if ask is not None and sent is None:
        state.errors["census"] = "Choose a file."
    if ask is None or sent is None:
        return _again(request, viewer, state)
    place = next((one for one in viewer.places if one.code == ask.facility), None)
    zone = ZoneInfo(place.timezone if place else "UTC")
    if ask.taken_at.tzinfo is None:
        ask = ask.model_copy(update={"taken_at": ask.taken_at.replace(tzinfo=zone)})
    try:
        key = upload(viewer, ask, sent.filename or "upload.csv", sent.file.read())
    except Unreadable as error:
        return _again(request, viewer, state.refuse(Refused(error.sentence, field="census")))
    except Refused as refused:
        return _again(request, viewer, state.refuse(refused))
    return see_other(request, f"/reconciliation/uploads/{key}")


def _again(request: Ask, viewer: Viewer, state: FormState) -> Response[bytes]:
    with reading(ACTOR) as view:
        found = [file_text(one, view.now) for one in files(view, viewer.scope.facilities)]
    return page(request, "interop/census/files.html", discloses=NO_PHI, title="Census files", files=found, status=422,
                **upload_form(viewer, state))  # fmt: skip


@get("/reconciliation/uploads/{upload_id:uuid}", permission=REPAIR, sync_to_thread=True)
def show_upload(request: Ask, upload_id: FromPath[UUID]) -> Response[bytes]:
    """What is understood of an uploaded file, before it is taken."""
    viewer = the_viewer(request)
    with begin(ACTOR) as work:
        row = own_upload(work, viewer, upload_id)
        contents, habits = understood(work, as_file(row))
        applied = applies(work, row.facility_id, settings_of(work, row.facility_id))
        taken = dated_text(row.taken_at, ZoneInfo(habits.timezone), work.now)
        place = next(one.name for one in viewer.places if one.id == row.facility_id)
    disclose(viewer, Disclosure(route_name(request), [], viewer.address, "view", "uploaded census file"))
    return page(request, "interop/census/upload.html", discloses=NO_PHI, title="Look at the file", upload={
        "id": str(upload_id), "name": row.name, "taken": taken, "facility": place, "applied": applied,
    }, seen=contents_text(contents))  # fmt: skip


@post("/reconciliation/uploads/{upload_id:uuid}/files", permission=REPAIR, sync_to_thread=True)
def take_it(request: Ask, upload_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the file."""
    taken = take_upload(the_viewer(request), upload_id)
    said = "The file was taken." if taken.new else "This file was taken before; nothing was changed."
    return see_other(request, f"/reconciliation/files/{taken.file_id}", Flash(said))


@post("/reconciliation/uploads/{upload_id:uuid}/discards", permission=REPAIR, sync_to_thread=True)
def discard_it(request: Ask, upload_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let the upload go."""
    discard_upload(the_viewer(request), upload_id)
    return see_other(request, "/reconciliation", Flash("The upload was discarded. Nothing of it was kept."))


ROUTES = [take_upload_in, show_upload, take_it, discard_it]
