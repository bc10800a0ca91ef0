"""What features lend each other and hand to the web: routes, navigation, keys, tabs. One table each."""

from app.security.viewer import Viewer
from app.web.frame import KeyHelp, LiveState, NavItem
from app.web.health import healthz, readyz
from app.web.live import PostgresChannels
from litestar.handlers import BaseRouteHandler

ROUTES: list[type | BaseRouteHandler] = [healthz, readyz]
NAV: list[NavItem] = []
KEYS: list[KeyHelp] = [KeyHelp("/", "find a patient"), KeyHelp("?", "this list")]
_backend: PostgresChannels | None = None


def on_start(backend: PostgresChannels) -> None:
    """Called once when the web application opens."""
    global _backend
    _backend = backend


def live_state(viewer: Viewer) -> LiveState | None:
    """When the feed of the viewer's facility last said something, from what this process has heard."""
    return None
