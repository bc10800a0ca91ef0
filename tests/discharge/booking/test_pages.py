"""The page of bookings as a person uses it, without JavaScript."""

import csv
import io
import re
import uuid
from typing import Any

import psycopg
import pytest

from app.discharge.booking.stay import lent
from app.discharge.booking.stay.showing import page_context
from app.discharge.plan.lights.queries import lights_of
from app.discharge.terms import Light, LightName
from app.platform.work import everywhere, reading
from app.web.packets import sections
from tests.discharge.booking.support import arranged, booked, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

RIDE = {"care_type": "transport", "vendor_name": "Harbor Vans", "pick_up_on": "2099-03-06", "pick_up": "14:00"}


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return tell(world)


def soon(days: int = 2) -> str:
    with reading(everywhere("test")) as db:
        return str(db.value("select (now() + %s * interval '1 day')::date", (days,)))


def test_an_empty_page_says_what_belongs_here(browser_for, stay):
    text = browser_for("dana").get(f"/encounters/{stay}/bookings").text

    assert "Nothing is booked yet" in text and "No payer was asked" in text and "paid for nothing" in text
    assert "Choose a type of care" in text


def test_a_ride_is_booked_confirmed_and_taken_back(browser_for, stay):
    dana = browser_for("dana")
    sent = RIDE | {"pick_up_on": soon()}
    wrong = dana.post(f"/encounters/{stay}/bookings", sent | {"pick_up": ""})
    assert wrong.status_code == 422 and "Write both the day and the time" in wrong.text and "Harbor Vans" in wrong.text

    assert dana.post(f"/encounters/{stay}/bookings", sent).status_code == 303
    text = dana.get(f"/encounters/{stay}/bookings").text
    assert "Transport: Harbor Vans" in text and "14:00" in text
    key = re.search(r"/bookings/([0-9a-f-]{36})/steps", text)[1]
    step = {"action": "confirm", "confirmation": "HV-9"}
    assert dana.post(f"/bookings/{key}/steps", step).status_code == 303
    assert "HV-9" in dana.get(f"/encounters/{stay}/bookings").text
    assert "Ride" in dana.get(f"/encounters/{stay}").text

    why = dana.post(f"/bookings/{key}/steps", {"action": "cancel"})
    assert why.status_code == 422 and "Say in a few words why" in why.text
    assert dana.post(f"/bookings/{key}/reversal").status_code == 303
    assert "1 struck out" in dana.get(f"/encounters/{stay}/bookings").text


def test_a_nursing_facility_waits_for_pasrr_which_is_answered_on_the_same_page(browser_for, stay):
    dana = browser_for("dana")
    sent = {"care_type": "snf", "vendor_name": "Alder House", "starts_on": soon()}
    wrong = dana.post(f"/encounters/{stay}/bookings", sent)
    assert wrong.status_code == 422 and "PASRR Level I is missing" in wrong.text

    page = dana.get(f"/encounters/{stay}/bookings?care=snf").text
    assert "Not to be booked yet" in page and "Three inpatient days" in page
    answer = f"/encounters/{stay}/eligibility/pasrr_level_one"
    empty = dana.post(answer, {"care": "snf", "answer": ""})
    assert empty.status_code == 422 and "Choose one of the answers" in empty.text
    assert (
        dana.post(answer, {"care": "snf", "answer": "negative"})
        .headers["location"]
        .endswith("care=snf#q-pasrr_level_one")
    )
    assert "Not to be booked yet" not in dana.get(f"/encounters/{stay}/bookings?care=snf").text
    override = sent | {"override_reason": "The patient cannot speak"}
    assert dana.post(f"/encounters/{stay}/bookings", override).status_code == 303
    assert dana.post(f"{answer}/end", {"care": "snf", "reason": "Another patient"}).status_code == 303
    assert "Not to be booked yet" in dana.get(f"/encounters/{stay}/bookings?care=snf").text
    assert dana.post(f"/encounters/{stay}/eligibility/nothing", {"answer": "yes"}).status_code == 404


def test_the_payer_is_asked_and_answers(browser_for, stay):
    dana = browser_for("dana")
    assert (
        dana.post(f"/encounters/{stay}/post-acute-requests", {"care_type": "irf", "expedited": "on"}).status_code == 303
    )
    text = dana.get(f"/encounters/{stay}/bookings").text
    key = re.search(r"/post-acute-requests/([0-9a-f-]{36})/answers", text)[1]
    wrong = dana.post(f"/post-acute-requests/{key}/answers", {"state": "denied"})
    assert wrong.status_code == 422 and "reason for the denial" in wrong.text
    sent = {"state": "approved", "payer_number": "PA-7", "days": "14"}
    assert dana.post(f"/post-acute-requests/{key}/answers", sent).status_code == 303
    assert "PA-7" in dana.get(f"/encounters/{stay}/bookings").text
    strike = {"action": "strike_out", "reason": "Wrong patient"}
    assert dana.post(f"/post-acute-requests/{key}/steps", strike).status_code == 303
    assert "No payer was asked" in dana.get(f"/encounters/{stay}/bookings").text


