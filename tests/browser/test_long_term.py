"""The morning of a case manager of a long-term hospital: weaning of three patients and a conference, by keyboard."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.ltac.course import queries, records
from app.ltac.course.charting import chart_weaning
from app.ltac.course.commands import record_course
from app.ltac.course.forms import ChartWeaning, HoldConference
from app.ltac.course.terms import RecordKind, Support
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.waiting import becomes, sideways
from tests.support.long_term import charted, long_term_stay
from tests.support.world import World, hospital_day

COURSES = {"Greer": "VVSVSV", "Imre": "VSTTFF", "Boateng": "VVVVVV"}
MEANING = {"V": Support.VENTILATED, "S": Support.TRIAL, "T": Support.COLLAR, "F": Support.FREE}


@pytest.fixture
def stays(world: World) -> list[uuid.UUID]:
    made = []
    for bed, (family, letters) in zip("ABC", COURSES.items(), strict=True):
        stay = long_term_stay(world, 6, family=family, bed=bed)
        with begin(everywhere("test")) as work:
            for ago, letter in enumerate(reversed(letters), start=1):
                day = hospital_day(ago)
                chart_weaning(work, stay, ChartWeaning(support=MEANING[letter], day=day))
        made.append(stay)
    return made


def today(stay: uuid.UUID) -> str:
    with reading(everywhere("test")) as db:
        return queries.weaning_strip(db, [stay])[stay][-1].state.value


def test_three_patients_take_three_keys_and_one_undo(site: Site, stays: list[uuid.UUID]) -> None:
    page = site.open("stan", "/ltac/weaning")
    focused = page.locator("#weaning-round a[data-stop]:focus")
    page.keyboard.press("j")
    expect(focused).to_have_text("Greer, Anton")
    page.keyboard.press("2")
    expect(focused).to_have_text("Imre, Anton")
    page.keyboard.press("4")
    expect(focused).to_have_text("Boateng, Anton")
    page.keyboard.press("3")
    expect(page.get_by_text("3 of 3 charted today")).to_be_visible()
    assert [today(stay) for stay in stays] == ["S", "F", "T"]

    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("2 of 3 charted today")).to_be_visible()
    assert today(stays[2]) == ""


def test_a_conference_is_held_with_last_weeks_goals(site: Site, stays: list[uuid.UUID]) -> None:
    last = HoldConference(physician="Dr. T", nursing="Mel", goal_respiratory="Collar twelve hours", decided="Go on")
    with begin(everywhere("test"), at=now() - timedelta(days=5)) as work:
        record_course(work, stays[0], last)
    page = site.open("stan", f"/encounters/{stays[0]}/long-term")

    page.keyboard.press("h")
    expect(page.get_by_label("Breathing", exact=True)).to_have_value("Collar twelve hours")
    page.get_by_label("Decided").fill("Collar by day, trial each morning")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Team conference is recorded.")).to_be_visible()
    with reading(everywhere("test")) as db:
        held = records.standing(db, [stays[0]], {RecordKind.CONFERENCE})[stays[0]]
    assert [one.content["decided"] for one in held] == ["Go on", "Collar by day, trial each morning"]
    assert held[1].content["goal_respiratory"] == "Collar twelve hours"


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desk", "dark phone"])
def test_tab_and_round_have_no_accessibility_fault_and_never_scroll_sideways(
    site: Site,
    stays: list[uuid.UUID],
    violations: Callable[[Page], list[str]],
    size: tuple[int, int],
    scheme: str,
) -> None:
    charted(everywhere("test"), stays[1], "as agreed on rounds")
    for path in (f"/encounters/{stays[1]}/long-term", "/ltac/weaning"):
        page = site.open("stan", path, size, color_scheme=scheme)
        for closed in page.locator("main details:not([open]) > summary").all():
            if closed.is_visible():
                closed.click()
        assert violations(page) == []
        assert sideways(page) == 0


def has_lines(page: Page, wanted: list[int]) -> None:
    """Wait until so many days stand on each line, wide enough for a finger, and nothing beside the page."""
    lines = """() => {
      const boxes = [...document.querySelectorAll(".wean a.d")].map((one) => one.getBoundingClientRect());
      const tops = boxes.filter((one) => one.width >= 24).map((one) => one.top);
      return [...new Set(tops)].map((top) => tops.filter((one) => one === top).length); }"""
    becomes(page, lambda: page.evaluate(lines), wanted)
    assert sideways(page) == 0


def test_fourteen_days_stand_on_one_line_of_a_phone_and_a_week_on_a_narrower_one(site: Site, world: World) -> None:
    stay = long_term_stay(world, 16, family="Ahlberg", bed="D")
    with begin(everywhere("test")) as work:
        for ago in range(1, 15):
            chart_weaning(work, stay, ChartWeaning(support=Support.VENTILATED, day=hospital_day(ago)))
    for path in (f"/encounters/{stay}/long-term", "/ltac/weaning"):
        page = site.open("stan", path, PHONE)
        has_lines(page, [14])
        page.set_viewport_size({"width": 360, "height": 740})
        has_lines(page, [7, 7])
