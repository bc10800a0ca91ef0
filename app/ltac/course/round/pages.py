"""`/ltac/weaning`: every ventilated patient of the hospital by bed; one key charts today and goes on to the next."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import age_text, day_text
from app.ltac.course import strip
from app.ltac.course.round.queries import Visited, patients
from app.ltac.course.stay.pages import chart_by_key
from app.ltac.course.stay.showing import support_keys
from app.ltac.course.terms import Support
from app.ltac.kind import long_term_facility
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, the_viewer, wants_piece

Asked = Request[Any, Any, Any]
CHART = Permission.LTAC_CHART
PAGE = "/ltac/weaning"
WHOLE, PIECE = "ltac/course/round.html", "ltac/course/_round.html"
STRIP_DAYS = 14


class _Said:
    """What was said to the person a moment ago, and where the hand is to go."""

    def __init__(self, text: str = "", undo: str = "", tone: str = "green", status: int = 200) -> None:
        self.text, self.undo, self.tone, self.status = text, undo, tone, status


@get(PAGE, permission=CHART, sync_to_thread=True)
def show_round(request: Asked, at: FromQuery[str] = "") -> Response[bytes]:
    """The round; `at` is the stay that takes the focus."""
    return _page(request, _Said(), at)


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility. Ask an administrator for a role.")
    return place


def _page(request: Asked, said: _Said, focus: str) -> Response[bytes]:
    viewer, place = the_viewer(request).acting(CHART), _place(request)
    with reading(viewer) as db:
        long_term = long_term_facility(db, place.id)
        found = patients(db, place.id) if long_term else []
        now, today = db.now, local_day(db.now, ZoneInfo(place.timezone))
    rows = [_row(one, today, one.course.strip(now, STRIP_DAYS) if one.course else []) for one in found if one.on_round]
    others = [_row(one, today, []) for one in found if not one.on_round]
    return page(
        request, WHOLE, fragment=PIECE, discloses=list({one.patient.patient_id: None for one in found}),
        title="Weaning round", status=said.status, rows=rows, others=others, said=said, focus=focus,
        place=place.name, long_term=long_term, today=day_text(today, today), legend=strip.legend(),
        charted=sum(1 for one in rows if one["now"]),
    )  # fmt: skip


def _row(one: Visited, today: date, days: Sequence[Any]) -> dict[str, Any]:
    standing = one.course.standing if one.course is not None else None
    now = next((entry.support for entry in (one.course.entries if one.course else ()) if entry.day == today), "")
    return {
        "id": str(one.patient.id),
        "name": one.patient.name,
        "who": f"{age_text(one.patient.birth, today)} {one.patient.sex}".strip(),
        "place": one.patient.place,
        "away": one.patient.status == "on_leave",
        "boxes": strip.boxes(days, one.patient.id, today),
        "span": strip.span_text(days, today),
        "chip": strip.chip(standing) if standing is not None else None,
        "now": Support(now).label if now else "",
        "keys": support_keys(now),
    }


@post(f"{PAGE}/{{stay_id:uuid}}", permission=CHART, sync_to_thread=True)
def chart_one(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Chart today for one patient and go on to the next who is not charted."""
    try:
        with begin(the_viewer(request)) as work:
            made = chart_by_key(work, stay_id, form)
    except Refused as refused:
        return _said(request, _Said(refused.sentence, tone="amber", status=409), str(stay_id))
    text = f"Today: {Support(made.support).label.lower()}."
    return _said(request, _Said(text, f"/weaning-days/{made.id}/reversal"), _next(request, stay_id))


def _next(request: Asked, stay_id: uuid.UUID) -> str:
    """The next patient by bed who is not charted today, beginning again from the first; else the same one."""
    place = _place(request)
    with reading(the_viewer(request).acting(CHART)) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
        found = [one for one in patients(db, place.id) if one.on_round]
    keys = [one.patient.id for one in found]
    here = keys.index(stay_id) if stay_id in keys else -1
    for one in [*found[here + 1 :], *found[: here + 1]]:
        if one.course is not None and today not in one.course.charted:
            return str(one.patient.id)
    return str(stay_id)


def _said(request: Asked, said: _Said, focus: str) -> Response[bytes]:
    """The round again for htmx; else the whole page with the same words."""
    if wants_piece(request):
        return _page(request, said, focus)
    undo = Undo(said.undo) if said.undo else None
    return see_other(request, f"{PAGE}?at={focus}", Flash(said.text, said.tone, undo=undo))


ROUTES = [show_round, chart_one]
