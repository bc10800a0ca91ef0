"""The board, conferences and complex cases in the browser's own words."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from app.discharge.plan.barriers.commands import RaiseBarrier, raise_barrier
from app.discharge.plan.commands import SetExpectedDate, set_expected_date
from app.discharge.rounds.board.queries import beds_of, known
from app.discharge.terms import BarrierKind
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.discharge.departure.support import planner
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=3))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^B", ago=timedelta(days=1), expected=timedelta(days=2))


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def test_the_board_shows_every_bed_with_its_plan(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    dana = browser_for("dana")
    with begin(planner(world)) as work:
        set_expected_date(work, stay, SetExpectedDate(days=0))
        raise_barrier(work, stay, RaiseBarrier(kind=BarrierKind.EQUIPMENT))

    text = dana.get("/rounds/4W").text

    assert "4 West, rounds" in text and "ALDER" in text and "BIRCH" in text
    line = text.split('data-stay="')[1].split("</tbody>")[0]
    assert "401-A" in line and "Today" in line and "Equipment, oxygen or infusion" in line
    assert "feed" in text.split('data-stay="')[2].split("</tbody>")[0]  # a date that only the feed knows says so


def test_a_wall_screen_shows_no_names(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("dana").get("/rounds/4W?names=initials").text

    assert "ALDER" not in text and "ROSA" not in text and "R. A." in text
    assert 'data-board="/rounds/4W/board?names=initials"' in unescape(text)


def test_a_bed_of_a_protected_stay_is_taken_and_says_no_more(browser_for: BrowserFor, world: World):
    add_stays(world, [StaySpec(family="Hidden", sensitivity="vip", room="409"), StaySpec(family="Open", room="410")])

    text = browser_for("dana").get("/rounds/4W").text

    assert "Restricted stay" in text and "409-B" in text and "Hidden" not in text and "Open" in text


def test_who_only_looks_finds_nothing_to_edit(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("uma").get("/rounds/4W").text

    assert "ALDER" in text and "data-board-form" not in text and "plan-looks" not in text


def test_one_without_stays_chooses_a_unit(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert 'href="/rounds/4W"' in unescape(dana.get("/rounds").text)

    assert dana.post(f"/encounters/{stay}/own-assignment", {}).status_code < 400
    assert dana.get("/rounds").headers["location"] == "/rounds/4W"
    assert dana.get("/rounds?choose=").status_code == 200
    assert dana.get("/rounds/NOWHERE").status_code == 404


def test_the_board_needs_no_more_statements_for_more_beds(world: World, monkeypatch: pytest.MonkeyPatch):
    add_stays(world, [StaySpec(family=f"N{number}", room=str(400 + number)) for number in range(25)])

    def statements(count: int) -> int:
        with reading(everywhere("test")) as db:
            asked: list[Any] = []
            kept = db.rows
            monkeypatch.setattr(db, "rows", lambda *given: (asked.append(given[1]), kept(*given))[1])
            known(db, [one.id for one in beds_of(db, world.facility["NORTH"], "4W")][:count])
            return len(asked)

    assert statements(3) == statements(25)


def test_a_conference_keeps_notes_and_gives_work(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    opened = dana.post("/rounds/4W/conferences", {"people": "Dana, Sol"})
    address = opened.headers["location"]
    assert "ALDER, ROSA" in dana.get(address).text

    assert dana.post(f"{address}/stays/{stay}/note", {"said": "Oxygen at home"}).status_code == 303
    said = {"what": "Order oxygen", "owner": "Sol", "due_on": f"{now().date() + timedelta(days=1)}"}
    assert dana.post(f"{address}/stays/{stay}/action", said).status_code == 303
    refused = dana.post(f"{address}/stays/{stay}/action", {"what": "Call", "due_on": "2020-01-01"})
    assert refused.status_code == 422 and "over already" in refused.text and 'value="Call"' in refused.text

    tab = dana.get(f"/encounters/{stay}/conferences").text
    assert "Oxygen at home" in tab and "Order oxygen" in tab and "Dana, Sol" in tab
    assert "1 note" in dana.get("/rounds/4W/conferences").text


def test_work_of_a_conference_is_finished_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana, day = browser_for("dana"), f"{now().date() + timedelta(days=1)}"
    assert dana.post(f"/encounters/{stay}/conference-actions", {"what": "Call son", "due_on": day}).status_code == 303
    with reading(everywhere("test")) as db:
        key = db.value("select action_id from conference_action where ended_at is null")

    assert dana.post(f"/conference-actions/{key}/steps/drop", {}).status_code == 422
    assert dana.post(f"/conference-actions/{key}/change", {"owner": "Sol"}).status_code == 303
    assert dana.post(f"/conference-actions/{key}/steps/finish", {}).status_code == 303
    assert "Not done after all" in dana.get(f"/encounters/{stay}/conferences").text
    assert dana.post(f"/conference-actions/{key}/steps/finish", {}).status_code == 409
    assert dana.post(f"/conference-actions/{key}/steps/reopen", {}).status_code == 303
    assert dana.post(f"/conference-actions/{key}/reversal", {}).status_code == 303
    assert dana.post(f"/conference-actions/{key}/steps/away", {}).status_code == 404


def test_a_complex_case_is_reviewed_and_closed(browser_for: BrowserFor, stay: uuid.UUID):
    dana, where = browser_for("dana"), f"/encounters/{stay}/case-review"
    assert dana.post(where, {"owner": "Sol"}).status_code == 303
    assert dana.post(where, {}).status_code == 409
    assert dana.post(f"{where}/review", {"barrier": "No guardian"}).status_code == 422
    assert dana.post(f"{where}/review", {"barrier": "No guardian", "next_step": "Ask the court"}).status_code == 303

    text = dana.get("/complex-cases").text
    assert "Ask the court" in text and "No guardian" in text and "ALDER, ROSA" in text

    assert dana.post(f"{where}/end", {"reason": "A guardian is named"}).status_code == 303
    assert dana.post(f"{where}/reversal", {}).status_code == 303  # closed by mistake
    assert "Ask the court" in dana.get("/complex-cases").text
