"""Where lists leave the house: as files, and on paper by the browser. Both are recorded before anything is sent."""

from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound
from app.platform.work import begin
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields
from app.web.render import show, the_viewer
from app.web.routes import require_same_origin
from app.worklists.out.events import ListTakenOut
from app.worklists.out.files import csv_file, xlsx_file
from app.worklists.out.forms import OutForm
from app.worklists.out.paper import pdf_file
from app.worklists.out.taking import Taken, take
from app.worklists.pages import asking

Asked = Request[Any, Any, Any]
_WRITERS: dict[OutForm, Callable[[Taken], bytes]] = {
    OutForm.CSV: csv_file,
    OutForm.XLSX: xlsx_file,
    OutForm.PDF: pdf_file,
}


@get("/worklists/{name:str}/out/{kind:str}", permission=Permission.LIST_EXPORT, sync_to_thread=True)
def take_out(request: Asked, name: FromPath[str], kind: FromPath[str]) -> Response[bytes]:
    """The list under the view of its address, as a file."""
    require_same_origin(request)
    if kind not in set(OutForm):
        raise NotFound("Lists are taken out as CSV, XLSX or PDF.")
    chosen = OutForm(kind)
    viewer = the_viewer(request)
    if viewer.place is not None and viewer.place.id not in viewer.facilities_with(Permission.LIST_EXPORT):
        raise PermissionDeniedException("Your role in this facility does not take lists out.")
    taken, view = _taken(request, name)
    body = _WRITERS[chosen](taken)
    _record(request, taken, chosen.value, view)
    headers = {"Content-Disposition": f'attachment; filename="{taken.file_name}.{chosen}"', "Cache-Control": "no-store"}
    return Response(body, media_type=chosen.media_type, headers=headers)


@post("/worklists/{name:str}/prints", permission=Permission.STAY_LIST, past_too=True, sync_to_thread=True)
def report_print(request: Asked, name: FromPath[str], form: NamedDependency[FormFields]) -> Response[None]:
    """A page reports that its list goes to a printer, under the view of the address."""
    taken, view = _taken(request, name)
    _record(request, taken, "print", view)
    return Response(None, status_code=204)


def _taken(request: Asked, name: str) -> tuple[Taken, str]:
    with asking(request, name) as (ask, _):
        return take(ask, _name_of(the_viewer(request))), ask.view.query(open_row=False)


def _name_of(viewer: Viewer) -> str:
    return viewer.display_name + (f", {viewer.credentials}" if viewer.credentials else "")


def _record(request: Asked, taken: Taken, form: str, view: str) -> None:
    """In both trails: what happened, and whose information left."""
    viewer, stays = the_viewer(request), len(taken.rows)
    place = viewer.place
    assert place is not None, "a list was read, which needs a facility"
    with begin(viewer) as work:
        work.record(
            ListTakenOut(
                facility_id=place.id,
                list_name=taken.built.name,
                form=form,
                view=view,
                stays=stays,
                restricted=taken.restricted,
            )
        )
    detail = f"{taken.built.name} {form}, {stays} stays" + (f", {view}" if view else "")
    show(request, taken.patients, kind="print" if form == "print" else "export", detail=detail)


ROUTES = [take_out, report_print]
