"""Addresses that people type or keep, and that are no page."""

import uuid
from typing import Any

import pytest
from litestar import Litestar

from app.main import create_app
from app.platform.postgres import Addresses
from app.settings import Settings

PAGES = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    return create_app(settings, database)


@pytest.mark.parametrize("address", ["/nowhere", "/nowhere/at/all", "/encounters/17", "/sign-out", "/no-such-page"])
def test_an_address_without_a_page_is_told_with_the_menu(browser_for: Any, address: str) -> None:
    answer = browser_for("dana").get(address, headers={"accept": PAGES})

    assert answer.status_code == 404
    assert "This page does not exist." in answer.text and ">Worklists</a>" in answer.text


def test_whoever_is_signed_out_sees_no_menu(browser_for: Any) -> None:
    answer = browser_for("").get("/nowhere")

    assert answer.status_code == 404 and ">Worklists</a>" not in answer.text


def _page(browser: Any, address: str, accept: str = PAGES) -> Any:
    return browser.client.get(address, headers={"accept": accept}, follow_redirects=False)


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/account/keys", "/account"),
        (f"/audit/people/{uuid.UUID(int=7)}/prints/", f"/audit/people/{uuid.UUID(int=7)}"),
    ],
)
def test_an_address_that_only_takes_forms_leads_to_the_page_above(browser_for: Any, address: str, above: str) -> None:
    answer = _page(browser_for("dana"), address)

    assert (answer.status_code, answer.headers["location"]) == (303, above)
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_program_is_told_that_the_method_is_wrong(browser_for: Any) -> None:
    answer = _page(browser_for("dana"), "/sign-out", "application/json")

    assert answer.status_code == 405


def test_what_is_typed_into_the_address_makes_no_header(browser_for: Any) -> None:
    answer = _page(browser_for(""), "/referral/key%0d%0ax-other:%20y/questions")

    assert (answer.status_code, answer.headers["location"]) == (303, "/referral/key%0D%0Ax-other%3A%20y")
