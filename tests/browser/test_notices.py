"""The frequent deed of the day: an Important Message, signed on paper, in two interactions from its row."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.clocks.terms import Copy, NoticeKind
from app.notices import source as notices
from app.notices.appeals.commands import AskAppeal, ask_appeal
from app.notices.commands import DeliverNotice, deliver_notice
from app.platform.work import begin, everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import focused, holds, sideways
from tests.support.owing import only

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", ago=timedelta(days=1))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer="MEDICARE", ago=timedelta(hours=30))


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from the dates of the census and from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


def closed(visit: str) -> bool:
    """Whether the first copy is on record for the stay."""
    query = (
        "select closed_at is not null from obligation where rule = 'N-IM1' and ended_at is null and encounter_id = %s"
    )
    with reading(everywhere("test")) as view:
        return bool(view.value(query, (stay_of(visit),)))


def stand_on(page: Page, name: str) -> None:
    """Put the hand on the row of a patient."""
    row(page, name).locator("[data-stop]").focus()


def test_an_important_message_takes_two_keys_from_its_row(site: Site):
    Ward().admit(ROSA, OMAR)
    page = site.open("dana", "/worklists/inpatient")
    page.wait_for_selector("#live[data-listening]", state="attached")
    expect(row(page, "Alder").locator("tr.stay")).to_contain_text("IM by")
    stand_on(page, "Alder")

    page.keyboard.press("i")
    expect(row(page, "Alder").locator(".deliver h2")).to_have_text("Deliver: Important Message, first copy")
    expect(row(page, "Alder").get_by_role("button", name="Save the delivery")).to_be_focused()
    assert not closed("V1")
    page.keyboard.press("Enter")

    expect(row(page, "Alder").locator(".deliver .note.green")).to_contain_text("given")
    assert closed("V1") and not closed("V2")
    holds(page, lambda: "given" in focused(page))
    expect(row(page, "Alder").locator("tr.stay")).not_to_contain_text("IM by")
    expect(page.locator("[data-moved]")).to_contain_text("moved")
    expect(row(page, "Birch").locator("tr.stay")).to_contain_text("IM by")

    row(page, "Alder").get_by_role("button", name="Undo").click()
    expect(row(page, "Alder").locator(".deliver h2")).to_have_text("Deliver: Important Message, first copy")
    assert not closed("V1")


def test_the_row_in_place_comes_back_after_the_form(site: Site):
    Ward().admit(ROSA)
    page = site.open("dana", "/worklists/inpatient")
    stand_on(page, "Alder")
    page.keyboard.press("i")
    expect(row(page, "Alder").locator(".deliver")).to_be_visible()

    page.keyboard.press("Escape")
    expect(row(page, "Alder").locator(".deliver")).to_be_hidden()
    page.keyboard.press("o")

    expect(row(page, "Alder").get_by_role("heading", name="Midnights")).to_be_visible()
    expect(row(page, "Alder").locator(".deliver")).to_have_count(0)


def test_a_refusal_without_witness_keeps_what_was_typed_and_goes_to_the_field(site: Site):
    Ward().admit(ROSA)
    page = site.open("dana", "/worklists/inpatient")
    stand_on(page, "Alder")
    page.keyboard.press("i")
    part = row(page, "Alder").locator(".deliver")
    expect(part.get_by_label("Witness of the refusal")).to_be_hidden()

    part.get_by_label("Signature refused").check()
    part.get_by_label("Title of the witness").fill("RN")
    part.get_by_role("button", name="Save the delivery").click()

    expect(part.get_by_role("alert")).to_contain_text("Write the name of the member of staff")
    expect(part.get_by_label("Title of the witness")).to_have_value("RN")
    part.get_by_label("Witness of the refusal").fill("Dana Whitlow")
    page.keyboard.press("Enter")
    expect(row(page, "Alder").locator(".deliver .note.green")).to_contain_text("signature refused")


def test_a_signature_is_drawn_kept_and_shown(site: Site):
    Ward().admit(ROSA)
    page = site.open("dana", f"/encounters/{stay_of('V1')}/notices/new")
    page.get_by_label("Signed on the screen").check()
    field = page.locator("svg.sign")
    box = field.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=5)
    page.mouse.up()

    page.get_by_role("button", name="Save the delivery").click()

    expect(page.get_by_role("img", name="Signature drawn on the screen")).to_be_visible()
    expect(page.locator(".flash")).to_contain_text("signed on the screen")


def test_notices_are_sound_on_a_desk_and_on_a_phone(site: Site, violations: Check):
    Ward().admit(ROSA)
    for size in (DESKTOP, PHONE):
        for path in ("", "/new?kind=IM&copy=first", "/new?kind=MOON", "/new?kind=HINN12"):
            page = site.open("dana", f"/encounters/{stay_of('V1')}/notices{path}", size)
            for word in ("representative", "telephone", "refused", "attending"):
                if page.locator(f"[value={word}]").count():
                    page.locator(f"[value={word}]").first.check()
            assert violations(page) == [], path
            assert sideways(page) == 0, path


def test_the_tab_with_an_appeal_the_correction_and_the_forms_are_sound(site: Site, violations: Check):
    Ward().admit(ROSA)
    stay = stay_of("V1")
    with begin(site.world.viewer("dana")) as work:
        made = deliver_notice(work, stay, DeliverNotice(kind=NoticeKind.IM, which_copy=Copy.FIRST))
        ask_appeal(work, stay, AskAppeal())
    for size in (DESKTOP, PHONE):
        for path in (f"/encounters/{stay}/notices", f"/deliveries/{made.delivery_id}/amendment", "/notice-forms"):
            page = site.open("lee", path, size)
            for summary in page.locator("main details > summary").all():
                summary.click()
            assert violations(page) == [], path
            assert sideways(page) == 0, path
