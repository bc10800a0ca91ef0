"""A person who works by keys alone: no mouse, no finger, and at every step one sees where one is."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Site
from tests.browser.journeys import give_password
from tests.browser.waiting import address_has, becomes, settled
from tests.support.world import PASSWORD

FARTHEST = 140  # stops that one may pass on the way to what one wants

STOP = (Path(__file__).parent / "scripts" / "stop.js").read_text(encoding="utf-8")
HAND = """for (const kind of ["mousedown", "touchstart"]) addEventListener(kind, () => window.handUsed(kind), true)"""


@dataclass
class Keys:
    """The keys of one person, and what the person needs of the page at each of them."""

    page: Page
    by_hand: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.expose_function("handUsed", lambda kind: self.by_hand.append(kind))
        self.page.add_init_script(HAND)
        self.page.evaluate(f"() => {{ {HAND} }}")

    def press(self, *keys: str) -> None:
        """Press keys one after the other. A page that is still on its way hears none: its scripts come last."""
        for key in keys:
            if key != "Tab":
                settled(self.page)
            self.page.keyboard.press(key)
        assert self.by_hand == [], "something was done with the mouse"

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def _stop(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.page.evaluate(STOP)
        return found

    def reach(self, words: str, key: str = "Tab") -> None:
        """Go on by one key until what has the focus is called this (a regular expression).

        Fails when it is not among the next stops, when a stop shows no ring or lies beneath something, and when the
        order of the stops is not the order of reading."""
        wanted = re.compile(words)
        settled(self.page)
        self.page.evaluate("window.stopBefore = null")
        passed: list[str] = []
        for _ in range(FARTHEST):
            self.press(key)
            stop = self._stop()
            if stop is None:  # past the last stop: the browser begins again at the top
                self.page.evaluate("window.stopBefore = null")
                passed.append("(the top)")
                assert passed.count("(the top)") < 3, f"{words} is no stop of {passed}"
                continue
            assert stop["ring"], f"no ring shows {stop['said']}"
            assert not stop["covered"], f"{stop['said']} lies beneath something"
            assert stop["later"] or key != "Tab", f"{stop['said']} comes earlier than {passed[-1]} when read"
            passed.append(stop["said"])
            if wanted.search(stop["said"]):
                return
        raise AssertionError(f"{words} is no stop of {passed}")

    def go(self, words: str, to: str = "") -> None:
        """Reach a link or a button and use it; `to` is what the address of the next page holds."""
        self.reach(words)
        self.press("Enter")
        if to:
            address_has(self.page, to)
            settled(self.page)

    def skip(self) -> None:
        """The first stop of a page leads over the bar."""
        self.reach("Skip to content")
        self.press("Enter")
        becomes(self.page, lambda: self.page.evaluate("document.activeElement.id"), "main")

    def choose(self, first_letters: str) -> None:
        """Choose in the select that has the focus by the first letters of what one wants."""
        self.type(first_letters)

    def heading(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def kept(self) -> None:
        """After an exchange on the page the focus is still on something that one sees."""
        settled(self.page)
        becomes(self.page, lambda: self._stop() is not None, True, "the focus is lost")


def signed_in(site: Site, name: str) -> Keys:
    """Sign in by the page with keys alone."""
    give_password(site.world, name)
    keys = Keys(site.open("", "/sign-in", DESKTOP))
    if keys.page.evaluate("document.activeElement.name") != "name":
        keys.reach("^User name")
    keys.type(name)
    keys.reach("^Password")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(keys.page.locator("header.topbar")).to_be_visible()
    return keys


def opened_by_link(site: Site, path: str) -> Keys:
    """What somebody without an account opens."""
    return Keys(site.open("", path, DESKTOP))
