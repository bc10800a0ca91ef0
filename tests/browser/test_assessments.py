"""Needs of a stay by keyboard: from the list to a screen, an evaluation by letters, an answer to signs of illness."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Ward, stay_of
from tests.browser.waiting import sideways
from tests.discharge.assessing import diagnosed, one_of_each
from tests.support.world import World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def ready(page: Page) -> None:
    page.wait_for_function("window.daybook && window.htmx && document.body.dataset.singleKeys")


def test_a_screen_is_recorded_from_the_list_in_three_interactions(site: Site, ward: Ward):
    page = site.open("dana", "/worklists/inpatient")
    page.wait_for_selector("#live[data-listening]", state="attached")
    page.keyboard.press("j")

    page.keyboard.press("s")
    button = page.get_by_role("button", name="Record the screen")
    expect(button).to_be_visible()
    button.focus()  # moving the focus is none
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="The screen is recorded")).to_be_visible()


def test_an_evaluation_is_written_by_letters_and_signed_by_keys(site: Site, ward: Ward):
    stay = stay_of(CENSUS[0].visit)
    page = site.open("dana", f"/encounters/{stay}/assessments/new")
    ready(page)
    first = page.get_by_role("checkbox", name="New equipment or oxygen at home")
    first.focus()
    page.keyboard.press("g")  # needs help to walk
    page.keyboard.press("a")
    expect(page.get_by_role("checkbox", name="Needs help to walk or transfer")).to_be_checked()
    page.get_by_label("What the patient wants").fill("Home, to her garden")
    expect(page.locator("#kept")).to_contain_text("Draft kept")
    page.reload()
    expect(page.get_by_label("What the patient wants")).to_have_value("Home, to her garden")
    page.get_by_role("checkbox", name="Home health").check()
    page.get_by_role("radio", name="Patient", exact=True).check()

    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Discharge planning evaluation signed.")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="Home, to her garden").first).to_be_visible()


def test_signs_are_answered_from_their_list(site: Site, ward: Ward):
    stay = stay_of(CENSUS[0].visit)
    diagnosed(stay, "I50.9", "Z99.81", at=now() - timedelta(hours=1))
    page = site.open("dana", "/worklists/serious-illness")
    expect(page.locator(".c-also").first).to_contain_text("Oxygen at home")

    page.goto(page.url.replace("/worklists/serious-illness", f"/encounters/{stay}/illness"))
    page.get_by_text("Order a palliative consult").click()
    page.get_by_role("button", name="Record the answer").click()

    expect(page.get_by_text("The answer is recorded.")).to_be_visible()
    expect(page.get_by_role("heading", name="Answer consult ordered")).to_be_visible()


@pytest.mark.parametrize("part", ["assessment", "illness", "assessments/new"])
def test_nothing_scrolls_sideways_on_a_phone_and_no_rule_is_broken(
    site: Site, ward: Ward, world: World, violations: Callable[[Page], list[str]], part: str
):
    stay = stay_of(CENSUS[0].visit)
    one_of_each(world.viewer("dana"), stay, "Home with her sister")

    for size in (DESKTOP, PHONE):
        page = site.open("dana", f"/encounters/{stay}/{part}", size=size)
        assert sideways(page) == 0
        assert violations(page) == []
