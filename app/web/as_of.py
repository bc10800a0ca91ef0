"""Pages as of an earlier instant: the address says `as-of=2026-11-12T07:00`, the page says so and is read-only.

A page that can look back reads through `reading_then`. What it shows is then what was known at that instant, and the
frame of every page around it (render.page) carries the banner, the earlier time and no live updates.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Response

from app.kernel.as_of import PARAMETER, AsOf, read_as_of, read_day_and_time, steps
from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.render import NO_PHI, local_address, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
NOT_KNOWN_THEN = "This was not known at that time, or it lies outside what you may see."


def past_of(request: Asked, zone: ZoneInfo | None = None) -> AsOf | None:
    """The earlier instant that the address asks for; the frame of the page is told. Refused says why it cannot be."""
    text = request.query_params.get(PARAMETER, "")
    if not text:
        return None
    past = read_as_of(text, zone or zone_of(the_viewer(request)), now())
    request.scope["as_of"] = past  # type: ignore[typeddict-unknown-key]
    return past


def past_shown(request: Asked) -> AsOf | None:
    """The earlier instant that this answer shows, once something was read."""
    past = request.scope.get("as_of")
    return past if isinstance(past, AsOf) else None


@contextmanager
def reading_then(request: Asked, encounter_id: uuid.UUID | None = None) -> Iterator[Reading]:
    """What the reader may see, as of the instant of the address where it names one; a stay brings its own zone."""
    viewer = the_viewer(request)
    zone = _zone_of_stay(viewer, encounter_id) if encounter_id and PARAMETER in request.query_params else None
    past = past_of(request, zone)
    with reading(viewer, as_of=past.at if past else None) as db:
        try:
            yield db
        except NotFound:
            if past is None:
                raise
            raise NotFound(NOT_KNOWN_THEN) from None


def zone_of(viewer: Viewer) -> ZoneInfo:
    """The zone of the facility being worked in."""
    return ZoneInfo(viewer.place.timezone if viewer.place else "UTC")


def _zone_of_stay(viewer: Viewer, encounter_id: uuid.UUID) -> ZoneInfo:
    zones = {place.timezone for place in viewer.places}
    if len(zones) == 1:
        return ZoneInfo(zones.pop())
    query = "select f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = %s"
    with reading(viewer) as db:
        return ZoneInfo(db.value(query, (encounter_id,)) or zone_of(viewer).key)


def with_as_of(address: str, as_of: str) -> str:
    """The same address at another instant; empty is now."""
    parts = urlsplit(address)
    pairs = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != PARAMETER]
    if as_of:
        pairs.append((PARAMETER, as_of))
    query = urlencode(pairs, safe=",:", quote_via=quote)
    return parts.path + (f"?{query}" if query else "") + (f"#{parts.fragment}" if parts.fragment else "")


def ways(address: str, past: AsOf | None, zone: tzinfo) -> list[dict[str, str]]:
    """Quick ways from this page to itself at other times."""
    return [
        {"text": words, "href": with_as_of(address, one.address if one else "")}
        for words, one in steps(past, zone, now())
    ]


def picker(address: str, past: AsOf | None, zone: tzinfo) -> dict[str, Any]:
    """What components/past.html needs for choosing another instant."""
    shown = past.local if past else now().astimezone(zone)
    return {
        "back": with_as_of(address, ""),
        "ways": ways(address, past, zone),
        "form": {
            "id": "past",
            "given": {"day": shown.strftime("%Y-%m-%d"), "time": shown.strftime("%H:%M") if past else ""},
            "errors": {},
        },
        "most": now().astimezone(zone).strftime("%Y-%m-%d"),
    }


@get("/as-of", permission=Permission.STAY_LIST, sync_to_thread=True)
def choose_instant(
    request: Asked, back: FromQuery[str] = "/worklists", day: FromQuery[str] = "", time: FromQuery[str] = ""
) -> Response[bytes]:
    """Lead to a list or stay as of the day and time of the form; without them, or when they cannot be, ask for them."""
    zone = zone_of(the_viewer(request))
    back = local_address(back, "/worklists")
    chosen = picker(back, None, zone)
    status = 200
    if day or time:
        chosen["form"]["given"] = {"day": day, "time": time}
        try:
            return see_other(request, with_as_of(back, read_day_and_time(day, time, zone, now()).address))
        except Refused as refused:
            chosen["form"]["errors"] = {"day": refused.sentence}
            status = 422
    return page(
        request, "as_of.html", discloses=NO_PHI, title="Look back in time", status=status, past=chosen
    )


ROUTES = [choose_instant]
