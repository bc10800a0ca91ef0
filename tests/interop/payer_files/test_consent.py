"""Records of addiction treatment go to a payer as a file only while the patient consents (42 CFR 2.31)."""

import html
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from app.discharge.referrals.terms import ConsentFor
from app.interop.payer_files.sending import Send, fetch_file, preview, readable, send, write_file
from app.interop.payer_files.terms import Format
from app.interop.x12.terms import Kind
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.web.packets import PROHIBITION, ConsentMissing
from app.worklists.assignment.commands import take
from tests.interop.payer_files.support import EXCHANGE, HOUR, asked, house, out_file, said_in, stay, steps
from tests.support.client import Browser
from tests.support.glass import filled
from tests.support.part2 import consented, protect, revoked
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
PROGRAM = everywhere("test")


@pytest.fixture
def ready(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """A house whose exchange is set."""
    house(world, monkeypatch, tmp_path / "payers")
    return world


def request(ready: World, **said: object) -> tuple[uuid.UUID, Send]:
    """A stay that is marked after its request was recorded, and what is to be sent."""
    encounter = stay(ready)
    made = asked(ready, encounter, **said)
    protect(encounter)
    return encounter, Send(made.authorization_id, Kind.REQUEST)


def files() -> int:
    with reading(PROGRAM) as db:
        return int(db.value("select count(*) from payer_file_out"))


def test_nothing_is_made_without_a_consent_for_payers_and_the_text_can_be_read(ready: World):
    encounter, ask = request(ready)
    consented(encounter, ConsentFor.VENDORS)
    for kind in (Kind.REQUEST, Kind.ADMISSION, Kind.INQUIRY):
        one = Send(ask.authorization_id, kind)
        with reading(PROGRAM, at=NOW) as db:
            with pytest.raises(ConsentMissing, match="case managers"):
                preview(db, one)
            assert readable(db, one).said.request.diagnoses is not None
        with pytest.raises(ConsentMissing):
            send(PROGRAM, one, at=NOW)
    assert files() == 0
    with reading(PROGRAM) as db:
        assert db.value("select count(*) from payer_control") == 0  # no number was spent


@pytest.mark.parametrize("covers", [ConsentFor.PAYERS, ConsentFor.CARE_AND_PAYMENT])
def test_with_a_consent_the_file_goes_with_the_notice_and_names_the_consent(ready: World, covers: ConsentFor):
    encounter, ask = request(ready, message="Oxygen 4 l")
    consent = consented(encounter, covers)

    out = out_file(send(PROGRAM, ask, at=NOW))
    write_file(str(out.id))
    fetch_file(PROGRAM, out.id)

    message = said_in(out).request.message
    assert message == f"{PROHIBITION} Consent of 2026-03-01 for {covers.label}. Oxygen 4 l"
    assert f"MSG*{message}" in out.content.decode() and steps() == ["written", "fetched"]
    with reading(PROGRAM) as db:
        named = db.values("select facts ->> 'consent_id' from audit_event where name like 'payer_file.%%'")
    assert named == [str(consent)] * 3


def test_a_message_for_which_the_notice_leaves_no_room_is_refused_and_never_cut(ready: World):
    encounter, ask = request(ready, message="Breathes with help. " * 10)
    consented(encounter)
    with pytest.raises(Refused, match=r"has 199 characters; .* fit\. Correct the request") as refused:
        send(PROGRAM, ask, at=NOW)
    assert not isinstance(refused.value, ConsentMissing) and files() == 0


def test_a_stay_without_that_mark_sends_as_before(ready: World):
    encounter = stay(ready)
    made = asked(ready, encounter, message="Oxygen 4 l")
    protect(encounter, "vip")
    out = out_file(send(PROGRAM, Send(made.authorization_id, Kind.REQUEST), at=NOW))
    assert said_in(out).request.message == "Oxygen 4 l"


def test_a_consent_that_ends_before_the_file_is_written_holds_it_back_for_good(ready: World, tmp_path: Path):
    encounter, ask = request(ready)
    first = consented(encounter)
    out = send(PROGRAM, ask, at=NOW)
    revoked(first)

    write_file(str(out))
    write_file(str(out))  # the job is run again

    assert steps() == ["held_back"] and not (tmp_path / "payers").exists()
    with reading(PROGRAM) as db:
        assert db.value("select count(*) from procrastinate_jobs where task_name = 'payer_files.write'") == 1
    with pytest.raises(ConsentMissing):
        fetch_file(PROGRAM, out)
    with pytest.raises(ConsentMissing):
        send(PROGRAM, ask, at=NOW + HOUR)

    consented(encounter)
    write_file(str(send(PROGRAM, ask, at=NOW + HOUR)))  # anew, with another number
    assert steps() == ["held_back", "written"]


def test_a_bundle_says_the_notice_too(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    house(world, monkeypatch, tmp_path / "payers", EXCHANGE.model_copy(update={"format": Format.FHIR}))
    encounter, ask = request(world)
    consented(encounter)
    bundle = json.loads(out_file(send(PROGRAM, ask, at=NOW)).content)
    facts = [one["resource"].get("supportingInfo", []) for one in bundle["entry"]]
    assert any(one.get("valueString", "").startswith(PROHIBITION) for found in facts for one in found)


def test_a_nurse_reads_why_has_the_consent_recorded_and_sends(browser_for: BrowserFor, ready: World):
    encounter = stay(ready)
    made = asked(ready, encounter)
    with begin(ready.viewer("uma")) as work:
        take(work, encounter)  # a stay stays open for its owner
    protect(encounter)
    uma, lee = browser_for("uma"), browser_for("lee")
    form = {"authorization": str(made.authorization_id), "kind": "request"}
    address = f"/payer-files/send?authorization={made.authorization_id}"

    page = html.unescape(uma.get(address).text)
    assert "no consent for payers holds today" in page and f"/encounters/{encounter}/referrals#consents" in page
    assert "I5033 (principal)" in page and "Send to the payer</button>" not in page
    assert "Tell and send the payer nothing" in uma.get(f"/encounters/{encounter}/authorizations/new").text
    assert "Tell and send the payer nothing" in uma.get(f"/encounters/{encounter}/payer-contacts/new").text
    assert "Tell and send" not in uma.get(f"/encounters/{encounter}/bookings").text  # it is not hers to ask there
    refused = uma.post("/payer-files/send", form)
    assert refused.status_code == 409 and "case managers" in refused.text and files() == 0
    consent = {"given_by": "The patient", "given_on": "2020-01-01", "scope": "The stay", "covers": "payers"}
    assert uma.post(f"/encounters/{encounter}/referral-consents", consent).status_code == 403

    lee.post(f"/encounters/{encounter}/glass", filled(ready, "lee", "Records what the patient signed"))
    assert "Tell and send" in lee.get(f"/encounters/{encounter}/bookings").text
    assert lee.post(f"/encounters/{encounter}/referral-consents", consent).status_code == 303
    gone = uma.post("/payer-files/send", form)
    assert gone.status_code == 303 and PROHIBITION in uma.get(gone.headers["location"]).text
    assert "Tell and send" not in uma.get(f"/encounters/{encounter}/authorizations/new").text

    with reading(everywhere("test")) as db:
        key = db.value("select id from referral_consent")
    revoked(key)
    taken = uma.post(f"{gone.headers['location']}/downloads")
    assert taken.status_code == 409 and "case managers" in taken.text
    assert "HSD*DY*4" in uma.get(gone.headers["location"]).text  # to be read on the screen all the same
