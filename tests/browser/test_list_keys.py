"""A list worked through without the mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.journeys import CENSUS, Ward, row
from tests.browser.waiting import address_lacks, has_focus, has_ring, holds, lacks, names
from tests.support.world import World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def on_list(page: Page) -> Page:
    """Wait until the script of the list is at work."""
    page.wait_for_function("window.daybook && window.htmx && document.body.dataset.singleKeys")
    return page


def test_moving_looking_and_opening(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/inpatient"))
    people = names(page)
    assert len(people) == 5

    for wanted in people[:3]:
        page.keyboard.press("j")
        has_focus(page, wanted)
        holds(page, lambda: has_ring(page), "the focus must be seen")
    page.keyboard.press("k")
    has_focus(page, people[1])
    page.keyboard.press("o")
    inside = row(page, people[1]).locator("tr.more")
    expect(inside.get_by_role("heading", name="Midnights")).to_be_visible()
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    has_focus(page, people[1], "closing gives the focus back")
    page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_have_text("1")
    has_focus(page, people[1])

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(people[1])


def test_ends_of_the_list_hold_the_focus(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/inpatient"))
    people = names(page)

    for _ in range(8):
        page.keyboard.press("j")
    has_focus(page, people[-1])
    for _ in range(8):
        page.keyboard.press("k")
    has_focus(page, people[0])


def test_note_is_written_by_key(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/inpatient"))
    name = names(page)[1]
    page.keyboard.press("j")
    page.keyboard.press("j")

    page.keyboard.press("n")
    text = row(page, name).locator("textarea[name=text]").first
    expect(text).to_be_focused()
    page.keyboard.type("Family asked about jokes and xenon; call back at noon.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(row(page, name).locator("tr.more li", has_text="jokes and xenon")).to_be_visible()
    expect(row(page, name).locator("tr.stay")).to_contain_text("call back at noon")
    page.keyboard.press("Escape")
    expect(row(page, name).locator("tr.more")).to_be_hidden()
    has_focus(page, name)


def test_lead_assigns_by_key(site: Site, ward: Ward) -> None:
    page = on_list(site.open("lee", "/worklists/inpatient"))
    name = names(page)[0]
    page.keyboard.press("j")

    page.keyboard.press("a")
    expect(row(page, name).locator("select[data-assign]")).to_be_focused()
    page.keyboard.type("Dana")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The stay is assigned.")).to_be_visible()
    expect(row(page, name).locator(".c-own")).to_have_text("Dana Whitlow")


def test_case_manager_takes_by_key(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/unassigned"))
    name = names(page)[0]
    page.keyboard.press("j")

    page.keyboard.press("a")
    expect(row(page, name).locator("[data-take]")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("You have this stay now.")).to_be_visible()
    lacks(page, name)


def test_search_and_help_have_keys(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/inpatient"))
    page.keyboard.press("j")

    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard")
    expect(help_).to_be_visible()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    has_focus(page, names(page)[0], "closing gives the focus back")
    page.keyboard.press("/")
    page.keyboard.type("cedar")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Find a patient")
    expect(
        page.get_by_role("link", name="Cedar, June").or_(page.get_by_role("link", name="CEDAR, JUNE"))
    ).to_be_visible()
    address_lacks(page, "cedar")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("CEDAR")


def test_single_keys_are_silent_in_fields_and_when_switched_off(site: Site, ward: Ward) -> None:
    page = on_list(site.open("dana", "/worklists/inpatient"))
    page.locator("#in-list").click()
    page.keyboard.type("jxo?n")
    expect(page.locator("#in-list")).to_have_value("jxo?n")
    expect(page.locator("dialog[open], [aria-expanded=true]")).to_have_count(0)

    page.goto("/account")
    page.get_by_label("Single letters act as keys").uncheck()
    page.get_by_role("button", name="Save keyboard").click()
    expect(page.get_by_text("Single letters are off.")).to_be_visible()
    page.goto("/worklists/inpatient")
    on_list(page)
    page.locator("tbody .c-pt a").first.focus()
    for key in ("j", "o", "x", "n", "?"):
        page.keyboard.press(key)

    has_focus(page, names(page)[0])
    expect(page.locator("dialog[open], [aria-expanded=true]")).to_have_count(0)
    expect(page.locator("tbody input:checked")).to_have_count(0)
