"""The board: choosing a unit, every bed of it, the same again when something changed."""

import uuid
from typing import Any
from urllib.parse import quote

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.discharge.rounds.board import queries, showing
from app.kernel.refusal import NotFound
from app.platform.work import reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.operation.turns import BY_ITSELF
from app.web.past.reading import zone_of
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
LIST = Permission.STAY_LIST
WRITE = Permission.PLAN_WRITE
NO_UNIT = "There is no such unit in the facility you work in. Choose one of the list."


@get("/rounds", permission=LIST, sync_to_thread=True)
def choose_unit(request: Asked) -> Response[bytes]:
    """The unit in which one has most stays; without any, the list of units."""
    place = here(request)
    with reading(the_viewer(request)) as db:
        units = queries.units(db, place.id)
    own = max(units, key=lambda one: one.mine, default=None)
    if own is not None and own.mine and "choose" not in request.query_params:
        return see_other(request, f"/rounds/{quote(own.code, safe='')}")
    rows = [{"code": one.code, "href": f"/rounds/{quote(one.code, safe='')}", "name": one.name, "taken": one.taken,
             "beds": one.beds} for one in units]  # fmt: skip
    return page(request, "discharge/rounds/units.html", discloses=NO_PHI, title="Rounds", units=rows)


@get("/rounds/{unit:str}", permission=LIST, sync_to_thread=True)
def show_board(request: Asked, unit: FromPath[str], names: FromQuery[str] = "") -> Response[bytes]:
    """Every bed of a unit. With `names=initials` a wall screen shows no names."""
    context, patients = _board(request, unit, names)
    title = f"{context['unit']['name']}, rounds"
    return page(request, "discharge/rounds/board.html", discloses=patients, title=title, **context)


@get("/rounds/{unit:str}/board", permission=LIST, sync_to_thread=True, **BY_ITSELF)
def show_again(request: Asked, unit: FromPath[str], names: FromQuery[str] = "") -> Response[bytes]:
    """The board alone, for a page that brings itself up to date; opened by its address, it leads to the whole page."""
    if request.headers.get("hx-request") != "true":
        return see_other(request, f"/rounds/{quote(unit, safe='')}")
    context, patients = _board(request, unit, names)
    piece = "discharge/rounds/_board.html"
    return page(request, piece, fragment=piece, discloses=patients, title="", **context)


def _board(request: Asked, unit: str, names: str) -> tuple[dict[str, Any], list[uuid.UUID]]:
    viewer, place = the_viewer(request), here(request)
    zone = zone_of(viewer)
    with reading(viewer) as db:
        found = unit_named(queries.units(db, place.id), unit)
        beds = queries.beds_of(db, place.id, unit)
        board = showing.board_context(
            beds, queries.known(db, [one.id for one in beds]), names != "initials", db.now, zone
        )
        kept_back = queries.kept_back(db, place.id, unit)
        now = db.now
    address = f"/rounds/{quote(unit, safe='')}"
    context = board | {
        "unit": {"code": found.code, "name": found.name, "beds": found.beds, "address": address},
        "initials": names == "initials",
        "kept_back": kept_back,
        "may": place.id in viewer.facilities_with(WRITE),
        "stamp": showing.stamp(now, zone),
    }
    return context, [one.patient_id for one in beds]


def here(request: Asked) -> Place:
    """The facility that the viewer works in; NotFound for somebody without one."""
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility. Ask an administrator for a role.")
    return place


def unit_named(units: list[queries.UnitRow], code: str) -> queries.UnitRow:
    """The unit with this code; NotFound otherwise."""
    found = next((one for one in units if one.code == code), None)
    if found is None:
        raise NotFound(NO_UNIT)
    return found


ROUTES = [choose_unit, show_board, show_again]
