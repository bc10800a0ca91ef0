"""Looking back in a real browser: the banner that cannot be missed, nothing to change, the way on and back."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Check, row, stay_of
from tests.browser.waiting import address_ends, address_has, listening, shows, sideways
from tests.worklists.test_past_pages import NEW, OLD, Replayed, address

LIST = "/worklists/inpatient"


@pytest.fixture
def yesterday(site: Site) -> str:
    Replayed().admit(OLD, NEW)
    return address(now() - timedelta(days=1))


def test_from_the_list_to_the_stay_and_back_to_now_by_keys_alone(site: Site, yesterday: str) -> None:
    page = site.open("dana", f"{LIST}?as-of={yesterday}")
    expect(page.locator(".past")).to_contain_text("as known then. For reading only. Back to now")
    expect(page).to_have_title(re.compile(r"^As of .+: Inpatient · Daybook"))
    shows(page, ["ALDER, ROSA"])
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Midnights")).to_be_visible()
    expect(page.locator("main form[method=post]")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/encounters/"))
    expect(page.locator(".past")).to_be_visible()
    page.get_by_role("link", name="Timeline").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/timeline"))
    address_has(page, f"as-of={yesterday}")
    expect(page.locator(".past")).to_be_visible()
    page.keyboard.press("g")
    page.wait_for_url(re.compile(r"/encounters/[^?]+$"))
    expect(page.locator(".past")).to_have_count(0)


def test_the_banner_stays_in_sight_and_over_the_heads(site: Site, yesterday: str) -> None:
    for size in (DESKTOP, PHONE, (1440, 300)):
        page = site.open("dana", f"{LIST}?as-of={yesterday}", size)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        box = page.locator(".past").bounding_box()
        assert box and 0 <= box["y"] < 80 and sideways(page) == 0


def test_filters_steps_and_tabs_keep_the_instant(site: Site, yesterday: str) -> None:
    page = site.open("dana", f"{LIST}?as-of={yesterday}")
    page.locator('[data-filter="unit"] > summary').click()
    page.get_by_label(re.compile("4 West")).check()
    page.wait_for_url(re.compile("unit=4W"))
    address_has(page, "as-of=")
    expect(page.locator('input[type="checkbox"][name="stay"]')).to_have_count(0)
    page.locator("[data-key=t] > summary").click()
    page.get_by_role("link", name="A day later").click()
    page.wait_for_url(lambda url: "as-of=" in url and yesterday not in unquote(url))
    page.get_by_role("link", name="Unassigned").click()
    page.wait_for_url(re.compile("unassigned.*as-of="))
    expect(page.locator(".past")).to_be_visible()


def test_no_change_reaches_a_page_of_the_past(site: Site, yesterday: str) -> None:
    page = site.open("dana", f"{LIST}?as-of={yesterday}")
    fresh = listening(site.open("dana", LIST))
    Replayed().move(OLD, "ICU^09^A")
    expect(row(fresh, "ALDER")).to_contain_text("ICU 09-A")
    expect(row(page, "ALDER")).to_contain_text("4W 401-A")
    expect(page.locator("[data-moved]")).to_have_count(0)


def test_the_picker_works_without_script(site: Site, yesterday: str) -> None:
    page = site.open("dana", f"{LIST}?unit=4W", java_script_enabled=False)
    page.locator("summary", has_text="Look back").click()
    day, _, clock = yesterday.partition("T")
    page.get_by_label("Day", exact=True).fill(day)
    page.get_by_role("textbox", name="Time").fill(clock[:5])
    page.get_by_role("button", name="Show it as known then").click()
    address_has(page, "as-of=", "unit=4W")
    expect(page.locator(".past")).to_be_visible()
    page.get_by_role("link", name="Back to now").click()
    address_ends(page, f"{LIST}?unit=4W")


def test_on_paper_the_banner_is_there(site: Site, yesterday: str) -> None:
    for path in (LIST, f"/encounters/{stay_of('V1')}"):
        page = site.open("dana", f"{path}?as-of={yesterday}")
        page.emulate_media(media="print")
        expect(page.locator(".past strong")).to_be_visible()
        expect(page.locator(".past a")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_pages_of_the_past_have_no_accessibility_fault(
    site: Site, yesterday: str, violations: Check, size: tuple[int, int], scheme: str
) -> None:
    stay = stay_of("V1")
    page = site.open("dana", f"{LIST}?as-of={yesterday}&open={stay}", size, color_scheme=scheme)
    assert violations(page) == []
    page.goto(f"/encounters/{stay}?as-of={yesterday}")
    assert violations(page) == []
    assert sideways(page) == 0
