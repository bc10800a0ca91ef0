"""What is owed in the browser: order, running due times, filters, the panel by keyboard, the calendar."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.notices import source as notices
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import address_has, becomes, names, sideways, texts
from tests.support.owing import only

OMAR = Arrival(visit="V1", name="BIRCH^OMAR", place="4W^402^A", payer="MEDICARE", ago=timedelta(days=6))
ROSA = Arrival(
    visit="V2", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", ago=timedelta(hours=20),
    expected=timedelta(days=4),
)  # fmt: skip
JUNE = Arrival(visit="V3", name="CEDAR^JUNE", place="4W^403^B", payer="KESTREL PPO", expected=timedelta(days=5))
NAOMI = Arrival(
    visit="V4", name="FIR^NAOMI", place="OBS^07^A", klass="OBS", payer="MEDICARE", ago=timedelta(hours=33, minutes=30)
)


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


def families(page: Page) -> list[str]:
    """Family names from top to bottom."""
    return [one.partition(",")[0].upper() for one in names(page)]


def test_the_list_is_in_the_order_of_what_happens_next(site: Site):
    Ward().admit(JUNE, ROSA, OMAR)

    page = site.open("dana", "/worklists/inpatient")

    becomes(page, lambda: families(page), ["BIRCH", "ALDER", "CEDAR"])
    cell = row(page, "Birch").locator(".c-due")
    expect(cell).to_contain_text("late")
    expect(cell).to_have_class(re.compile("is-late"))
    rule = row(page, "Birch").get_by_role("link", name="rule N-IM1")
    rule.click()
    page.wait_for_url("**/deadlines#N-IM1")


def test_the_due_time_runs_in_the_browser_and_turns_late_without_a_request(site: Site):
    Ward().admit(NAOMI)
    page = site.open("dana", "/worklists/observation")
    page.clock.install()
    page.reload()
    cell = row(page, "Fir").locator(".c-due")
    expect(cell.locator("time")).to_have_text("in 2 h 29")
    page.context.set_offline(True)

    page.clock.fast_forward("01:00:00")
    expect(cell.locator("time")).to_have_text("in 1 h 29")
    page.clock.fast_forward("02:00:00")

    expect(cell.locator("time")).to_have_text("30 min late")
    expect(cell).to_have_class(re.compile("is-late"))


def test_filters_of_what_is_owed_narrow_the_list_and_the_address(site: Site):
    Ward().admit(JUNE, ROSA, OMAR)
    page = site.open("dana", "/worklists/inpatient")

    page.locator("details[data-filter=due] > summary").click()
    page.locator("details[data-filter=due]").get_by_label("Overdue").check()

    expect(page.locator("tbody[data-stay]")).to_have_count(1)
    address_has(page, "due=overdue")
    page.goto("/worklists/inpatient?owed=n-im2")
    becomes(page, lambda: families(page), ["ALDER"])
    page.locator("details[data-filter=owed] > summary").click()
    offered = texts(page.locator("details[data-filter=owed] label"))
    assert "Notices" in offered and "File the redetermination (level 1)" not in offered


def test_the_panel_opens_and_tells_its_reckoning_by_keyboard(site: Site):
    Ward().admit(OMAR)
    page = site.open("dana", f"/encounters/{stay_of('V1')}/obligations")
    summary = page.locator("details.reckoning > summary").first
    summary.focus()
    page.keyboard.press("Enter")

    expect(page.locator("details.reckoning[open]")).to_contain_text("2 calendar days")
    expect(page.locator("details.reckoning[open]")).to_contain_text("42 CFR 405.1205(b)")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notices/new?kind=IM&copy=first")


def test_a_number_of_the_calendar_opens_its_list(site: Site):
    Ward().admit(JUNE, ROSA, OMAR, NAOMI)
    page = site.open("dana", "/calendar")
    number = page.get_by_role("row", name="Give the Important Message (IM)").first.locator("a.late")
    expect(number).to_have_text("1")

    number.click()

    expect(page.locator("#due li")).to_have_count(1)
    expect(page.locator("#due li a.what")).to_have_text("BIRCH, OMAR", ignore_case=True)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/obligations")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_what_is_owed_are_sound(site: Site, violations: Check, size: tuple[int, int], scheme: str):
    Ward().admit(JUNE, ROSA, OMAR, NAOMI)
    stay = stay_of("V2")
    for path in ("/worklists/inpatient", "/calendar", f"/encounters/{stay}/obligations", f"/encounters/{stay}"):
        page = site.open("dana", path, size, color_scheme=scheme)
        for details in page.locator("details.reckoning > summary").all():
            details.click()
        assert violations(page) == [], path
        assert not sideways(page), path
