"""The director saves a report, schedules it, sends it and takes it out; nothing is wrong for a reader without sight."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Check
from tests.browser.waiting import sideways
from tests.metrics.study.planted import plant
from tests.support.reports import reachable, sent


@pytest.fixture
def house(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Fourteen months of discharges, and a director with a mail address."""
    plant(site.world, monkeypatch)
    reachable(site.world, "dora")
    return site


def taken(page: Page, click: Callable[[], None]) -> bytes:
    """What a click downloads."""
    with page.expect_download() as coming:
        click()
    return Path(coming.value.path()).read_bytes()


def test_a_report_is_saved_scheduled_and_taken_out_by_keyboard(house: Site) -> None:
    page = house.open("dora", "/reports")
    page.get_by_role("link", name="New report").focus()
    page.keyboard.press("Enter")
    page.locator("#f-name").fill("Days of our wards")
    page.get_by_label("Compare with").select_option("A year earlier")
    page.get_by_role("checkbox", name="Average length of stay", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save the report").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Days of our wards")
    figure = page.locator("section[aria-labelledby=all-t] tbody b").inner_text()

    paper = PdfReader(BytesIO(taken(page, page.get_by_role("link", name="PDF").click)))
    assert figure in paper.pages[0].extract_text()
    page.get_by_text("Figures as a file").click()
    assert taken(page, page.get_by_role("link", name="CSV").click).startswith(b'"measure"')

    page.get_by_role("link", name="Send by mail").click()
    page.get_by_role("checkbox", name="Dora Quist").check()
    page.get_by_role("button", name="Send it by itself").click()
    expect(page.locator("#sched-t")).to_have_text("Sent every month on day 3 at 06:00, to 1 person")

    page.get_by_role("link", name="Send it now").click()
    expect(page.get_by_role("checkbox", name="Dora Quist")).to_be_checked()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("table").get_by_text("Waiting")).to_be_visible()

    page.get_by_role("button", name="no more").click()
    expect(page.locator("#sched-t")).to_have_text("Not sent by itself")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#sched-t")).to_contain_text("Sent every month")


def test_the_cases_of_a_measure_are_taken_out_from_their_list(house: Site) -> None:
    page = house.open("dora", "/measures/los/cases")
    number = int(re.sub(r"\D", "", page.locator("#cases-t").inner_text()))
    page.get_by_text("Cases as a file").click()
    lines = taken(page, page.get_by_role("link", name="CSV").click).decode().splitlines()
    assert len(lines) == number + 1


def test_nothing_is_wrong_for_those_who_do_not_see_or_point(house: Site, violations: Check) -> None:
    keys = sent(house.world)
    at = f"/reports/{keys['report_id']}"
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page = house.open("dora", "/reports", size, color_scheme=scheme)
        for path in ("/reports", "/reports/new", at, f"{at}/edit", f"{at}/delivery", f"{at}/sending"):
            page.goto(path)
            assert violations(page) == [], path
            assert not sideways(page), path
