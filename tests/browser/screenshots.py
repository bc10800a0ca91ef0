"""Photographs a running demonstration for the README, with the browser of the tests.

    daybook demo &                                                # in a window of its own
    python -m tests.browser.screenshots http://127.0.0.1:8000     # writes docs/screenshots/*.png

Pictures are kept with a palette of 256 colours: pages have few, and a file stays below 150 KB.
"""

import struct
import sys
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.demo.cast import PASSWORD
from tests.browser.conftest import PHONE, chromium_path

OUT = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST = 150_000  # bytes
WIDE = (1280, 760)
GUIDES = {
    "my-day": ("mara", "/worklists/my-day"),
    "reviews-due": ("nadia", "/worklists/reviews-due"),
    "decisions": ("adaeze", "/decisions"),
    "long-term": ("lena", "/worklists/ltac"),
    "control": ("dorian", "/control#t3"),
    "audit": ("priya", "/audit"),
    "glass": ("priya", "/audit/glass"),
    "unusual": ("priya", "/audit/unusual"),
    "identity": ("ada", "/identity"),
}
"""Pictures of the guides: the first page of each reader's morning, by its name."""


def main(base: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        keep(visit(browser, base, "/sign-in", (720, 560)), "sign-in")
        keep(as_person(browser, base, "ruth", "/worklists/inpatient"), "worklist")
        keep(in_place(as_person(browser, base, "ruth", "/worklists/inpatient")), "in-place")
        keep(stay(as_person(browser, base, "ruth", "/worklists/inpatient?flag=long&sort=-day")), "stay")
        keep(as_person(browser, base, "ruth", "/worklists/inpatient", scheme="dark"), "dark")
        keep(as_person(browser, base, "ruth", "/worklists/inpatient", PHONE), "phone")
        keep(as_person(browser, base, "ada", "/interfaces"), "interfaces")
        for name, (person, path) in GUIDES.items():
            keep(as_person(browser, base, person, path), name)
        keep(accounting(browser, base), "accounting")
        keep(vendor(browser, base), "vendor")
        browser.close()


def visit(browser: Browser, base: str, path: str, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        base_url=base,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(path)
    return page


def as_person(
    browser: Browser, base: str, name: str, path: str, size: tuple[int, int] = WIDE, scheme: str = "light"
) -> Page:
    """A page of one of the people of the demonstration."""
    page = visit(browser, base, "/sign-in", size, scheme)
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    answer = page.goto(path.partition("#")[0])
    if answer is None or not answer.ok:
        raise SystemExit(f"{name} does not get the page {path}: no picture is taken of a refusal or fault.")
    if "#" in path:
        page.goto(path)
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)
    return page


def in_place(page: Page) -> Page:
    page.locator("tbody[data-stay] .expander").nth(2).click()
    page.get_by_role("heading", name="Midnights").wait_for()
    return page


def stay(page: Page) -> Page:
    with page.expect_navigation():
        page.locator("tbody[data-stay] .c-pt a").first.click()
    page.wait_for_timeout(300)
    return page


def accounting(browser: Browser, base: str) -> Page:
    """The accounting of a patient about whom something went to protective services just now."""
    page = stay(as_person(browser, base, "piet", "/worklists/inpatient?flag=long&sort=-day"))
    number = page.locator("body").inner_text().split("MRN ")[1].split()[0]
    page.get_by_role("link", name="Disclosures").first.click()
    page.get_by_label("Ground").select_option("Abuse or neglect: protective services")
    page.get_by_label("Went out on").fill(page.get_by_label("Went out on").get_attribute("max") or _today(page))
    page.get_by_label("Recipient").fill("Adult protective services of the county")
    page.get_by_label("What was disclosed").fill("Face sheet and psychosocial assessment")
    page.get_by_label("Purpose", exact=True).fill("Report of suspected neglect at home")
    with page.expect_navigation():
        page.get_by_role("button", name="Record the disclosure").click()
    page.context.close()
    page = as_person(browser, base, "priya", "/disclosures")
    page.get_by_label("MRN, visit or account number").fill(number)
    with page.expect_navigation():
        page.get_by_role("button", name="Show the accounting").click()
    page.get_by_role("heading", name="Accounting of disclosures").wait_for()
    return page


def _today(page: Page) -> str:
    return str(page.evaluate("new Date().toLocaleDateString('en-CA')"))


def vendor(browser: Browser, base: str) -> Page:
    """What a vendor sees behind a fresh link."""
    page = as_person(browser, base, "ruth", "/worklists/referrals-open")
    with page.expect_navigation():
        page.locator("tbody[data-stay] .c-pt a").first.click()
    with page.expect_navigation():
        page.get_by_role("link", name="Referrals").last.click()
    page.locator("details:has(form[action$='/links']) > summary").first.click()
    page.locator("form[action$='/links'] button").first.click()
    link = page.locator('input[readonly][value*="/referral/"]').first.input_value()
    page.context.close()
    page = visit(browser, base, "/referral/" + link.rsplit("/", 1)[1])
    with page.expect_navigation():
        page.get_by_role("button", name="Open referral").click()
    page.get_by_role("heading", name="Packet").wait_for()
    return page


def keep(page: Page, name: str) -> None:
    """Write the picture, or fail where it would be too large to keep in the repository."""
    data = with_palette(page.screenshot())
    if len(data) > LARGEST:
        raise SystemExit(f"The picture {name} has {len(data)} bytes; {LARGEST} are allowed. Take a smaller window.")
    (OUT / f"{name}.png").write_bytes(data)
    page.context.close()


def with_palette(png: bytes) -> bytes:
    """The same picture with the 256 colours that are most frequent; every other becomes the nearest of them."""
    width, height, rows = pixels(png)
    counted = Counter(rows[at : at + 3] for at in range(0, len(rows), 3))
    palette = [colour for colour, _ in counted.most_common(256)]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counted:
        if colour not in places:
            places[colour] = min(range(len(palette)), key=lambda at: _distance(palette[at], colour))
    lines = b"".join(
        b"\0" + bytes(places[rows[at : at + 3]] for at in range(line * width * 3, (line + 1) * width * 3, 3))
        for line in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the red, green and blue of every pixel of a screenshot (PNG specification, section 9)."""
    at, packed = 8, b""
    width = height = kind = 0
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if name == b"IHDR":
            width, height, _depth, kind = struct.unpack(">IIBB", body[:10])
        elif name == b"IDAT":
            packed += body
        at += 12 + length
    size = {2: 3, 6: 4}[kind]
    raw, before, found = zlib.decompress(packed), bytes(width * size), []
    for line in range(height):
        start = line * (width * size + 1)
        before = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), before, size)
        found.append(before if size == 3 else b"".join(before[i : i + 3] for i in range(0, len(before), 4)))
    return width, height, b"".join(found)


def _unfiltered(kind: int, line: bytearray, above: bytes, size: int) -> bytes:
    for at in range(len(line)) if kind else ():
        left = line[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        if kind == 4:
            guess = left + above[at] - corner
            near = sorted((abs(guess - one), order, one) for order, one in enumerate((left, above[at], corner)))
            add = near[0][2]
        else:
            add = (left, above[at], (left + above[at]) // 2)[kind - 1]
        line[at] = (line[at] + add) & 255
    return bytes(line)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
