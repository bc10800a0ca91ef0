"""The pages of the exchange as people use them, and who may not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.accounts.people import GrantRole, grant_role
from app.interop.payer_files.sending import write_file
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission, Role
from tests.interop.payer_files.support import (
    EXCHANGE,
    HOUR,
    WHOLE,
    answers,
    asked,
    comes,
    house,
    items,
    sent,
    standings,
    stay,
    steps,
)
from tests.support.client import Browser
from tests.support.stays import StaySpec
from tests.support.world import NOW, World
from tests.support.x12 import answer, envelope

BrowserFor = Callable[..., Browser]


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A house whose exchange is set."""
    house(world, monkeypatch, tmp_path / "payers")
    return world


def _action(text: str, end: str) -> str:
    found = re.search(rf'action="(/payer-files/[^"]*/{end})"', text)
    assert found, text
    return found[1]


def test_a_nurse_sends_a_request_and_has_proof_of_it(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready))
    uma = browser_for("uma")
    page = uma.get(f"/payer-files/send?authorization={made.authorization_id}").text
    assert "QUIET HEALTH PLAN (PAYER009)" in page and "3 Mar to 6 Mar 2026, 4 days" in page
    assert "I5033 (principal)" in page and "set to <b>test</b>" in page

    gone = uma.post("/payer-files/send", {"authorization": str(made.authorization_id), "kind": "request"})
    assert gone.status_code == 303
    with reading(everywhere("test")) as view:
        write_file(str(view.value("select id from payer_file_out")))
    shown = uma.get(gone.headers["location"]).text
    assert "Put into the folder" in shown and "000000001-request-" in shown
    assert "HSD*DY*4" in shown and made.event_trace in shown

    again = uma.post("/payer-files/send", {"authorization": str(made.authorization_id), "kind": "request"})
    assert again.status_code == 409 and "sent already" in again.text
    file = uma.post(_action(shown, "downloads"))
    assert file.status_code == 200 and file.content.startswith(b"ISA*00*")
    assert 'filename="000000001-request-' in file.headers["content-disposition"]
    assert steps() == ["written", "fetched"]


def test_what_cannot_be_sent_says_why(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready, member=""))
    page = browser_for("uma").get(f"/payer-files/send?authorization={made.authorization_id}").text
    assert "member id of the subscriber is missing" in page and "Send to the payer</button>" not in page
    answer_to = browser_for("uma").post("/payer-files/send", {"authorization": "no key", "kind": "request"})
    assert answer_to.status_code == 404


def test_the_monitor_shows_what_waits_and_what_went(browser_for: BrowserFor, ready: World):
    lee = browser_for("lee")
    assert "Nothing to look at" in lee.get("/payer-files").text
    made = asked(ready, stay(ready))
    sent(ready, made.authorization_id)
    answers(ready, "EVT-UNKNOWN", *WHOLE)

    text = lee.get("/payer-files").text

    assert "Decision, certified in total" in text and "It repeats no request" in text
    assert "answer.x12" in text and "to be downloaded" not in text
    assert "HERON" not in text.upper()


def test_an_answer_is_assigned_by_hand(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready))
    taken = answers(ready, "EVT-UNKNOWN", *WHOLE)
    lee = browser_for("lee")
    address = f"/payer-files/in/{taken.file_id}"
    page = lee.get(address).text
    assert "Heron, Quíll" in page and str(made.authorization_id) in page  # found by the member id
    assert "HCR*A1*AU1" in page

    wrong = lee.post(_action(page, "assignments"), {"authorization_id": "none"})
    assert wrong.status_code == 422 and "Choose one of the list." in wrong.text
    done = lee.post(_action(page, "assignments"), {"authorization_id": str(made.authorization_id)})

    assert (done.status_code, done.headers["location"]) == (303, address)
    assert standings()[0][0] == "approved"
    assert "Assigned by hand." in lee.get(address).text
    assert "Put aside</button>" not in lee.get(address).text


def test_who_works_with_authorizations_elsewhere_assigns_nothing_here(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready))
    answers(ready, "EVT-UNKNOWN", *WHOLE)
    with begin(everywhere("world")) as work:
        grant_role(work, GrantRole(user_id=ready.user["adam"], role=Role.CASE_MANAGER,
                                   facility_id=ready.facility["SOUTH"]))  # fmt: skip
    with reading(everywhere("test")) as view:
        key = view.value("select id from payer_file_item where ended_at is null")

    said = browser_for("adam").post(
        f"/payer-files/items/{key}/assignments", {"authorization_id": str(made.authorization_id)}
    )

    assert said.status_code == 404
    assert standings()[0][0] == "requested"


