"""The privacy officer's morning by keyboard: two openings are judged, one finding is decided."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.accounts.watching.support import opened, saw, watch_yesterday
from tests.browser.conftest import PHONE, Site
from tests.support.stays import StaySpec, add_stay

Check = Callable[..., list[str]]


def press_on(page: Page, name: str) -> None:
    """Tab until the link or button of this name has the focus, then press it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate("(document.activeElement.textContent || '').replace(/\\s+/g, ' ').trim()")
        if said.startswith(name):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by keyboard to: {name}")


def choose(page: Page, verdict: str, words: str) -> None:
    """Tab to the verdicts, choose one with the arrows or space, write, and send the form."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    page.keyboard.press("Space")
    for _ in range(4):
        if page.evaluate("document.activeElement.value") == verdict:
            break
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def two_openings(site: Site) -> list[uuid.UUID]:
    """One opening is overdue, one is fresh."""
    stays = [add_stay(site.world, StaySpec(sensitivity=mark, family="Example")) for mark in ("vip", "psychiatric")]
    return [
        opened(site.world, "uma", stays[0], ago=timedelta(hours=80)),
        opened(site.world, "dana", stays[1]),
    ]


def test_the_officers_morning_by_keyboard(site: Site, violations: Check) -> None:
    two_openings(site)
    stay = add_stay(site.world, StaySpec(family="Whitlow", unit="ICU"))
    watch_yesterday(site.world, lambda at: saw(site.world, "dana", stay, at=at))
    page = site.open("priya", "/")
    expect(page.get_by_role("heading", name="Audit", level=1)).to_be_visible()
    expect(page.get_by_text("2 openings wait to be judged, 1 for longer than 72 hours")).to_be_visible()

    press_on(page, "Judge the opening by Uma Reyes")
    expect(page.get_by_role("heading", name="Opening of a restricted stay")).to_be_visible()
    assert violations(page) == []
    choose(page, "justified", "")
    expect(page.get_by_text("This is the next opening that waits.")).to_be_visible()
    choose(page, "compliance", "No work with this stay is recorded.")
    expect(page.get_by_text("No opening waits")).to_be_visible()

    page.goto("/audit")
    press_on(page, "Unusual access, 1 open")
    expect(page.get_by_text("Patient of the same last name").first).to_be_visible()
    press_on(page, "Decide: Patient of the same last name")
    expect(page.get_by_role("heading", name="Evidence")).to_be_visible()
    assert violations(page) == []
    choose(page, "false_alarm", "No relative: asked the person.")
    expect(page.get_by_text("The decision is recorded.")).to_be_visible()
    expect(page.get_by_text("Nothing looks unusual")).to_be_visible()


def test_pages_of_the_officer_on_a_telephone(site: Site, violations: Check) -> None:
    first, _second = two_openings(site)
    page = site.open("priya", "/audit/glass", PHONE, color_scheme="dark")
    expect(page.get_by_text("1 opening waits for longer than 72 hours.")).to_be_visible()
    assert violations(page) == []
    for path in (f"/audit/glass/{first}", "/audit/unusual", "/audit/unusual/rules/night"):
        page.goto(path)
        assert violations(page) == []
