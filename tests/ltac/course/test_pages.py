"""The tab Long-term and the weaning round in the browser's own words."""

import re
import uuid
from collections.abc import Callable

import pytest

from app.ltac.course import queries, records
from app.ltac.course.terms import RecordKind
from app.platform.work import everywhere, reading
from tests.support.client import Browser
from tests.support.long_term import charted, long_term_stay
from tests.support.stays import add_stay
from tests.support.world import World, hospital_day

BrowserFor = Callable[..., Browser]


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return long_term_stay(world)


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def supports(stay: uuid.UUID) -> list[str]:
    with reading(everywhere("test")) as db:
        return [one.support for one in queries.entries(db, [stay]).get(stay, [])]


def only(stay: uuid.UUID, kind: RecordKind) -> records.Version:
    with reading(everywhere("test")) as db:
        (one,) = records.standing(db, [stay], {kind})[stay]
    return one


def test_an_empty_tab_says_what_each_part_is_for(browser_for: BrowserFor, stay: uuid.UUID):
    text = words(browser_for("stan").get(f"/encounters/{stay}/long-term").text)

    for said in ("No day is charted", "a week after the admission", "No wound is recorded", "No minutes are charted",
                 "Nobody has validated", "was not transferred back"):  # fmt: skip
        assert said in text


