"""The ledger of a unit by keyboard: arrows between boxes, a day recorded in place, totals that follow; a phone."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.waiting import address_has, becomes, focused, has_ring, holds, sideways

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", expected=timedelta(days=2),
               ago=timedelta(days=4))  # fmt: skip
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer="MEDICARE", ago=timedelta(days=3))
GRID = "/ledger?unit=4W&lane=avoidable&order=bed"


def boxes(page: Page, name: str) -> list[str]:
    """The letters of a stay's boxes."""
    return page.locator("table.grid-l tbody tr", has_text=name).locator("td.d > a > span:first-child").all_inner_texts()


def test_a_lost_day_is_recorded_in_the_grid_without_the_mouse(site: Site) -> None:
    Ward().admit(ROSA, OMAR)
    page = site.open("dana", GRID)
    first = page.locator("a[data-box]").first
    expect(page.locator('a[data-box][tabindex="0"]')).to_have_count(1)

    first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    holds(page, lambda: has_ring(page))
    page.keyboard.press("ArrowDown")
    holds(page, lambda: page.evaluate("document.activeElement.closest('tr').innerText").startswith("BIRCH"))
    here = page.evaluate("document.activeElement.id")

    page.keyboard.press("Enter")
    expect(page.locator("#day-editor").get_by_role("combobox", name="Reason")).to_be_focused()
    page.keyboard.type("HS-02")
    page.keyboard.press("Enter")

    expect(page.locator("#day-editor [role=status]")).to_be_visible()
    expect(page.locator("table.grid-l tbody td.avo")).to_have_count(1)
    becomes(page, lambda: boxes(page, "BIRCH"), ["·", "HS", "·"])
    expect(page.locator("#ledger [role=status]")).to_contain_text("1 confirmed")
    page.keyboard.press("Escape")
    becomes(page, lambda: page.evaluate("document.activeElement.id"), here, "the hand is where it was")
    expect(page.locator("#day-editor")).to_be_empty()
    holds(page, lambda: focused(page))


def test_a_total_opens_the_stays_behind_it(site: Site) -> None:
    Ward().admit(ROSA, OMAR)
    page = site.open("uma", "/ledger?unit=4W")

    page.locator("#ledger [role=status]").get_by_role("link", name="not reviewed").click()

    expect(page.locator("#ledger .chip")).to_contain_text("only stays with: not reviewed")
    expect(page.locator("table.grid-l tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("#ledger .chip.blue")).to_have_count(0)
    page.locator("#l-unit").select_option("ICU")
    expect(page.locator("#ledger")).to_contain_text("Nobody of this choice lies in Intensive care")


def test_without_javascript_the_form_leads_back_to_the_grid(site: Site) -> None:
    Ward().admit(OMAR)
    page = site.open("dana", GRID, java_script_enabled=False)
    page.locator("a[data-box]").last.click()
    page.get_by_role("combobox", name="Reason").fill("HS-02")
    page.get_by_role("button", name="Save the day").click()
    address_has(page, "/ledger?unit=4W", "#b")
    becomes(page, lambda: boxes(page, "BIRCH")[-1:], ["HS"])


def test_the_grid_and_the_tab_are_sound_on_a_desk_and_on_a_phone(site: Site, violations: Check) -> None:
    Ward().admit(ROSA, OMAR)
    for size in (DESKTOP, PHONE):
        for path in (GRID, f"/encounters/{stay_of('V1')}/days"):
            page = site.open("dana", path, size)
            assert violations(page) == []
            assert sideways(page) == 0
    grid = site.open("dana", GRID, PHONE)
    grid.locator("#ledger .scroll").evaluate("(region) => { region.scrollLeft = 400; }")
    box = grid.locator("table.grid-l tbody th").first.bounding_box()
    assert box is not None and 0 <= box["x"] < 60, "the names stay while the days move"
