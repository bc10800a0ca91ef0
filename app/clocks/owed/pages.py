"""Pages of what is owed: the tab of a stay, and the calendar of the next days."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.clocks.owed.calendar import DAYS, Calendar, Narrowing, due_until
from app.clocks.owed.panel import panel
from app.kernel.days import local_day, start_of_day
from app.kernel.refusal import NotFound
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.past.reading import reading_then
from app.web.render import page, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]


@get("/encounters/{encounter_id:uuid}/obligations", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_obligations(request: Asked, encounter_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Every obligation of the stay, open, closed and not required, and the counters."""
    with reading_then(request, encounter_id) as db:
        context = panel(db, the_viewer(request), encounter_id)
    return stay_page(request, encounter_id, Part("obligations", "clocks/_panel.html", context))


@get("/calendar", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_calendar(
    request: Asked, day: FromQuery[str] = "", kind: FromQuery[str] = "", unit: FromQuery[str] = "",
    owner: FromQuery[str] = "",
) -> Response[bytes]:  # fmt: skip
    """What falls due today and in the six days after it, and what is overdue."""
    viewer = the_viewer(request)
    if viewer.place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    zone = ZoneInfo(viewer.place.timezone)
    with reading(viewer) as db:
        until = start_of_day(local_day(db.now, zone) + timedelta(days=DAYS), zone)
        found = due_until(db, viewer.place.id, until)
        shown = Calendar(found, db.now, zone, viewer.name, Narrowing(day, kind, unit, owner))
    fitting = [one for one in found if shown.fits(one)]
    return page(
        request,
        "clocks/calendar.html",
        discloses=sorted({one.patient_id for one in fitting}),
        title="Calendar",
        sub=f"{len(fitting)} due in the next {DAYS} days or overdue · {viewer.place.name}",
        columns=shown.columns(),
        kinds=shown.kinds(),
        days=shown.days(),
        choices=shown.choices(),
        day=day,
        narrowed=bool(day or kind or unit or owner),
        elsewhere=len(found) - len(fitting),
    )


ROUTES = [show_obligations, show_calendar]
