"""The page behind a link: nothing before it is opened, one referral and no more, every way in that is no way."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import brotli
import pytest

from app.census.events import EncounterUpdated
from app.discharge.referrals import commands, queries
from app.discharge.referrals.asks import RecordConsent, Say, Why
from app.discharge.referrals.packets.consents import end_consent, record_consent
from app.discharge.referrals.portal import access, pages
from app.discharge.referrals.terms import ConsentFor
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.discharge.assessing import diagnosed
from tests.discharge.referrals.support import recorded, refer, someone, stands, vendors
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
TAG = re.compile("<[^>]*>")
TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')
OFFER = {"offered_on": (now() + timedelta(days=3)).date().isoformat(), "answered_by": "Kim Admissions 555"}


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(family="Quillfeather", given="Merle"))


@pytest.fixture
def sent(world: World, stay: uuid.UUID) -> tuple[uuid.UUID, str]:
    """One referral and the address of its link."""
    made = refer(world, stay, vendors(world, 1, mail=False), at=now(), sections=["stay"], needs=["wound_vacuum"])
    one = made.sent[0].referral_id
    return one, f"/referral/{made.keys[one]}"


def token(page: str) -> dict[str, str]:
    found = TOKEN.search(page)
    assert found is not None
    return {"_csrf_token": found[1]}


def entered(nobody: Browser, address: str) -> dict[str, str]:
    """Open the referral as a vendor does; what its forms need."""
    form = token(nobody.get(address).text)
    assert nobody.post(f"{address}/opening", form).status_code == 303
    return token(nobody.get(address).text)


def test_a_link_that_was_only_followed_shows_nothing_and_opens_nothing(
    browser_for: BrowserFor, sent: tuple[uuid.UUID, str]
):
    one, address = sent
    nobody = browser_for()
    for _ in range(3):  # a mail scanner
        page = nobody.get(address)
    assert page.status_code == 200 and "Open referral" in page.text and "Alder House" in page.text
    read = unescape(TAG.sub(" ", page.text))  # what stands in tags is random: a key may hold "MQ" too
    assert "Open referral" in read
    for word in ("Woman", "MQ", "wound", "Skilled", "Quillfeather", "Payer"):
        assert word not in read, word
    assert page.headers["x-robots-tag"].startswith("noindex") and page.headers["cache-control"] == "no-store"
    assert nobody.get(f"{address}/packet.pdf").status_code == 404
    assert stands(one) == "sent" and recorded("referral.opened") == []
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from phi_access where kind = 'link'") == 0


def test_who_follows_a_link_too_late_is_told_that_an_answer_is_still_welcome(
    world: World, browser_for: BrowserFor, stay: uuid.UUID
):
    made = refer(world, stay, vendors(world, 1, mail=False), at=now() - timedelta(days=2), sections=["stay"])
    page = browser_for().get(f"/referral/{made.keys[made.sent[0].referral_id]}").text

    assert "you can still give one" in page and "Please answer by" not in page


def test_the_kind_of_a_diagnosis_is_a_word_for_the_vendor(world: World, browser_for: BrowserFor, stay: uuid.UUID):
    diagnosed(stay, "I10")
    made = refer(world, stay, vendors(world, 1, mail=False), at=now(), sections=["stay"])
    address = f"/referral/{made.keys[made.sent[0].referral_id]}"
    nobody = browser_for()
    entered(nobody, address)

    page = nobody.get(address).text
    assert "I10" in page and "<td>admitting</td>" in page


def test_the_opened_page_shows_one_referral_without_a_name_and_is_small(
    browser_for: BrowserFor, sent: tuple[uuid.UUID, str]
):
    one, address = sent
    nobody = browser_for()
    entered(nobody, address)
    page = nobody.get(address)

    text = unescape(page.text)
    assert "Woman, 68" in text and "wound vacuum" in text and "The stay" in text
    assert "Quillfeather" not in text and "Merle" not in text
    assert len(brotli.compress(page.content)) < 40_000
    assert stands(one) == "opened" and len(recorded("referral.opened")) == 1
    pdf = nobody.get(f"{address}/packet.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf.headers["content-type"] == "application/pdf"
    with reading(everywhere("test")) as db:
        actors = set(db.values("select actor from phi_access where kind = 'link'"))
    assert len(actors) == 1 and actors.pop().startswith("vendor link ")
    for other in ("/worklists/inpatient", f"/encounters/{uuid.uuid4()}", "/vendors"):
        assert nobody.get(other).status_code in (302, 303, 401)


def test_a_vendor_asks_is_answered_and_accepts(browser_for: BrowserFor, world: World, sent: tuple[uuid.UUID, str]):
    one, address = sent
    nobody = browser_for()
    form = entered(nobody, address)
    assert nobody.post(f"{address}/questions", form | {"said": "Which vacuum?"}).status_code == 303
    with someone(world, now()) as work:
        commands.reply(work, one, Say(said="Any make works."), "Dana Whitlow, RN")
    assert "Any make works." in nobody.get(address).text

    wrong = nobody.post(f"{address}/acceptance", form | OFFER | {"offered_on": "2020-01-01"})
    assert wrong.status_code == 422 and "This day is over" in wrong.text and "Kim Admissions" in wrong.text
    assert nobody.post(f"{address}/acceptance", form | OFFER).status_code == 303

    page = nobody.get(address)
    assert "Kim Admissions 555 accepted" in page.text and "Send acceptance" not in page.text
    twice = nobody.post(f"{address}/decline", form | {"decline_reason": "no_bed"})
    assert twice.status_code == 422 and "This referral is accepted" in unescape(twice.text)
    with reading(everywhere("test")) as db:
        found = queries.referral(db, one)
    assert (found.state, found.channel) == ("accepted", "portal")


def test_a_decline_ends_the_link_and_says_so_when_it_is_used_again(
    browser_for: BrowserFor, sent: tuple[uuid.UUID, str]
):
    one, address = sent
    nobody = browser_for()
    form = entered(nobody, address)
    assert nobody.post(f"{address}/decline", form).status_code == 422
    assert nobody.post(f"{address}/decline", form | {"decline_reason": "other"}).status_code == 422
    done = nobody.post(f"{address}/decline", form | {"decline_reason": "isolation"})
    assert done.status_code == 200 and "Your answer is recorded" in done.text

    again = nobody.get(address)
    assert again.status_code == 410 and "You have answered this referral" in again.text
    assert nobody.post(f"{address}/acceptance", form | OFFER).status_code == 410
    assert stands(one) == "declined"


def test_a_vendor_withdraws_its_acceptance(browser_for: BrowserFor, sent: tuple[uuid.UUID, str]):
    one, address = sent
    nobody = browser_for()
    form = entered(nobody, address)
    nobody.post(f"{address}/acceptance", form | OFFER)
    assert nobody.post(f"{address}/withdrawal", form | {"said": ""}).status_code == 422
    assert nobody.post(f"{address}/withdrawal", form | {"said": "Nurse is ill"}).status_code == 200
    assert stands(one) == "withdrawn"


def test_links_that_are_forged_closed_late_or_revoked_each_say_so(
    browser_for: BrowserFor, world: World, stay: uuid.UUID
):
    nobody = browser_for()
    to = vendors(world, 4, mail=False)
    made = refer(world, stay, to, at=now())
    cancelled, revoked, fine, other = (one.referral_id for one in made.sent)
    late = refer(world, add_stay(world), to[:1], at=now() - timedelta(days=20))
    with someone(world, now()) as work:
        commands.cancel(work, cancelled, Why(reason="not wanted"))
        commands.revoke_links(work, revoked)

    said = {
        "/referral/never-made": (404, "was never made"),
        f"/referral/{made.keys[cancelled]}": (410, "needs no answer"),
        f"/referral/{made.keys[revoked]}": (410, "closed by the hospital"),
        f"/referral/{late.keys[late.sent[0].referral_id]}": (410, "time of this link is over"),
        f"/referral/{made.keys[fine][:-2]}xx": (404, "was never made"),
        f"/referral/{made.keys[fine]}": (200, "Open referral"),
    }
    for address, (status, sentence) in said.items():
        page = nobody.get(address)
        assert (page.status_code, sentence in page.text) == (status, True), address
        assert nobody.get(f"{address}/packet.pdf").status_code in (404, 410)
    assert "Birch" not in nobody.get(f"/referral/{made.keys[other]}").text


def test_a_packet_is_shown_no_more_once_its_consent_ended(browser_for: BrowserFor, world: World):
    nobody = browser_for()
    stay, to = add_stay(world, StaySpec(sensitivity="part2")), vendors(world, 2, mail=False)
    ask = commands.SendReferrals(care_type="snf", vendors=to, sections=["stay"])
    with begin(everywhere("test")) as work:
        given = RecordConsent(
            given_by="The patient",
            covers=ConsentFor.VENDORS,
            given_on=date(2026, 3, 5),
            scope="Records to nursing facilities",
        )
        consent = record_consent(work, stay, given).id
        key = next(iter(commands.send(work, stay, ask, "Dana Whitlow, RN").keys.values()))
    address = f"/referral/{key}"
    entered(nobody, address)
    assert "The stay" in nobody.get(address).text and nobody.get(f"{address}/packet.pdf").status_code == 200

    with begin(everywhere("test")) as work:
        end_consent(work, consent, Why(reason="Revoked"))

    page = nobody.get(address)
    assert page.status_code == 200 and "The stay" not in page.text and "1 part is not shown here" in page.text
    assert "packet.pdf" not in page.text
    gone = nobody.get(f"{address}/packet.pdf")
    assert gone.status_code == 410 and b"%PDF" not in gone.content


def test_a_packet_of_a_stay_that_was_marked_later_is_shown_no_more(
    browser_for: BrowserFor, world: World, stay: uuid.UUID, sent: tuple[uuid.UUID, str]
):
    _, address = sent
    nobody = browser_for()
    entered(nobody, address)
    with begin(everywhere("test")) as work:
        work.write("encounter", "update encounter set sensitivity = 'part2' where id = %s", (stay,))
        work.record(EncounterUpdated(encounter_id=stay, facility_id=world.facility["NORTH"], changed=("sensitivity",)))
    assert "The stay" not in nobody.get(address).text
    assert nobody.get(f"{address}/packet.pdf").status_code == 410


def test_a_link_that_is_closed_while_its_answer_is_on_the_way_takes_none(
    browser_for: BrowserFor, world: World, sent: tuple[uuid.UUID, str], monkeypatch: pytest.MonkeyPatch
):
    one, address = sent
    nobody = browser_for()
    form = entered(nobody, address)
    entering = pages._enter

    def slowly(request: object, key: str) -> object:
        found = entering(request, key)
        with reading(everywhere("test")) as db:
            still = db.value("select count(*) from referral_link where ended_at is null")
        if still:
            with someone(world, now()) as work:
                commands.revoke_links(work, one)
        return found

    monkeypatch.setattr(pages, "_enter", slowly)
    late = nobody.post(f"{address}/acceptance", form | OFFER)
    assert late.status_code == 410 and "closed by the hospital" in late.text and stands(one) == "opened"


def test_what_opened_one_link_opens_no_other(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    nobody = browser_for()
    made = refer(world, stay, vendors(world, 2, mail=False), at=now())
    first, second = (f"/referral/{key}" for key in made.keys.values())
    entered(nobody, first)
    assert "Open referral" in nobody.get(second).text and nobody.get(f"{second}/packet.pdf").status_code == 404


def test_a_form_that_did_not_come_from_the_page_is_refused(browser_for: BrowserFor, sent: tuple[uuid.UUID, str]):
    one, address = sent
    nobody = browser_for()
    for deed in ("opening", "acceptance", "decline", "questions", "withdrawal"):
        answer = nobody.client.post(f"{address}/{deed}", data=OFFER | {"_csrf_token": "00"}, follow_redirects=False)
        assert answer.status_code in (400, 401, 403), deed
    assert stands(one) == "sent"


def test_who_asks_too_often_waits(
    browser_for: BrowserFor, sent: tuple[uuid.UUID, str], monkeypatch: pytest.MonkeyPatch
):
    _, address = sent
    monkeypatch.setattr(access, "OF_KEY", 5)
    nobody = browser_for()
    answers = [nobody.get(address).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert nobody.get("/referral/another-key").status_code == 404, "another link is not slowed down by it"

    monkeypatch.setattr(access, "OF_ADDRESS", 3)
    assert nobody.get("/referral/a-third-key").status_code == 429, "but an address that tries keys is"


@pytest.mark.usefixtures("world")
def test_counts_begin_anew_after_the_window(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access, "OF_KEY", 2)
    who, first = everywhere("test"), now()
    assert [access.too_often(who, "k", "10.0.0.9", first) for _ in range(3)] == [False, False, True]
    assert not access.too_often(who, "k", "10.0.0.9", first + access.WINDOW)
