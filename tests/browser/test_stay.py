"""The stay in a real browser: tabs without a reload, the keyboard, live changes that leave the focus where it is."""

import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.platform.work import begin, everywhere
from tests.browser.conftest import PHONE, Site
from tests.browser.waiting import holds, listening, sideways
from tests.support.stays import StaySpec, add_stay

Violations = Callable[[Page], list[str]]


@pytest.fixture
def stay(site: Site) -> uuid.UUID:
    return add_stay(site.world, StaySpec(family="Voss", given="Leonard", sex="M", patient_class="OBS"))


def move(site: Site, stay: uuid.UUID, room: str) -> None:
    """What a transfer changes, and the notice that goes to the browsers."""
    from app.census.events import PatientMoved

    with begin(everywhere("test")) as work:
        query = "update encounter set room = %s, location = unit || '^' || %s || '^' || bed where id = %s"
        work.write("encounter", query, (room, room, stay))
        work.record(PatientMoved(encounter_id=stay, before="4W^412^B", after=f"4W^{room}^B", at=work.now))
        work.changed(site.world.facility["NORTH"], stay)


def test_a_tab_changes_the_part_and_the_address_and_keeps_the_focus(site: Site, stay: uuid.UUID):
    page = site.open("dana", f"/encounters/{stay}")
    page.evaluate("window.same = true")

    page.get_by_role("link", name="Timeline").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Movements")).to_be_visible()
    expect(page).to_have_url(f"{site.base}/encounters/{stay}/timeline")
    expect(page.get_by_role("link", name="Timeline")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="Timeline")).to_be_focused()
    holds(page, lambda: page.evaluate("window.same"), "the page was not loaded again")


def test_back_shows_the_part_before(site: Site, stay: uuid.UUID):
    page = site.open("dana", f"/encounters/{stay}")

    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.go_back()

    expect(page.get_by_role("heading", name="Course of the stay")).to_be_visible()


def test_a_change_from_elsewhere_shows_and_leaves_the_focus(site: Site, stay: uuid.UUID):
    page = site.open("dana", f"/encounters/{stay}")
    page.get_by_role("link", name="Notes").focus()
    expect(page.locator(".facts")).to_contain_text("4 West 412-B")
    listening(page)

    move(site, stay, "430")

    expect(page.locator(".facts")).to_contain_text("4 West 430-B")
    expect(page.get_by_role("link", name="Notes")).to_be_focused()


def test_typing_is_not_replaced_by_a_change(site: Site, stay: uuid.UUID):
    page = site.open("lee", f"/encounters/{stay}")
    page.get_by_text("Change the protection").click()
    page.get_by_label("Reason").fill("works on 4 We")
    listening(page)

    move(site, stay, "431")

    expect(page.locator(".facts")).to_contain_text("4 West 431-B")
    expect(page.get_by_label("Reason")).to_have_value("works on 4 We")


def test_a_patient_is_found_and_opened_by_keyboard_alone(site: Site, stay: uuid.UUID):
    page = site.open("dana", "/find")

    page.keyboard.press("/")
    page.keyboard.type("voss")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="In the house")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Voss, Leonard")).to_be_visible()


@pytest.mark.parametrize("part", ["", "/timeline", "/history"])
@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "dark"), (PHONE, "light")])
def test_the_parts_of_a_stay_have_no_accessibility_faults_and_keep_their_width(
    site: Site, stay: uuid.UUID, violations: Violations, part: str, size: tuple[int, int], scheme: str
):
    page = site.open("priya", f"/encounters/{stay}{part}", size=size, color_scheme=scheme)

    assert violations(page) == []
    assert sideways(page) == 0
