"""Saved views by hand and by keyboard, with and without script; the order of a list by its heads; new stays let in."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Arrival, Check, Ward, row
from tests.browser.waiting import PATIENTS, address_has, lacks, shows, shows_count, sideways

LIST = "/worklists/inpatient"


@pytest.fixture
def ward(site: Site) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def save_by_keys(page: Page, name: str) -> None:
    page.keyboard.press("w")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The view is kept.")).to_be_visible()


def test_a_view_is_saved_reopened_changed_and_brought_back_by_keys_alone(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?unit=ICU")
    save_by_keys(page, "Intensive")
    expect(page.locator("#view-line")).to_contain_text("View Intensive")

    page.goto(LIST)
    shows_count(page, 5)
    page.keyboard.press("v")
    page.keyboard.press("Tab")  # past the list as it comes
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("unit=ICU"))
    shows_count(page, 2)

    page.goto(page.url.replace("unit=ICU", "unit=4W"))
    expect(page.locator("#view-line")).to_contain_text("changed since")
    page.get_by_role("button", name="Update the view").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The view is updated.")).to_be_visible()
    expect(page.locator("#view-line")).not_to_contain_text("changed since")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The view is as it was before.")).to_be_visible()
    shows_count(page, 2)


def test_filtering_says_that_the_view_has_changed_without_a_new_page(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?unit=ICU")
    save_by_keys(page, "Intensive")
    page.locator('[data-filter="unit"] > summary').click()
    page.get_by_label(re.compile("4 West")).check()
    expect(page.locator("#view-line")).to_contain_text("changed since")
    expect(page.locator("tbody[data-stay]")).to_have_count(5)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="changed since").click()
    expect(page.locator("tbody[data-stay]")).to_have_count(2)


def test_a_default_is_remembered_by_the_next_session(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?unit=ICU")
    page.get_by_role("button", name="Open this list like this").click()
    expect(page.get_by_text("The list opens like this from now on.")).to_be_visible()

    later = site.open("dana", LIST)
    address_has(later, "unit=ICU")
    shows_count(later, 2)
    later.locator("[data-key=v] > summary").click()
    later.get_by_role("link", name="Inpatient, as it comes").click()
    later.wait_for_url(re.compile("view=plain"))
    shows_count(later, 5)
    later.get_by_role("button", name="Open this list as it comes").click()
    expect(later.locator(".flash")).to_be_visible()
    later.goto(LIST)
    shows_count(later, 5)


def test_a_shared_view_is_taken_as_default_or_hidden(site: Site, ward: Ward) -> None:
    lead = site.open("lee", f"{LIST}?unit=ICU")
    save_by_keys(lead, "Intensive of all")
    lead.goto(f"{LIST}/views")
    lead.get_by_role("button", name="Share with the facility: Intensive of all").click()
    expect(lead.get_by_text("Everybody in this facility sees the view.")).to_be_visible()

    page = site.open("dana", f"{LIST}/views")
    page.get_by_role("button", name="Open the list like this: Intensive of all").click()
    expect(page.locator(".flash")).to_be_visible()
    page.goto(LIST)
    shows_count(page, 2)
    expect(page.locator("#view-line")).to_contain_text("Intensive of all")
    page.goto(f"{LIST}/views")
    page.get_by_role("button", name="Hide from my menu: Intensive of all").click()
    expect(page.locator(".flash")).to_be_visible()
    page.goto(LIST)
    page.locator("[data-key=v] > summary").click()
    expect(page.locator("[data-key=v] nav").get_by_text("Intensive of all")).to_be_hidden()


def test_deleting_is_undone(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?unit=ICU")
    save_by_keys(page, "Intensive")
    page.goto(f"{LIST}/views")
    page.get_by_role("button", name="Delete: Intensive").click()
    expect(page.get_by_text("You keep no view of this list yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#view-line")).to_contain_text("Intensive")


def test_everything_works_without_script(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?unit=ICU", java_script_enabled=False)
    page.get_by_text("Save view").click()
    page.get_by_label("Name of the view").fill("Intensive")
    page.get_by_label("Open this list like this").check()
    page.get_by_role("button", name="Save the view").click()
    expect(page.get_by_text("The view is kept.")).to_be_visible()
    page.goto(LIST)
    shows_count(page, 2)
    page.locator("summary", has_text="Order").click()
    page.get_by_label("First by").select_option("-name")
    page.get_by_role("button", name="Show", exact=True).click()
    shows(page, ["ELM, TERESA", "DOGWOOD, PAVEL"])
    expect(page.locator("#view-line")).to_contain_text("changed since")


def test_a_head_with_shift_adds_its_key(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?sort=payer")
    page.get_by_role("link", name=re.compile("^Patient")).click(modifiers=["Shift"])
    page.wait_for_url(re.compile("sort=payer,name"))
    expect(page.locator("th", has_text="Patient").get_by_text("key 2 of the order")).to_have_count(1)
    page.get_by_role("link", name=re.compile("^Patient")).click(modifiers=["Shift"])
    page.wait_for_url(re.compile("sort=payer,-name"))


def test_new_stays_come_in_by_the_note_and_the_hand_stays_where_it_is(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"{LIST}?sort=name", size=(1440, 360))
    page.locator("#live[data-listening]").wait_for(state="attached")
    held = row(page, "ELM")
    held.locator(".expander").click()
    expect(held.get_by_role("heading", name="Midnights")).to_be_visible()
    held.locator('textarea[name="text"]').fill("half a thought")
    ward.admit(Arrival(visit="V9", name="ASPEN^UMA", place="4W^409^A"))
    expect(page.get_by_text("1 new.")).to_be_visible()
    lacks(page, "ASPEN, UMA")
    held.locator(".c-pt a").focus()
    before = held.bounding_box()
    page.evaluate("document.querySelector('[data-act=show-order]').click()")
    expect(row(page, "ASPEN")).to_be_visible()
    expect(page.locator(PATIENTS).nth(1)).to_have_text("ASPEN, UMA")
    after = row(page, "ELM").bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 2
    expect(row(page, "ELM").locator('textarea[name="text"]')).to_have_value("half a thought")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_menus_of_views_have_no_accessibility_fault(
    site: Site, ward: Ward, violations: Check, size: tuple[int, int], scheme: str
) -> None:
    page = site.open("lee", f"{LIST}?unit=ICU", size, color_scheme=scheme)
    save_by_keys(page, "Intensive")
    page.goto(page.url.replace("ICU", "4W"))
    assert violations(page) == []
    for menu in ("v", "w", "t"):
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press(menu)
        expect(page.locator("details.menu[open]"), menu).to_have_count(1)
        assert violations(page, "details.menu[open]") == [], "what it covers meanwhile is no target"
        assert sideways(page) == 0
