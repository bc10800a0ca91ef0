"""A ride is booked and confirmed by keyboard; conditions, payer and purchases stand on one page on any screen."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.waiting import sideways
from tests.discharge.booking.support import arranged, tell


@pytest.fixture
def stay(site: Site) -> uuid.UUID:
    return tell(site.world)


def press_on(page: Page, name: str) -> None:
    """Open or press what has this name, by keyboard."""
    page.get_by_text(name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_a_ride_is_booked_by_keyboard(site: Site, stay: uuid.UUID) -> None:
    page = site.open("dana", f"/encounters/{stay}/bookings")
    press_on(page, "Book")
    page.get_by_label("What is booked").select_option("transport")
    page.locator("#book-vendor_name").fill("Harbor Vans")
    page.get_by_label("Ride: picked up on").fill((now() + timedelta(days=2)).date().isoformat())
    page.locator("#book-pick_up").fill("14:00")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("article", name="Booking: Transport: Harbor Vans")).to_contain_text("14:00")
    page.get_by_text("Confirm: Transport: Harbor Vans").focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Confirmation").first.fill("HV-9")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Booking: Transport: Harbor Vans")).to_contain_text("confirmed")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_page_fits_and_has_no_fault(
    site: Site, stay: uuid.UUID, size: tuple[int, int], violations: Callable[[Page], list[str]]
) -> None:
    arranged(site.world, stay, "", now())
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from booking") == 1
    page = site.open("dana", f"/encounters/{stay}/bookings?care=snf", size)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    assert sideways(page) == 0
