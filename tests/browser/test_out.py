"""A list leaves through its menu: by keyboard, under the filters of the moment, on a phone, scriptless, on paper."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from app.platform.work import everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Check
from tests.support.messages import told_of_a_discharge
from tests.support.stays import StaySpec, add_stays


@pytest.fixture
def filled(site: Site) -> Site:
    add_stays(
        site.world,
        [StaySpec(family="Ash", unit="4W"), StaySpec(family="Birch", unit="ICU")]
        + [StaySpec(family=f"Cedar{number:02}", unit="OBS", room=str(number)) for number in range(40)],
    )
    return site


def taken(page: Page, link: str) -> list[str]:
    """The patients of the CSV that the menu gives."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    text = Path(download.value.path()).read_text()
    return [line["name"] for line in csv.DictReader(io.StringIO(text, newline=""))]


def prints(actor: str) -> list[int]:
    with reading(everywhere("test")) as db:
        return db.values("select cardinality(patients) from phi_access where kind = 'print' and actor = %s", (actor,))


def test_the_menu_gives_what_the_filters_leave_at_this_moment(filled: Site) -> None:
    page = filled.open("dana", "/worklists/inpatient?sort=name")
    page.locator("#narrow summary").get_by_text("Unit").click()
    page.get_by_label("Intensive care").check()
    expect(page.locator("tbody[data-stay]")).to_have_count(1)

    page.locator("#take-out summary").click()

    assert taken(page, "CSV") == ["Birch, Ann"]


def test_by_keyboard_alone_a_list_is_taken_out(filled: Site) -> None:
    page = filled.open("dana", "/worklists/inpatient?unit=4W")
    page.locator("#take-out summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    with page.expect_download() as download:
        page.keyboard.press("Enter")

    assert download.value.suggested_filename.startswith("inpatient-")
    assert download.value.suggested_filename.endswith(".xlsx")


def test_without_script_the_menu_works_too(filled: Site) -> None:
    page = filled.open("dana", "/worklists/inpatient?unit=4W", java_script_enabled=False)
    page.locator("#take-out summary").click()

    assert taken(page, "CSV") == ["Ash, Ann"]
    expect(page.get_by_role("button", name="Print the list")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_menu_lies_on_the_screen_and_has_no_fault(
    filled: Site, violations: Check, size: tuple[int, int], scheme: str
) -> None:
    page = filled.open("dana", "/worklists/inpatient?unit=4W", size, color_scheme=scheme)
    page.locator("#take-out summary").click()

    box = page.locator("#take-out .pop").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= size[0]
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    # What lies half beneath the open menu counts as too small, and is reached again when the menu is closed.
    covered = ('target-size: <a class="expander"', 'target-size: <summary class="btn small quiet">Save view')
    assert [fault for fault in violations(page) if not fault.startswith(covered)] == []


def test_every_printed_sheet_says_who_and_when_and_the_print_is_recorded(filled: Site) -> None:
    page = filled.open("lee", "/worklists/inpatient")
    with page.expect_response(lambda answer: "/prints" in answer.url) as told:
        body = page.pdf(prefer_css_page_size=True)

    assert told.value.status == 204
    assert prints("lee") == [42]
    sheets = PdfReader(io.BytesIO(body)).pages
    assert len(sheets) >= 2
    for number, sheet in enumerate(sheets, 1):
        text = " ".join(sheet.extract_text().split())
        for said in ("Printed by Lee Hartono, RN", "North Harbor Hospital", "42 stays", "Contains patient data",
                     "Due", f"Page {number} of {len(sheets)}"):  # fmt: skip
            assert said in text
        assert sheet.mediabox.width > sheet.mediabox.height, "landscape"


def test_who_may_not_take_lists_out_still_has_prints_recorded(filled: Site) -> None:
    page = filled.open("aud", "/worklists/inpatient")
    with page.expect_response(lambda answer: "/prints" in answer.url):
        page.pdf()

    expect(page.get_by_text("Export")).to_have_count(0)
    assert prints("aud") == [42]


def test_a_sheet_of_an_earlier_instant_says_that_it_is_one_and_when_it_was_printed(site: Site) -> None:
    told_of_a_discharge()
    page = site.open("lee", "/worklists/inpatient?as-of=2026-03-05T07:41")
    with page.expect_response(lambda answer: "/prints" in answer.url) as told:
        body = page.pdf(prefer_css_page_size=True)

    (sheet,) = PdfReader(io.BytesIO(body)).pages
    text = " ".join(sheet.extract_text().split())
    assert "RIVERA, CARMEN" in text and "As of Thu 5 Mar 07:41" in text
    printed = text.split("Printed by Lee Hartono, RN · North Harbor Hospital · ")[1]
    assert "as known Thu 5 Mar 07:41" in printed and not printed.startswith("Thu 5 Mar 2026")
    assert told.value.status == 204 and prints("lee") == [1]
