"""Control: a tile says a number, the list below it has as many stays, and the worklist it opens has the same."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.avoidable_days.drafts.storing import sweep
from app.census.events import EncounterUpdated
from app.clocks.commands import shown_rules
from app.metrics.control import showing
from app.metrics.control.tiles import RiskRow
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.browser.journeys import CENSUS, Arrival, Ward, stay_of
from tests.metrics.study.planted import plant
from tests.support.avoidable import lost_days
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
TILES = ("t1", "t2", "t3", "t4", "t5", "t6")
LONG = Arrival(visit="V7", name="GORSE^ADA", place="4W^404^A", ago=timedelta(days=30), drg="193")


def change(query: str, *values: Any) -> None:
    """What the feed would have said of a stay."""
    with begin(everywhere("test")) as work:
        work.write("encounter", query, values)
        work.record(EncounterUpdated(encounter_id=stay_of("V7"), changed=("gmlos",)))


@pytest.fixture
def house(world: World) -> World:
    """Seven stays, one of them of thirty days, one that lost a day yesterday."""
    assert shown_rules()
    Ward().admit(*CENSUS, LONG)
    change("update encounter set gmlos = 3.1 where visit_number in ('V7', 'V3')")
    lost_days(world, stay_of("V3"), now(), "as recorded")
    sweep()
    return world


def figures(text: str) -> dict[str, int]:
    """The figure of each tile."""
    found = re.findall(r'<a class="tile" href="#(t\d)".*?<span class="n">([\d,]+)<', text)
    return {key: int(number.replace(",", "")) for key, number in found}


def card(text: str, key: str) -> str:
    """The list of a tile."""
    return text[text.index(f'id="{key}"') :].partition("</section>")[0]


def rows(part: str) -> int:
    return len(re.findall(r'<th scope="row"><a href="/encounters/', part))


def stays_listed(text: str) -> int:
    """How many stays a worklist page says it shows."""
    return int(re.search(r"(\d+) stays?, by", text).group(1))  # type: ignore[union-attr]


@pytest.mark.parametrize("key", TILES)
def test_tile_list_and_worklist_have_the_same_stays(house: World, browser_for: BrowserFor, key: str) -> None:
    director = browser_for("dora")

    text = unescape(director.get("/control").text)

    figure, part = figures(text)[key], card(text, key)
    worklist = re.search(r'href="(/worklists/[a-z-]+)">Open as worklist', part).group(1)  # type: ignore[union-attr]
    listed = director.get(worklist).text
    assert figure == (stays_listed(listed) if figure else 0)
    if key == "t1":
        units = re.findall(r'<td class="num"><a href="(/worklists/house\?unit=\w+)">(\d+)</a>', part)
        assert sum(int(number) for _, number in units) == figure == 7
        assert all(stays_listed(director.get(where).text.replace(" of 7 stays", " stays")) == int(number)
                   for where, number in units)  # fmt: skip
    else:
        assert rows(part) == min(figure, 10)


def test_the_figures_are_those_of_the_house(house: World, browser_for: BrowserFor) -> None:
    found = figures(unescape(browser_for("dora").get("/control").text))

    assert found["t1"] == 7 and found["t4"] >= 1 and found["t5"] == 1
    assert found["t2"] > 0 and found["t3"] > 0


def test_overdue_reviews_are_told_of_all_that_are_due(house: World, browser_for: BrowserFor) -> None:
    text = unescape(browser_for("dora").get("/control").text)

    tile = re.search(r'href="#t2".*?<span class="n">(\d+)<small>of (\d+) due</small>', text)
    assert tile is not None
    owing = house.owner.execute(
        "select count(distinct o.encounter_id) from obligation o join encounter e on e.id = o.encounter_id"
        " where o.ended_at is null and o.required and o.closed_at is null and o.due_at is not null"
        " and e.status in ('admitted', 'on_leave') and (o.rule like 'UR-%' or o.rule like 'MCD-%'"
        " or o.rule like 'CAH-%')"
    ).fetchone()
    assert owing is not None and 0 < int(tile.group(1)) <= int(tile.group(2)) == owing[0]


def test_a_stay_past_its_expected_length_leaves_the_tile_with_a_date_ahead(
    house: World, browser_for: BrowserFor
) -> None:
    director = browser_for("dora")
    before = figures(unescape(director.get("/control").text))["t4"]
    change("update encounter set expected_discharge_at = %s where visit_number = 'V7'", now() + timedelta(days=2))

    text = unescape(director.get("/control").text)

    assert figures(text)["t4"] == before - 1
    assert "GORSE" not in card(text, "t4")


def test_who_does_not_see_measures_has_no_control_and_no_such_lists(house: World, browser_for: BrowserFor) -> None:
    nurse = browser_for("dana")

    assert nurse.get("/control").status_code in (403, 404)
    assert nurse.get("/worklists/reviews-overdue").status_code == 404
    assert "Past GMLOS, no plan" not in nurse.get("/worklists/inpatient").text


def test_a_director_begins_with_control(house: World, browser_for: BrowserFor) -> None:
    assert browser_for("dora").get("/").headers["location"] == "/control"
    assert browser_for("lee").get("/").headers["location"] != "/control"


def test_every_row_leads_to_its_stay_and_to_its_owner(house: World, browser_for: BrowserFor) -> None:
    director = browser_for("dora")
    part = card(unescape(director.get("/control").text), "t3")

    stay = re.search(r'<th scope="row"><a href="/encounters/([0-9a-f-]{36})"', part)
    owner = re.search(r'href="(/encounters/[0-9a-f-]{36}/assignment)">Assign', part)

    assert stay is not None and director.get(f"/encounters/{uuid.UUID(stay.group(1))}").status_code == 200
    assert owner is not None and director.get(owner.group(1)).status_code == 200


def test_the_readmissions_below_open_as_many_stays(
    world: World, monkeypatch: pytest.MonkeyPatch, browser_for: BrowserFor
) -> None:
    plant(world, monkeypatch)
    director = browser_for("dora")

    text = unescape(director.get("/control").text)

    part = text[text.index('id="rd"') :]
    links = dict.fromkeys(re.findall(r'<a href="(/measures/readmission/cases\?[^"]+)">(\d+)</a>', part))
    assert len(links) >= 9
    for where, number in links:
        assert f"{number} in all" in unescape(director.get(where).text), where


def test_an_empty_list_says_why_it_is_empty(world: World, browser_for: BrowserFor) -> None:
    text = unescape(browser_for("dora").get("/control").text)

    assert "No review is late." in card(text, "t2")
    assert "No denial is open" in card(text, "t6")


@pytest.mark.parametrize(("hours", "words"), [(-30, "late since "), (30, "next ")])
def test_a_passed_deadline_of_a_denial_is_late_and_not_next(hours: int, words: str) -> None:
    instant = now()
    when = showing.When(instant, ZoneInfo("America/Chicago"))
    row = RiskRow(uuid.uuid4(), uuid.uuid4(), "Gorse, Ada", "4W 404-A", "", "", "", 1, None, True, "open",
                  instant + timedelta(hours=hours), None)  # fmt: skip

    tile = showing.at_risk([row], when)

    assert f"{tile['context']}{tile['late']}".startswith(words) and "Gorse" in f"{tile['context']}{tile['late']}"
    assert bool(tile["late"]) is (hours < 0)
