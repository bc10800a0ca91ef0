"""Reconciliation: the files, one file beside the census, repairs and the way back."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.interop.census_file.comparing import Comparison, Kind, compare, file_of, files
from app.interop.census_file.pages.showing import counts, file_text, groups, repairs_made
from app.interop.census_file.pages.uploads import upload_form
from app.interop.census_file.repairs import AskRepair, repair, take_back
from app.interop.census_file.storing import ACTOR
from app.kernel.refusal import Refused
from app.platform.work import Disclosure, disclose, reading
from app.security.permissions import Permission
from app.web.forms import FormFields
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, route_name, see_other, the_viewer

Ask = Request[Any, Any, Any]
REPAIR = Permission.CENSUS_REPAIR


@get("/reconciliation", permission=REPAIR, sync_to_thread=True)
def show_files(request: Ask) -> Response[bytes]:
    """The census files of one's facilities, and a form to take another."""
    viewer = the_viewer(request)
    with reading(ACTOR) as view:
        found = [file_text(one, view.now) for one in files(view, viewer.scope.facilities)]
    return page(request, "interop/census/files.html", discloses=NO_PHI, title="Census files", files=found,
                **upload_form(viewer))  # fmt: skip


@get("/reconciliation/files/{file_id:int}", permission=REPAIR, sync_to_thread=True)
def show_file(request: Ask, file_id: FromPath[int]) -> Response[bytes]:
    """One file beside the census of its instant."""
    return _file_page(request, file_id)


@get("/reconciliation/files/{file_id:int}/comparison", permission=REPAIR, quiet=True, sync_to_thread=True)
def show_comparison(request: Ask, file_id: FromPath[int]) -> Response[bytes]:
    """The part of the page that changes when stays change; the page asks for it by itself."""
    return _file_page(request, file_id)


def _file_page(request: Ask, file_id: int, refused: str = "") -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(ACTOR) as view:
        compared = compare(view, file_of(view, file_id, viewer.scope.facilities), viewer)
        context: dict[str, Any] = {
            "file": file_text(compared.file, view.now), "groups": groups(compared, view.now),
            **counts(compared),
            "repairs": repairs_made(view, compared.file), "refused": refused,
        }  # fmt: skip
    people = _people(compared)
    if not people and compared.items:
        # Nobody known is named, and yet rows of the file tell of persons: that they were read is written down.
        disclose(viewer, Disclosure(route_name(request), [], viewer.address, "view", f"census file {file_id}"))
    return page(request, "interop/census/file.html", fragment="interop/census/_comparison.html", discloses=people,
                title=f"Census file of {context['file']['taken']}", status=409 if refused else 200,
                **context)  # fmt: skip


def _people(compared: Comparison) -> list[UUID]:
    shown = [one for one in compared.items if not one.hidden]
    keys = [key for one in shown for key in (one.patient_id, one.ours.patient_id if one.ours else None)]
    return list(dict.fromkeys(key for key in keys if key is not None))


@post("/reconciliation/files/{file_id:int}/repairs", permission=REPAIR, sync_to_thread=True)
def make_repair(request: Ask, file_id: FromPath[int], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make the census agree with the file in one stay, or in all stays of a group."""
    kind, _, stay = form.get("what", "").partition(":")
    if kind not in set(Kind):
        return _file_page(request, file_id, "Choose which stay is to be repaired.")
    ask = AskRepair(kind=Kind(kind), stay=stay[:80], reason=form.get("reason", "")[:300])
    try:
        done = repair(the_viewer(request), file_id, ask)
    except Refused as refused:
        return _file_page(request, file_id, refused.sentence)
    said = "One stay was repaired." if done.count == 1 else f"{done.count} stays were repaired."
    undo = Undo(f"/reconciliation/repairs/{done.batch_id}/undo")
    return see_other(request, f"/reconciliation/files/{file_id}", Flash(said, undo=undo))


@post("/reconciliation/repairs/{batch_id:uuid}/undo", permission=REPAIR, sync_to_thread=True)
def undo_repair(request: Ask, batch_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike out what repairs made together said."""
    try:
        file_id, count = take_back(the_viewer(request), batch_id)
    except Refused as refused:
        return see_other(request, "/reconciliation", Flash(refused.sentence, tone="amber"))
    said = "The repair was taken back." if count == 1 else f"{count} repairs were taken back."
    return see_other(request, f"/reconciliation/files/{file_id}", Flash(said))


ROUTES = [show_files, show_file, show_comparison, make_repair, undo_repair]
