"""The board of a unit, by keyboard alone: a huddle of three beds, what others see at once, one page of paper."""

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.discharge.plan.barriers.commands import RaiseBarrier, raise_barrier
from app.discharge.plan.commands import SetDisposition, set_disposition
from app.discharge.terms import BarrierKind, CareType
from app.platform.work import begin, everywhere, reading
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.visits import of_rounds
from tests.browser.waiting import sideways

BEDS = [
    Arrival(visit=f"V{number}", name=f"{family}^ROSA", place=f"4W^{400 + number}^A", ago=timedelta(days=number))
    for number, family in enumerate(("ALDER", "BIRCH", "CEDAR"), 1)
]  # fmt: skip


def line(page: Page, name: str) -> Locator:
    """The line of a bed."""
    return page.locator("tbody[data-stay]", has_text=re.compile(name, re.IGNORECASE))


def board(site: Site, **more: Any) -> Page:
    page = site.open("dana", "/rounds/4W", **more)
    page.wait_for_selector("#stream[data-listening]", state="attached")
    return page


def test_a_huddle_is_held_by_keyboard(site: Site):
    Ward().admit(*BEDS)
    page, wall = board(site), board(site)

    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(line(page, "Alder").get_by_role("heading", name="Expected date (EDD)")).to_be_visible()
    page.keyboard.press("2")
    expect(line(page, "Alder").get_by_role("status")).to_contain_text("Expected to leave")
    expect(line(wall, "Alder")).to_contain_text("T+2")
    expect(line(page, "Alder")).to_contain_text("T+2")  # around what was said

    page.keyboard.press("ArrowDown")
    expect(line(page, "Birch").locator("[data-stop]")).to_be_focused()
    page.keyboard.press("b")
    expect(line(page, "Birch").get_by_role("heading", name="What keeps the patient here")).to_be_visible()
    page.keyboard.press("5")
    page.keyboard.press("Control+Enter")
    expect(line(page, "Birch").get_by_role("status")).to_be_visible()
    expect(line(wall, "Birch")).to_contain_text("Equipment, oxygen or infusion")
    page.keyboard.press("Escape")
    expect(line(page, "Birch").locator("[data-stop]")).to_be_focused()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("l")
    expect(line(page, "Cedar").get_by_role("status")).to_contain_text("you looked at the plan")
    with reading(everywhere("test")) as db:
        assert db.values("select encounter_id from plan_look where ended_at is null") == [stay_of("V3")]
        assert db.value("select encounter_id from plan_barrier where ended_at is null") == stay_of("V2")


def test_a_form_that_is_open_stays_while_others_change_the_board(site: Site):
    Ward().admit(*BEDS)
    page, other = board(site), board(site)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.get_by_label("In own words").fill("Waits for the scan")

    other.keyboard.press("j")
    other.keyboard.press("j")
    other.keyboard.press("l")

    expect(line(page, "Birch").locator("tr").first.locator("td").last).to_contain_text(re.compile(r"\d\d:\d\d"))
    expect(page.get_by_label("In own words")).to_have_value("Waits for the scan")


def test_sixteen_beds_fit_on_one_page(site: Site):
    Ward().admit(*[
        Arrival(visit=f"V{number}", name=f"FEATHERSTONE-{number}^MAXIMILIANA", place=f"4W^{400 + number}^A",
                ago=timedelta(days=5), expected=timedelta(days=1))
        for number in range(16)
    ])  # fmt: skip
    page = board(site)
    for number in range(16):
        with begin(everywhere("test")) as work:
            stay = stay_of(f"V{number}")
            set_disposition(work, stay, SetDisposition(going_to=CareType.HOSPICE_FACILITY, backup=CareType.SNF))
            for kind in (BarrierKind.EQUIPMENT, BarrierKind.PAYER, BarrierKind.COURT):
                raise_barrier(
                    work, stay, RaiseBarrier(kind=kind, detail="wound vacuum, a bed and the judge's signature")
                )
    page.reload()
    expect(page.locator("tbody[data-stay]")).to_have_count(16)
    expect(page.locator(".why-cell b")).to_have_count(32)

    paper = page.pdf(width="11in", height="8.5in", prefer_css_page_size=False, landscape=False)

    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1


def test_the_board_is_sound_on_a_phone_and_without_names(site: Site, violations: Check):
    Ward().admit(*BEDS)
    page = board(site, size=PHONE)
    assert violations(page) == [] and not sideways(page)

    wall = site.open("dana", "/rounds/4W?names=initials")
    expect(wall.get_by_text("Alder", exact=False)).to_have_count(0)
    expect(wall.get_by_text("R. A.")).to_have_count(1)


def test_every_bed_can_be_worked_without_script(site: Site):
    Ward().admit(*BEDS)
    page = site.open("dana", "/rounds/4W", java_script_enabled=False)

    line(page, "Alder").get_by_role("link", name="Expected date of bed").click()
    page.get_by_role("button", name="Today").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("ALDER")
    page.goto("/rounds/4W")
    expect(line(page, "Alder")).to_contain_text("Today")


def test_departure_and_teaching_are_sound_on_a_phone(site: Site, violations: Check):
    Ward().admit(*BEDS)
    faults = {}
    for visit in of_rounds(stay_of("V2")):
        page = site.open(visit.who, visit.path, size=PHONE)
        found = [*violations(page), *([f"{sideways(page)} px sideways"] if sideways(page) else [])]
        if found:
            faults[visit.path.rpartition("/")[2]] = found
        page.close()

    assert not faults
