"""`/measures/codes`: codes that the readmission measure cannot place, and the category that somebody gives them."""

import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text, day_text
from app.metrics.value_sets import queries as vintages
from app.metrics.value_sets.maps import CategoryMaps, published_maps
from app.metrics.value_sets.queue import commands, queries
from app.metrics.value_sets.queue.commands import PlaceCode
from app.metrics.value_sets.queue.queries import PlacedCode, SeenCode
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, SET = Permission.MEASURE_SEE, Permission.MEASURE_SET
CODES = "/measures/codes"
SYSTEMS = {"dx": "Diagnosis", "px": "Procedure"}


@get(CODES, permission=SEE, sync_to_thread=True)
def show_codes(request: Asked) -> Response[bytes]:
    """Codes without a category, how often they occur, and those that were given one here."""
    viewer, maps = the_viewer(request), published_maps()
    zone = ZoneInfo(viewer.place.timezone if viewer.place else "UTC")
    with reading(viewer.acting(SEE)) as db:
        seen, placed = queries.without_category(db, maps), queries.placed_codes(db)
        context = _vintage(db, zone, db.now)
        today, now = local_day(db.now, zone), db.now
    return page(
        request, "metrics/value_sets/codes.html", discloses=NO_PHI, title="Codes without a category",
        seen=[_seen(one, today) for one in seen], stays=sum(one.stays for one in seen),
        placed=[_placed(one, maps, zone, now) for one in placed], may_set=bool(viewer.facilities_with(SET)), **context,
    )  # fmt: skip


def _vintage(db: Reading, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    used = vintages.in_use(db)
    known = next((one for one in vintages.vintages(db) if one.vintage == used), None)
    return {"vintage": used, "imported": dated_text(known.imported_at, zone, now) if known else ""}


def _seen(one: SeenCode, today: date) -> dict[str, Any]:
    return {
        "system": one.system, "kind": SYSTEMS[one.system], "code": one.code, "stays": one.stays,
        "first": day_text(one.first_on, today) if one.first_on else "",
        "last": day_text(one.last_on, today) if one.last_on else "",
    }  # fmt: skip


def _placed(one: PlacedCode, maps: CategoryMaps, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    return {
        "id": str(one.id), "kind": SYSTEMS[one.system], "code": one.code,
        "category": _category(maps, one.system, one.ccs), "reason": one.reason, "who": one.made_by,
        "when": dated_text(one.made_at, zone, now),
    }  # fmt: skip


def _category(maps: CategoryMaps, system: str, ccs: int) -> str:
    titles = maps.dx_titles if system == "dx" else maps.px_titles
    return f"{ccs} {titles.get(ccs, '')}".strip()


@get(f"{CODES}/new", permission=SET, sync_to_thread=True)
def show_form(request: Asked, system: FromQuery[str] = "dx", code: FromQuery[str] = "") -> Response[bytes]:
    """The form that gives a code a category."""
    return _form(request, FormState(given={"system": system if system in SYSTEMS else "dx", "code": code}), 200)


def _form(request: Asked, state: FormState, status: int) -> Response[bytes]:
    maps = published_maps()
    system = state.given.get("system", "dx")
    titles = maps.px_titles if system == "px" else maps.dx_titles
    choices = [{"value": "", "label": "Choose"}] + [
        {"value": str(ccs), "label": f"{ccs} {title}"} for ccs, title in titles.items()
    ]
    return page(
        request, "metrics/value_sets/code.html", discloses=NO_PHI, title="A category for a code", status=status,
        form=state, choices=choices, kind=SYSTEMS.get(system, "Diagnosis"), system=system,
    )  # fmt: skip


@post(CODES, permission=SET, sync_to_thread=True)
def place(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put a code into a category."""
    ask, state = read_form(PlaceCode, form)
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.place_code(work, ask, published_maps())
        except Refused as refused:
            state.refuse(refused)
    if ask is None or made is None:
        return _form(request, state, 422)
    return see_other(
        request, CODES,
        Flash(f"{ask.code} is in category {ask.ccs}. Figures follow within minutes.",
              undo=Undo(f"{CODES}/{made.id}/reversal")),
    )  # fmt: skip


@post(f"{CODES}/{{placing_id:uuid}}/reversal", permission=SET, sync_to_thread=True)
def undo(request: Asked, placing_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a category back right after it was given."""
    with begin(the_viewer(request)) as work:
        before = commands.undo_placing(work, placing_id)
    now = f"The code is in category {before.ccs} again." if before else "The code is without a category again."
    return see_other(request, CODES, Flash(now, "blue"))


@get(f"{CODES}/{{placing_id:uuid}}/end", permission=SET, sync_to_thread=True)
def show_end(request: Asked, placing_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form that takes a category back, with a reason."""
    return _end_form(request, placing_id, FormState(), 200)


def _end_form(request: Asked, placing_id: uuid.UUID, state: FormState, status: int) -> Response[bytes]:
    with reading(the_viewer(request).acting(SET)) as db:
        found = queries.entry(db, placing_id)
    return page(
        request, "metrics/value_sets/release.html", discloses=NO_PHI, title="Take a category back", status=status,
        form=state, placing_id=str(placing_id), code=found.code,
        category=_category(published_maps(), found.system, found.ccs),
    )  # fmt: skip


@post(f"{CODES}/{{placing_id:uuid}}/end", permission=SET, sync_to_thread=True)
def end(request: Asked, placing_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a category back, with a reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        return _end_form(request, placing_id, state, 422)
    with begin(the_viewer(request)) as work:
        found = commands.release_code(work, placing_id, ask.reason)
    return see_other(request, CODES, Flash(f"{found.code} is without a category again.", "blue"))


ROUTES = [show_codes, show_form, place, undo, show_end, end]
