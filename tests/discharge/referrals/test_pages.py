"""Asking many vendors from the stay, and following them in the tab, as a person does."""

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from litestar import Litestar

from app.discharge.referrals import queries
from app.discharge.referrals.asks import Question
from app.discharge.referrals.following import answering
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.discharge.referrals.support import refer, stands, vendors
from tests.support.client import Browser
from tests.support.glass import filled
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
FORM = {"care_type": "snf", "sections": "stay", "alone": "asked for"}


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(family="Quillfeather"))


def test_the_first_five_are_asked_with_one_button(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    keys = vendors(world, 7, mail=False)
    dana = browser_for("dana")
    page = dana.get(f"/encounters/{stay}/referrals/new")
    listed = re.findall(r'name="listed" value="([^"]+)"', page.text)
    assert listed == [str(key) for key in keys], "the nearest first"
    assert "Send to the first 5" in page.text and "No mail server is set" in page.text

    made = dana.post(f"/encounters/{stay}/referrals", FORM | {"listed": listed, "first": "1", "needs": []})

    assert made.status_code == 200 and "Links are shown once" in made.text
    assert len(set(re.findall(r"/referral/[\w-]{43}", unescape(made.text)))) == 5
    assert "/referral/" not in unescape(dana.get(f"/encounters/{stay}/referrals").text)
    with reading(everywhere("test")) as db:
        assert [one.vendor_id for one in queries.asked(db, [stay])] == keys[:5]


def test_what_cannot_be_sent_comes_back_with_all_that_was_typed(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    keys = vendors(world, 2)
    dana = browser_for("dana")
    typed = FORM | {"vendors": str(keys[0]), "message": "She has a dog", "alone": ""}

    page = dana.post(f"/encounters/{stay}/referrals", typed)

    assert page.status_code == 422 and "The patient has no list of such vendors yet" in page.text
    assert "She has a dog" in page.text and re.search(rf'value="{keys[0]}"[^>]* checked', page.text)
    nobody = dana.post(f"/encounters/{stay}/referrals", FORM)
    assert nobody.status_code == 422 and "Choose at least one vendor" in nobody.text


def test_a_list_that_is_none_asks_nobody(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    vendors(world, 1)
    page = browser_for("dana").post(f"/encounters/{stay}/referrals", FORM | {"listed": "not-a-key", "first": "1"})
    assert page.status_code == 422 and "Choose at least one vendor" in page.text


def test_links_to_hand_over_bear_the_address_that_is_known_outside(
    browser_for: BrowserFor, app: Litestar, world: World, stay: uuid.UUID
):
    app.state["settings"] = replace(app.state["settings"], public_url="https://daybook.example")
    keys = vendors(world, 1, mail=False)
    made = browser_for("dana").post(f"/encounters/{stay}/referrals", FORM | {"vendors": str(keys[0])})
    assert "https://daybook.example/referral/" in unescape(made.text) and "testserver" not in made.text


def test_an_empty_registry_says_what_to_do(browser_for: BrowserFor, stay: uuid.UUID):
    page = browser_for("dana").get(f"/encounters/{stay}/referrals/new?care=irf&needs=ventilator&radius=10&offset=x")
    assert "No vendor fits" in page.text and "Rehabilitation (IRF)" in page.text


def test_the_tab_follows_questions_answers_and_corrections(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    one, two, three = (row.referral_id for row in refer(world, stay, vendors(world, 3), at=now()).sent)
    with begin(everywhere("vendor")) as work:
        answering.ask_hospital(work, one, Question(said="Which vacuum?"))
    dana, tab = browser_for("dana"), f"/encounters/{stay}/referrals"
    page = dana.get(tab)
    assert "Which vacuum?" in page.text and "asks you" in page.text and "a question waits" in page.text

    assert dana.post(f"/referrals/{one}/reply", {"said": "", "form_id": f"rp{one}"}).status_code == 422
    assert dana.post(f"/referrals/{one}/reply", {"said": "Any make."}).status_code == 303
    wrong = dana.post(f"/referrals/{two}/told", {"answer": "decline", "answered_by": "Kim", "form_id": f"to{two}"})
    assert wrong.status_code == 422 and "Choose the main reason" in wrong.text
    told = {"answer": "decline", "answered_by": "Kim", "decline_reason": "payer"}
    assert dana.post(f"/referrals/{two}/told", told).status_code == 303
    again = dana.post(f"/referrals/{two}/told", told)
    assert again.status_code == 422 and "This referral is declined" in unescape(again.text)
    assert dana.post(f"/referrals/{two}/reversal", {"reason": "Another patient"}).status_code == 303
    assert dana.post(f"/referrals/{three}/cancellation", {"reason": "Family knows it"}).status_code == 303
    assert [stands(key) for key in (one, two, three)] == ["opened", "opened", "cancelled"]
    assert dana.post(f"/referrals/{three}/sending", {}).status_code == 200, "a link is shown"
    assert dana.post(f"/referrals/{three}/reminder", {}).status_code == 200
    assert unescape(dana.post(f"/referrals/{three}/links", {}).text).count("/referral/") == 1
    assert dana.post(f"/referrals/{three}/links/end", {}).status_code == 303
    assert dana.post(f"/referrals/{three}/mails", {}).status_code == 422


def test_a_need_is_widened_updated_closed_and_opened_again(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    made = refer(world, stay, vendors(world, 4)[:1], at=now(), sections=["stay"])
    dana, need = browser_for("dana"), f"/referral-requests/{made.request_id}"
    assert dana.post(f"{need}/widening", {}).status_code == 303
    assert dana.get(f"/encounters/{stay}/referrals").text.count("proposed") >= 3
    assert dana.post(f"{need}/packets", {}).status_code == 303
    with reading(everywhere("test")) as db:
        packets = queries.sent_packets(db, [made.request_id])[made.request_id]
    assert [one.version for one in packets] == [2, 1]
    pdf = dana.get(f"/referral-packets/{packets[0].id}")
    assert pdf.content.startswith(b"%PDF")
    assert dana.post(f"{need}/closing", {"because": "not_needed"}).status_code == 303
    assert "Open again" in dana.get(f"/encounters/{stay}/referrals").text
    assert dana.post(f"{need}/reopening", {}).status_code == 303
    assert stands(made.sent[0].referral_id) == "sent"


def test_a_protected_stay_says_what_is_held_back_until_a_consent_is_recorded(browser_for: BrowserFor, world: World):
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    keys = vendors(world, 2, mail=False)
    asked = FORM | {"vendors": [str(key) for key in keys]}
    assert browser_for("dana").post(f"/encounters/{stay}/referrals", asked).status_code == 404
    lee = browser_for("lee")
    reason = filled(world, "lee", "Looks for a place after the hospital")
    assert lee.post(f"/encounters/{stay}/glass", reason).status_code == 303
    assert "This stay is protected" in lee.get(f"/encounters/{stay}/referrals/new").text

    made = lee.post(f"/encounters/{stay}/referrals", asked)
    assert "1 section was left out of the packet" in made.text
    consent = {"given_by": "The patient", "given_on": "2020-01-01", "scope": "Records to nursing facilities"}
    open_to_whom = lee.post(f"/encounters/{stay}/referral-consents", consent)
    assert open_to_whom.status_code == 422, "a consent holds for whom it names: nobody is named for the patient"
    consent |= {"covers": "vendors"}
    late = lee.post(f"/encounters/{stay}/referral-consents", consent | {"given_on": "2099-01-01"})
    assert late.status_code == 422 and "lies in the future" in late.text
    assert lee.post(f"/encounters/{stay}/referral-consents", consent).status_code == 303
    assert "This stay is protected" not in lee.get(f"/encounters/{stay}/referrals/new").text
    with reading(everywhere("test")) as db:
        key = db.value("select id from referral_consent")
    assert lee.post(f"/referral-consents/{key}/end", {"reason": "Revoked"}).status_code == 303
    assert "ended: Revoked" in lee.get(f"/encounters/{stay}/referrals").text


def test_terms_of_referrals_are_set_by_who_keeps_the_registry(browser_for: BrowserFor):
    adam = browser_for("adam")
    assert browser_for("dana").get("/referral-terms").status_code == 403
    assert adam.get("/referral-terms").status_code == 200
    assert adam.post("/referral-terms", {"link_days": "99", "widen_by": "2"}).status_code == 422
    assert adam.post("/referral-terms", {"link_days": "7", "widen_by": "2", "widens": "on"}).status_code == 303
    same = adam.post("/referral-terms", {"link_days": "7", "widen_by": "2", "widens": "on"})
    assert same.status_code == 422 and "hold already" in same.text


@pytest.mark.parametrize("count", [3, 9])
def test_the_tab_asks_as_often_for_many_vendors_as_for_few(
    world: World, stay: uuid.UUID, count: int, monkeypatch: pytest.MonkeyPatch
):
    from app.discharge.referrals.stay import showing
    from app.platform.work import Reading

    refer(world, stay, vendors(world, count), at=now())
    asked: list[str] = []
    plain = Reading.rows

    def counted(self: Reading, shape: Callable[..., object], query: str, parameters: object = None) -> list[object]:
        asked.append(query)
        return plain(self, shape, query, parameters)

    monkeypatch.setattr(Reading, "rows", counted)
    with reading(everywhere("test")) as db:
        showing.tab(db, world.viewer("dana"), stay)
    assert len(asked) <= 16
