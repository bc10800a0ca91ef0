"""The page that says which DRG tables are in, for administrators."""

from typing import Any

from litestar import Request, get
from litestar.response import Response

from app.census.drg.queries import imported_tables
from app.security.permissions import Permission
from app.web.render import NO_PHI, page, the_viewer


@get("/configuration/drg-tables", permission=Permission.FACILITY_MANAGE, sync_to_thread=True)
def show_drg_tables(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Tables by system and fiscal year: from which file, when, by whom, and what is missing."""
    found = imported_tables(the_viewer(request))
    return page(request, "census/drg-tables.html", discloses=NO_PHI, title="DRG tables", **found)


ROUTES = [show_drg_tables]
