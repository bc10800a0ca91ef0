"""The director opens Control and reaches a patient in two clicks; a measure opens down to its stays; without script."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Arrival, Check, Ward, stay_of
from tests.browser.waiting import sideways
from tests.metrics.study.planted import plant
from tests.support.avoidable import lost_days

LONG = Arrival(visit="V7", name="GORSE^ADA", place="4W^404^A", ago=timedelta(days=30), drg="193")


@pytest.fixture
def house(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """People in the house, a lost day, and fourteen months of discharges."""
    plant(site.world, monkeypatch)
    Ward().admit(*CENSUS, LONG)
    lost_days(site.world, stay_of("V3"), now(), "as recorded")
    return site


def since(days: int) -> date:
    return now().date() - timedelta(days=days)


def test_from_a_tile_to_a_patient_in_two_clicks(house: Site) -> None:
    page = house.open("dora", "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Control")

    page.get_by_role("link", name="Avoidable days yesterday").click()
    part = page.locator("#t5")
    expect(part).to_be_visible()
    expect(page.locator("#t2")).to_be_hidden()
    part.get_by_role("rowheader").get_by_role("link").first.click()

    page.wait_for_url(re.compile("/encounters/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("CEDAR")


def test_from_a_measure_to_a_stay_in_two_clicks_by_keyboard(house: Site) -> None:
    page = house.open("dora", f"/measures/readmission?first={since(400)}&last={since(40)}")
    left_out = page.locator("#left-out").get_by_role("row", name="died in the hospital").get_by_role("link")
    number = left_out.inner_text()

    left_out.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=f"{number} in all")).to_be_visible()
    page.get_by_role("rowheader").get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/encounters/"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_for_those_who_do_not_see_or_point(
    house: Site, violations: Check, size: tuple[int, int], scheme: str
) -> None:
    page = house.open("dora", "/control", size, color_scheme=scheme)
    for path in (
        "/control", "/measures", f"/measures/readmission?first={since(400)}&last={since(40)}&against=before",
        f"/measures/los?first={since(430)}&last={since(1)}", f"/measures/los/cases?first={since(400)}",
    ):  # fmt: skip
        page.goto(path)
        assert violations(page) == [], path
        assert not sideways(page), path


def test_without_script_tiles_and_filters_work(house: Site) -> None:
    page = house.open("dora", "/control", java_script_enabled=False)
    page.get_by_role("link", name="Past GMLOS, no plan").click()
    expect(page.locator("#t4")).to_be_visible()

    page.goto("/measures/los")
    page.get_by_label("Unit", exact=True).select_option("5 South")
    page.get_by_role("button", name="Show").click()

    expect(page.locator(".chip.blue")).to_contain_text("Unit: 5 South")
    expect(page.locator("#by-unit tbody tr")).to_have_count(1)
