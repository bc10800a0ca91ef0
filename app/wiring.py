"""What features lend each other and hand to the web: routes, navigation, keys, tabs. One table each."""

from litestar.handlers import BaseRouteHandler

from app.accounts import pages_account, pages_facilities, pages_glass, pages_people, pages_signing
from app.accounts.audit import pages as audit_pages
from app.census.drg import pages as drg_pages
from app.census.stay import find_pages
from app.census.stay import pages as stay_pages
from app.census.stay.head import stay_head
from app.interop.monitor import pages as monitor_pages
from app.interop.monitor.pulse import pulse
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web import stay
from app.web.frame import KeyHelp, LiveState, NavItem
from app.web.health import healthz, readyz
from app.web.live import PostgresChannels
from app.worklists import pages as worklist_pages
from app.worklists.assignment import pages as assignment_pages
from app.worklists.notes import pages as note_pages
from app.worklists.stay_facts import note_count, owner_fact

ROUTES: list[type | BaseRouteHandler] = [
    healthz, readyz, *worklist_pages.ROUTES, *assignment_pages.ROUTES, *note_pages.ROUTES,
    *stay_pages.ROUTES, *find_pages.ROUTES, *monitor_pages.ROUTES, *pages_glass.ROUTES,
]  # fmt: skip
ROUTES += [*pages_signing.ROUTES, *pages_account.ROUTES, *pages_people.ROUTES, *pages_facilities.ROUTES]
ROUTES += audit_pages.ROUTES
NAV: list[NavItem] = [
ROUTES += drg_pages.ROUTES
ROUTES += out_pages.ROUTES
ROUTES += as_of.ROUTES
    NavItem("Worklists", "/worklists", Permission.STAY_LIST),
    NavItem("Interfaces", "/interfaces", Permission.INTERFACE_SEE),
]
NAV += [
    NavItem("People", "/people", Permission.USER_MANAGE),
    NavItem("Facilities", "/facilities", Permission.FACILITY_MANAGE),
    NavItem("Audit", "/audit", Permission.AUDIT_SEE),
]
KEYS: list[KeyHelp] = [
    KeyHelp("j k", "next, previous row"), KeyHelp("Enter", "open the stay"), KeyHelp("o", "look in place"),
    KeyHelp("x", "select"), KeyHelp("n", "note"), KeyHelp("a", "assign"), KeyHelp("/", "find a patient"),
    KeyHelp("?", "this list"), KeyHelp("Esc", "close the innermost thing"),
]  # fmt: skip
TABS = [
    stay.Tab("overview", "Overview", ""),
    stay.Tab("timeline", "Timeline", "/timeline"),
    stay.Tab("notes", "Notes", "/notes", count=note_count),
    stay.Tab("history", "History", "/history"),
]
FACTS: list[stay.Facts] = [owner_fact]
stay.install(stay_head, TABS, FACTS)


def on_start(backend: PostgresChannels) -> None:
    """Called once when the web application opens."""
    pulse.start(backend.last_message)


def live_state(viewer: Viewer) -> LiveState | None:
    """When the feed of the viewer's facility last said something, from what this process has heard."""
    return pulse.state(viewer)
