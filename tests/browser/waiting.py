"""Looks at a page that wait for what they look for.

A click, a key or a message returns before the page has answered: the next document may be on its way, or begun and not
yet read to its end. What is asserted after that must therefore be waited for. A plain read (`inner_text()`, `count()`,
`page.url`) inside an assertion sees whatever stands there at that moment; test_waiting.py refuses it."""

import re
import time
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from playwright.sync_api import Error, Locator, Page, expect

PATIENCE = 20_000
"""Milliseconds that a test waits for what must appear: a slow machine is no fault, and speed is measured elsewhere."""
STEP = 40  # milliseconds between two looks
PATIENTS = "tbody[data-stay] .c-pt a"


def settled(page: Page) -> Page:
    """The page when its document is read to the end and nothing that it asked for is still on its way."""
    page.wait_for_load_state()
    expect(page.locator(".htmx-request")).to_have_count(0)
    return page


def becomes(page: Page, read: Callable[[], object], wanted: object, why: str = "") -> None:
    """Wait until what is read is what is wanted. A document that goes away while it is read is read again."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        found: object
        try:
            found = read()
        except Error as gone:
            found = gone
        if found == wanted:
            return
        assert time.monotonic() < end, f"{why}: {found!r} instead of {wanted!r}"
        page.wait_for_timeout(STEP)


def holds(page: Page, read: Callable[[], object], why: str = "") -> None:
    """Wait until what is read is true."""
    becomes(page, lambda: bool(read()), True, why)


def names(page: Page) -> list[str]:
    """The patients of a list from top to bottom, to compare with later. To assert them, use `shows`."""
    settled(page)
    return page.locator(PATIENTS).all_inner_texts()


def shows(page: Page, people: Sequence[str], why: str = "") -> None:
    """Wait until the list shows exactly these patients from top to bottom."""
    becomes(page, lambda: names(page), list(people), why or "the list")


def shows_in_any_order(page: Page, people: Sequence[str], why: str = "") -> None:
    """Wait until the list shows exactly these patients, wherever each stands."""
    becomes(page, lambda: sorted(names(page)), sorted(people), why or "the list")


def shows_count(page: Page, number: int) -> None:
    """Wait until the list shows so many patients."""
    expect(page.locator(PATIENTS)).to_have_count(number)


def lacks(page: Page, name: str) -> None:
    """Wait until the list is there without this patient."""
    becomes(page, lambda: name in names(page), False, f"{name} in the list")


def focused(page: Page) -> str:
    """The words of what has the focus. To assert them, use `has_focus`."""
    said: str = page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()")
    return said


def has_focus(page: Page, words: str, why: str = "") -> None:
    """Wait until what has the focus is called this."""
    becomes(page, lambda: focused(page), words, why or "the focus")


def has_ring(page: Page) -> bool:
    """Whether one can see where the focus is."""
    seen: bool = page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1; }"
    )
    return seen


def address_has(page: Page, *parts: str) -> None:
    """Wait until the address of the page holds all of these."""
    page.wait_for_url(lambda url: all(part in unquote(url) for part in parts), wait_until="commit")


def address_ends(page: Page, end: str) -> None:
    """Wait until the address of the page ends like this."""
    page.wait_for_url(lambda url: unquote(url).endswith(end), wait_until="commit")


def address_lacks(page: Page, part: str) -> None:
    """Wait until the page is there, under an address without this."""
    settled(page)
    expect(page).not_to_have_url(re.compile(re.escape(part), re.IGNORECASE))


def sideways(page: Page) -> int:
    """By how many pixels the page itself can be pushed sideways, once it is there."""
    settled(page)
    beyond: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return beyond


def texts(part: Locator) -> list[str]:
    """What stands in each of these parts, once the page is there."""
    settled(part.page)
    return part.all_inner_texts()


def unsaid(page: Page, word: str) -> None:
    """The page, once it is there, holds this word nowhere, not even in an attribute."""
    settled(page)
    assert word not in page.content()


def listening(page: Page, stream: str = "[data-listening]") -> Page:
    """Wait until the page hears what changes: its stream has said its first word."""
    expect(page.locator(stream).first).to_be_attached()
    return page
