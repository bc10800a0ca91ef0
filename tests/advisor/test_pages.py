"""Cards, the tab of a stay, talks and the ladder in the browser's own words."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from app.kernel.as_of import AsOf
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.advisor.support import QUESTION, ask, recorded, sign, stands
from tests.reviews.support import ADMITTED, tell
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ROW = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "td"}
SUPPORTED = {"outcome": "inpatient_supported", "reason_inpatient_supported": "two_midnights_expected"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(patient_class="OBS", unit="OBS", room="07", bed="A", family="Birch"))


def one(query: str) -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value(query)
        return found


def test_the_agenda_is_ordered_by_what_comes_first_and_the_first_card_is_complete(
    world: World, browser_for: BrowserFor, stay: uuid.UUID
):
    ask(world, stay, at=now() - 10 * MINUTE)
    other = add_stay(world, StaySpec(family="Alder"))
    ask(world, other, "continued_stay", now() - 200 * MINUTE)

    text = browser_for("paul").get("/decisions").text

    assert text.index("Alder, continued stay") < text.index("Birch, status question")
    for words in (
        QUESTION,
        "Stay supported",
        "Observation appropriate",
        "Ask attending",
        "None on this stay.",
        "2 open",
    ):
        assert words in text
    assert 'data-key="1"' in text and "data-sign" in text


def test_an_answer_is_signed_undone_and_counted(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 30 * MINUTE)
    paul = browser_for("paul")

    answer = paul.post(f"/decisions/{question}", SUPPORTED)

    assert answer.status_code == 303 and stands(question)[0] == "decided"
    page = paul.get("/decisions").text
    assert "Signed: inpatient supported." in page and "your median answer in seven days 30 min (1 answered)" in page
    assert "No question waits for a physician" in page
    assert paul.post(f"/decisions/{question}/reversal", {}).status_code == 303
    assert stands(question)[0] == "waiting"


def test_a_reason_of_another_answer_does_not_count(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay)
    stale = {
        "outcome": "observation_appropriate",
        "reason_inpatient_supported": "acute_need",
        "rationale": "kept words",
    }

    answer = browser_for("paul").post(f"/decisions/{question}", stale)

    assert answer.status_code == 422 and "Not signed." in answer.text and "kept words" in answer.text
    assert stands(question)[0] == "waiting"


def test_nobody_else_opens_the_cards_or_signs(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay)

    for name in ("dana", "uma", "lee", "dora", "ann", "adam"):
        assert browser_for(name).get("/decisions").status_code == 403
        assert browser_for(name).post(f"/decisions/{question}", SUPPORTED).status_code == 403
    assert stands(question)[0] == "waiting"


def test_observation_of_an_inpatient_leads_to_the_determination_and_decides_nothing_itself(
    world: World, browser_for: BrowserFor
):
    stay = add_stay(world)
    question = ask(world, stay)
    paul = browser_for("paul")
    card = paul.get("/decisions").text

    assert "needs the determination of 42 CFR 482.30(d)" in card and f"/encounters/{stay}/status" in card

    paul.post(
        f"/decisions/{question}",
        {"outcome": "observation_appropriate", "reason_observation_appropriate": "convenience"},
    )

    assert one("select patient_class from encounter") == "IP"
    assert f"/encounters/{stay}/status" in browser_for("uma").get(f"/encounters/{stay}/escalations").text


def test_the_key_opens_the_form_with_the_usual_question_and_enter_puts_it(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    piece = dana.get(f"/encounters/{stay}/escalations/new", headers=ROW).text
    assert "<html" not in piece and "data-focus" in piece and "Is inpatient status supported" in piece
    assert re.search(r'value="status_question"[^>]* checked', piece)
    given = {"kind": "status_question", "question": "Is inpatient status supported, or is observation appropriate?"}

    answer = dana.post(f"/encounters/{stay}/escalations", given, headers=ROW)

    assert answer.status_code < 300 and "Asked: physician advisor." in answer.text
    way_back = re.search(r'action="(/escalations/[^"]+/reversal)"', unescape(answer.text))
    assert way_back and dana.post(way_back[1], {}).status_code == 303
    assert one("select state from escalation where ended_at is null") == "struck_out"


def test_a_question_without_words_comes_back_with_them(browser_for: BrowserFor, stay: uuid.UUID):
    answer = browser_for("dana").post(f"/encounters/{stay}/escalations", {"kind": "status_question", "question": "Why"})

    assert answer.status_code == 422 and 'value="Why"' in answer.text and 'aria-invalid="true"' in answer.text


def test_what_is_asked_back_is_answered_on_the_stay(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 60 * MINUTE)
    more = {"outcome": "more_information", "reason_more_information": "other", "rationale": "Which rhythm at 06:00?"}
    browser_for("paul").post(f"/decisions/{question}", more)
    dana = browser_for("dana")

    assert "Which rhythm at 06:00?" in dana.get(f"/encounters/{stay}/escalations").text
    assert dana.post(f"/escalations/{question}/answer-back", {"note": ""}).status_code == 422
    assert dana.post(f"/escalations/{question}/answer-back", {"note": "Sinus rhythm"}).status_code == 303
    assert "Sinus rhythm" in browser_for("paul").get("/decisions").text


def test_an_answer_is_amended_and_struck_out_on_the_stay(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 60 * MINUTE)
    paul = browser_for("paul")
    paul.post(f"/decisions/{question}", SUPPORTED)
    amended = {"outcome": "observation_appropriate", "reason_observation_appropriate": "discharge_today"}

    assert paul.post(f"/escalations/{question}/amendment", amended).status_code == 422
    assert paul.post(f"/escalations/{question}/amendment", amended | {"because": "Leaves today"}).status_code == 303
    tab = paul.get(f"/encounters/{stay}/escalations").text
    assert "Leaves today" in tab and "Inpatient supported" in tab and "Observation appropriate" in tab

    assert paul.post(f"/escalations/{question}/strike-out", {"note": "Wrong patient"}).status_code == 303
    assert stands(question)[0] == "waiting"


def test_a_talk_has_its_slot_its_number_and_its_end(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay, "concurrent_denial", now() - 60 * MINUTE)
    dana, paul = browser_for("dana"), browser_for("paul")
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    told = {
        "payer_reason": "level_of_care",
        "call_back": "4-1180",
        "physician": "Arlen Quist",
        "specialty": "internal medicine",
    }
    assert dana.post(f"/escalations/{question}/talk", told).status_code == 303
    for clock, chosen in (("10:30", "false"), ("15:00", "true")):
        slot = {"on": tomorrow, "at": clock, "minutes": "20", "chosen": chosen}
        assert dana.post(f"/escalations/{question}/slots", slot).status_code == 303
    past = {"on": "2020-01-02", "at": "10:00", "minutes": "20", "chosen": "true"}
    assert dana.post(f"/escalations/{question}/slots", past).status_code == 422

    card = paul.get("/decisions").text
    assert "15:00, 20 min" in card and "4-1180" in card and "Arlen Quist, internal medicine" in card
    offered = one("select id from peer_slot where ended_at is null and not chosen")
    assert paul.post(f"/peer-slots/{offered}/choice", {"back": "/decisions"}).headers["location"] == "/decisions"
    assert "10:30, 20 min" in paul.get("/decisions").text
    with reading(everywhere("test")) as db:
        assert len(db.values("select id from peer_slot where ended_at is null")) == 1

    paul.post(f"/decisions/{question}", {"outcome": "overturned", "reason_overturned": "new_facts"})
    held = recorded("peer_talk.held")
    assert [one["outcome"] for one in held] == ["overturned"]


def test_outcomes_are_counted_with_their_interval_and_open_their_list(world: World, browser_for: BrowserFor):
    ends = [("overturned", "new_facts")] * 2 + [("upheld", "no_new_facts")] + [("not_held", "window_missed")]
    for outcome, reason in ends:
        question = ask(world, add_stay(world), "concurrent_denial", now() - 60 * MINUTE)
        sign(world, question, outcome, reason, now() - 10 * MINUTE, "carla" if outcome == "upheld" else "paul")

    text = browser_for("paul").get("/decisions/outcomes").text

    assert "2 of 3 (67 %, 95 % interval 21 to 94 %, few talks)" in text
    assert "2 of 2 (100 %, 95 % interval 34 to 100 %, few talks)" in text
    assert "1 not held, left out of the shares" in text and "4 listed" in text
    mine = browser_for("paul").get("/decisions/outcomes?whose=mine").text
    assert "3 listed" in mine
    empty = browser_for("carla").get("/decisions/outcomes?payer=NOBODY").text
    assert "0 listed" in empty


def test_without_a_talk_there_is_no_figure(browser_for: BrowserFor):
    text = browser_for("paul").get("/decisions/outcomes").text
    assert "No talk with a payer" in text and "%" not in text.split("<main")[1].split("</main")[0]


def test_the_list_and_its_chips_say_who_was_asked(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay)
    paul = browser_for("paul")

    assert "PA asked" in paul.get("/worklists/decisions").text
    assert browser_for("dana").get("/worklists/decisions").status_code in (403, 404)
    assert "PA asked" in browser_for("dana").get("/worklists/observation").text
    paul.post(f"/decisions/{question}", SUPPORTED)
    assert "PA: supported" in browser_for("dana").get("/worklists/observation").text


def test_what_was_taken_is_handed_over_for_the_day(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    question = ask(world, stay)
    paul = browser_for("paul")

    assert "You have taken no question" in paul.post("/decisions/day", {"to": str(world.user["carla"])}).text
    assert paul.post(f"/decisions/{question}/holder", {"deed": "take"}).status_code == 303
    assert "You have taken it." in paul.get("/decisions").text
    assert paul.post("/decisions/day", {"to": str(world.user["carla"])}).status_code == 303
    assert "You have taken it." in browser_for("carla").get("/decisions").text


def test_the_ladder_is_set_by_the_director_and_read_by_the_lead(browser_for: BrowserFor):
    dora = browser_for("dora")
    assert "the default" in browser_for("lee").get("/escalation-ladder").text
    refused = dora.post("/escalation-ladder", {"begins": f"{now():%Y-%m-%d}", "lead": "30"})
    assert refused.status_code == 422 and "only they may decide" in refused.text
    given = {"begins": f"{now() + timedelta(days=1):%Y-%m-%d}", "physician_advisor": "45", "lead": ""}

    assert dora.post("/escalation-ladder", given).status_code == 303
    assert "45 min" in dora.get("/escalation-ladder").text
    assert browser_for("lee").post("/escalation-ladder", given).status_code == 403


def test_the_tab_looks_back(world: World, browser_for: BrowserFor):
    stay = tell(world, ADMITTED)
    question = ask(world, stay, at=now() - 60 * MINUTE)
    sign(world, question, "inpatient_supported", "acute_need", now() - 5 * MINUTE)
    then = AsOf((now() - 30 * MINUTE).replace(second=0, microsecond=0), ZoneInfo("America/Chicago")).address

    past = browser_for("dana").get(f"/encounters/{stay}/escalations?as-of={then}")

    assert past.status_code == 200 and "Acute need shown" not in past.text
    assert "Acute need shown" in browser_for("dana").get(f"/encounters/{stay}/escalations").text
