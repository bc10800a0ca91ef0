"""Closed unless declared: the program refuses to start with a route that forgot its permission or its token."""

from typing import Any

import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency, Provide

from app.kernel.refusal import NotFound, Refused
from app.main import create_app
from app.platform.postgres import Addresses
from app.security.permissions import Permission
from app.settings import Settings
from app.web.errors import HANDLERS
from app.web.forms import FormFields, form_fields
from app.web.render import NO_PHI, local_address, page
from app.web.routes import UndeclaredRoute, refuse_undeclared_routes
from tests.support.world import World


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    """An application of its own: tests here add routes to it."""
    return create_app(settings, database)


def test_route_without_permission_stops_the_start() -> None:
    @get("/secret", sync_to_thread=False)
    def secret() -> str:
        return ""

    with pytest.raises(UndeclaredRoute, match="/secret"):
        refuse_undeclared_routes(Litestar([secret], openapi_config=None))


def test_route_that_changes_things_without_form_stops_the_start() -> None:
    @post("/change", permission=Permission.PUBLIC, sync_to_thread=False)
    def change() -> None:
        return None

    with pytest.raises(UndeclaredRoute, match="/change"):
        refuse_undeclared_routes(Litestar([change], openapi_config=None))


def test_route_with_permission_and_form_may_start() -> None:
    @post("/change", permission=Permission.PUBLIC, sync_to_thread=False)
    def change(form: NamedDependency[FormFields]) -> None:
        return None

    refuse_undeclared_routes(Litestar([change], dependencies={"form": Provide(form_fields)}, openapi_config=None))


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "x"])
def test_nobody_is_led_to_another_site(address: str) -> None:
    assert local_address(address) == "/"


def test_own_address_is_kept() -> None:
    assert local_address("/worklists/inpatient?unit=4W") == "/worklists/inpatient?unit=4W"


def _with_routes(app: Litestar) -> None:
    @get("/try/refused", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def refused() -> None:
        raise Refused("The day must fall within the stay.")

    @get("/try/absent", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def absent() -> None:
        raise NotFound("No stay with this number.")

    @get("/try/bug", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def bug() -> None:
        raise ZeroDivisionError("Alma Reyes")

    @post("/try/form", permission=Permission.ACCOUNT_OWN, sync_to_thread=False)
    def form_taken(request: Request[Any, Any, Any], form: NamedDependency[FormFields]) -> Response[bytes]:
        return page(
            request,
            "error.html",
            discloses=NO_PHI,
            title="Taken",
            error={"heading": "Taken", "sentence": form.get("x", ""), "code": "", "at": "", "retry": ""},
        )

    for handler in (refused, absent, bug, form_taken):
        app.register(handler)


def test_refusals_are_pages_with_their_sentence(app: Litestar, browser_for: Any) -> None:
    _with_routes(app)
    dana = browser_for("dana")

    refused, absent, bug = dana.get("/try/refused"), dana.get("/try/absent"), dana.client.get("/try/bug")

    assert refused.status_code == 409 and "The day must fall within the stay." in refused.text
    assert absent.status_code == 404 and "No stay with this number." in absent.text
    assert bug.status_code == 500 and "Alma" not in bug.text and "Code " in bug.text


def test_refusal_for_htmx_is_a_note_above_the_page(app: Litestar, browser_for: Any) -> None:
    _with_routes(app)

    answer = browser_for("dana").get("/try/refused", htmx=True)

    assert answer.headers["hx-retarget"] == "#trouble" and "<html" not in answer.text


def test_form_without_token_of_this_session_is_refused(app: Litestar, world: World, browser_for: Any) -> None:
    _with_routes(app)
    dana, lee = browser_for("dana"), browser_for("lee")

    assert dana.post("/try/form", {"x": "<b>"}).status_code == 200
    assert dana.post("/try/form", {"_csrf_token": lee.csrf}).status_code == 403
    assert dana.post("/try/form", {"_csrf_token": ""}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_form_from_another_site_is_refused(app: Litestar, browser_for: Any, headers: dict[str, str]) -> None:
    _with_routes(app)

    assert browser_for("dana").post("/try/form", headers=headers).status_code == 403


def test_every_answer_carries_the_security_headers(app: Litestar, browser_for: Any) -> None:
    for path in ("/nowhere", "/sign-in?next=/x", "/events"):
        headers = browser_for("").client.get(path, follow_redirects=False).headers
        assert (
            "script-src 'self'" in headers["content-security-policy"]
            and "unsafe" not in headers["content-security-policy"]
        )
        assert headers["x-content-type-options"] == "nosniff"


def test_all_kinds_of_errors_have_a_handler() -> None:
    assert {Refused, NotFound, Exception} <= set(HANDLERS)