def test_purchases_add_up_on_the_page(browser_for, stay):
    dana = browser_for("dana")
    sent = {"kind": "ride", "units": "2", "price": "45.50", "approved_by": "Lee", "reason": "No other way home"}
    wrong = dana.post(f"/encounters/{stay}/purchases", sent | {"price": "a lot"})
    assert wrong.status_code == 422 and "such as 45.50" in wrong.text
    assert dana.post(f"/encounters/{stay}/purchases", sent).status_code == 303
    text = dana.get(f"/encounters/{stay}/bookings").text
    assert "$91.00" in text
    key = re.search(r"/purchases/([0-9a-f-]{36})/end", text)[1]
    assert dana.post(f"/purchases/{key}/end", {"reason": "The plan pays"}).status_code == 303
    text = dana.get(f"/encounters/{stay}/bookings").text
    assert "$0.00" in text and "The plan pays" in text


def test_who_may_only_look_sees_no_forms_and_is_refused(browser_for, world, stay):
    arranged(world, stay, "")
    uma = browser_for("uma")
    assert "Record a purchase" not in uma.get(f"/encounters/{stay}/bookings").text
    assert uma.post(f"/encounters/{stay}/bookings", RIDE).status_code in (403, 404)


def test_what_is_booked_is_lent_to_banner_lights_and_packets(world: World, stay: uuid.UUID):
    arranged(world, stay, "")
    with reading(everywhere("test"), at=NOW) as db:
        assert [one.key for one in sections(db, stay) if one.key == "bookings"] == ["bookings"]
        shown = {one.name: one.state for one in lights_of(db, [stay])[stay]}
        assert lent.going(db, stay) == []
    assert shown[LightName.PAYER] is Light.AMBER


def test_the_page_asks_as_often_for_many_bookings_as_for_few(
    world: World, stay: uuid.UUID, monkeypatch: pytest.MonkeyPatch
):
    asked: list[Any] = []
    plain = psycopg.Cursor.execute

    def counted(self: psycopg.Cursor[Any], query: Any, *rest: Any, **more: Any) -> Any:
        asked.append(query)
        return plain(self, query, *rest, **more)

    def statements() -> int:
        asked.clear()
        with reading(world.viewer("dana"), at=NOW) as db, monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", counted)
            page_context(db, world.viewer("dana"), stay)
            return len(asked)

    booked(world, stay, what="Walker")
    few = statements()
    for number in range(6):
        booked(world, stay, what=f"Walker {number}")
    assert statements() == few


def test_another_stay_knows_nothing_of_it(browser_for, world: World, stay: uuid.UUID):
    arranged(world, stay, "Bariatric walker")
    Telling(world, first=50).tell(
        "A01 | visit V900 | patient M900 | rec 03-04 11:00 | occ 03-04 11:00 | bed 4W^402^A\n"
    )
    with reading(everywhere("test")) as db:
        other = db.value("select id from encounter where visit_number = 'V900'")
    assert "Bariatric walker" not in browser_for("dana").get(f"/encounters/{other}/bookings").text


def test_what_the_hospital_paid_in_a_period_adds_up_and_is_taken_out(browser_for, world: World, stay: uuid.UUID):
    dana, lee = browser_for("dana"), browser_for("lee")
    assert "Nothing was paid" in lee.get("/purchased-services").text
    sent = {"kind": "ride", "units": "3", "price": "10.10", "approved_by": "=Lee", "reason": "No other way home"}
    assert dana.post(f"/encounters/{stay}/purchases", sent).status_code == 303
    sent |= {"kind": "food", "units": "1", "price": "5"}
    assert dana.post(f"/encounters/{stay}/purchases", sent).status_code == 303

    text = lee.get("/purchased-services").text
    assert "$35.30 in all" in text and "$30.30" in text and "$5.00" in text
    rows = list(csv.DictReader(io.StringIO(lee.get("/purchased-services.csv").text)))
    assert sum(round(float(row["amount"]) * 100) for row in rows) == 3530
    assert {row["approved_by"] for row in rows} == {"'=Lee"}
    wrong = lee.get("/purchased-services?first=2026-03-01&last=2026-02-01")
    assert wrong.status_code == 422 and "lies after" in wrong.text
    assert "$35.30" not in browser_for("stan").get("/purchased-services").text
