"""Reconciliation in a browser: a repair and its way back, changes that show by themselves, keyboard and phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.interop.census_file.storing import TakeFile, take_file
from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Check, Ward, local_stamp
from tests.browser.waiting import sideways
from tests.support.census_files import HEADER, written


@pytest.fixture
def ward() -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


@pytest.fixture
def address(site: Site, ward: Ward) -> str:
    """A file that lacks BIRCH, names NEWMAN, and has ALDER in another bed."""
    rows = []
    for one in CENSUS:
        family, _, given = one.name.partition("^")
        unit, room, bed = one.place.split("^")
        who = {"mrn": one.patient, "visit_number": one.visit, "last_name": family, "first_name": given}
        rows.append(who | {"patient_class": one.klass, "unit": unit, "room": room, "bed": bed, "attending_id": "1001"})
    rows[0]["room"] = "409"
    rows[1] |= {"visit_number": "V9", "mrn": "MV9", "last_name": "NEWMAN", "first_name": "IDA", "room": "410"}
    ask = TakeFile(site.world.facility["NORTH"], "house.csv", written(rows, HEADER), now() - timedelta(minutes=20))
    return f"/reconciliation/files/{take_file(ask).file_id}"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def test_a_repair_is_one_click_and_so_is_its_way_back(site: Site, address: str) -> None:
    page = site.open("lee", address)
    heading(page, "Missing from the census (1)")
    page.get_by_label("Reason for repairs").fill("asked the unit")

    page.get_by_role("button", name=re.compile("Put into the census.*NEWMAN")).click()
    heading(page, "Missing from the census (0)")
    expect(page.get_by_text("One stay was repaired.")).to_be_visible()
    expect(page.get_by_role("cell", name="asked the unit")).to_be_visible()

    page.get_by_role("button", name="Undo").click()
    heading(page, "Missing from the census (1)")
    expect(page.get_by_text("The repair was taken back.")).to_be_visible()


def test_a_whole_group_by_keyboard(site: Site, address: str) -> None:
    page = site.open("dora", address)
    page.get_by_role("button", name=re.compile("Take what the file says.*ALDER")).focus()
    page.keyboard.press("Enter")

    heading(page, "Different (0)")
    heading(page, "Extra in the census (1)")


def test_what_the_feed_sets_right_leaves_the_page_by_itself(site: Site, ward: Ward, address: str) -> None:
    page = site.open("lee", address)
    heading(page, "Extra in the census (1)")
    page.get_by_label("Reason for repairs").fill("half a sentence")

    ward.send(ward.sender.discharge("V2", "MV2", at=local_stamp(now() - timedelta(hours=1)), name="BIRCH^OMAR"))

    expect(page.get_by_role("heading", name="Extra in the census (0)")).to_be_visible()
    expect(page.get_by_label("Reason for repairs")).to_have_value("half a sentence")


def test_a_file_is_uploaded_looked_at_and_taken(site: Site, ward: Ward) -> None:
    page = site.open("lee", "/reconciliation")
    rows = written([{"mrn": "MV1", "visit_number": "V1", "unit": "4W"}], ("mrn", "visit_number", "unit"))
    page.get_by_label("File", exact=True).set_input_files({"name": "house.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_role("button", name="Look at the file").click()
    heading(page, "What is understood")
    expect(page.get_by_role("cell", name="Record number")).to_be_visible()

    page.get_by_role("button", name="Take this file").click()
    heading(page, "Extra in the census (5)")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_repair_is_within_the_screen(site: Site, address: str, violations: Check, size: tuple[int, int]) -> None:
    page = site.open("lee", address, size)

    assert violations(page) == []
    assert sideways(page) == 0
    for button in page.locator("#comparison .btn").all():
        box = button.bounding_box()
        assert box is not None and box["x"] + box["width"] <= size[0]
