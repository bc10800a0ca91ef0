"""A list under the hand: keys, rows in place, changes from elsewhere that move nothing, filters that keep the page."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.census.events import EncounterUpdated
from app.notices import source as notices
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.browser.conftest import PHONE, Site
from tests.browser.waiting import address_ends, address_lacks, becomes, has_focus, holds, listening, sideways
from tests.support.owing import only
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World

LIST = "/worklists/inpatient"


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """The order here follows from the dates of the census; reviews would come before them."""
    with only(notices.RULES):
        yield


@pytest.fixture
def house(world: World) -> list[uuid.UUID]:
    """Six inpatients, the one that is expected out first on top, and one protected stay."""
    moment = now()
    specs = [
        StaySpec(family=f"Sample{number}", unit=("4W", "ICU")[number % 2], room=str(400 + number), gmlos=3.2,
                 start=moment - timedelta(days=number), expected=moment + timedelta(days=number))
        for number in range(6)
    ]  # fmt: skip
    return add_stays(world, [*specs, StaySpec(family="Protected", sensitivity="vip", start=moment)])


def change(world: World, stay: uuid.UUID, what: str) -> None:
    """Change a stay as another person's screen or the feed would, and tell the open pages."""
    with begin(everywhere("test")) as work:
        work.write("encounter", f"update encounter set {what} where id = %s", (stay,))
        work.record(EncounterUpdated(encounter_id=stay, changed=("test",)))
        work.changed(world.facility["NORTH"], stay)


def order(page: Page) -> list[str]:
    """Names from top to bottom."""
    return [name.split(",")[0] for name in page.locator("tr.stay [data-stop]").all_inner_texts()]


def test_a_list_is_worked_by_keyboard_alone(site: Site, house: list[uuid.UUID]) -> None:
    page = site.open("dana", LIST)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    has_focus(page, "Sample0, Ann")
    page.keyboard.press("x")
    expect(page.locator("[data-selected-count]")).to_have_text("1")
    page.keyboard.press("n")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("Daughter decides")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("tr.stay").first).to_contain_text("Daughter decides")
    page.keyboard.press("Escape")
    expect(page.locator("tr.more:visible")).to_have_count(0)
    has_focus(page, "Sample0, Ann")
    page.keyboard.press("a")
    expect(page.locator("[data-take]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("tr.stay").first).to_contain_text("Me")


def test_a_change_elsewhere_shows_in_place_and_keeps_focus_and_order(
    site: Site, world: World, house: list[uuid.UUID]
) -> None:
    page = listening(site.open("dana", LIST))
    other = listening(site.open("uma", LIST))
    page.keyboard.press("j")
    before = order(page)

    change(world, house[0], "room = '777', expected_discharge_at = null")

    for screen in (page, other):
        expect(screen.get_by_text("4W 777-B")).to_be_visible()
        expect(screen.locator("[data-moved]")).to_contain_text("1 row moved")
    becomes(page, lambda: order(page), before)
    has_focus(page, "Sample0, Ann")
    page.get_by_role("link", name="Show them").click()
    expect(page.locator("[data-moved]")).to_have_count(0)
    after = ["Sample1", "Sample2", "Sample3", "Sample4", "Sample5", "Sample0", "Restricted stay"]
    becomes(page, lambda: order(page), after)


def test_a_stay_that_leaves_stays_dim_until_the_next_order(site: Site, world: World, house: list[uuid.UUID]) -> None:
    page = listening(site.open("dana", LIST))
    page.keyboard.press("j")

    change(world, house[2], "status = 'discharged', discharge_at = now()")

    left = page.locator("tr.stay.left")
    expect(left).to_contain_text("Left: discharged")
    expect(left).to_contain_text("Sample2")
    expect(page.locator("#list-tabs")).to_contain_text("Inpatient7")
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_text("Sample2")).to_have_count(0)
    expect(page.locator("#list-tabs")).to_contain_text("Inpatient6")


def test_a_change_before_the_page_listens_is_not_missed(site: Site, world: World, house: list[uuid.UUID]) -> None:
    page = site.open("dana", "/account")
    page.route("**/events", lambda route: (change(world, house[1], "room = '779'"), route.continue_()))
    page.goto(LIST)

    expect(page.get_by_text("ICU 779-B")).to_be_visible()


def test_typing_is_never_replaced(site: Site, world: World, house: list[uuid.UUID]) -> None:
    page = listening(site.open("dana", LIST))
    page.keyboard.press("j")
    page.keyboard.press("n")
    field = page.locator("textarea[name=text]")
    expect(field).to_be_focused()
    page.keyboard.type("half a sen")

    change(world, house[0], "room = '778'")

    expect(page.get_by_text("4W 778-B").first).to_be_visible()
    page.keyboard.type("tence")
    expect(field).to_have_value("half a sentence")
    expect(field).to_be_focused()


def test_filters_change_the_list_the_address_and_go_back(site: Site, house: list[uuid.UUID]) -> None:
    page = site.open("dana", LIST)
    page.locator("[data-filter] summary").filter(has_text="Unit").click()
    page.get_by_label("Intensive care").check()
    expect(page.locator("[data-result]")).to_contain_text("3 of 7 stays")
    address_ends(page, "?unit=ICU")
    page.keyboard.press("Escape")
    page.locator("th a", has_text="Patient").click()
    expect(page.locator("[data-result]")).to_contain_text("by name")
    page.go_back()
    page.go_back()
    expect(page.locator("[data-result]")).to_contain_text("7 stays")


def test_find_in_this_list_never_leaves_the_page(site: Site, house: list[uuid.UUID]) -> None:
    page = site.open("dana", LIST)
    page.get_by_label("Find in this list").fill("sample3")
    expect(page.locator("tr.stay:visible")).to_have_count(1)
    page.evaluate("window.same = true")
    page.get_by_label("Find in this list").press("Enter")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    holds(page, lambda: page.evaluate("window.same"), "no other document has come")
    address_lacks(page, "sample3")
    expect(page.locator("tr.stay:visible")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [LIST, f"{LIST}?unit=4W&payer=NONE", "/worklists/observation"])
def test_lists_are_accessible(
    site: Site, house: list[uuid.UUID], violations: Callable[[Page], list[str]], path: str, scheme: str
) -> None:
    assert violations(site.open("lee", path, color_scheme=scheme)) == []


def test_a_row_in_place_is_accessible_and_a_phone_needs_no_sideways_scroll(
    site: Site, house: list[uuid.UUID], violations: Callable[[Page], list[str]]
) -> None:
    page = site.open("lee", f"{LIST}?open={house[1]}")
    expect(page.locator("tr.more:visible")).to_contain_text("Midnights")
    assert violations(page) == []
    phone = site.open("lee", f"{LIST}?open={house[1]}", PHONE)
    assert sideways(phone) == 0
    assert violations(phone) == []
