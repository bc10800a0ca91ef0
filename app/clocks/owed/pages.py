"""The tab of a stay that shows what is owed."""

import uuid
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.owed.panel import panel
from app.security.permissions import Permission
from app.web.past.reading import reading_then
from app.web.render import the_viewer
from app.web.stay import Part, stay_page


@get("/encounters/{encounter_id:uuid}/obligations", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_obligations(request: Request[Any, Any, Any], encounter_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Every obligation of the stay, open, closed and not required, and the counters."""
    with reading_then(request, encounter_id) as db:
        context = panel(db, the_viewer(request), encounter_id)
    return stay_page(request, encounter_id, Part("obligations", "clocks/_panel.html", context))


ROUTES = [show_obligations]
