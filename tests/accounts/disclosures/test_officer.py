"""The privacy officer's register: finding a patient, the accounting and its document, requests, suspensions."""

import html
import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from pypdf import PdfReader

from app import wiring
from app.accounts.disclosures.queries import LEFT_OUT
from app.accounts.disclosures.terms import DisclosureCategory
from app.kernel.events import registered
from app.payers.events import AuthorizationRequested
from app.platform.work import begin, everywhere, reading
from tests.accounts.disclosures.support import TODAY, accounted, days_ago, patient_of, recorded
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def text(answer: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def paper(officer: Browser, address: str, request: str = "") -> str:
    answer = officer.post(f"{address}/paper", {"request": request})
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    read = PdfReader(io.BytesIO(answer.content))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    return " ".join(" ".join(page.extract_text() for page in read.pages).split())


def test_patient_is_found_by_number_and_the_number_stands_in_no_address(browser_for: BrowserFor, world: World) -> None:
    patient, number = patient_of(add_stay(world))
    officer = browser_for("priya")

    found = officer.post("/disclosures/patients", {"number": number})

    assert found.headers["location"] == f"/disclosures/patients/{patient}" and number not in found.headers["location"]
    assert officer.post("/disclosures/patients", {"number": "nobody has this"}).status_code == 422
    assert browser_for("dana").get("/disclosures").status_code == 403


def test_address_of_a_refused_search_leads_back_to_the_empty_field(browser_for: BrowserFor) -> None:
    """The address bar shows it beside the refusal: loading it again must not end at a wall."""
    officer = browser_for("priya")
    assert officer.post("/disclosures/patients", {"number": "nobody has this"}).status_code == 422

    for refused, start in (("/disclosures/patients", "/disclosures"), ("/audit/patients", "/audit"),
                           ("/audit/people", "/audit")):  # fmt: skip
        answer = officer.get(refused)
        assert (answer.status_code, answer.headers["location"]) == (303, start), refused
        assert browser_for("dana").get(refused).status_code == 403


def test_accounting_reaches_back_six_years_and_puts_series_together(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    patient, number = patient_of(stay)
    for days in (3, 2, 1):
        recorded(world, stay, on=days_ago(days), description=f"Visit report {days}")
    recorded(world, stay, on=days_ago(7 * 366), recipient="Forgotten Agency")
    struck = recorded(world, stay, recipient="Mistaken Agency")
    dana, officer = browser_for("dana"), browser_for("priya")
    dana.post(f"/disclosure-records/{struck.disclosure_id}/end", {"reason": "Never sent"})

    shown = text(officer.get(f"/disclosures/patients/{patient}").text)
    out = paper(officer, f"/disclosures/patients/{patient}")

    assert "3 times, last" in shown and "Forgotten Agency" not in shown and "Mistaken Agency" not in shown
    assert "County Adult Protective Services" in out and "3 times until" in out and number in out
    assert "12 Pier Road" in out and "Forgotten" not in out and "Mistaken" not in out
    assert "Taken out" in out and "Priya Nair" in out and "164.528(a)(1)" in out


def test_taking_the_accounting_out_leaves_both_trails(browser_for: BrowserFor, world: World) -> None:
    patient, _number = patient_of(add_stay(world))

    paper(browser_for("priya"), f"/disclosures/patients/{patient}")

    with reading(everywhere("test")) as view:
        assert view.values("select patient_id from audit_event where name = 'accounting.made'") == [patient]
        assert view.values("select patients from phi_access where kind = 'export'") == [[patient]]


def test_what_went_to_a_suspending_agency_waits_and_comes_back(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    keys = accounted(world, stay, "Harbor Police")
    officer, address = browser_for("priya"), f"/disclosures/patients/{patient}"

    assert "Harbor Police" not in paper(officer, address)
    shown = text(officer.get(address).text)
    assert "1 disclosure is not named while a suspension holds" in shown
    assert officer.post(f"/disclosure-suspensions/{keys['suspension_id']}/end", {"reason": ""}).status_code == 422
    officer.post(f"/disclosure-suspensions/{keys['suspension_id']}/end", {"reason": "Case closed"})

    assert "Harbor Police" in paper(officer, address)


def test_oral_statement_holds_thirty_days_and_only_agencies_can_ask(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    recorded(world, stay, recipient="State Auditor", category=DisclosureCategory.OVERSIGHT)
    recorded(world, stay)
    officer, address = browser_for("priya"), f"/disclosures/patients/{patient}/suspensions"
    told = {"recipient": "State Auditor", "statement": "oral", "begins": TODAY.isoformat(), "reason": "By telephone"}

    long = officer.post(address, told | {"ends": (TODAY + timedelta(days=31)).isoformat()})
    other = officer.post(address, told | {"ends": TODAY.isoformat(), "recipient": "County Adult Protective Services"})
    good = officer.post(address, told | {"ends": (TODAY + timedelta(days=30)).isoformat()})

    assert long.status_code == 422 and "30 days at most" in text(long.text)
    assert other.status_code == 422 and "Only a health oversight agency" in text(other.text)
    assert good.status_code == 303


def test_request_is_due_after_sixty_days_extended_once_and_given(browser_for: BrowserFor, world: World) -> None:
    patient, _number = patient_of(add_stay(world))
    officer, address = browser_for("priya"), f"/disclosures/patients/{patient}"
    asked = {"asked_on": days_ago(55).isoformat(), "asked_by": "The patient"}
    assert officer.post(f"{address}/requests", asked).status_code == 303
    with reading(everywhere("test")) as view:
        key = view.value("select id from accounting_request")
    steps = f"/accounting-requests/{key}/steps"
    waiting = text(officer.get("/disclosures").text)
    assert "5 days left" in waiting or "4 days left" in waiting

    no_reason = officer.post(steps, {"kind": "extended", "on": TODAY.isoformat(), "reason": ""})
    first = officer.post(steps, {"kind": "extended", "on": TODAY.isoformat(), "reason": "Records of two archives"})
    second = officer.post(steps, {"kind": "extended", "on": TODAY.isoformat(), "reason": "Once more"})
    given = officer.post(steps, {"kind": "given", "on": TODAY.isoformat()})

    assert (no_reason.status_code, first.status_code, second.status_code, given.status_code) == (422, 303, 422, 303)
    assert "No request waits" in text(officer.get("/disclosures").text)
    officer.post(f"/accounting-requests/{key}/reversal")
    assert "days left" in text(officer.get("/disclosures").text)


def test_second_request_within_a_year_may_cost_something(browser_for: BrowserFor, world: World) -> None:
    patient, _number = patient_of(add_stay(world))
    officer, address = browser_for("priya"), f"/disclosures/patients/{patient}"
    officer.post(f"{address}/requests", {"asked_on": days_ago(100).isoformat(), "asked_by": "The patient"})
    with reading(everywhere("test")) as view:
        key = view.value("select id from accounting_request")
    officer.post(f"/accounting-requests/{key}/steps", {"kind": "given", "on": days_ago(90).isoformat()})

    officer.post(f"{address}/requests", {"asked_on": TODAY.isoformat(), "asked_by": "The daughter"})

    shown = text(officer.get(address).text)
    assert shown.count("costs nothing") == 1 and shown.count("a fee for the cost may be charged") == 1


def test_request_further_back_than_six_years_is_refused(browser_for: BrowserFor, world: World) -> None:
    patient, _number = patient_of(add_stay(world))
    asked = {"asked_on": TODAY.isoformat(), "asked_by": "The patient", "begins": days_ago(7 * 366).isoformat()}

    answer = browser_for("priya").post(f"/disclosures/patients/{patient}/requests", asked)

    assert answer.status_code == 422 and "six years at most" in text(answer.text)


def test_a_request_of_one_patient_opens_no_document_about_another(browser_for: BrowserFor, world: World) -> None:
    one, other = add_stay(world), add_stay(world, StaySpec(family="Other"))
    keys = accounted(world, one, "Harbor Police")
    patient, _number = patient_of(other)

    answer = browser_for("priya").post(f"/disclosures/patients/{patient}/paper", {"request": keys["accounting_id"]})

    assert answer.status_code == 409


def test_sendings_to_payers_and_vendors_are_counted_as_left_out(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    patient, _number = patient_of(stay)
    with begin(everywhere("test")) as work:
        work.record(
            AuthorizationRequested(
                encounter_id=stay, patient_id=patient, facility_id=world.facility["NORTH"], kind="initial",
                authorization_id=uuid.uuid4(), request_id=uuid.uuid4(), asked_at=work.now,
            )
        )  # fmt: skip

    shown = text(browser_for("priya").get(f"/disclosures/patients/{patient}").text)

    assert "Payers: requests, reviews, packets 1 payment" in shown
    assert "Vendors and facilities: referrals 0 treatment" in shown


def test_every_counted_event_exists() -> None:
    assert wiring.ROUTES
    assert {name for _why, group in LEFT_OUT.values() for name in group} <= set(registered())
