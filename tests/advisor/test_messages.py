"""Messages to the attending: signed in, through a link that reaches one message only, told by telephone."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from app.advisor.messages.commands import make_link
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.advisor.support import ask, owed, recorded, sign, stands
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
MINUTE = timedelta(minutes=1)
WORDS = {"question": "Two midnights are not documented. Will you add the expectation?"}


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(family="Quillfeather", given="Merle"))


def message(dana: Browser, stay: uuid.UUID) -> uuid.UUID:
    assert dana.post(f"/encounters/{stay}/attending-messages", WORDS).status_code == 303
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select id from attending_message order by made_at desc limit 1")
        return found


def link(dana: Browser, key: uuid.UUID) -> str:
    page = unescape(dana.post(f"/attending-messages/{key}/links", {}).text)
    found = re.search(r'value="[^"]*(/answer/[\w-]+)"', page)
    assert found is not None
    return found[1]


def test_the_attending_who_is_signed_in_answers_own_patients_only(
    browser_for: BrowserFor, world: World, stay: uuid.UUID
):
    dana, ann = browser_for("dana"), browser_for("ann")
    mine, other = message(dana, stay), message(dana, add_stay(world, StaySpec(attending="2002")))

    assert "I disagree" in ann.get(f"/encounters/{stay}/escalations").text
    assert ann.post(f"/attending-messages/{other}/replies", {"answer": "agree"}).status_code == 404
    assert dana.post(f"/attending-messages/{mine}/replies", {"answer": "agree"}).status_code == 403
    assert ann.post(f"/attending-messages/{mine}/replies", {}).status_code == 422
    assert (
        ann.post(f"/attending-messages/{mine}/replies", {"answer": "disagree", "said": "She is ill"}).status_code == 303
    )

    assert recorded("attending_message.answered")[0]["answer"] == "disagree"
    assert "She is ill" in dana.get(f"/encounters/{stay}/escalations").text
    assert [closed is not None for subject, _, closed in owed("ES-ATTENDING") if subject == str(mine)] == [True]


def test_a_link_reaches_one_message_shows_little_and_ends_with_the_answer(
    browser_for: BrowserFor, world: World, stay: uuid.UUID
):
    dana, nobody = browser_for("dana"), browser_for()
    address = link(dana, message(dana, stay))

    page = nobody.get(address)
    assert page.status_code == 200 and WORDS["question"] in page.text and "<b>MQ</b>" in page.text
    assert "Quillfeather" not in page.text and "Merle" not in page.text
    for other in ("/worklists/inpatient", f"/encounters/{stay}", f"/encounters/{stay}/escalations", "/decisions"):
        assert nobody.get(other).status_code in (302, 303, 401)

    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {"_csrf_token": token[1]}
    assert nobody.post(address, form | {"answer": ""}).status_code == 422
    assert nobody.post(address, form | {"answer": "will_document", "said": "Tonight"}).status_code < 300
    assert nobody.get(address).status_code == 404
    with reading(everywhere("test")) as db:
        assert db.value("select channel from attending_reply") == "link"
        actors = db.values("select distinct actor from phi_access where kind = 'link'")
        answered = db.value("select actor from audit_event where name = 'attending_message.answered'")
    assert len(actors) == 1 and actors[0].startswith("attending link ") and answered == actors[0]


def test_a_form_that_did_not_come_from_the_page_is_refused(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    address = link(dana, message(dana, stay))

    forged = dana.client.post(address, data={"answer": "agree", "_csrf_token": "00"})

    assert forged.status_code in (400, 401, 403)
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from attending_reply") == 0


def test_a_link_expires_and_can_be_closed(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    dana, nobody = browser_for("dana"), browser_for()
    key = message(dana, stay)
    closed = link(dana, key)
    assert dana.post(f"/attending-messages/{key}/links/end", {}).status_code == 303
    assert nobody.get(closed).status_code == 404 and nobody.post(closed, {"answer": "agree"}).status_code in (403, 404)

    with begin(world.viewer("dana").acting(Permission.ESCALATE), at=now() - timedelta(hours=25)) as work:
        _, old = make_link(work, key)
    assert nobody.get(f"/answer/{old}").status_code == 404
    assert nobody.get("/answer/never-made").status_code == 404
    with reading(everywhere("test")) as db:
        stored = db.values("select digest from attending_link")
    assert all(old.encode() not in bytes(digest) for digest in stored)


def test_what_was_told_by_telephone_has_its_true_time(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    dana = browser_for("dana")
    key = message(dana, stay)
    told = {"answer": "agree", "answered_by": "Doctor Tending", "on": "2020-01-01", "at": "10:00"}

    assert dana.post(f"/attending-messages/{key}/told", told).status_code == 422
    assert dana.post(f"/attending-messages/{key}/told", told | {"on": "", "at": ""}).status_code == 303
    again = dana.post(f"/attending-messages/{key}/told", told | {"on": "", "at": ""})
    assert again.status_code == 409 and "answered already" in again.text

    assert dana.post(f"/attending-messages/{key}/strike-out", {"reason": "Another patient"}).status_code == 303
    assert "1 earlier answer struck out" in dana.get(f"/encounters/{stay}/escalations").text


def test_a_card_that_asks_the_attending_waits_for_the_answer(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 30 * MINUTE)
    sign(world, question, "ask_attending", "document_expectation", now() - 20 * MINUTE)
    assert stands(question)[0] == "with_attending"
    with reading(everywhere("test")) as db:
        key = db.value("select id from attending_message where escalation_id = %s", (question,))

    browser_for("ann").post(f"/attending-messages/{key}/replies", {"answer": "will_document"})

    state, rung, due = stands(question)
    assert (
        (state, rung) == ("waiting", "physician_advisor") and due is not None and due > now() + 3 * timedelta(hours=1)
    )
    assert "The attending answered “I will document it”." in browser_for("paul").get("/decisions").text


def test_an_answered_question_withdraws_what_the_attending_still_owes(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 30 * MINUTE)
    sign(world, question, "ask_attending", "call_me", now() - 20 * MINUTE)
    sign(world, question, "inpatient_supported", "acute_need", now() - 10 * MINUTE)

    assert stands(question)[0] == "decided"
    assert owed("ES-ATTENDING") == []


def test_a_stay_without_an_attending_cannot_ask_one(browser_for: BrowserFor, world: World):
    stay = add_stay(world, StaySpec(attending=""))
    answer = browser_for("dana").post(f"/encounters/{stay}/attending-messages", WORDS)
    assert answer.status_code == 409 and "Call the unit instead" in answer.text
