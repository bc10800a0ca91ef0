"""What features lend each other and hand to the web: routes, navigation, keys, tabs. One table each."""

from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.frame import KeyHelp, LiveState, NavItem
from app.web.health import healthz, readyz
from app.web.live import PostgresChannels
from app.worklists import pages as worklist_pages
from app.worklists.assignment import pages as assignment_pages
from app.worklists.notes import pages as note_pages
from litestar.handlers import BaseRouteHandler

ROUTES: list[type | BaseRouteHandler] = [healthz, readyz, *worklist_pages.ROUTES, *assignment_pages.ROUTES, *note_pages.ROUTES]
NAV: list[NavItem] = [NavItem("Worklists", "/worklists", Permission.STAY_LIST)]
KEYS: list[KeyHelp] = [
    KeyHelp("j k", "next, previous row"), KeyHelp("Enter", "open the stay"), KeyHelp("o", "look in place"),
    KeyHelp("x", "select"), KeyHelp("n", "note"), KeyHelp("a", "assign"), KeyHelp("/", "find a patient"),
    KeyHelp("?", "this list"), KeyHelp("Esc", "close the innermost thing"),
]  # fmt: skip
_backend: PostgresChannels | None = None


def on_start(backend: PostgresChannels) -> None:
    """Called once when the web application opens."""
    global _backend
    _backend = backend


def live_state(viewer: Viewer) -> LiveState | None:
    """When the feed of the viewer's facility last said something, from what this process has heard."""
    return None
