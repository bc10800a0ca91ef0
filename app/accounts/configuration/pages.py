"""`/configuration`: read by administrators, changed only where the program is started."""

from typing import Any

from litestar import Request, get
from litestar.response import Response

from app.accounts.configuration.running import Installation, what_runs
from app.security.permissions import Permission
from app.settings import described
from app.web.render import NO_PHI, page, the_viewer


@get("/configuration", permission=Permission.CONFIGURATION_SEE, sync_to_thread=True)
def show_configuration(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every setting with its value and source, and what runs."""
    state = request.app.state
    house = Installation(state.settings, state.addresses, state.duties, state.meters.folder)
    return page(
        request, "accounts/configuration.html", discloses=NO_PHI, title="Configuration",
        settings=described(state.settings), **what_runs(the_viewer(request), house),
    )  # fmt: skip


ROUTES = [show_configuration]
