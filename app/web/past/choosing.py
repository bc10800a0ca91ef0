"""Choosing the earlier instant: a menu with day, time and quick steps, and the same as a page of its own."""

from datetime import tzinfo
from typing import Any

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Response

from app.kernel.as_of import AsOf, read_day_and_time, steps
from app.kernel.refusal import Refused
from app.platform.now import now
from app.security.permissions import Permission
from app.web.past.reading import with_as_of, zone_of
from app.web.render import NO_PHI, local_address, page, see_other, the_viewer

Asked = Request[Any, Any, Any]


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
    return page(request, "as_of.html", discloses=NO_PHI, title="Look back in time", status=status, past=chosen)


ROUTES = [choose_instant]
