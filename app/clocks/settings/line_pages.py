"""`/payers/lines`: payers and plans that the feed has named, and the line of business that the clocks take them for."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.settings import lines
from app.clocks.settings.lines import PayerRow, SetLine
from app.clocks.terms import Line
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import moment_text
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Ask = Request[Any, Any, Any]
PAGE = "/payers/lines"
NOWHERE = "You work in no facility yet. Ask an administrator for a role."
WORDS = {
    Line.MEDICARE_FFS: "Original Medicare",
    Line.MEDICARE_ADVANTAGE: "Medicare Advantage",
    Line.MEDICAID_FFS: "Medicaid, paid by the state",
    Line.MEDICAID_MCO: "Medicaid plan",
    Line.COMMERCIAL: "Commercial",
    Line.SELF_PAY: "Self-pay",
    Line.OTHER: "Other, such as workers' compensation",
}


def place_of(viewer: Viewer, permission: Permission) -> Place:
    """The facility that is worked in, where the permission is held; else there is no such page."""
    place = viewer.place
    if place is None or place.id not in viewer.facilities_with(permission):
        raise NotFound(NOWHERE)
    return place


@get(PAGE, permission=Permission.PAYER_LINE_SET, sync_to_thread=True)
def show_lines(request: Ask) -> Response[bytes]:
    """All of them, the unknown ones first."""
    return _page(request, FormState())


def _page(request: Ask, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.PAYER_LINE_SET)
    zone = ZoneInfo(place.timezone)
    with reading(viewer) as view:
        rows = lines.payer_rows(view, place.id)
        now = view.now
    shown = [
        _shown(number, row) | {"since": moment_text(row.set_at, zone, now) if row.set_at else ""}
        for number, row in enumerate(rows, 1)
    ]
    return page(
        request, "clocks/lines.html", discloses=NO_PHI, title="Payers' lines", status=422 if form.errors else 200,
        place=place.name, form=form, rows=shown, unknown=sum(1 for row in rows if not row.origin),
        choices=[{"value": line.value, "label": words} for line, words in WORDS.items()],
    )  # fmt: skip


def _shown(number: int, row: PayerRow) -> dict[str, Any]:
    plan = "all plans" if row.whole else f"plan {row.plan_code}" if row.plan_code else ""
    return {
        "number": number, "name": row.name, "plan": plan, "payer_code": row.payer_code, "plan_code": row.plan_code,
        "stays": row.stays, "words": WORDS[row.line] if row.line else "Unknown", "line": row.line or "",
        "origin": row.origin, "settable": row.settable, "set_id": str(row.set_id or ""), "by": row.set_by,
    }  # fmt: skip


@post(PAGE, permission=Permission.PAYER_LINE_SET, sync_to_thread=True)
def take_line(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set the line of one payer or plan."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.PAYER_LINE_SET)
    ask, state = read_form(SetLine, form)
    if ask is None:
        return _page(request, FormState(errors={"": "Choose a line for the payer, then save it."}))
    try:
        with begin(viewer) as work:
            made = lines.set_line(work, place.id, ask)
    except Refused as refused:
        return _page(request, state.refuse(refused))
    text = f"{WORDS[ask.line]} is set. Deadlines of its stays are being computed anew."
    return see_other(request, PAGE, Flash(text, undo=Undo(f"{PAGE}/{made.id}/end")))


@post(f"{PAGE}/{{line_id:uuid}}/end", permission=Permission.PAYER_LINE_SET, sync_to_thread=True)
def end_line(request: Ask, line_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a line back."""
    with begin(the_viewer(request)) as work:
        lines.take_back_line(work, line_id)
    return see_other(request, PAGE, Flash("The line is taken back. Deadlines of its stays are being computed anew."))


ROUTES = [show_lines, take_line, end_line]
