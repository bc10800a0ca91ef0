"""The reports as the director reads them: every figure opens its list, and the list adds up to it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from app.avoidable_days.commands import RecordDay, record_day
from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.reasons.commands import SetCost, set_cost
from app.avoidable_days.terms import CostConvention, CostSetting, Weight
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.platform.work import begin, everywhere
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser
from tests.support.world import World, hospital_day

BrowserFor = Callable[..., Browser]
PAGE = "/avoidable-days"
ZONE = ZoneInfo("America/Chicago")
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", drg="193", ago=timedelta(days=9))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer="KESTREL PPO", ago=timedelta(days=7))
JUNE = Arrival(visit="V3", name="CEDAR^JUNE", place="ICU^02^A", payer="MEDICARE", ago=timedelta(days=5))
LOST = {"V1": ("PA-01", 4), "V2": ("PY-02", 3), "V3": ("PA-01", 2)}


def back(days: int) -> date:
    return hospital_day(days)


@pytest.fixture
def lost(world: World) -> World:
    """Three stays, ready for nine days; four, three and two days are lost, one with a contributing reason; a cost."""
    Ward().admit(ROSA, OMAR, JUNE)
    who = everywhere("test")
    for visit, (code, days) in LOST.items():
        said = State(kind=StatementKind.READY, on=back(days), at=time(7))
        with begin(who) as work:
            state(work, stay_of(visit), said.model_copy(update={"physician": "Ann Tending"}), own=False)
        for day in range(1, days + 1):
            with begin(who) as work:
                record_day(work, stay_of(visit), RecordDay(day=back(day), code=code, override="It would have kept"))
    with begin(who) as work:
        more = RecordDay(day=back(1), code="PF-06", weight=Weight.CONTRIBUTING, explanation="Stairs")
        record_day(work, stay_of("V1"), more)
        set_cost(work, world.facility["NORTH"], SetCost(
            setting=CostSetting.FACILITY, dollars=1000, convention=CostConvention.VARIABLE_DIRECT,
            source="Cost accounting", begins=back(60)))  # fmt: skip
    sweep()
    return world


def shown(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def figures(text: str) -> list[tuple[str, float]]:
    """Every number that is a link to a list, with its address."""
    found = re.findall(r'<a href="(/avoidable-days/list\?[^"]+)">([\d.,]+)</a>', unescape(text))
    return [(href, float(number.replace(",", ""))) for href, number in found]


def total(text: str) -> float:
    """What the rows of a list add up to."""
    rows = re.findall(r'<td class="num">([\d.]+)</td>(?:<td class="num">[^<]*</td>)?</tr>', body(text))
    return sum(map(float, rows)) if rows else float(body(text).count("<tr>"))


def body(text: str) -> str:
    found = re.search(r"<tbody>(.*?)</tbody>", text, re.S)
    return found.group(1) if found else ""


def test_the_overview_counts_days_by_reason_and_says_what_they_cost(browser_for: BrowserFor, lost: World):
    text = browser_for("dora").get(PAGE).text
    words = shown(text)

    assert "SNF/NF bed not available makes 67 % of the days" in words
    assert "$9,000" in words and "variable direct cost" in words
    assert "Patient days" in words or "patient days" in words
    assert 'role="img"' in text and "<desc" in text
    assert "PF-06" not in text, "a contributing reason counts nothing"


def test_every_figure_opens_a_list_that_adds_up_to_it(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    for by in ("reason", "group", "party", "unit", "service", "attending", "payer", "vendor", "weekday"):
        text = browser.get(f"{PAGE}?by={by}").text
        found = figures(text)
        assert len(found) > 4
        for href, number in dict(found).items():
            listed = browser.get(href).text
            assert total(listed) == number, href


def test_every_tile_opens_its_list(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    tiles = re.findall(r'<a class="tile" href="([^"]+)"[^>]*><span class="t">([^<]+)', browser.get(PAGE).text)
    opened = {title: total(browser.get(unescape(href)).text) for href, title in tiles}
    nights = 9 + 7 + 5
    assert opened["Avoidable days"] == 9 and opened["Per 100 patient days"] == nights and opened["Cost"] == 9
    assert opened["Drafts waiting"] == 0


def test_a_stay_is_two_clicks_away(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    href, _ = figures(browser.get(PAGE).text)[0]
    assert f"/encounters/{stay_of('V1')}/avoidable-days" in unescape(browser.get(href).text)


def test_pareto_and_trend_have_the_same_sum(browser_for: BrowserFor, lost: World):
    text = browser_for("dora").get(PAGE).text
    text = unescape(text)
    sums = re.findall(r'<tfoot><tr><th scope="row">All</th><td class="num"><a href="[^"]+">(\d+)</a>', text)
    assert sums == ["9", "9"]


def test_days_before_and_after_medically_ready_are_apart(browser_for: BrowserFor, lost: World):
    with begin(everywhere("test")) as work:
        record_day(work, stay_of("V1"), RecordDay(day=back(8), code="HS-02"))
    words = shown(browser_for("dora").get(f"{PAGE}?phase=pre_ready").text)
    assert "After medically ready 9" in words and "Before medically ready 1" in words
    assert "Imaging not performed makes 100 % of the days" in words


def test_a_choice_narrows_all_figures(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    icu = shown(browser.get(f"{PAGE}?unit=ICU").text)
    assert "Avoidable days 2 after medically ready, 1 stay" in icu and "of 5 patient days" in icu
    assert "Avoidable days 3" in shown(browser.get(f"{PAGE}?code=PY-02").text)
    assert "Avoidable days 0" in shown(browser.get(f"{PAGE}?controllable=Y").text)
    nothing = browser.get(f"{PAGE}?first={back(60)}&last={back(40)}").text
    assert "No days in this period" in shown(nothing)


def test_a_period_that_cannot_be_is_said(browser_for: BrowserFor, lost: World):
    page = browser_for("dora").get(f"{PAGE}?first={back(1)}&last={back(30)}")
    assert page.status_code == 422
    assert "The first day lies after the last midnight" in page.text


def test_data_quality_is_the_share_of_excess_days_with_a_reason(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    words = shown(browser.get(PAGE).text)
    found = re.search(r"with a reason: (\d+) of (\d+)", words)
    assert found is not None
    explained, excess = int(found.group(1)), int(found.group(2))
    assert 0 < explained < excess
    for figure, count in (("explained", explained), ("excess", excess), ("unexplained", excess - explained)):
        assert total(browser.get(f"{PAGE}/list?figure={figure}").text) == count


def test_the_file_holds_the_figures_and_no_patient(browser_for: BrowserFor, lost: World):
    browser = browser_for("dora")
    lines = list(csv.reader(io.StringIO(browser.get(f"{PAGE}/figures.csv").text)))
    bars = [line for line in lines if line[0] == "pareto"]
    assert [(line[1], float(line[3])) for line in bars] == [("PA-01", 6.0), ("PY-02", 3.0)]
    assert sum(float(line[3]) for line in lines if line[0] == "trend") == 9
    assert "ALDER" not in str(lines)
    assert browser.get(f"{PAGE}/figures.xlsx").content[:2] == b"PK"


def test_the_reports_are_for_those_who_study(browser_for: BrowserFor, lost: World):
    for name in ("dana", "stan"):
        assert browser_for(name).get(PAGE).status_code in (403, 404)
