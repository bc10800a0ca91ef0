"""Payers in the browser's own words: the tab, asking and answering, contacts in the row, the telephone page, cards."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.days import local_day
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser

BrowserFor = Callable[..., Browser]
ROW = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "td"}
PLAN = "BAYSHORE ADVANTAGE"
ROSA = Arrival(
    visit="V1", name="ALDER^ROSA", place="4W^401^A", payer=PLAN, expected=timedelta(days=4), ago=timedelta(days=1)
)
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer=PLAN, ago=timedelta(hours=26))
CODE = "/payers/BAYS"


@pytest.fixture
def stay(world) -> uuid.UUID:
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def today(days: int = 0) -> str:
    return (local_day(now(), ZoneInfo("America/Chicago")) + timedelta(days=days)).isoformat()


def ask(uma: Browser, stay: uuid.UUID, **said: str) -> str:
    """The key of the authorization that was begun."""
    fields = {"channel": "portal", "expedited": "on", "first_day": today(-1), "last_day": today(2), **said}
    answer = uma.post(f"/encounters/{stay}/authorizations", fields)
    assert answer.status_code == 303, answer.text
    return str(one("select id from payer_authorization order by made_at desc limit 1"))


def one(query: str) -> object:
    with reading(everywhere("test")) as view:
        return view.value(query)


def answer(uma: Browser, stay: uuid.UUID, authorization: str, **said: str):
    return uma.post(f"/encounters/{stay}/payer-answers", {"authorization_id": authorization, "channel": "call", **said})


def test_asked_and_answered_the_days_stand_on_tab_banner_and_list(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert "No payer was asked for this stay." in uma.get(f"/encounters/{stay}/payer").text
    form = uma.get(f"/encounters/{stay}/authorizations/new").text
    assert "Expedited, if sent" in form and f'value="{today(-1)}"' in form

    key = ask(uma, stay)
    assert "Record the answer" in uma.get(f"/encounters/{stay}/payer").text
    assert "Answer: BAYSHORE ADVANTAGE" in uma.get(f"/encounters/{stay}/payer-answers/new").text
    assert answer(uma, stay, key, action="A6", quantity="2", authorization_number="A-77").status_code == 303

    page = uma.get(f"/encounters/{stay}/payer").text
    assert "partially approved" in page and "number A-77" in page and "Not authorized" in page
    assert "Authorized through" in page.split("stay-payer")[0]
    listed = uma.get("/worklists/authorizations").text
    assert "ALDER, ROSA" in listed and "BIRCH" not in listed and "Partly approved" in listed
    assert "BIRCH" not in uma.get("/worklists/inpatient?authorization=exceeded").text


def test_an_extension_is_prefilled_from_where_the_days_end(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    key = ask(uma, stay)
    answer(uma, stay, key, action="A1", authorization_number="A-77")

    form = uma.get(f"/encounters/{stay}/authorizations/new?of=last").text

    assert "Ask again: BAYSHORE ADVANTAGE A-77" in form
    assert f'value="{today(3)}"' in form
    fields = {"authorization_id": key, "certification_type": "4", "channel": "fax"}
    sent = uma.post(f"/encounters/{stay}/authorizations", fields | {"first_day": today(3), "last_day": today(4)})
    assert sent.status_code == 303
    assert "Asked, not decided" in uma.get(f"/encounters/{stay}/payer").text


def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    fields = {"channel": "fax", "first_day": today(2), "last_day": today(), "message": "Septic shock"}
    refused = uma.post(f"/encounters/{stay}/authorizations", fields)
    assert refused.status_code == 422
    assert "The last day lies before the first one." in refused.text and "Septic shock" in refused.text

    key = ask(uma, stay)
    refused = answer(uma, stay, key, action="A1", first_day=today())
    assert refused.status_code == 422 and "Write both days of the period" in refused.text
    refused = answer(uma, stay, "", action="A1")
    assert refused.status_code == 422 and "Record the request first" in refused.text


def test_no_authorization_is_needed(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert "No authorization needed" in uma.get(f"/encounters/{stay}/payer-answers/new").text
    assert answer(uma, stay, "", action="NA", payer="BAYS", from_whom="Jo Park").status_code == 303
    assert "not required" in uma.get(f"/encounters/{stay}/payer").text


def test_what_was_recorded_is_corrected_withdrawn_and_struck_out(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    key = ask(uma, stay)
    request = one("select request_id from payer_request")
    answer(uma, stay, key, action="A3", reasons="0F, 1E")
    decision = one("select decision_id from payer_decision")

    form = uma.get(f"/payer-answers/{decision}/amendment").text
    assert 'value="0F, 1E"' in form
    fields = {"action": "A1", "channel": "call", "request_id": str(request)}
    assert uma.post(f"/payer-answers/{decision}/amendment", fields).status_code == 422
    assert uma.post(f"/payer-answers/{decision}/amendment", fields | {"because": "Misheard"}).status_code == 303
    page = uma.get(f"/encounters/{stay}/payer").text
    assert "Before:" in page and "Denied" in page and "Misheard" in page

    assert "Correct the request" in uma.get(f"/payer-requests/{request}/amendment").text
    fields = {"channel": "fax", "first_day": today(-1), "last_day": today(), "because": "Wrong night"}
    assert uma.post(f"/payer-requests/{request}/amendment", fields).status_code == 303
    assert uma.post(f"/payer-requests/{request}/end", {"reason": "x"}).status_code == 422
    assert "Strike the answer out first" in uma.post(f"/payer-requests/{request}/end", {"reason": "Mistake"}).text
    assert uma.post(f"/payer-answers/{decision}/end", {"reason": "Another stay"}).status_code == 303
    assert uma.post(f"/authorizations/{key}/withdrawal", {"message": "Went home"}).status_code == 303
    assert "cancelled" in uma.get(f"/encounters/{stay}/payer").text
    assert uma.post(f"/authorizations/{key}/end", {"reason": "Another stay"}).status_code == 303
    assert "Struck out (1)" in uma.get(f"/encounters/{stay}/payer").text


def test_both_deeds_have_their_undo(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    key = ask(uma, stay)
    answer(uma, stay, key, action="A1")
    decision, request = one("select decision_id from payer_decision"), one("select request_id from payer_request")

    assert uma.post(f"/payer-answers/{decision}/reversal").status_code == 303
    assert one("select state from payer_standing where ended_at is null") == "requested"
    assert uma.post(f"/payer-requests/{request}/reversal").status_code == 303
    assert one("select state from payer_standing where ended_at is null") == "struck_out"


def test_a_contact_is_kept_from_the_row_and_undone_there(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    piece = uma.get(f"/encounters/{stay}/payer-contacts/new", headers=ROW).text
    assert "<html" not in piece and "data-focus" in piece and "usual:" in piece

    fields = {"channel": "call", "direction": "out", "said": "They wait for the scan", "follow_on": today(2)}
    said = uma.post(f"/encounters/{stay}/payer-contacts", fields, headers=ROW)
    assert "The contact is recorded." in said.text
    assert f"changed-{stay}" in said.headers["HX-Trigger"]
    page = uma.get(f"/encounters/{stay}/payer").text
    assert "They wait for the scan" in page and "follow-up" in page
    undo = re.search(r'action="(/payer-contacts/[^"]+/reversal)"', html.unescape(said.text))
    assert undo is not None
    assert "struck out" in uma.post(undo[1], headers=ROW).text
    assert "<del" in uma.get(f"/encounters/{stay}/payer").text


def test_a_contact_is_corrected_and_struck_out(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    address = f"/encounters/{stay}/payer-contacts"
    assert uma.post(address, {"channel": "fax", "direction": "in"}).status_code == 422
    assert uma.post(address, {"channel": "fax", "direction": "in", "said": "Letter came"}).status_code == 303
    key = one("select contact_id from payer_contact")
    assert "Letter came" in uma.get(f"/payer-contacts/{key}/amendment").text
    fields = {"channel": "fax", "direction": "in", "said": "Two letters came"}
    assert uma.post(f"/payer-contacts/{key}/amendment", fields).status_code == 422
    assert uma.post(f"/payer-contacts/{key}/amendment", fields | {"because": "Miscounted"}).status_code == 303
    page = uma.get(f"/encounters/{stay}/payer").text
    assert "Two letters came" in page and "Before:" in page
    assert uma.post(f"/payer-contacts/{key}/end", {"reason": ""}).status_code == 422
    assert uma.post(f"/payer-contacts/{key}/end", {"reason": "Another stay"}).status_code == 303


def test_on_the_telephone_everything_of_the_payer_is_worked_through(browser_for: BrowserFor, stay: uuid.UUID):
    uma, omar = browser_for("uma"), stay_of("V2")
    ask(uma, stay)
    fields = {"channel": "call", "direction": "out", "said": "Call back", "follow_on": today(1)}
    uma.post(f"/encounters/{omar}/payer-contacts", fields)

    page = uma.get(f"{CODE}/open").text
    assert "ALDER, ROSA" in page and "BIRCH, OMAR" in page and "Requested" in page and "Follow-up" in page
    assert "<html" not in uma.get(f"{CODE}/open", htmx=True).text

    onward = uma.post(f"/encounters/{omar}/payer-contacts", fields | {"said": "They say yes", "next": "BAYS",
                                                                     "follow_on": ""})  # fmt: skip
    assert onward.headers["location"] == f"{CODE}/open"
    assert "BIRCH" not in uma.get(f"{CODE}/open").text


def test_a_card_is_written_changed_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    lee, uma = browser_for("lee"), browser_for("uma")
    assert PLAN in lee.get("/payers").text and "No card yet" in uma.get(CODE).text
    assert "Write the card" not in uma.get(CODE).text
    fields = {
        "timezone": "America/New_York", "cutoff": "17:00", "weekdays": ["0", "1", "2", "3", "4"],
        "keeps_federal_holidays": "on", "decision_within": "2 business days", "p2p_effect": "pre_denial_only",
        "appeal_days": "180, 60", "begins": today(), "source": "Contract 7, page 3",
    }  # fmt: skip
    assert lee.post(f"{CODE}/card", fields | {"cutoff": "late"}).status_code == 422
    assert lee.post(f"{CODE}/card", fields).status_code == 303
    page = uma.get(CODE).text
    assert "cut-off 17:00 New York time" in page and "level 2: 60 days" in page
    form = uma.get(f"/encounters/{stay}/authorizations/new").text
    assert "Standard, if sent by" in form
    card = one("select id from payer_card where ended_at is null")
    assert lee.post(f"/payers/cards/{card}/reversal").status_code == 303
    assert "No card yet" in uma.get(CODE).text


def test_ways_to_reach_a_payer(browser_for: BrowserFor, stay: uuid.UUID):
    lee = browser_for("lee")
    assert lee.post(f"{CODE}/channels", {"kind": "phone"}).status_code == 422
    assert lee.post(f"{CODE}/channels", {"kind": "phone", "value": "800 555 0100", "hours": "8-5"}).status_code == 303
    assert "800 555 0100" in lee.get(f"/encounters/{stay}/payer").text
    key = one("select id from payer_channel")
    assert lee.post(f"/payers/channels/{key}/end").status_code == 303
    assert "Taken away" in lee.get(CODE).text


def test_an_administrator_writes_cards_without_seeing_stays(browser_for: BrowserFor, stay: uuid.UUID):
    adam = browser_for("adam")
    assert adam.get(CODE).status_code == 200
    assert adam.get(f"{CODE}/open").status_code in (403, 404)
    assert adam.post(f"{CODE}/channels", {"kind": "fax", "value": "800 555 0101"}).status_code == 303


def test_an_unknown_payer_is_not_there(browser_for: BrowserFor, stay: uuid.UUID):
    assert browser_for("uma").get("/payers/NOBODY").status_code == 404
