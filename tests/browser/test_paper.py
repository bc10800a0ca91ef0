"""What comes out of the printer: the rows and their heads, nothing to press, nothing cut off; and pages of errors."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from app.accounts import pages_account
from app.kernel.refusal import Refused
from app.platform.work import begin
from app.web.operation.limits import too_many
from app.worklists.assignment.commands import take
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.looking import script
from tests.browser.waiting import PATIENCE, settled
from tests.support.part2 import protect

ALDER = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=5))
PARTS = ("obligations", "days", "plan", "notes", "notices", "assessment", "departure", "referrals", "disclosures")
UPRIGHT, ACROSS = 740, 980
"""Width of a sheet of letter paper without its margins, in CSS pixels."""

PRESSED = "button, input:not([type=hidden]), select, textarea, .btn, .topbar, .tabs"
TO_PRESS = (
    f"""() => [...document.querySelectorAll("{PRESSED}")]"""
    + """
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1)
  .map((one) => `${one.tagName.toLowerCase()} ${one.innerText.slice(0, 30)}`)"""
)
CLIPPED = """() => [...document.querySelectorAll("main *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 2 && one.clientWidth > 1
    && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.scrollWidth - one.clientWidth} px cut off`)"""
HEADS = """() => [...document.querySelectorAll("main table > thead")]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "table-header-group")
  .map((one) => `heads that stand on the first sheet only: ${one.innerText.slice(0, 40)}`)"""
EMPTY = """() => [...document.querySelectorAll("main table")].flatMap((table) => {
  const head = table.querySelector("thead th:last-child");
  const cells = [...table.querySelectorAll("tbody > tr > :last-child:not([colspan])")];
  const bare = head?.checkVisibility() && cells.length && cells.every((one) => !one.innerText.trim());
  return bare && head.innerText.trim() ? [`an empty column: ${head.innerText}`] : [];
})"""

BARE = """() => [...document.querySelectorAll("main .card:has(> header)")]
  .filter((one) => one.checkVisibility() && !one.querySelector("svg.ch, img"))
  .filter((one) => one.innerText.trim() === one.querySelector(":scope > header").innerText.trim())
  .map((one) => `a card of a heading alone: ${one.innerText.slice(0, 40)}`)"""

SPILLS = """() => [...document.querySelectorAll("main .card table")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
  .filter((one) => one.getBoundingClientRect().right > one.closest(".card").getBoundingClientRect().right + 1)
  .map((one) => `a table that leaves its card: ${one.caption?.innerText ?? one.innerText.slice(0, 40)}`)"""


def on_paper(page: Page) -> list[str]:
    """What is wrong with the page as it would be printed, upright and across."""
    size = page.viewport_size or {"width": DESKTOP[0], "height": DESKTOP[1]}
    page.emulate_media(media="print")
    found = []
    for width in (UPRIGHT, ACROSS):
        page.set_viewport_size({"width": width, "height": 1000})
        for look in (TO_PRESS, CLIPPED, HEADS, EMPTY, BARE, SPILLS, script("beside")):
            found += [f"at {width} px: {said}" for said in page.evaluate(look)]
    page.emulate_media(media="screen")
    page.set_viewport_size(size)
    return found


def test_pages_on_paper_have_all_they_say_and_nothing_to_press(site: Site) -> None:
    Ward().admit(ALDER)
    stay = stay_of("V1")
    visits = {
        "lee": ["/worklists/inpatient", "/ledger", "/day-sheets", "/absences", "/distribution/rules", "/calendar"],
        "dora": ["/control", "/measures", "/vendors/scorecards", "/purchased-services", "/avoidable-days"],
        "dana": [f"/encounters/{stay}", *(f"/encounters/{stay}/{part}" for part in PARTS)],
        "priya": ["/audit", "/audit/glass", "/audit/unusual", "/disclosures"],
    }
    faults = []
    for who, addresses in visits.items():
        page = site.open(who, addresses[0])
        for address in addresses:
            page.goto(address)
            faults += [f"{address}: {said}" for said in on_paper(settled(page))]

    assert faults == []


def test_forms_that_stand_open_stay_off_the_paper(site: Site) -> None:
    """Somebody opens a form, then prints the page for a meeting: fields nobody can fill in stood between facts."""
    Ward().admit(ALDER)
    stay = stay_of("V1")
    with begin(site.world.viewer("lee")) as work:
        take(work, stay)  # a stay stays open for its owner
        patient = work.value("select patient_id from encounter where id = %s", (stay,))
    protect(stay)
    faults = []
    for who, address, opens in (
        ("priya", f"/disclosures/patients/{patient}", "Enter a request"),
        ("lee", f"/encounters/{stay}/referrals", "Record a consent"),
    ):
        page = settled(site.open(who, address))
        page.get_by_text(opens, exact=True).click()
        expect(page.locator("details[open] > form")).to_have_count(1)
        faults += [f"{address}: {said}" for said in on_paper(page)]

    assert faults == []


def test_every_midnight_of_a_long_stay_is_on_the_paper_with_the_totals_beside_the_last(site: Site) -> None:
    Ward().admit(replace(ALDER, ago=timedelta(days=45)))
    stay = stay_of("V1")
    page = settled(site.open("dana", f"/encounters/{stay}"))
    assert on_paper(page) == []
    page.goto(f"/encounters/{stay}/days")
    assert on_paper(settled(page)) == []

    page.emulate_media(media="print")
    shown = "() => [...document.querySelectorAll('table.strip')].filter((one) => one.checkVisibility()).map(%s)"
    heads = page.evaluate(shown % "(one) => one.querySelectorAll('thead .n').length")
    totals = page.evaluate(shown % "(one) => one.querySelector('tbody .sum')?.innerText ?? ''")

    # How many midnights these are depends on the hour: summer time has ended meanwhile.
    assert len(heads) == 2 and heads[0] == 35 and sum(heads) in (44, 45, 46) and totals == ["", str(sum(heads))]


def test_a_long_table_begins_on_the_first_sheet_and_has_its_heads_on_each(site: Site) -> None:
    page = settled(site.open("dora", "/deadlines"))

    sheets = [one.extract_text() for one in PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages]

    assert len(sheets) > 2 and "Review the admission" in sheets[0], "the first sheet is left empty"
    assert [number for number, text in enumerate(sheets, 1) if "Runs from" not in text] == []


def test_pages_of_errors_have_no_accessibility_fault(
    site: Site, violations: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, Exception] = {
        "This cannot be done now": Refused("This entry was changed meanwhile. Look at it again."),
        "Too many": too_many(2.0),
        "Something failed on our side": RuntimeError("a fault"),
    }
    faults = []
    for heading, error in said.items():

        def fail(*_: object, wrong: Exception = error) -> None:
            raise wrong

        monkeypatch.setattr(pages_account, "own_account", fail)
        for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
            page = site.open("dana", "/account", size, color_scheme=scheme)
            expect(page).to_have_title(re.compile(heading), timeout=PATIENCE)
            faults += [f"{heading}: {fault}" for fault in violations(page)]

    assert faults == []
