"""The pages of referrals, in the browser's own words; and who saw whom."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.audit.queries import Window, patient_trail
from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.ltac.screening import queries
from app.ltac.screening.terms import ReferralState
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role
from tests.ltac.screening.support import accepted, long_term, referred, screened
from tests.ltac.screening.support import lena as lena_viewer
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
LIST = "/ltac/referrals"
FORM = {
    "family": "Rourke", "given": "Denise", "birth": "1958-07-02", "sex": "F", "record_number": "H4711",
    "from_name": "Hollis Point", "needs": ["ventilator", "wound"], "payer_name": "Medicare A/B", "line": "",
}  # fmt: skip


@pytest.fixture
def lena(world: World, browser_for: BrowserFor) -> Browser:
    long_term(world)
    return browser_for("lena")


def stands(key: uuid.UUID) -> ReferralState:
    with reading(everywhere("test")) as db:
        return queries.referral(db, key).stands


def taken_in(lena: Browser) -> str:
    answer = lena.post(LIST, FORM)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_referral_is_taken_in_screened_and_accepted(lena: Browser):
    assert "No referral waits" in lena.get(LIST).text
    address = taken_in(lena)
    text = lena.get(LIST).text
    assert "Rourke, Denise" in text and "ventilator, wound" in text and "ICU days not told: at risk" in text

    said = {"acute": "yes", "direct": "yes", "excluded": "no", "intensive": "days", "intensive_first": "2026-02-27",
            "intensive_last": "2026-03-02", "benefit_left": "52", "ventilator_day": "16", "expected_days": "60",
            "reserve_left": "5"}  # fmt: skip
    assert lena.post(f"{address}/screening", said).headers["location"] == address
    text = lena.get(address).text
    assert "4 ICU days, direct" in text and "the third was Sun 1 Mar" in text and "42 CFR 412.522(b)(2)" in text
    assert "3 of 60 expected days are covered by no day of the benefit." in text
    lena.post(f"{address}/authorization", {"state": "asked", "said": "Dee at the plan"})
    assert "Medicare A/B, 52 days left, 5 reserve, auth asked" in re.sub("&#x2f;", "/", lena.get(LIST).text)
    assert lena.post(f"{address}/decision", {"action": "accept", "bed": "LT 204"}).status_code == 303
    text = lena.get(address).text
    assert "bed LT 204" in text and "Undo" in text
    lena.post(f"{address}/reversal", {})
    assert stands(uuid.UUID(address.rpartition("/")[2])) is ReferralState.SCREENING


def test_of_two_who_screen_at_once_the_second_is_told_and_loses_nothing(lena: Browser):
    address = taken_in(lena)
    seen = lena.get(address).text
    mark = found[1] if (found := re.search(r'name="seen" value="([^"]+)"', seen)) else ""
    assert mark == "none"
    assert lena.post(f"{address}/screening", {"seen": mark, "wounds": "sacrum, stage 4"}).status_code == 303

    answer = lena.post(f"{address}/screening", {"seen": mark, "isolation": "contact"})

    assert answer.status_code == 422
    assert "Lena Brandt saved this screening after you had opened it." in answer.text and "contact" in answer.text
    assert "sacrum, stage 4" in lena.get(address).text, "what stands was not touched"
    again = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert again and again[1] != "none"
    mark = again[1].replace("&#x2b;", "+")
    assert lena.post(f"{address}/screening", {"seen": mark, "isolation": "contact"}).status_code == 303
    assert "sacrum, stage 4" not in lena.get(address).text.partition("History")[0].partition("<form")[2]


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(lena: Browser):
    answer = lena.post(LIST, FORM | {"birth": "2199-01-01", "note": "family asks", "from_ccn": "12"})
    assert answer.status_code == 422 and "family asks" in answer.text
    assert 'id="r-from_ccn-e"' in answer.text and re.search(r'value="wound" checked', answer.text)
    assert lena.post(LIST, FORM | {"birth": "2199-01-01"}).text.count("This day of birth cannot be.") == 2

    address = taken_in(lena)
    answer = lena.post(f"{address}/screening", {"intensive": "days", "wounds": "sacrum, stage 4"})
    assert answer.status_code == 422 and "sacrum, stage 4" in answer.text
    assert "Write the first and the last day in intensive care." in answer.text
    for said, sentence in (
        ({"action": "decline"}, "Choose why the patient is not taken."),
        ({"action": "accept"}, "Possible now: screen"),
        ({"action": "reopen"}, "Write why it is opened again."),
        ({}, "Fill in this field."),
    ):
        answer = lena.post(f"{address}/decision", said)
        assert answer.status_code == 422, said
        if said.get("action") != "reopen":  # its form is shown where it can be opened
            assert sentence in answer.text
    answer = lena.post(f"{address}/authorization", {"state": "approved", "days": "14"})
    assert answer.status_code == 422 and "Write the number of the approval." in answer.text


def test_a_double_is_told_and_meant(lena: Browser):
    taken_in(lena)
    answer = lena.post(LIST, FORM)
    assert answer.status_code == 422 and "Referral 1 is open for this person." in answer.text
    assert 'name="same_again"' in answer.text
    assert lena.post(LIST, FORM | {"same_again": "on"}).status_code == 303


def test_a_referral_is_corrected_and_struck_out(lena: Browser):
    address = taken_in(lena)
    text = lena.get(f"{address}/amendment").text
    assert 'value="Rourke"' in text and re.search(r'value="ventilator" checked', text)
    wrong = lena.post(f"{address}/amendment", FORM | {"family": "Rourke-Hale"})
    assert wrong.status_code == 422 and "Rourke-Hale" in wrong.text
    assert lena.post(f"{address}/amendment", FORM | {"family": "Rourke-Hale", "because": "misheard"}).status_code == 303
    assert "Corrected" in lena.get(address).text
    assert lena.post(f"{address}/end", {"reason": ""}).status_code == 422
    assert lena.post(f"{address}/end", {"reason": "sent to us by mistake"}).headers["location"] == LIST
    assert lena.get(address).status_code == 404 and "No referral waits" in lena.get(LIST).text


def test_the_patient_is_recognized_with_one_click(lena: Browser, world: World):
    key = accepted(world, now() - timedelta(hours=3))
    stay = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Denis", birth="19580702", unit="LT",
                                    start=now() - timedelta(hours=1)))  # fmt: skip
    address = f"{LIST}/{key}"
    assert "Is this the patient?" in lena.get(address).text
    assert lena.post(f"{address}/admission", {}).status_code == 422
    lena.post(f"{address}/admission", {"encounter_id": str(stay)})
    text = lena.get(address).text.replace("&#x2f;", "/")
    assert f"/encounters/{stay}" in text and "Admitted here" in text and "Save the screening" not in text
    assert lena.post(f"{address}/admission/end", {"reason": ""}).status_code == 422
    lena.post(f"{address}/admission/end", {"reason": "his brother"})
    assert stands(key) is ReferralState.ACCEPTED and "his brother" in lena.get(address).text


def test_every_figure_of_a_source_opens_the_referrals_it_counts(lena: Browser, world: World):
    moment = now()
    accepted(world, moment - timedelta(hours=30))
    for number, reason in enumerate(("no_bed", "no_bed", "payer")):
        key = referred(world, moment - timedelta(hours=9), family=f"Fox{number}", record_number=str(number))
        address = f"{LIST}/{key}"
        lena.post(f"{address}/decision", {"action": "decline", "declined": reason})
    other = referred(world, moment, family="Amsel", record_number="", from_name="Tarn Valley", line="commercial")
    screened(other, moment)

    text = lena.get("/ltac/sources").text
    rows = re.findall(r"<tr><th scope=\"row\">([^<]+)</th>(.*?)</tr>", text, re.S)
    assert [name for name, _ in rows] == ["Hollis Point", "Tarn Valley", "All"]
    figures = re.findall(r'<a href="([^"]+)">([^<]+)</a> ?(\d+)?', text.split("<tbody>")[1].split("</table>")[0])
    assert len(figures) >= 12
    for href, shown, count in figures:
        page = lena.get(href.replace("&#x2f;", "/").replace("&amp;", "&")).text
        told = re.search(r'id="list-t">(\d+) referral', page)
        assert told is not None, href
        if shown.replace(".", "").isdigit() and "." not in shown:
            assert told.group(1) == shown, href
        elif count:
            assert told.group(1) == count, href
    hollis = dict(rows)["Hollis Point"]
    assert "No bed in time</a> 2" in hollis and "25 %" in hollis
    assert "not Medicare" in dict(rows)["Tarn Valley"]
    assert lena.get("/ltac/sources?first=2026-03-02&last=2026-03-01").status_code == 422


def test_decided_referrals_have_a_list_of_their_own(lena: Browser, world: World):
    key = referred(world, now())
    screened(key, now(), wounds="sacrum, stage 4", advice="decline")
    lena.post(f"{LIST}/{key}/decision", {"action": "withdraw", "ended": "better"})
    assert "withdrawn: needs less by now" in lena.get(f"{LIST}?show=decided").text
    assert "No referral waits" in lena.get(LIST).text
    assert lena.get(f"{LIST}?show=nonsense").status_code == 200
    text = lena.get(f"{LIST}/{key}").text
    assert "sacrum, stage 4" in text and "Save the screening" not in text and "Needs less by now" in text


def test_other_hospitals_are_told_where_referrals_are_screened(browser_for: BrowserFor, world: World, lena: Browser):
    dana = browser_for("dana")
    for path in (LIST, "/ltac/referrals/new", "/ltac/sources"):
        text = dana.get(path).text
        assert "takes no referrals in" in text and "You have a role in none." in text
    assert dana.post(LIST, FORM).status_code == 200
    with reading(everywhere("test")) as db:
        assert db.value("select count(*) from ltac_referral") == 0
    assert dana.get(f"{LIST}/{referred(world)}").status_code == 404
    assert browser_for("aud").get(LIST).status_code == 403


def test_the_trail_says_who_saw_which_referral(lena: Browser, browser_for: BrowserFor, world: World):
    address = taken_in(lena)
    lena.get(address)
    key = uuid.UUID(address.rpartition("/")[2])
    query = "select patients from phi_access where actor = 'lena' order by id desc limit 1"
    assert world.owner.execute(query).fetchone() == ([key],)

    with begin(everywhere("world")) as work:
        user = add_user(work, AddUser(name="pia", display_name="Pia Moss"))
        grant_role(work, GrantRole(user_id=user.id, role=Role.PRIVACY_OFFICER, facility_id=world.facility["LONG"]))
    world.user["pia"] = user.id
    pia = browser_for("pia")
    for number in ("referral 1", "H4711"):
        assert pia.post("/audit/patients", {"number": number}).headers["location"] == f"/audit/patients/{key}"
    text = pia.get(f"/audit/patients/{key}").text
    assert "Rourke, Denise, referral 1" in text and "Lena Brandt (lena)" in text
    assert "referral to the long-term hospital" in text and "long term referral received" in text
    assert "referral 1" in pia.get(f"/audit/people/{world.user['lena']}").text


def test_the_trail_of_a_patient_holds_what_was_seen_before_the_admission(lena: Browser, world: World):
    key = accepted(world, now() - timedelta(hours=3))
    lena.get(f"{LIST}/{key}")
    stay = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Denis", birth="19580702", unit="LT",
                                    start=now() - timedelta(hours=1)))  # fmt: skip
    lena.post(f"{LIST}/{key}/admission", {"encounter_id": str(stay)})
    with reading(everywhere("test")) as db:
        patient = db.value("select patient_id from encounter where id = %s", (stay,))
    for subject in (patient, key):
        _, trail = patient_trail(lena_viewer(world), subject, Window(days=366))
        told = [line["what"] for line in trail.lines]
        assert "long term referral received" in told and "long term referral converted" in told
        assert "referral to the long-term hospital" in told