def test_the_tab_stands_for_stays_of_long_term_hospitals_only(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    acute = add_stay(world)

    assert 'id="tab-long-term"' in browser_for("stan").get(f"/encounters/{stay}").text
    assert 'id="tab-long-term"' not in browser_for("dana").get(f"/encounters/{acute}").text
    answer = browser_for("dana").get(f"/encounters/{acute}/long-term")
    assert answer.status_code == 409 and "long-term care hospital" in answer.text


def test_today_is_charted_by_one_word_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    stan = browser_for("stan")
    assert stan.post(f"/encounters/{stay}/weaning/today", {"support": "ventilated"}).status_code == 303
    assert supports(stay) == ["ventilated"]
    assert stan.post(f"/encounters/{stay}/weaning/today", {"support": "asleep"}).status_code == 409

    with reading(everywhere("test")) as db:
        entry = queries.entries(db, [stay])[stay][0].id
    assert stan.post(f"/weaning-days/{entry}/reversal").status_code == 303
    assert supports(stay) == []


def test_a_day_that_contradicts_itself_comes_back_with_everything_typed(browser_for: BrowserFor, stay: uuid.UUID):
    said = {"day": hospital_day(2).isoformat(), "support": "free", "ventilated_hours": "3", "note": "calm"}
    answer = browser_for("stan").post(f"/encounters/{stay}/weaning", said)

    assert answer.status_code == 422
    assert "Off the ventilator, but with hours on it" in answer.text
    assert 'value="calm"' in answer.text and said["day"] in answer.text
    assert supports(stay) == []


def test_a_charted_day_shows_its_letter_its_words_and_its_history(browser_for: BrowserFor, stay: uuid.UUID):
    stan, day = browser_for("stan"), hospital_day(2).isoformat()
    said = {"day": day, "support": "trial", "trial": "failed", "trial_reason": "tired", "mode": "pressure support"}
    assert stan.post(f"/encounters/{stay}/weaning", said).status_code == 303
    assert stan.post(f"/encounters/{stay}/weaning", said | {"trial": "passed"}).status_code == 422
    again = said | {"trial": "passed", "because": "Read again"}
    assert stan.post(f"/encounters/{stay}/weaning", again).status_code == 303

    page = stan.get(f"/encounters/{stay}/long-term?day={day}").text
    assert 'class="d sbt"' in page
    text = words(page)
    assert "breathing trial," in text and "trial passed; tired" in text and "Read again" in text


def test_a_conference_begins_with_the_goals_of_the_last_one(browser_for: BrowserFor, stay: uuid.UUID):
    stan, ago = browser_for("stan"), hospital_day(7)
    said = {"physician": "Dr. T", "nursing": "Mel", "goal_respiratory": "Collar twelve hours", "goal_nursing": "Heal",
            "status_nursing": "met", "decided": "Go on", "on": ago.isoformat(), "at": "11:00"}  # fmt: skip
    assert stan.post(f"/encounters/{stay}/long-term/conference", said).status_code == 303

    page = stan.get(f"/encounters/{stay}/long-term").text
    assert 'value="Collar twelve hours"' in page and 'value="Dr. T"' in page
    assert 'value="Heal"' not in page  # met goals are not carried on
    alone = {"physician": "Dr. T", "decided": "Go on"}
    answer = stan.post(f"/encounters/{stay}/long-term/conference", alone)
    assert answer.status_code == 422 and "two disciplines" in answer.text


def test_criteria_not_met_ask_for_options_and_say_what_to_do(browser_for: BrowserFor, stay: uuid.UUID):
    stan = browser_for("stan")
    said = {"met": "false", "criterion": "Breathes alone", "judged_by": "Dr. T"}
    assert stan.post(f"/encounters/{stay}/long-term/validation", said).status_code == 422
    options = said | {"options": "SNF with trach care"}
    answer = stan.post(f"/encounters/{stay}/long-term/validation", options)
    assert answer.status_code == 303
    assert "plan the discharge" in stan.get(f"/encounters/{stay}/long-term").text
    assert only(stay, RecordKind.VALIDATION).content["met"] is False


def test_a_record_is_corrected_and_struck_out_with_a_reason(browser_for: BrowserFor, stay: uuid.UUID):
    stan = browser_for("stan")
    assert stan.post(f"/encounters/{stay}/long-term/orientation", {"to_whom": "Her sister"}).status_code == 303
    key = only(stay, RecordKind.ORIENTATION).record_id
    assert 'value="Her sister"' in stan.get(f"/long-term-records/{key}/correction").text

    changed = {"given": "false", "reason": "Nobody came"}
    assert stan.post(f"/long-term-records/{key}/versions", changed).status_code == 422
    assert stan.post(f"/long-term-records/{key}/versions", changed | {"because": "Mixed up"}).status_code == 303
    assert only(stay, RecordKind.ORIENTATION).content["given"] is False
    assert stan.post(f"/long-term-records/{key}/end", {"reason": "no"}).status_code == 422
    assert stan.post(f"/long-term-records/{key}/end", {"reason": "Wrong patient"}).status_code == 303
    text = words(stan.get(f"/encounters/{stay}/long-term").text)
    assert "struck out" in text and "Wrong patient" in text and "Given to Her sister" in text


def test_minutes_and_wounds_are_charted(browser_for: BrowserFor, stay: uuid.UUID):
    stan = browser_for("stan")
    assert stan.post(f"/encounters/{stay}/therapy-minutes", {}).status_code == 422
    assert stan.post(f"/encounters/{stay}/therapy-minutes", {"pt": "45", "rt": "60"}).status_code == 303
    assert stan.post(f"/encounters/{stay}/long-term/wound", {"site": "Sacrum", "origin": "acquired"}).status_code == 303
    wound = str(only(stay, RecordKind.WOUND).record_id)
    check = {"wound": wound, "length": "4", "width": "3", "stage": "3"}
    assert stan.post(f"/encounters/{stay}/long-term/wound_check", check).status_code == 303

    text = words(stan.get(f"/encounters/{stay}/long-term").text)
    assert "105 min: PT 45, OT 0, SLP 0, RT 60" in text
    assert "Sacrum: pressure injury acquired here 12 cm2" in text and "Stage 3" in text


def test_the_round_charts_with_one_key_and_goes_on_to_the_next(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    stan, other = browser_for("stan"), long_term_stay(world, family="Imre", bed="B")
    for one in (stay, other):
        day = {"day": hospital_day(1).isoformat(), "support": "ventilated"}
        assert stan.post(f"/encounters/{one}/weaning", day).status_code == 303

    answer = stan.post(f"/ltac/weaning/{stay}", {"support": "trial"}, htmx=True)
    assert answer.status_code == 200 and "1 of 2 charted today" in answer.text
    assert re.search(rf'data-focus href="/encounters/{other}/', answer.text)
    assert stan.post(f"/ltac/weaning/{stay}", {"support": "trial"}, htmx=True).status_code == 409
    assert stan.post(f"/ltac/weaning/{other}", {"support": "collar"}).headers["location"] == f"/ltac/weaning?at={other}"
    assert (supports(stay), supports(other)) == (["ventilated", "trial"], ["ventilated", "collar"])


def test_the_round_of_another_hospital_says_why_it_is_empty(browser_for: BrowserFor, world: World):
    add_stay(world)

    assert "No long-term hospital" in browser_for("dana").get("/ltac/weaning").text


@pytest.mark.parametrize("name", ["ann", "paul", "aud"])
def test_who_does_not_chart_changes_nothing(browser_for: BrowserFor, stay: uuid.UUID, name: str):
    person = browser_for(name)

    assert person.get("/ltac/weaning").status_code == 403
    assert person.post(f"/encounters/{stay}/weaning/today", {"support": "free"}).status_code in (403, 404)
    assert supports(stay) == []


def test_one_of_everything_is_shown(browser_for: BrowserFor, stay: uuid.UUID):
    charted(everywhere("test"), stay, "as agreed")
    page = browser_for("stan").get(f"/encounters/{stay}/long-term").text

    assert "Record a conference" in page and page.count("as agreed") >= 8
    assert "Sepsis" in page and "Criteria met" in page