def test_another_stay_is_found_by_its_visit_number(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready, member="OTHER", spec=StaySpec(family="Wren", given="Ida")))
    taken = answers(ready, "EVT-UNKNOWN", *WHOLE)
    lee = browser_for("lee")
    address = f"/payer-files/in/{taken.file_id}"
    assert "No authorization of this payer fits" in lee.get(address).text
    with reading(everywhere("test")) as view:
        visit = view.value("select visit_number from encounter")
    found = lee.post(f"{address}/searches", {"visit": visit})
    assert found.status_code == 200 and "Wren, Ida" in found.text and str(made.authorization_id) in found.text
    assert "belongs to that visit" in lee.post(f"{address}/searches", {"visit": "V-NONE"}).text


def test_an_answer_is_put_aside_with_a_reason(browser_for: BrowserFor, ready: World):
    taken = comes(ready, "no X12")
    lee = browser_for("lee")
    address = f"/payer-files/in/{taken.file_id}"
    page = lee.get(address).text
    assert "does not begin with an ISA segment" in page
    assert lee.post(_action(page, "set-asides")).status_code == 422
    assert lee.post(_action(page, "set-asides"), {"reason": "a test of the payer"}).status_code == 303
    assert "a test of the payer" in lee.get(address).text and items()[0][1] == "set_aside"


def test_a_file_is_looked_at_again(browser_for: BrowserFor, ready: World):
    taken = comes(ready, "no X12")
    lee = browser_for("lee")
    address = f"/payer-files/in/{taken.file_id}"
    again = lee.post(_action(lee.get(address).text, "readings"))
    assert again.status_code == 303 and items()[0][1] == "held"


def test_a_file_is_brought_by_hand(browser_for: BrowserFor, ready: World):
    lee = browser_for("lee")
    payer = f"{ready.facility['NORTH']}:PLAN1"
    text = envelope(answer(*WHOLE))
    first = lee.post("/payer-files/in", {"payer": payer}, files={"file": ("a.x12", text)})
    again = lee.post("/payer-files/in", {"payer": payer}, files={"file": ("b.x12", text)})
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert "Not read yet" in lee.get(first.headers["location"]).text
    assert lee.post("/payer-files/in", {"payer": payer}).status_code == 422
    stranger = {"payer": f"{ready.facility['SOUTH']}:PLAN1"}
    assert lee.post("/payer-files/in", stranger, files={"file": ("a.x12", text)}).status_code == 422


def test_settings_are_made_changed_and_checked(browser_for: BrowserFor, world: World):
    stay(world)
    lee = browser_for("lee")
    assert "No payer is set yet" in lee.get("/payer-files/settings").text
    form = lee.get("/payer-files/settings?payer=PLAN1").text
    assert "QUIET HEALTH PLAN" in form and "not saved yet" in form
    given: dict[str, Any] = EXCHANGE.model_dump(mode="json")
    wrong = lee.post("/payer-files/settings", given | {"requester_npi": "1234567890", "outbox": "../x"})
    assert wrong.status_code == 422 and "not a valid NPI" in wrong.text and "name of one folder" in wrong.text
    assert lee.post("/payer-files/settings", given).status_code == 303
    assert lee.post("/payer-files/settings", given | {"usage": "P", "phone": ""}).status_code == 303
    text = lee.get("/payer-files/settings?payer=PLAN1").text
    assert "production" in text and "quiet-out" in text and "8005550100" not in text


def test_text_about_a_protected_stay_is_hidden(browser_for: BrowserFor, ready: World):
    made = asked(ready, stay(ready))
    matched = answers(ready, made.event_trace, *WHOLE)
    unmatched = answers(ready, "EVT-UNKNOWN", *WHOLE, number=8, at=NOW + 2 * HOUR)  # names the member id of that stay
    with begin(everywhere("test")) as work:
        from app.census.stay.marks import MarkStay, mark_stay

        mark_stay(work, made.encounter_id, MarkStay(sensitivity="vip", reason="board member"))
    lee = browser_for("lee")
    for taken in (matched, unmatched):
        text = lee.get(f"/payer-files/in/{taken.file_id}").text
        assert "whose stay you may not see" in text
        assert "HCR*A1" not in text and "MEM000111" not in text and "Quíll" not in text


@pytest.mark.parametrize("name", ["dana", "stan", "paul"])
def test_others_reach_nothing(browser_for: BrowserFor, ready: World, name: str):
    made = asked(ready, stay(ready))
    out = sent(ready, made.authorization_id)
    taken = answers(ready, "EVT-UNKNOWN", *WHOLE)
    them = browser_for(name)
    for address in (
        "/payer-files", f"/payer-files/in/{taken.file_id}", "/payer-files/settings", f"/payer-files/out/{out.id}",
        f"/payer-files/send?authorization={made.authorization_id}",
    ):  # fmt: skip
        if (
            name == "dana"
            and ("/out/" in address or "/send" in address)
            and ready.viewer("dana").may(Permission.PAYER_SEND)
        ):
            continue
        assert them.get(address).status_code in (403, 404), address
    assert them.post(f"/payer-files/out/{out.id}/downloads").status_code in (200 if name == "dana" else 404, 403, 404)
