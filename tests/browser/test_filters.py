"""Narrowing and sorting a list: additive, three keys deep, all of it in the address, and without script as well."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import CENSUS, Check, Ward, row
from tests.browser.waiting import (
    PATIENTS,
    address_ends,
    address_has,
    becomes,
    has_focus,
    holds,
    names,
    shows,
    shows_count,
    shows_in_any_order,
    sideways,
    texts,
)
from tests.support.world import World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def tick(page: Page, group: str, choice: str) -> None:
    """Choose one value of a filter; the list answers by itself."""
    menu = page.locator("[data-filter]", has=page.locator("summary", has_text=group))
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    with page.expect_response(lambda answer: "/worklists/" in answer.url and "/rows" not in answer.url):
        menu.get_by_label(choice).check()


def test_filters_add_up_and_the_address_carries_them(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")
    shows_count(page, 5)

    tick(page, "Unit", "4 West")
    expect(page.locator("[data-result]")).to_contain_text("3 of 5 stays")
    tick(page, "Payer", "KESTREL PPO")
    expect(page.locator("[data-result]")).to_contain_text("1 of 5 stays")
    shows(page, ["BIRCH, OMAR"])
    tick(page, "Unit", "Intensive care")
    expect(page.locator("[data-result]")).to_contain_text("2 of 5 stays")

    other = site.open("uma", page.url.removeprefix(site.base))
    shows(other, names(page))
    expect(other.locator("[data-result]")).to_have_text(page.locator("[data-result]").inner_text())
    page.go_back()
    expect(page.locator("[data-result]")).to_contain_text("1 of 5 stays")
    shows(page, ["BIRCH, OMAR"])


def test_three_keys_sort_and_a_fourth_drops_the_oldest(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")

    for head in ("Patient", "Payer", "Stay"):
        page.get_by_role("columnheader", name=head).get_by_role("link").click()

    address_ends(page, "sort=day,payer,name")
    expect(page.get_by_role("columnheader", name="Stay")).to_have_attribute("aria-sort", "ascending")
    shows(page, ["ELM, TERESA", "ALDER, ROSA", "BIRCH, OMAR", "DOGWOOD, PAVEL", "CEDAR, JUNE"])
    page.get_by_role("columnheader", name="Stay").get_by_role("link").click()
    address_ends(page, "sort=-day,payer,name")
    expect(page.get_by_role("columnheader", name="Stay")).to_have_attribute("aria-sort", "descending")
    shows(page, ["CEDAR, JUNE", "DOGWOOD, PAVEL", "ALDER, ROSA", "BIRCH, OMAR", "ELM, TERESA"])
    page.get_by_role("columnheader", name="Class").get_by_role("link").click()
    address_ends(page, "sort=class,-day,payer")
    tick(page, "Unit", "Intensive care")
    shows(page, ["DOGWOOD, PAVEL", "ELM, TERESA"], "a filter keeps the order")
    address_has(page, "sort=class,-day,payer")


def test_empty_list_says_why_and_offers_ways_on(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient?class=IP&unit=ICU&flag=leaving")

    expect(page.get_by_role("heading", name="No stay matches these 3 filters")).to_be_visible()
    page.get_by_role("link", name="Drop flag, shows 2").click()

    shows_in_any_order(page, ["DOGWOOD, PAVEL", "ELM, TERESA"])
    page.get_by_role("link", name="Clear all").click()
    shows_count(page, 5)


def test_unknown_parts_of_an_address_are_named_and_left_out(site: Site, ward: Ward, violations: Check) -> None:
    page = site.open("dana", "/worklists/inpatient?flag=nonsense&sort=name,colour")

    expect(page.get_by_text("The filter flag has no such value; it was left out.")).to_be_visible()
    expect(page.get_by_text("One sort key in the address is not known; it was left out.")).to_be_visible()
    expect(page.locator(PATIENTS).first).to_have_text("ALDER, ROSA")
    assert violations(page) == []


def test_phone_has_every_filter_and_nothing_beside_the_screen(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient", PHONE)
    page.locator("summary", has_text="Filters").click()

    tick(page, "Unit", "4 West")

    expect(page.locator("[data-result]")).to_contain_text("3 of 5 stays")
    assert sideways(page) == 0
    expander = row(page, "CEDAR").locator(".expander")
    box = expander.bounding_box()
    assert box is not None and box["width"] >= 40 and box["height"] >= 40, "a finger needs 40 px"
    page.keyboard.press("Escape")
    expander.tap()
    expect(row(page, "CEDAR").get_by_role("heading", name="Midnights")).to_be_visible()
    assert sideways(page) == 0


def test_list_works_without_script(site: Site, ward: Ward) -> None:
    page = site.open("lee", "/worklists/inpatient", java_script_enabled=False)

    page.locator("summary", has_text="Unit").click()
    page.get_by_label("4 West").check()
    page.get_by_role("button", name="Show").click()
    shows_in_any_order(page, ["ALDER, ROSA", "BIRCH, OMAR", "CEDAR, JUNE"])
    page.get_by_role("columnheader", name="Patient").get_by_role("link").click()
    page.get_by_role("columnheader", name="Patient").get_by_role("link").click()
    shows(page, ["CEDAR, JUNE", "BIRCH, OMAR", "ALDER, ROSA"])
    row(page, "BIRCH").locator(".expander").click()
    inside = row(page, "BIRCH").locator("tr.more")
    expect(inside.get_by_role("heading", name="Midnights")).to_be_visible()
    option = inside.locator("option", has_text="Dana Whitlow")
    inside.locator("select").select_option(option.get_attribute("value"))
    inside.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("The stay is assigned.")).to_be_visible()
    expect(row(page, "BIRCH").locator(".c-own")).to_have_text("Dana Whitlow")
    shows(page, ["CEDAR, JUNE", "BIRCH, OMAR", "ALDER, ROSA"], "the view is kept")

    row(page, "BIRCH").get_by_label("New note").fill("Wife brings the papers.")
    row(page, "BIRCH").get_by_role("button", name="Write note").click()

    expect(page.get_by_text("The note is written.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Wife brings the papers.")).to_be_visible()


def test_first_tabs_of_every_list_lead_over_the_bar_to_the_content(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")

    page.keyboard.press("Tab")
    has_focus(page, "Skip to content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    holds(page, lambda: page.evaluate("document.activeElement.closest('main') !== null"))


def test_narrowing_leaves_the_numbers_of_the_tabs_alone(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")
    shows_count(page, 5)
    tabs = page.locator("#list-tabs")
    before = texts(tabs)

    menu = page.locator("[data-filter]", has=page.locator("summary", has_text="Unit"))
    menu.locator("summary").click()
    with page.expect_response(lambda answer: "/worklists/inpatient?" in answer.url) as answered:
        menu.get_by_label("4 West").check()

    expect(page.locator("[data-result]")).to_contain_text("3 of 5 stays")
    assert "list-tabs" not in answered.value.text()
    becomes(page, lambda: texts(tabs), before)
