"""The plan by hand: a date in two interactions from the list, a barrier by keys, the tab by keyboard on a stay."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.discharge.plan import queries
from app.discharge.terms import BarrierKind
from app.platform.work import everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Ward, row, stay_of
from tests.browser.waiting import names, sideways
from tests.discharge.plan.support import planned
from tests.support.world import World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def on_list(site: Site) -> Page:
    page = site.open("dana", "/worklists/inpatient")
    page.wait_for_selector("#live[data-listening]", state="attached")
    return page


def test_a_date_is_set_from_the_list_by_two_keys_and_taken_back(site: Site, ward: Ward):
    page = on_list(site)
    who = names(page)[0]
    page.keyboard.press("j")

    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Expected date (EDD)")).to_be_visible()
    page.keyboard.press("1")

    expect(page.get_by_role("status").filter(has_text="Expected to leave")).to_be_visible()
    expect(row(page, who).locator(".c-edd")).to_contain_text("Tomorrow")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("The expected date is as it was before.")).to_be_visible()
    expect(row(page, who).locator(".c-edd")).not_to_contain_text("Tomorrow")


def test_a_barrier_is_recorded_from_the_list_by_keys(site: Site, ward: Ward):
    page = on_list(site)
    page.keyboard.press("j")

    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="What keeps the patient here")).to_be_visible()
    page.keyboard.press("3")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Barrier recorded: Patient choice.")).to_be_visible()
    with reading(everywhere("test")) as db:
        keys = db.values("select id from encounter")
        [[one]] = queries.open_barriers(db, keys).values()
    assert one.kind is BarrierKind.CHOICE and one.due_at is not None


def test_the_stay_has_the_same_keys_and_a_resolved_barrier_can_be_opened_again(site: Site, ward: Ward):
    stay = stay_of(CENSUS[0].visit)
    page = site.open("dana", f"/encounters/{stay}")
    page.wait_for_function("window.daybook && window.htmx && document.body.dataset.singleKeys")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="What keeps the patient here")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article", name="Barrier: Nursing facility bed")).to_be_visible()

    page.get_by_text("Resolve: Nursing facility bed").click()
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.get_by_text("The barrier is resolved.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("article", name="Barrier: Nursing facility bed")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_tab_fits_and_has_no_barrier_for_anybody(
    site: Site, ward: Ward, violations: Callable[[Page], list[str]], size: tuple[int, int]
):
    stay = stay_of(CENSUS[0].visit)
    planned(site.world.viewer("dana"), stay, "as agreed on rounds with daughter and son")
    for path in ("plan", "expected-date/new", "barriers/new"):
        page = site.open("dana", f"/encounters/{stay}/{path}", size)
        assert violations(page) == [] and sideways(page) == 0, path
