"""Signing in with a second factor, as a facility may ask for."""

import time

import pyotp
from playwright.sync_api import Page, expect

from app.accounts.facilities import EditFacility, edit_facility
from app.census.facilities import FacilityKind
from app.platform.work import begin, everywhere
from tests.browser.conftest import Site
from tests.browser.journeys import give_password
from tests.browser.waiting import holds
from tests.support.world import PASSWORD


def ask_for_second_factor() -> None:
    with begin(everywhere("test")) as work:
        ask = EditFacility(
            name="North Harbor Hospital", timezone="America/Chicago", kind=FacilityKind.ACUTE, totp_required=True
        )
        edit_facility(work, "NORTH", ask)


def give_name_and_password(page: Page) -> None:
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_second_factor_is_set_up_asked_for_and_taken_once(site: Site) -> None:
    give_password(site.world, "dana")
    ask_for_second_factor()
    page = site.open(path="/worklists/inpatient")
    give_name_and_password(page)

    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    page.goto("/worklists/inpatient")
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    picture = page.locator("img[alt^='QR code']")
    holds(page, lambda: picture.evaluate("i => i.complete && i.naturalWidth > 100"))
    device = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    used = device.now()
    page.get_by_label("Six-digit code").fill(used)
    page.get_by_role("button", name="Use this authenticator").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="My day", exact=True)).to_be_visible()
    sign_out(page)

    give_name_and_password(page)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.keyboard.type(used)
    page.keyboard.press("Enter")
    expect(page.locator("#f-code-e")).to_contain_text("it was used before. Wait for the next one.")
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Six-digit code").fill(device.at(time.time() + 30))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My day", exact=True)).to_be_visible()


def test_wrong_password_is_told_in_a_sentence_that_betrays_nothing(site: Site) -> None:
    give_password(site.world, "dana")
    said = []
    for name in ("dana", "nobody-here"):
        page = site.open(path="/sign-in")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill("nine wrong lanterns")
        page.get_by_role("button", name="Sign in").click()
        said.append(page.locator(".note[role=alert]").inner_text())
        expect(page.get_by_label("User name")).to_have_value(name)
        expect(page.get_by_label("Password")).to_have_value("")

    assert said[0] == said[1] and said[0].strip()
