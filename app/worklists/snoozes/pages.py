"""Putting a stay aside on one's own list, and bringing it back."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import Refused
from app.kernel.wording import moment_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import done, local_address, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page
from app.worklists.snoozes import queries
from app.worklists.snoozes.commands import SnoozeStay, bring_back, snooze_stay
from app.worklists.snoozes.rules import offered, returns_at
from app.worklists.snoozes.terms import ReturnTime, SnoozeReason

Asked = Request[Any, Any, Any]
FORM = "worklists/snoozes/_snooze.html"
LABELS = {
    ReturnTime.HOUR: "In an hour",
    ReturnTime.AFTERNOON: "This afternoon",
    ReturnTime.TOMORROW: "Tomorrow",
    ReturnTime.CHANGE: "When the stay changes",
    ReturnTime.OWN: "At another time",
}


@get("/encounters/{stay_id:uuid}/snooze", permission=Permission.STAY_TAKE, sync_to_thread=True)
def show_snooze(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The ways to put the stay aside; or, when it is aside, the way to bring it back."""
    first = FormState(given={"until": ReturnTime.HOUR.value, "back": _came_from(request)})
    return _snooze_page(request, stay_id, first, 200)


def _came_from(request: Asked) -> str:
    """The list from which somebody came, so that they are led back to it."""
    sent = urlsplit(request.headers.get("referer", ""))
    address = sent.path + (f"?{sent.query}" if sent.query else "")
    return local_address(address, "") if sent.path.startswith("/worklists/") else ""


def _snooze_page(request: Asked, stay_id: uuid.UUID, form: FormState, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    in_row = _in_row(request)
    form.id = f"z{stay_id}" if in_row else "snooze"
    with reading(viewer) as db:
        context = _context(db, viewer, stay_id)
    return stay_page(request, stay_id, Part("snooze", FORM, context | {"form": form, "in_row": in_row}, status))


def _in_row(request: Asked) -> bool:
    """Whether the form stands in the row of a list, in the room of the row in place."""
    return wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME


def _said(request: Asked, stay: queries.Subject, stay_id: uuid.UUID, back: str, flash: Flash) -> Response[bytes]:
    """What was done: in the row it takes the place of the form, else it is said on the page that led here."""
    return done(
        request, "worklists/snoozes/_said.html", discloses=[stay.patient_id], back=back, changed=[stay_id], flash=flash,
        stay_id=str(stay_id), said=flash,
    )  # fmt: skip


def _context(db: Reading, viewer: Viewer, stay_id: uuid.UUID) -> dict[str, Any]:
    stay = queries.subject(db, stay_id)
    held = queries.aside(db, stay_id, viewer.user_id)
    times = []
    for choice in offered(db.now, stay.zone):
        at = returns_at(choice, db.now, stay.zone) if choice not in (ReturnTime.OWN, ReturnTime.CHANGE) else None
        text = LABELS[choice] + (f", {moment_text(at, stay.zone, db.now)}" if at else "")
        times.append({"value": choice.value, "label": text})
    return {
        "stay_id": str(stay_id),
        "here": stay.here,
        "held": None if held is None else {"id": str(held.id), "text": queries.aside_text(held, stay.zone, db.now)},
        "times": times,
        "reasons": [{"value": reason.value, "label": reason.label} for reason in SnoozeReason],
    }


@post("/encounters/{stay_id:uuid}/snooze", permission=Permission.STAY_TAKE, sync_to_thread=True)
def put_aside(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put the stay aside on one's own list."""
    ask, state = read_form(SnoozeStay, form)
    if ask is None:
        return _snooze_page(request, stay_id, state, 422)
    try:
        with begin(the_viewer(request)) as work:
            made = snooze_stay(work, stay_id, ask)
            stay = queries.subject(work, stay_id)
            text = "until it changes" if made.until is None else f"to {moment_text(made.until, stay.zone, work.now)}"
    except Refused as refused:
        if refused.field is None:
            raise
        state.refuse(refused)
        return _snooze_page(request, stay_id, state, 422)
    back = local_address(form.get("back", ""), f"/encounters/{stay_id}")
    flash = Flash(f"The stay is put aside {text}.", undo=Undo(f"/snoozes/{made.id}/reversal"))
    return _said(request, stay, stay_id, back, flash)


@post("/snoozes/{snooze_id:uuid}/reversal", permission=Permission.STAY_TAKE, sync_to_thread=True)
def undo_snooze(request: Asked, snooze_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Bring a stay back that one had put aside."""
    with begin(the_viewer(request)) as work:
        stay_id = bring_back(work, snooze_id).encounter_id
        stay = queries.subject(work, stay_id)
    back = local_address(form.get("back", ""), _came_from(request) or "/worklists/my-day")
    return _said(request, stay, stay_id, back, Flash("The stay is back on your list.", "blue"))


ROUTES = [show_snooze, put_aside, undo_snooze]
