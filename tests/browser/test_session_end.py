"""Some minutes before a session ends the page says so; what was typed outlives the session."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site
from tests.browser.waiting import holds, sideways
from tests.support.glass import give_password

AFTER_A_WHILE = "update user_session set seen_at = now() - interval '26 minutes 30 seconds'"
TOO_LATE = "update user_session set seen_at = now() - interval '31 minutes'"
WARNING = "You will be signed out at"


def waited(site: Site, page: Page, statement: str) -> None:
    """So long nobody touched this screen: for the server as `statement` says, for the page 26 minutes and a half."""
    site.world.owner.execute(statement)
    page.clock.fast_forward("26:30")


def form(site: Site, size: tuple[int, int] = (1440, 900)) -> Page:
    """A form with typing in it, on a page whose clock the test moves."""
    give_password(site.world, "dana")
    page = site.open("dana", "/account", size=size)
    page.clock.install()
    page.goto("/account/password")
    page.get_by_label("New password", exact=True).fill("correct horse battery staple")
    return page


def seconds_idle(site: Site) -> float:
    found = site.world.owner.execute("select extract(epoch from now() - seen_at)::float from user_session").fetchone()
    assert found is not None
    return float(found[0])


def test_the_warning_is_read_aloud_and_answered_by_keyboard(site: Site, violations: Callable[..., list[str]]) -> None:
    page = form(site)
    expect(page.get_by_text(WARNING)).to_have_count(0)
    waited(site, page, AFTER_A_WHILE)

    expect(page.get_by_role("alert").filter(has_text=WARNING)).to_be_visible()
    assert seconds_idle(site) > 1500, "the warning itself is no use of the session"
    assert violations(page, "#session-end") == []
    stay = page.get_by_role("button", name="Stay signed in")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if stay.evaluate("(button) => button === document.activeElement"):
            break
    expect(stay).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text(WARNING)).to_have_count(0)
    expect(page.get_by_label("New password", exact=True)).to_have_value("correct horse battery staple")
    holds(page, lambda: page.evaluate("document.activeElement !== document.body"), "the focus is lost")
    holds(page, lambda: seconds_idle(site) < 60, "the session was not prolonged")


def test_typing_prolongs_the_session_and_a_telephone_shows_the_warning(site: Site) -> None:
    page = form(site, PHONE)
    waited(site, page, AFTER_A_WHILE)
    expect(page.get_by_role("button", name="Stay signed in")).to_be_in_viewport()
    assert not sideways(page)

    page.get_by_label("New password again").press_sequentially("c")

    expect(page.get_by_text(WARNING)).to_have_count(0)
    holds(page, lambda: seconds_idle(site) < 60, "the session was not prolonged")


def test_a_session_that_is_as_old_as_it_may_be_offers_nothing(site: Site) -> None:
    page = form(site)
    waited(site, page, "update user_session set expires_at = now() + interval '3 minutes', seen_at = now()")

    expect(page.get_by_text("A session lasts no longer than this.")).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_have_count(0)


def test_a_form_is_not_sent_to_a_session_that_is_over(site: Site) -> None:
    page = form(site)
    page.get_by_label("Present password").fill("as it was")
    page.get_by_label("New password again").fill("correct horse battery staple")
    waited(site, page, TOO_LATE)
    expect(page.locator("#trouble")).to_contain_text("ou have been signed out.")
    page.get_by_role("button", name="Dismiss this message").click()
    page.get_by_label("New password", exact=True).press("Enter")

    expect(page.locator("#trouble")).to_contain_text("What you typed is still here.")
    expect(page.get_by_label("New password", exact=True)).to_have_value("correct horse battery staple")


def test_a_page_without_typing_makes_way_for_the_sign_in_page(site: Site) -> None:
    page = site.open("dana", "/account")
    page.clock.install()
    page.goto("/account")
    waited(site, page, TOO_LATE)

    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
