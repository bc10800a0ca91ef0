"""The tab Follow-up, the form of a call and the queue, in the browser's own words."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.discharge.after import queries, source
from app.discharge.after.terms import CallOutcome, CallState, IssueState
from app.discharge.teaching.forms import TeachTopic
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.discharge.after.support import called, problem, went_home
from tests.discharge.departure.support import teach
from tests.support.client import Browser
from tests.support.stays import StaySpec
from tests.support.world import World

BrowserFor = Callable[..., Browser]
QUEUE = "/worklists/post-discharge-calls"


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return went_home(world, StaySpec(family="Alder", given="Rosa"), now() - timedelta(days=1))


def calls(stay: uuid.UUID) -> list[queries.Made]:
    with reading(everywhere("test")) as db:
        return queries.calls_of(db, [stay])


def test_the_queue_says_what_is_due_and_empties_when_somebody_was_reached(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    text = dana.get(QUEUE).text
    assert "Alder" in text and "first call" in text and "555-0147" in text

    dana.post(f"/encounters/{stay}/calls", {"outcome": "no_answer"})
    text = dana.get(QUEUE).text
    assert "attempt 2" in text
    for choice in ("first", "again", "issue", "late"):
        assert dana.get(f"{QUEUE}?call={choice}").status_code == 200
    dana.post(f"/encounters/{stay}/calls", {"outcome": "patient"})

    assert "Alder" not in dana.get(QUEUE).text


def test_a_problem_is_an_issue_on_the_tab_until_it_is_closed(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    said = {"outcome": "caregiver", "spoke_with": "a daughter", "q-have_medicines": "problem",
            "n-have_medicines": "the pharmacy has none", "q-well": "good"}  # fmt: skip
    answer = dana.post(f"/encounters/{stay}/calls", said)
    assert answer.headers["location"] == f"/encounters/{stay}/follow-up"

    text = dana.get(f"/encounters/{stay}/follow-up").text
    assert "Does not have all medicines: the pharmacy has none" in text and "Well or better" in text
    assert "Spoke with a caregiver: a daughter" in text
    with reading(everywhere("test")) as db:
        [one] = queries.issues_of(db, [stay])
        assert queries.open_count(db, stay) == "1"
    assert "issue" in dana.get(QUEUE).text
    wrong = dana.post(f"/follow-up-issues/{one.issue_id}/steps", {"action": "close"})
    assert wrong.status_code == 422 and "Write how it was settled." in wrong.text
    dana.post(f"/follow-up-issues/{one.issue_id}/steps", {"action": "close", "note": "has them now"})
    with reading(everywhere("test")) as db:
        [one] = queries.issues_of(db, [stay])
    assert one.state is IssueState.CLOSED
    dana.post(f"/follow-up-issues/{one.issue_id}/reopening", {})
    assert "Closed by mistake" in dana.get(f"/encounters/{stay}/follow-up").text


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    answer = dana.post(f"/encounters/{stay}/calls", {"note": "engaged twice", "q-well": "problem", "n-well": "dizzy"})

    assert answer.status_code == 422
    assert "Say who was reached." in answer.text and "engaged twice" in answer.text and "dizzy" in answer.text
    assert re.search(r'name="q-well" value="problem" checked', answer.text)


def test_a_draft_fills_the_form_and_can_be_dropped(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/calls", {"keep": "draft", "note": "he sleeps, later", "q-well": "good"})

    assert "he sleeps, later" in dana.get(f"/encounters/{stay}/calls/new").text
    assert calls(stay) == []
    with reading(everywhere("test")) as db:
        draft = queries.draft_of(db, stay)
    assert draft is not None
    dana.post(f"/follow-up-calls/{draft.call_id}/dropping", {})
    with reading(everywhere("test")) as db:
        assert queries.draft_of(db, stay) is None
        assert [one.state for one in queries.versions_of(db, stay)] == [CallState.DRAFT, CallState.DROPPED]


def test_a_call_is_corrected_struck_out_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/calls", {"outcome": "message"})
    [one] = calls(stay)
    assert 'value="message" checked' in dana.get(f"/follow-up-calls/{one.call_id}/amendment").text
    assert dana.post(f"/follow-up-calls/{one.call_id}/amendment", {"outcome": "no_answer"}).status_code == 422
    dana.post(f"/follow-up-calls/{one.call_id}/amendment", {"outcome": "no_answer", "because": "no machine there"})
    assert [call.outcome for call in calls(stay)] == [CallOutcome.NO_ANSWER]
    assert dana.post(f"/follow-up-calls/{one.call_id}/end", {"reason": ""}).status_code == 422
    dana.post(f"/follow-up-calls/{one.call_id}/end", {"reason": "another patient"})
    assert calls(stay) == [] and "another patient" in dana.get(f"/encounters/{stay}/follow-up").text
    dana.post(f"/encounters/{stay}/calls", {"outcome": "declined"})
    [one] = calls(stay)
    dana.post(f"/follow-up-calls/{one.call_id}/reversal", {})
    assert calls(stay) == []


def test_the_script_asks_for_the_signs_of_danger_that_were_taught(
    browser_for: BrowserFor, world: World, stay: uuid.UUID
):
    teach(world, stay, TeachTopic(topic="Heart failure at home", red_flags="three pounds in a day"))

    text = browser_for("dana").get(f"/encounters/{stay}/calls/new").text
    assert "Heart failure at home: any of this? three pounds in a day" in text


def test_who_may_only_read_finds_no_form(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    called(world, stay, "patient", problem("danger"), at=now())
    text = browser_for("paul").get(f"/encounters/{stay}/follow-up").text

    assert (
        "Reports a sign of danger" in text and "<form" not in text.split('id="stay-follow-up"')[1].split("</main>")[0]
    )
    assert browser_for("paul").get(f"/encounters/{stay}/calls/new").status_code == 403


def test_facts_of_many_stays_take_as_many_statements_as_of_few(world: World, monkeypatch: pytest.MonkeyPatch):
    stays = [went_home(world, StaySpec(family=f"N{number}")) for number in range(8)]
    for one in stays:
        called(world, one, "no_answer")

    def statements(count: int) -> int:
        with reading(everywhere("test")) as db:
            asked: list[Any] = []
            for name in ("rows", "values"):
                kept = getattr(db, name)
                monkeypatch.setattr(
                    db, name, lambda *given, kept=kept: (asked.append(given[0]), kept(*given))[1], raising=True
                )
            assert len(list(source.facts(db, stays[:count]))) == count
            return len(asked)

    assert statements(2) == statements(8)
