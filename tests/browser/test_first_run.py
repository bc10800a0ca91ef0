"""The very first minutes: nobody is known, whoever reads the server's console sets up administrator and facility."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, Page, expect

from app.accounts.first_run import first_run_code
from app.platform.postgres import Addresses
from app.settings import Settings
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE
from tests.browser.journeys import Check
from tests.browser.waiting import sideways
from tests.support.serving import serving
from tests.support.world import PASSWORD


@pytest.fixture
def empty_site(app: Litestar, browser: Browser) -> Iterator[Page]:
    """A page on an installation without anybody."""
    with serving(app) as base:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=base)
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        context.close()


def fill_in(page: Page, code: str) -> None:
    page.get_by_label("Code from the server").fill(code)
    page.get_by_label("Name", exact=True).fill("Ada Kirkwood")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_label("Name of the hospital").fill("East Quay Hospital")
    page.get_by_label("Code", exact=True).fill("EAST")
    page.get_by_label("Time zone").fill("America/Denver")
    page.get_by_role("button", name="Set up Daybook").click()


def test_set_up_makes_the_first_people_once(
    empty_site: Page, settings: Settings, database: Addresses, violations: Check
) -> None:
    page = empty_site
    code = first_run_code(settings.home)
    page.goto("/")
    expect(page).to_have_title("Set up Daybook · Daybook")
    assert violations(page) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert sideways(page) == 0 and violations(page) == []
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})

    fill_in(page, "WRNG-WRNG-WRNG")
    expect(page.locator("#f-printed-e")).to_contain_text("This is not the code that the server printed")
    expect(page.get_by_label("Name of the hospital")).to_have_value("East Quay Hospital")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    fill_in(page, code)

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Facilities").click()
    expect(page.get_by_role("link", name="East Quay Hospital")).to_be_visible()
    answer = page.goto("/set-up")
    assert answer is not None and answer.status == 404
