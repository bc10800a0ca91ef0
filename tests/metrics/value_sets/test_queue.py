"""Codes without a category: who sees them, who says where they belong, what follows, and the way back."""

import uuid

import pytest

from app.census.facilities import FacilityChanged
from app.census.places import Facility
from app.metrics.value_sets.maps import published_maps
from app.metrics.value_sets.queries import value_sets
from app.platform.work import begin, everywhere, reading
from tests.metrics.value_sets.test_store import code, visit_of
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

REASON = "COVID-19 is coded as viral pneumonia was"


def place(browser, **changed: str):
    return browser.post("/measures/codes", {"system": "dx", "code": "U07.1", "ccs": "122", "reason": REASON} | changed)


def category(world: World, text: str) -> list[int]:
    with reading(everywhere("test")) as db:
        found = value_sets(db, published_maps())
        return [ccs for code, ccs in found.dx_ccs.iter_rows() if code == text]


@pytest.fixture
def unknown(world: World) -> uuid.UUID:
    """A stay with a diagnosis and a procedure that no map knows, one with those that the map knows."""
    stay, other = add_stay(world), add_stay(world)
    code(f"{visit_of(world, stay)},U071,2026-03-04,,,XW033E5")
    code(f"{visit_of(world, other)},I5023,2026-03-04,,,0BTC0ZZ")
    return stay


def test_only_codes_that_nothing_knows_are_in_the_queue(browser_for, unknown):
    text = browser_for("dora").get("/measures/codes").text

    assert "U071" in text and "XW033E5" in text
    assert "I5023" not in text and "0BTC0ZZ" not in text
    assert "Nobody has placed a code yet." in text


def test_codes_of_stays_that_the_measure_never_looks_at_are_no_work(world, browser_for, unknown):
    dora = browser_for("dora")
    assert "U071" in dora.get("/measures/codes").text
    with begin(everywhere("test")) as work:
        work.session.get_one(Facility, world.facility["NORTH"]).kind = "ltch"
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))

    assert "U071" not in dora.get("/measures/codes").text


def test_an_empty_queue_says_so(browser_for):
    assert "Every code of your stays is in the map" in browser_for("dora").get("/measures/codes").text


def test_a_code_that_is_placed_leaves_the_queue_and_reaches_the_measure(world, browser_for, unknown):
    dora = browser_for("dora")
    assert category(world, "U071") == []

    answer = place(dora)

    assert answer.status_code == 303
    text = dora.get("/measures/codes").text
    assert "122 Pneumonia" in text and REASON in text and "Dora Quist" in text
    assert 'code=U071"' not in text
    assert category(world, "U071") == [122]
    recorded = world.owner.execute("select count(*) from audit_event where name = 'code.placed'").fetchone()
    assert recorded == (1,)


def test_undo_takes_a_category_back_and_brings_back_the_one_before(world, browser_for, unknown):
    dora = browser_for("dora")
    place(dora)
    place(dora, ccs="133", reason="A later thought")
    assert category(world, "U071") == [133]
    placed = world.owner.execute("select id from code_category where ended_at is null").fetchone()

    assert dora.post(f"/measures/codes/{placed[0]}/reversal").status_code == 303

    assert category(world, "U071") == [122]
    standing = world.owner.execute("select id, reason from code_category where ended_at is null").fetchone()
    assert standing[1] == REASON
    assert dora.post(f"/measures/codes/{standing[0]}/reversal").status_code == 303
    assert category(world, "U071") == []
    assert dora.post(f"/measures/codes/{standing[0]}/reversal").status_code == 404


def test_taking_back_asks_for_a_reason_and_keeps_the_row(world, browser_for, unknown):
    dora = browser_for("dora")
    place(dora)
    key = world.owner.execute("select id from code_category").fetchone()[0]

    assert "122 Pneumonia" in dora.get(f"/measures/codes/{key}/end").text
    assert dora.post(f"/measures/codes/{key}/end", {"reason": ""}).status_code == 422
    assert dora.post(f"/measures/codes/{key}/end", {"reason": "Entered by mistake"}).status_code == 303

    assert world.owner.execute("select ended_reason from code_category").fetchall() == [("Entered by mistake",)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ccs": "9999"}, "There is no such category."),
        ({"code": "I50.23"}, "The published map has a category for this code"),
        ({"code": "covid"}, "This is no code of that kind. Write it like U07.1."),
        ({"system": "px", "ccs": "216"}, "This is no code of that kind. Write it like XW033E5."),
        ({"reason": ""}, "reason"),
        ({"ccs": ""}, "ccs"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(browser_for, unknown, changed, sentence):
    answer = place(browser_for("dora"), **changed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert (changed.get("reason", REASON) or "U07.1") in answer.text


def test_the_same_category_twice_is_refused(browser_for, unknown):
    dora = browser_for("dora")
    place(dora)

    assert "in this category already" in place(dora).text


def test_who_may_not_set_sees_no_button_and_cannot_place(world, browser_for, unknown):
    for name in ("dana", "uma"):
        assert browser_for(name).get("/measures/codes").status_code in (403, 404)
        assert place(browser_for(name)).status_code in (403, 404)
    assert world.owner.execute("select count(*) from code_category").fetchone() == (0,)


def test_codes_of_another_hospital_are_not_counted(world, browser_for):
    stay = add_stay(world, StaySpec(facility="SOUTH"))
    code(f"{visit_of(world, stay)},U071,2026-03-04,,,", facility="SOUTH")

    assert "U071" not in browser_for("dora").get("/measures/codes").text
