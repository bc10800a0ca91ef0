"""A real Chromium on a real server. `site.open("dana")` is a page of this person, signed in."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.waiting import PATIENCE, settled
from tests.support.serving import serving
from tests.support.world import World

ROOT = Path(__file__).parents[2]
PATH_FILE = ROOT / ".venv" / "chromium-path"
AXE = (ROOT / "tests" / "support" / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE = (1440, 900), (390, 844)
MISSING = "no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM, then run `make test` again"

expect.set_options(timeout=PATIENCE)


def chromium_path() -> str:
    """Where set-up found the browser, or empty."""
    named = os.environ.get("CHROMIUM") or (PATH_FILE.read_text().strip() if PATH_FILE.exists() else "")
    usual = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
    return next((path for path in (named, *usual) if path and Path(path).exists()), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, also as root in a container. It ends with its module: its driver keeps an event loop running
    in this thread, which the tests of other modules need for themselves."""
    path = chromium_path()
    if not path and os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    if not path:
        pytest.skip(MISSING)
    quiet = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, args=quiet)
        yield launched
        launched.close()


@dataclass
class Site:
    """The served application of one test, and pages opened on it."""

    base: str
    world: World
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, name: str = "", path: str = "/", size: tuple[int, int] = DESKTOP, **more: Any) -> Page:
        """A page of this person in a browser of their own; `more` goes to the context (color_scheme, ...)."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=self.base, has_touch=size == PHONE, **more
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        if name:
            context.add_cookies([{"name": "daybook", "value": self.world.cookie(name), "url": self.base}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._hear)
        keys_wait(page)
        page.goto(path)
        return page

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


def keys_wait(page: Page) -> None:
    """Keys are pressed when the document is read to the end: one that is still on its way shows its heads already, and
    hears no key before its scripts are there."""
    press = page.keyboard.press

    def press_then(key: str, **more: Any) -> None:
        page.wait_for_load_state()
        press(key, **more)

    page.keyboard.press = press_then  # type: ignore[method-assign, assignment]


@pytest.fixture
def site(app: Litestar, world: World, browser: Browser) -> Iterator[Site]:
    """The application on a port of this machine. Script errors and policy violations fail the test."""
    with serving(app) as base:
        made = Site(base, world, browser)
        yield made
        for context in made.contexts:
            context.close()
    assert not made.complaints, made.complaints


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """What axe-core finds wrong on a page, or in one part of it: rule and place."""

    def check(page: Page, inside: str = "html") -> list[str]:
        settled(page)
        page.evaluate(AXE + ";0")
        asked = "([part, rules]) => axe.run(part, {runOnly: rules, resultTypes: ['violations']})"
        found = page.evaluate(asked, [inside, RULES])
        return [f"{fault['id']}: {node['html'][:120]}" for fault in found["violations"] for node in fault["nodes"]]

    return check
