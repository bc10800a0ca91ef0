"""What a script can see of a page for people who enlarge it, calm it, space it out, or go through it by keys.

Each look gives sentences about what is wrong, none when all is well. Numbers are success criteria of WCAG 2.2."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.waiting import settled

WIDE, HALF, NARROW = (1280, 800), (640, 512), (320, 640)
"""A screen of 1280 CSS pixels as it is, at 200 % and at 400 %."""


def script(name: str) -> str:
    return (Path(__file__).parent / "scripts" / f"{name}.js").read_text(encoding="utf-8")


BESIDE = script("beside")
MOVING = script("moving")

CUT = script("cut")

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""

UNSPACED = "document.adoptedStyleSheets = []"

HIDDEN_FOCUS = script("hidden_focus")

NAMES = script("names")


def sized(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def enlarged(page: Page) -> list[str]:
    """1.4.4 and 1.4.10: at 200 % and 400 % nothing lies beside the screen and no word is cut."""
    found = []
    for size in (HALF, NARROW):
        sized(page, size)
        found += [f"at {size[0]} px: {said}" for said in [*page.evaluate(BESIDE), *page.evaluate(CUT)]]
    return found


def spaced(page: Page) -> list[str]:
    """1.4.12: more room between letters, words and lines loses nothing."""
    page.evaluate(SPACED)
    found = page.evaluate(CUT)
    page.evaluate(UNSPACED)
    return [f"spaced out: {said}" for said in found]


def calm(page: Page) -> list[str]:
    """Nothing moves or fades for those who asked their system for less motion."""
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = page.evaluate(MOVING)
    page.emulate_media(reduced_motion="no-preference")
    return found


def everything(page: Page) -> list[str]:
    """All looks at one page; it is left as it was found."""
    settled(page)
    size = page.viewport_size
    found = [*page.evaluate(NAMES), *calm(page), *spaced(page), *page.evaluate(HIDDEN_FOCUS), *enlarged(page)]
    if size:
        page.set_viewport_size(size)
    return found
