"""Pages as of an earlier instant: the address says `as-of=2026-11-12T07:00`, the page says so and is read-only.

A page that can look back reads through `reading_then`. What it shows is then what was known at that instant, and the
frame of every page around it (render.page) carries the banner, the earlier time and no live updates.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from litestar import Request

from app.kernel.as_of import PARAMETER, AsOf, read_as_of
from app.kernel.refusal import NotFound
from app.platform.now import now
from app.platform.work import Reading, reading
from app.security.viewer import Viewer
from app.web.render import the_viewer

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
