"""The tab Days of a stay."""

import uuid
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.avoidable_days.stay import days_context
from app.census.united import subject
from app.ledger.lanes import STRIP
from app.ledger.showing import ON_TAB, strip_of
from app.security.permissions import Permission
from app.web.past.reading import reading_then
from app.web.render import the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
LETTERS = [letter for lane in STRIP for letter in lane.legend]


@get("/encounters/{stay_id:uuid}/days", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_days(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Every midnight of the stay in its lanes, what does not fit together, and the avoidable days."""
    return _days(request, stay_id)


@get("/encounters/{stay_id:uuid}/ledger", permission=Permission.STAY_SEE, quiet=True, sync_to_thread=True)
def fresh_days(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The same again, when the stay changed while it was on the screen."""
    return _days(request, stay_id)


def _days(request: Asked, stay_id: uuid.UUID) -> Response[bytes]:
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        strip = strip_of(db, the_viewer(request), stay.encounter_id, ON_TAB)
        reasons = days_context(db, the_viewer(request), stay.encounter_id)
    context = reasons | {"ledger": strip, "letters": LETTERS, "live": f"/encounters/{stay.encounter_id}/ledger"}
    return stay_page(request, stay_id, Part("days", "ledger/_days.html", context))


ROUTES = [show_days, fresh_days]
