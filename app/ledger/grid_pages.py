"""The page of the ledger: stays by days of one unit."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Response

from app.kernel.days import ONE_DAY, local_day, written_year
from app.kernel.refusal import NotFound
from app.kernel.wording import day_text
from app.ledger import grid
from app.ledger.grid import ALL_UNITS, LANES, Line, Order, Unit, View, Whom
from app.ledger.lanes import EVERYTHING, GRID
from app.ledger.terms import Place as Where
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.render import page, the_viewer

Asked = Request[Any, Any, Any]
WEEKS_BACK = 8


@get("/ledger", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_grid(request: Asked) -> Response[bytes]:
    """Every midnight of the stays of a unit, what is open in it, totals that open the rows under them."""
    viewer = the_viewer(request)
    place = _place(viewer)
    with reading(viewer) as db:
        known = grid.units(db, place.id)
        view = _view(request, db, place, known)
        found = grid.lines(db, viewer, place.id, view)
        context = grid.grid_context(found, view) | _menus(view, known)
        context["kept_back"] = grid.kept_back(db, place.id, view.unit)
        context |= _drafts(viewer, place, view, found)
    return page(
        request, "ledger/grid.html", fragment="ledger/_grid.html", title="Ledger",
        discloses=[one.stay.patient_id for one in found], **context,
    )  # fmt: skip


def _drafts(viewer: Viewer, place: Place, view: View, found: Sequence[Line]) -> dict[str, Any]:
    """The drafts of the unit, for those who may confirm them."""
    may = place.id in viewer.facilities_with(Permission.AVOIDABLE_DAY_RECORD)
    count = sum(one.place is Where.DRAFT for line in found for one in line.days) if may else 0
    unit = "" if view.unit == ALL_UNITS else f"?unit={quote(view.unit, safe='')}"
    return {"drafts": count, "drafts_at": f"/avoidable-days/drafts{unit}"}


def _place(viewer: Viewer) -> Place:
    if viewer.place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return viewer.place


def _view(request: Asked, db: Reading, place: Place, known: list[Unit]) -> View:
    """What the address asks for; what it does not say, or says of nothing that there is, is the usual."""
    said = request.query_params
    last = local_day(db.now, ZoneInfo(place.timezone)) - ONE_DAY
    codes = [one.code for one in known]
    usual = next((one.code for one in known if one.here), codes[0] if codes else ALL_UNITS)
    asked, part, number = said.get("unit", ""), said.get("part", ""), said.get("page", "")
    lane = LANES.get(said.get("lane", ""), EVERYTHING)
    return View(
        unit=asked if asked in codes or asked == ALL_UNITS else usual,
        until=min(_day(said.get("until", "")) or last, last),
        last=last,
        lane=lane,
        whom=next((one for one in Whom if one.value == said.get("whom")), Whom.HERE),
        order=next((one for one in Order if one.value == said.get("order")), Order.OPEN),
        part=part if part in {one.value for one in lane.boxes} else "",
        day=_day(said.get("day", "")),
        page=max(1, int(number)) if number.isdecimal() and number.isascii() and len(number) < 4 else 1,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise NotFound("This is no day of the calendar. Write it like 2026-03-05.") from error
    return day if day and written_year(day) else None


def _menus(view: View, known: list[Unit]) -> dict[str, Any]:
    today = view.last + ONE_DAY
    named = {one.code: one.name for one in known}
    untils = [view.last - timedelta(days=7 * week) for week in range(WEEKS_BACK)]
    untils += [] if view.until in untils else [view.until]
    return {
        "unit_name": "All units" if view.unit == ALL_UNITS else named.get(view.unit, view.unit),
        "units": [_option(ALL_UNITS, "All units", view.unit)]
        + [_option(one.code, f"{one.name}, {one.here}", view.unit) for one in known],
        "lanes": [{"label": lane.label, "href": view.address(lane=lane, part=""), "current": lane is view.lane}
                  for lane in GRID],
        "whoms": [_option(one.value, one.label, view.whom.value) for one in Whom],
        "orders": [_option(one.value, one.label, view.order.value) for one in Order],
        "untils": [_option(day.isoformat(), f"{day_text(day, today)}, last midnight" if day == view.last else
                           day_text(day, today), view.until.isoformat()) for day in untils],
        "narrowed": _narrowed(view, today),
        "lane": view.lane.name,
        "lane_label": view.lane.label,
        "period": f"{day_text(view.back[0], today)} to {day_text(view.until, today)}",
    }  # fmt: skip


def _narrowed(view: View, today: date) -> list[dict[str, str]]:
    found = []
    if view.part:
        word = next(one["word"] for part, one in zip(view.lane.boxes, view.lane.legend, strict=True)
                    if part.value == view.part)  # fmt: skip
        found.append({"text": f"only stays with: {word}", "href": view.address(part="")})
    if view.day is not None:
        found.append({"text": f"only stays of {day_text(view.day, today)}", "href": view.address(day=None)})
    return found


def _option(value: str, label: str, current: str) -> dict[str, Any]:
    return {"value": value, "label": label, "current": value == current}


ROUTES = [show_grid]
