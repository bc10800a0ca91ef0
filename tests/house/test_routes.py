"""Every route is known, and every role gets through exactly where its permissions say.

`routes.txt` lists method, path and permission, so that a review sees any change. After a wanted change write it anew:
`python -m tests.house.test_routes`.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler

from app.main import create_app
from app.platform.postgres import Addresses
from app.security.permissions import ROLES, Permission, Role
from app.settings import Settings
from app.web.routes import SAFE, declared, require_permission
from tests.support.asynchronous import run_async
from tests.support.client import Browser
from tests.support.world import PEOPLE, World

BrowserFor = Callable[..., Browser]
LIST = Path(__file__).parent / "routes.txt"
HOLDERS = {role: name for name, (_display, _credentials, role, code) in PEOPLE.items() if code != "SOUTH"}
STREAM = "/events"  # never ends; the guard is asked instead
NOWHERE = {"uuid": str(uuid.UUID(int=7)), "int": "7", "str": "nothing"}


def any_app() -> Litestar:
    """The application without a database: enough to list its routes."""
    return create_app(
        Settings(home=Path("unused")), Addresses(owner="postgresql://", app="postgresql://", embedded=True)
    )


def routes(app: Litestar) -> list[tuple[str, str, Permission, HTTPRouteHandler]]:
    """Every route but the static files, whose address holds a fingerprint."""
    found = [(method, path, needed, handler) for method, path, needed, handler in declared(app) if needed is not None]
    return sorted((route for route in found if not route[1].startswith("/static/")), key=lambda route: route[1::-1])


def listed(app: Litestar) -> str:
    """The text of routes.txt."""
    return "".join(f"{method:6} {path}  {needed.value}\n" for method, path, needed, _handler in routes(app))


def filled(path: str) -> str:
    """An address of the pattern, leading to nothing that exists."""
    parts = []
    for part in path.split("/"):
        kind = part.strip("{}").partition(":")[2] if part.startswith("{") else ""
        parts.append(NOWHERE.get(kind, "nothing") if part.startswith("{") else part)
    return "/".join(parts)


def outcome(browser: Browser, method: str, path: str) -> str:
    """`sign-in`, `refused` or `through`, whatever a handler then said."""
    address = filled(path)
    answer = browser.get(address) if method in SAFE else browser.post(address)
    if answer.status_code == 303 and answer.headers["location"].startswith("/sign-in") and not browser.name:
        return "sign-in"
    return "refused" if answer.status_code == 403 else "through"


def asked_guard(handler: HTTPRouteHandler, viewer: Any) -> str:
    """What the guard says, for a route that cannot be called in a test."""

    class Connection:
        scope = {"method": "GET", "user": viewer}

    try:
        run_async(require_permission(Connection(), handler))  # type: ignore[arg-type]
    except NotAuthorizedException:
        return "sign-in"
    except PermissionDeniedException:
        return "refused"
    return "through"


def test_routes_are_listed_for_review() -> None:
    assert LIST.exists(), "routes.txt is missing: run `python -m tests.house.test_routes`."
    assert LIST.read_text("utf-8") == listed(any_app()), (
        "Routes or their permissions changed. Look at the difference; if it is meant, run"
        " `python -m tests.house.test_routes`."
    )


def test_every_role_has_a_person_to_walk() -> None:
    assert set(HOLDERS) == set(Role)


@pytest.mark.parametrize("role", list(Role))
def test_role_gets_through_where_its_permissions_say(
    app: Litestar, browser_for: BrowserFor, world: World, role: Role
) -> None:
    name = HOLDERS[role]
    wrong = []
    for method, path, needed, handler in routes(app):
        allowed = needed is Permission.PUBLIC or needed in ROLES[role].permissions
        expected = "through" if allowed else "refused"
        if path == STREAM or (needed is Permission.PUBLIC and method not in SAFE):
            found = asked_guard(handler, world.viewer(name))  # public forms belong to who has no session
        else:
            found = outcome(browser_for(name), method, path)  # a fresh session each: some routes end it
        if found != expected:
            wrong.append(f"{method} {path} ({needed.value}): {found}, not {expected}")

    assert not wrong, f"{role.value}: " + "; ".join(wrong)


def test_nobody_is_sent_to_sign_in(app: Litestar, browser_for: BrowserFor, world: World) -> None:
    wrong = []
    for method, path, needed, handler in routes(app):
        if needed is Permission.PUBLIC:
            continue
        found = asked_guard(handler, None) if path == STREAM else outcome(browser_for(), method, path)
        if found != "sign-in":
            wrong.append(f"{method} {path}: {found}")

    assert not wrong, "; ".join(wrong)


def test_public_routes_are_few_and_known() -> None:
    public = {path for _method, path, needed, _handler in routes(any_app()) if needed is Permission.PUBLIC}

    ways_in = {"/sign-in", "/sign-in/code", "/set-up", "/answer/{link_key:str}", "/choice/{choice_key:str}"}
    # There and back for who signs in by the identity provider; the provider itself posts the word of a logout.
    ways_in |= {f"/sign-in/provider{step}" for step in ("", "/return", "/code", "/out", "/logout")}
    # A vendor opens its own referral by the key of its link, and answers there.
    of_vendors = {path for path in public if path.partition("{referral_key:str}")[0] == "/referral/"}
    answers = {"", "/acceptance", "/decline", "/opening", "/packet.pdf", "/questions", "/withdrawal"}
    assert of_vendors == {f"/referral/{{referral_key:str}}{answer}" for answer in answers}
    assert public == ways_in | of_vendors | {"/healthz", "/readyz", "/metrics", "/no-such-page"}


def test_a_role_without_the_permission_is_refused(world: World) -> None:
    handler = next(route[3] for route in routes(any_app()) if route[2] is Permission.USER_MANAGE)

    assert asked_guard(handler, world.viewer("dana")) == "refused"
    assert asked_guard(handler, world.viewer("adam")) == "through"
    assert asked_guard(handler, None) == "sign-in"


if __name__ == "__main__":
    LIST.write_text(listed(any_app()), encoding="utf-8")
