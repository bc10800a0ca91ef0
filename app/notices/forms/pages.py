"""The page of the official forms: what is in use, what has expired, and a form to put another edition in use."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.notices.forms import queries
from app.notices.forms.commands import LARGEST, AddForm, add_form, end_form
from app.notices.forms.models import OfficialForm
from app.notices.rules import DELIVERABLE, name_of
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]


@get("/notice-forms", permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
def show_forms(request: Asked) -> Response[bytes]:
    """The editions of the facility being worked in."""
    return _page(request, FormState(id="form"), 200)


def _page(request: Asked, form: FormState, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    place = _place(request)
    with reading(viewer) as db:
        rows = _rows(db, place)
    return page(
        request, "notices/forms/forms.html", discloses=NO_PHI, title="Official forms", status=status, forms=rows,
        place=place.name, form=form, may_change=place.id in viewer.facilities_with(Permission.NOTICE_FORM),
        kinds=[{"value": kind.value, "label": name_of(kind)} for kind in DELIVERABLE],
    )  # fmt: skip


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("Official forms belong to a facility. Choose one first.")
    return place


def _rows(db: Reading, place: Place) -> list[dict[str, Any]]:
    today = local_day(db.now, ZoneInfo(place.timezone))
    found = queries.forms(db, place.id)
    used: set[tuple[str, str]] = set()
    lines = []
    for one in found:
        key = (one.kind, one.language.lower())
        in_use = one.ended_at is None and one.begins <= today and key not in used
        if in_use:
            used.add(key)
        words = queries.words(one, today)
        state = "in use" if in_use else "out of use" if one.ended_at or one.begins <= today else "from its day on"
        lines.append(
            words
            | {"id": str(one.id), "name": name_of(next(kind for kind in DELIVERABLE if kind == one.kind)),
               "language": one.language or "English", "begins": f"{one.begins:%-d %b %Y}", "by": one.made_by,
               "state": "expired" if in_use and words["expired"] else state, "ended": one.ended_at is not None}
        )  # fmt: skip
    return lines


@post(
    "/notice-forms", permission=Permission.NOTICE_FORM, sync_to_thread=True, request_max_body_size=LARGEST + 1_000_000
)
def take_form(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put an edition in use."""
    ask, state = read_form(AddForm, form)
    state.id = "form"
    sent = form.files.get("file")
    if sent is None:
        state.errors["file"] = "Choose a file."
    if ask is None or sent is None:
        return _page(request, state, 422)
    try:
        with begin(the_viewer(request)) as work:
            add_form(work, _place(request).id, ask, sent.filename or "form.pdf", sent.file.read())
    except Refused as refused:
        return _page(request, state.refuse(refused), 422)
    return see_other(request, "/notice-forms", Flash("The form is in use from its day on."))


@post("/notice-forms/{form_id:uuid}/end", permission=Permission.NOTICE_FORM, sync_to_thread=True)
def withdraw_form(request: Asked, form_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take an edition out of use."""
    with begin(the_viewer(request)) as work:
        end_form(work, form_id)
    return see_other(request, "/notice-forms", Flash("The form is out of use.", "blue"))


@get("/notice-forms/{form_id:uuid}/file", permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
def form_file(request: Asked, form_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The file of an edition, to print."""
    with begin(the_viewer(request)) as work:
        found = work.get(OfficialForm, form_id, "There is no such form, or it belongs to another facility.")
    headers = {"Content-Disposition": f'inline; filename="{found.file_name}"'}
    return Response(found.content, media_type="application/pdf", headers=headers)


ROUTES = [show_forms, take_form, withdraw_form, form_file]
