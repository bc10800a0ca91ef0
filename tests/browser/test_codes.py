"""A code that no map knows gets its category in the browser, by keyboard alone, and the way back."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.waiting import sideways
from tests.metrics.value_sets.test_store import code, visit_of
from tests.support.stays import add_stay
from tests.support.world import World

PICTURES = os.environ.get("DAYBOOK_PICTURES")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def coded(world: World) -> None:
    """Two stays with codes newer than the map."""
    code(*(f"{visit_of(world, add_stay(world))},U071,2026-03-04,,,XW033E5" for _ in range(2)))


def test_a_code_is_placed_by_keyboard_and_taken_back(site: Site, violations) -> None:
    coded(site.world)
    page = site.open("dora", "/measures/codes")
    page.get_by_role("link", name="Choose a category for U071").focus()
    picture(page, "codes")
    assert violations(page) == []

    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A category for a code")).to_be_visible()
    page.get_by_role("combobox", name="Category").select_option("122")
    page.get_by_label("Why it belongs there").focus()
    page.keyboard.type("coded as viral pneumonia was")
    picture(page, "code")
    assert violations(page) == []
    page.keyboard.press("Enter")

    expect(page.get_by_role("cell", name="122 Pneumonia")).to_be_visible()
    expect(page.get_by_role("link", name="Choose a category for U071")).to_have_count(0)
    for scheme, size in (("light", (390, 844)), ("dark", (390, 844)), ("dark", (1440, 900))):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert sideways(page) == 0
        picture(page, f"placed-{scheme}-{size[0]}")
    page.emulate_media(media="print", color_scheme="light")
    picture(page, "placed-print")
    page.emulate_media(media="screen")

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Choose a category for U071")).to_be_visible()
