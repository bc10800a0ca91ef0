"""Denials in the browser: recorded, appealed, a packet made, decided; the list, the telephone page, refusals."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.payers.denials.queries import denials
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser

BrowserFor = Callable[..., Browser]
PLAN = "BAYSHORE ADVANTAGE"
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer=PLAN, ago=timedelta(days=3))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer=PLAN, ago=timedelta(days=2))


@pytest.fixture
def stay(world) -> uuid.UUID:
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def day(days: int = 0) -> str:
    return (now() + timedelta(days=days)).date().isoformat()


def record(uma: Browser, stay: uuid.UUID, **said: str) -> str:
    """The address of the denial that was recorded."""
    fields = {"kind": "concurrent", "first_day": day(-2), "last_day": day(-1), "amount": "4,200.50",
              "channel": "letter", "notice_on": day(-1), "reason": "Lower level of care", **said}  # fmt: skip
    answer = uma.post(f"/encounters/{stay}/denials", fields)
    assert answer.status_code == 303, html.unescape(answer.text)
    return answer.headers["location"]


def appeal_of(address: str) -> str:
    with reading(everywhere("test")) as view:
        return str(view.value("select appeal_id from denial_appeal where denial_id = %s and ended_at is null",
                              (address.rpartition("/")[2],)))  # fmt: skip


def test_a_denial_is_recorded_appealed_and_won(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert "No payer has denied anything" in uma.get(f"/encounters/{stay}/denials").text
    assert "First night denied" in uma.get(f"/encounters/{stay}/denials/new").text

    address = record(uma, stay)
    page = uma.get(address).text
    assert "$4,200.50" in page and "1. Reconsideration" in page and "Undo" in page

    assert uma.post(f"{address}/preparation", {}).status_code == 303
    sent = {"channel": "fax", "tracking": "F-77", "to_whom": "Appeals desk"}
    assert uma.post(f"{address}/appeals", sent).status_code == 303
    appeal = f"/denial-appeals/{appeal_of(address)}"
    assert "tracking F-77" in uma.get(address).text
    assert uma.post(f"{appeal}/verification", {"verified_with": "Kim, case 9"}).status_code == 303
    assert uma.post(f"{appeal}/decision", {"outcome": "overturned"}).status_code == 303

    page = uma.get(address).text
    assert "2 days and $4,200.50 came back" in page and "Appeal overturned it" in page
    assert uma.post(f"{appeal}/reversal", {"reason": "Another patient's letter"}).status_code == 303
    assert "$4,200.50 came back" not in uma.get(address).text
    assert uma.post(f"{appeal}/withdrawal", {"reason": "The contract ended"}).status_code == 303
    assert "withdrawn" in uma.get(address).text


def test_what_is_missing_stays_in_the_form_with_a_sentence(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    answer = uma.post(f"/encounters/{stay}/denials", {"kind": "concurrent", "amount": "lots", "reason": "Kept words"})
    assert answer.status_code == 422
    assert "Write an amount in dollars" in answer.text and "Kept words" in answer.text
    answer = uma.post(f"/encounters/{stay}/denials", {"kind": "concurrent", "reason": "Kept words"})
    assert answer.status_code == 422 and "Write which days are denied." in answer.text

    address = record(uma, stay)
    answer = uma.post(f"{address}/closing", {"outcome": "upheld"})
    assert answer.status_code == 422 and "Nothing was done about this denial yet" in answer.text
    answer = uma.post(f"{address}/closing", {"outcome": "written_off"})
    assert answer.status_code == 422 and "Say why it is written off." in answer.text
    assert uma.post(f"{address}/talk", {}).status_code == 303
    assert uma.post(f"{address}/closing", {"outcome": "upheld"}).status_code == 303
    answer = uma.post(f"{address}/appeals", {"channel": "fax"})
    assert answer.status_code == 422 and "closed" in answer.text
    assert uma.post(f"{address}/reopening", {"reason": "The payer calls back"}).status_code == 303
    assert uma.post(f"{address}/end", {"reason": "Another stay's letter"}).status_code == 303
    assert "Struck out (1)" in uma.get(f"/encounters/{stay}/denials").text


def test_what_was_done_a_moment_ago_is_taken_back_without_a_word(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    address = record(uma, stay)
    assert uma.post(f"{address}/talk", {}).status_code == 303
    assert uma.post(f"{address}/talk/reversal", {}).status_code == 303
    assert uma.post(f"{address}/closing", {"outcome": "upheld"}).status_code == 422

    assert uma.post(f"{address}/appeals", {"channel": "fax", "tracking": "F-77"}).status_code == 303
    assert uma.post(f"{address}/closing", {"outcome": "upheld"}).status_code == 303
    assert uma.post(f"{address}/closing/reversal", {}).status_code == 303
    with reading(everywhere("test")) as view:
        assert [one.state for one in denials(view, stay)] == ["appealed"]
    assert uma.post(f"{address}/appeals/reversal", {}).status_code == 303
    assert uma.post(f"{address}/reversal", {}).status_code == 303
    assert "Struck out (1)" in uma.get(f"/encounters/{stay}/denials").text


def test_a_correction_shows_what_was_recorded_before(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    address = record(uma, stay)
    form = uma.get(f"{address}/amendment").text
    assert 'value="4200.50"' in form and f'value="{day(-2)}"' in form
    fields = {"kind": "concurrent", "first_day": day(-2), "last_day": day(-1), "amount": "5000", "channel": "letter",
              "notice_on": day(-1), "root_cause": "documentation", "because": "The account says more"}  # fmt: skip
    assert uma.post(f"{address}/amendment", fields).status_code == 303
    page = uma.get(address).text
    assert "$5,000.00" in page and "Before: $4,200.50" in page and "Documentation" in page


def test_the_packet_is_made_in_one_click_and_kept_as_it_was(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    address = record(uma, stay)
    made = uma.post(f"{address}/packets", {"all": "on"})
    assert made.status_code == 303
    first = uma.get(made.headers["location"])
    assert first.headers["content-type"] == "application/pdf" and first.content.startswith(b"%PDF-")

    page = uma.get(address).text
    (digest,) = set(re.findall(r"SHA-256 ([0-9a-f]{64})", page))
    packet = made.headers["location"].rpartition("/")[2]
    assert uma.post(f"{address}/appeals", {"channel": "fax", "packet_id": packet}).status_code == 303
    assert "This is what was sent" in uma.get(address).text
    assert uma.get(made.headers["location"]).content == first.content

    chosen = uma.post(f"{address}/packets", {"sections": "stay"})
    with reading(everywhere("test")) as view:
        rows = view.rows(lambda *row: row, "select sections, digest from appeal_packet order by made_at", ())
    assert chosen.status_code == 303
    assert rows[0][1] == digest and "denials" in rows[0][0] and rows[1][0] == ["stay"]
    nothing = uma.post(f"{address}/packets", {})
    assert nothing.status_code == 422 and "Choose at least one part" in nothing.text
    assert 'name="sections"' in uma.get(f"{address}/packets/new").text


def test_open_denials_are_a_list_with_filters_and_leave_it_when_closed(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    address = record(uma, stay, root_cause="documentation", reason_code="0V")
    page = uma.get("/worklists/denials").text
    assert "ALDER" in page and "BIRCH" not in page and "$4,200.50" in page and "2 days" in page
    for wanted, shown in (("denial-cause=documentation", True), ("denial-cause=status", False),
                          ("denial=not-appealed", True), ("denial=level-1", False), ("denial-reason=0V", True),
                          ("denial=nobody", True), ("denial=mine", False)):  # fmt: skip
        assert ("ALDER" in uma.get(f"/worklists/denials?{wanted}").text) is shown, wanted
    assert uma.post(f"{address}/closing", {"outcome": "written_off", "reason": "Costs more"}).status_code == 303
    assert "ALDER" not in uma.get("/worklists/denials").text


def test_open_denials_stand_with_what_is_open_with_their_payer(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    record(uma, stay, reference="R-9")
    assert "Denial open $4,200.50 reference R-9" in uma.get("/payers/BAYS/open").text


def test_an_answer_with_fewer_days_comes_to_the_tab_by_itself(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    fields = {"channel": "portal", "expedited": "on", "first_day": day(-2), "last_day": day(1)}
    assert uma.post(f"/encounters/{stay}/authorizations", fields).status_code == 303
    with reading(everywhere("test")) as view:
        key = view.value("select id from payer_authorization")
    said = {"authorization_id": str(key), "action": "A3", "channel": "call", "reasons": "0V"}
    assert uma.post(f"/encounters/{stay}/payer-answers", said).status_code == 303
    assert "4 days" in uma.get(f"/encounters/{stay}/denials").text
    with reading(everywhere("test")) as view:
        (found,) = denials(view, stay)
    assert found.made_by == "Uma Reyes" and found.received_on is not None


def test_who_may_only_read_sees_it_without_its_deeds(browser_for: BrowserFor, stay: uuid.UUID):
    address = record(browser_for("uma"), stay)
    sol = browser_for("sol")
    assert "Record a denial" not in sol.get(f"/encounters/{stay}/denials").text
    page = sol.get(address).text
    assert "$4,200.50" in page and "Make the packet" not in page and f'action="{address}' not in page
    assert sol.post(f"{address}/talk", {}).status_code == 403
