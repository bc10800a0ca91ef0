"""What goes wrong around questions: silent attendings, ladders without a top, answers taken away, no talk held."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.advisor.commands import AmendAnswer, Say, SignAnswer, amend_decision, decide, strike_decision
from app.advisor.ladder import rising
from app.advisor.ladder.rising import rise_due
from app.advisor.ladder.settings import SetLadder, set_ladder
from app.advisor.messages.commands import EndReply, Reply, ToldReply, record_reply, reply_through_link, strike_reply
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.advisor.support import ask, sign, stands
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def ask_attending(world: World, question: uuid.UUID, hours_ago: float) -> uuid.UUID:
    """The physician sends the question on to the attending; the key of the message."""
    sign(world, question, "ask_attending", "document_expectation", now() - hours_ago * HOUR)
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select id from attending_message order by made_at desc limit 1")
        return found


def test_a_question_does_not_wait_for_a_silent_attending_for_ever(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 6 * HOUR)
    message = ask_attending(world, question, 5)
    assert stands(question)[0] == "with_attending"

    rise_due()

    state, rung, due = stands(question)
    assert (state, rung) == ("waiting", "physician_advisor") and due is not None and due > now() + 3 * HOUR
    with begin(everywhere("test")) as work:
        reply_through_link(work, message, Reply.model_validate({"answer": "disagree"}))
    with reading(everywhere("test")) as db:
        note = db.value("select note from escalation where escalation_id = %s and ended_at is null", (question,))
    assert note == "The attending answered “I disagree”."
    assert stands(question)[2] == due


def test_an_attending_who_has_time_left_is_waited_for(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 6 * HOUR)
    ask_attending(world, question, 1)
    rise_due()
    assert stands(question)[0] == "with_attending"


def test_what_stands_on_top_of_its_ladder_keeps_nothing_from_rising(
    world: World, stay: uuid.UUID, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rising, "MOST_AT_ONCE", 2)
    with begin(world.viewer("dora").acting(Permission.POLICY_SET), at=now() - 24 * HOUR) as work:
        day = (now() - 24 * HOUR).date()
        ladder = SetLadder.model_validate({"begins": day, "lead": 60, "physician_advisor": 60})
        set_ladder(work, world.facility["NORTH"], ladder, day)
    on_top = [ask(world, add_stay(world), at=now() - 9 * HOUR) for _ in range(3)]
    below = ask(world, stay, "quality_of_plan", now() - 5 * HOUR)
    assert stands(below)[1] == "lead"

    rise_due()

    assert stands(below)[1] == "physician_advisor"
    assert {stands(one)[1] for one in on_top} == {"physician_advisor"}


def test_who_asked_does_not_strike_out_what_the_attending_answered(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 2 * HOUR)
    message = ask_attending(world, question, 1)
    with begin(everywhere("test")) as work:
        reply_through_link(work, message, Reply.model_validate({"answer": "disagree"}))

    with begin(world.viewer("dana").acting(Permission.ESCALATE)) as work, pytest.raises(Refused, match="attending"):
        strike_reply(work, message, EndReply(reason="Inconvenient"))
    with begin(world.viewer("paul").acting(Permission.ESCALATE)) as work:
        strike_reply(work, message, EndReply(reason="Another patient was meant"))
    with begin(world.viewer("dana").acting(Permission.ESCALATE)) as work:
        record_reply(work, message, ToldReply.model_validate({"answer": "agree", "answered_by": "Doctor 1001"}))
        strike_reply(work, message, EndReply(reason="Misheard"))


def test_an_answer_is_not_amended_into_a_talk_that_nobody_held(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    sign(world, question, "inpatient_supported", "acute_need")
    with (
        begin(world.viewer("paul").acting(Permission.DECIDE), at=NOW + HOUR) as work,
        pytest.raises(Refused) as refused,
    ):
        wish = {"outcome": "overturned", "reason": "new_facts", "because": "Heard so"}
        amend_decision(work, question, AmendAnswer.model_validate(wish))
    assert refused.value.field == "outcome"


def test_a_lead_takes_back_the_own_answer_about_a_plan_and_nobody_elses(
    world: World, browser_for: BrowserFor, stay: uuid.UUID
):
    question = ask(world, stay, "quality_of_plan", now() - HOUR)
    with begin(world.viewer("lee").acting(Permission.ESCALATE), at=now() - HOUR / 2) as work:
        decide(work, question, SignAnswer.model_validate({"outcome": "keep_plan", "reason": "plan_sound"}))

    with begin(world.viewer("dana").acting(Permission.ESCALATE)) as work, pytest.raises(Refused, match="physician"):
        strike_decision(work, question, Say(note="I do not agree"))
    assert "Strike the answer out" not in browser_for("dana").get(f"/encounters/{stay}/escalations").text
    lee = browser_for("lee")
    assert "Strike the answer out" in lee.get(f"/encounters/{stay}/escalations").text
    assert lee.post(f"/escalations/{question}/strike-out", {"note": "Wrong stay"}).status_code == 303
    assert stands(question)[0] == "waiting"


def test_every_row_of_outcomes_opens_as_many_talks_as_it_counts(world: World, browser_for: BrowserFor):
    """Payers without a code are told apart by their names; one code with two spellings is one payer."""
    for payer in ("", "PLAN1", "PLAN1"):
        question = ask(world, add_stay(world, StaySpec(payer=payer)), "concurrent_denial", now() - HOUR)
        sign(world, question, "upheld", "no_new_facts", now() - 30 * MINUTE)
    with begin(everywhere("test")) as work:
        from app.advisor.events import PeerTalkDescribed

        work.write("peer_talk", "update peer_talk set payer_name = 'Plan One' where id = (select id from peer_talk"
                   " where payer_code = 'PLAN1' order by made_at limit 1)")  # fmt: skip
        work.record(
            PeerTalkDescribed(facility_id=world.facility["NORTH"], escalation_id=question, slot_at=None, chosen=False)
        )

    paul = browser_for("paul")
    page = paul.get("/decisions/outcomes").text
    assert page.count("0 of 2") >= 1 and "list of 2" in page and "list of 1" in page
    assert "1 listed" in paul.get("/decisions/outcomes?payer=Payer%20not%20sent&reason=other").text
    assert "2 listed" in paul.get("/decisions/outcomes?payer=PLAN1&reason=other&whose=mine").text


def test_a_message_that_is_sent_twice_is_one(browser_for: BrowserFor, stay: uuid.UUID):
    dana, words = browser_for("dana"), {"question": "Will you add the expectation of two midnights?"}
    assert dana.post(f"/encounters/{stay}/attending-messages", words).status_code == 303
    again = dana.post(f"/encounters/{stay}/attending-messages", words)
    assert again.status_code == 422 and "waits for the attending already" in again.text
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from attending_message") == 1
