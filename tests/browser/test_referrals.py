"""A referral to five in three interactions, its answer on a telephone, seen by the hospital without a reload."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from app.platform.now import now
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import Arrival, Ward, row, stay_of
from tests.browser.waiting import sideways
from tests.discharge.referrals.support import vendors

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=1))
PICTURES = os.environ.get("DAYBOOK_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_five_are_asked_by_keyboard_and_one_accepts_on_a_telephone(
    site: Site, violations: Callable[[Page], list[str]]
) -> None:
    Ward().admit(ROSA)
    vendors(site.world, 8, mail=False)
    dana = site.open("dana", "/worklists/inpatient")
    row(dana, "Alder").locator("[data-stop]").first.focus()

    dana.keyboard.press("f")
    expect(dana.get_by_role("heading", name="8 can take the patient")).to_be_visible()
    picture(dana, "new")
    dana.keyboard.press("m")

    shown = dana.get_by_label("Alder House", exact=True)
    expect(shown).to_be_visible()
    expect(dana.locator('input[readonly][value*="/referral/"]')).to_have_count(5)
    picture(dana, "sent")
    link = "/referral/" + shown.input_value().rsplit("/", 1)[1]
    dana.goto(dana.url.split("/encounters")[0] + f"/encounters/{stay_of('V1')}/referrals")
    dana.wait_for_selector("#stream[data-listening]", state="attached")

    phone = site.open("", link, PHONE)
    expect(phone.get_by_text("Woman")).to_have_count(0)
    assert violations(phone) == [] and sideways(phone) == 0
    picture(phone, "cover")
    phone.get_by_role("button", name="Open referral").click()
    expect(phone.get_by_role("heading", name="Packet")).to_be_visible()
    assert violations(phone) == [] and sideways(phone) == 0
    picture(phone, "portal")
    phone.get_by_role("link", name="Accept").click()
    phone.get_by_label("Bed or start from").fill((now() + timedelta(days=2)).date().isoformat())
    phone.locator("#va-answered_by").fill("Kim Admissions 555 0100")
    assert violations(phone) == []
    picture(phone, "accept")
    phone.get_by_role("button", name="Send acceptance").click()
    expect(phone.get_by_text("you accepted")).to_be_visible()

    tab = dana.locator("#stay-referrals")
    expect(tab).to_contain_text("1 of 5 yes")
    expect(tab).to_contain_text("Kim Admissions 555 0100, through the link")
    assert violations(dana) == [] and sideways(dana) == 0
    picture(dana, "tab")
