"""At the screen: a recovery code for a lost device, the door of a protected stay by keyboard, typing that is kept."""

import re

import pyotp
from playwright.sync_api import Page, expect

from app.accounts.factors.recovery import make_codes
from app.accounts.factors.seeds import keep_seed
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.security.models import User
from app.security.totp import step_at
from tests.browser.conftest import Site
from tests.support.glass import give_password
from tests.support.stays import StaySpec, add_stay
from tests.support.world import PASSWORD

SEED = pyotp.random_base32()


def enrol(site: Site, name: str) -> list[str]:
    give_password(site.world, name)
    with begin(everywhere("test")) as work:
        user = work.get(User, site.world.user[name])
        keep_seed(user, SEED)
        user.totp_confirmed_at = work.now
        return make_codes(work, user)


def test_a_recovery_code_stands_in_and_new_ones_are_made(site: Site) -> None:
    codes = enrol(site, "dana")
    page = site.open(path="/account")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_text("Use a recovery code instead").press("Enter")
    page.get_by_label("Recovery code", exact=True).fill("aaaa-bbbb-cccc")
    page.get_by_role("button", name="Sign in with this code").press("Enter")
    expect(page.get_by_label("Recovery code", exact=True)).to_be_focused()
    expect(page.locator("#r-code-e")).to_contain_text("not right")
    page.keyboard.type(codes[0])
    page.keyboard.press("Enter")

    expect(page.locator("#flash")).to_contain_text("9 recovery codes are left")
    page.get_by_role("link", name="New recovery codes").click()
    page.get_by_label("Code of your authenticator").fill(codes[1])
    page.get_by_role("button", name="Make new codes").click()
    expect(page.locator("ol code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 left")).to_be_visible()


def test_the_door_opens_by_keyboard_with_a_code_and_is_closed_again(site: Site) -> None:
    enrol(site, "dana")
    stay = add_stay(site.world, StaySpec(sensitivity="vip"))
    page = site.open("dana", f"/encounters/{stay}")
    expect(page.get_by_role("heading", name="This stay is protected")).to_be_visible()

    fill_door(page, "000000")
    expect(page.get_by_label("Code of your authenticator")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Why do you need this stay?")).to_have_value("I cover the unit tonight.")
    page.get_by_label("Code of your authenticator").fill(pyotp.TOTP(SEED).generate_otp(step_at(now())))
    page.keyboard.press("Enter")

    expect(page.get_by_text("You opened this protected stay")).to_be_visible()
    expect(page.locator("time[data-tick=ends]")).to_have_text(re.compile(r"in (3 h 5\d|4 h 00)"))
    page.get_by_role("button", name="Close again").press("Enter")
    expect(page.get_by_text("closed to you again")).to_be_visible()
    page.goto(f"/encounters/{stay}")
    expect(page.get_by_role("heading", name="This stay is protected")).to_be_visible()


def fill_door(page: Page, code: str) -> None:
    page.get_by_label("Reason", exact=True).select_option("covering")
    page.get_by_label("Why do you need this stay?").fill("I cover the unit tonight.")
    page.get_by_label("Code of your authenticator").fill(code)
    page.keyboard.press("Enter")


def test_what_was_typed_stays_when_the_session_ends_and_the_strength_is_said_in_words(site: Site) -> None:
    give_password(site.world, "dana")
    page = site.open("dana", "/account/password")
    page.get_by_label("New password", exact=True).press_sequentially("north harbor 99")
    expect(page.locator("#strength")).to_contain_text("built on names")
    page.get_by_label("New password", exact=True).fill("correct horse battery staple")
    expect(page.locator("#strength")).to_contain_text("Very strong.")

    page.evaluate("window.daybook.signedOut()")

    expect(page.locator("#trouble")).to_contain_text("What you typed is still here.")
    expect(page.get_by_label("New password", exact=True)).to_have_value("correct horse battery staple")
