"""A day on the telephone with payers: ask, take down a partial approval, see it live, keep a contact by one key."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, Route, expect

from app.kernel.days import local_day
from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.requests.terms import Action, CertificationType, Decision
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import listening, sideways

PLAN = "BAYSHORE ADVANTAGE"
ROSA = Arrival(
    visit="V1", name="ALDER^ROSA", place="4W^401^A", payer=PLAN, expected=timedelta(days=5), ago=timedelta(days=1)
)
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer=PLAN, ago=timedelta(hours=30))


def stand_on(page: Page, name: str) -> None:
    """Put the hand on the row of a patient."""
    row(page, name).locator("[data-stop]").focus()


def asked(site: Site, visit: str, nights: int = 3, **said: object):
    """A request of the last hour for nights from yesterday on."""
    viewer = site.world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)
    first = local_day(now(), ZoneInfo("America/Chicago")) - timedelta(days=1)
    with begin(viewer) as work:
        wish = {"first_day": first, "last_day": first + timedelta(days=nights - 1), **said}
        return request_authorization(work, stay_of(visit), AskPayer.model_validate(wish))


def value(query: str) -> object:
    with reading(everywhere("test")) as view:
        return view.value(query)


def test_a_partial_approval_stands_in_the_banner_and_live_in_the_list(site: Site):
    Ward().admit(ROSA, OMAR)
    listed = site.open("dana", "/worklists/inpatient")
    listed.wait_for_selector("#live[data-listening]", state="attached")
    page = site.open("uma", f"/encounters/{stay_of('V1')}/payer")

    page.get_by_role("link", name="Ask the payer").click()
    expect(page.get_by_text("a decision is due").first).to_be_visible()
    page.get_by_role("button", name="Record the request").click()
    expect(page.get_by_text("The request is recorded.")).to_be_visible()
    expect(row(listed, "Alder").locator(".c-pay")).to_contain_text("auth asked")

    page.get_by_role("link", name="Record the answer").click()
    page.get_by_text("Approved, other days").click()
    page.get_by_label("Number of days").fill("2")
    page.get_by_label("Authorization number").fill("A-77")
    page.get_by_role("button", name="Record the answer").click()

    expect(page.locator("#stay-banner")).to_contain_text("Authorized through")
    expect(page.locator("#stay-payer")).to_contain_text("partially approved")
    expect(page.locator("#stay-payer")).to_contain_text("Not authorized")
    expect(row(listed, "Alder").locator(".c-pay")).to_contain_text("auth to")
    expect(row(listed, "Birch").locator(".c-pay")).not_to_contain_text("auth")


def test_the_banner_follows_an_answer_that_comes_in_elsewhere(site: Site):
    Ward().admit(ROSA)
    made = asked(site, "V1")
    page = site.open("dana", f"/encounters/{stay_of('V1')}")
    listening(page)
    expect(page.locator("#stay-banner")).to_contain_text("requested")

    with begin(site.world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)) as work:
        record_decision(work, made.authorization_id, Decision(action=Action.CERTIFIED))

    expect(page.locator("#stay-banner")).to_contain_text("Authorized through")
    expect(page.locator("#stay-banner")).to_contain_text("EDD is later")


def test_a_contact_takes_one_key_its_words_and_enter(site: Site):
    Ward().admit(ROSA, OMAR)
    asked(site, "V2")
    page = site.open("uma", "/worklists/inpatient")
    page.wait_for_selector("#live[data-listening]", state="attached")
    stand_on(page, "Alder")

    page.keyboard.press("c")
    expect(row(page, "Alder").get_by_label("What was said")).to_be_focused()
    expect(row(page, "Alder").get_by_role("heading", name=f"Open with {PLAN}")).to_be_visible()
    expect(row(page, "Alder").locator("aside")).to_contain_text("BIRCH, OMAR")
    page.keyboard.type("They will decide tomorrow")
    row(page, "Alder").get_by_role("button", name="Record the contact").click()

    expect(row(page, "Alder").locator(".note.green")).to_contain_text("recorded")
    assert value("select said from payer_contact where ended_at is null") == "They will decide tomorrow"
    row(page, "Alder").get_by_role("button", name="Undo").click()
    expect(row(page, "Alder").locator(".note.blue")).to_contain_text("struck out")
    assert value("select count(*) from payer_contact where ended_at is null") == 0


def test_a_form_in_the_row_stays_when_the_row_changes_while_it_opens(site: Site):
    ward = Ward()
    ward.admit(ROSA)
    page = site.open("uma", "/worklists/inpatient")
    page.wait_for_selector("#live[data-listening]", state="attached")
    stand_on(page, "Alder")
    page.keyboard.press("o")
    expect(row(page, "Alder").get_by_role("heading", name="Snapshot")).to_be_visible()
    held: list[Route] = []
    page.route(re.compile("/more$"), lambda route: held.append(route))
    with page.expect_request(re.compile("/more$")):
        ward.move(ROSA, "ICU^07^A")

    page.keyboard.press("c")
    expect(row(page, "Alder").get_by_label("What was said")).to_be_focused()
    with page.expect_response(re.compile("/more$")) as answered:
        held[0].continue_()
    answered.value.finished()

    expect(row(page, "Alder").locator("tr.stay")).to_contain_text("ICU")
    expect(row(page, "Alder").get_by_label("What was said")).to_be_focused()


def test_the_key_works_on_the_stay_too(site: Site):
    Ward().admit(ROSA)
    for part in ("/payer", ""):
        page = site.open("uma", f"/encounters/{stay_of('V1')}{part}")
        page.keyboard.press("c")
        expect(page.get_by_label("What was said")).to_be_focused()


def test_what_ends_and_what_waits_are_choices_of_the_list(site: Site):
    Ward().admit(ROSA, OMAR)
    made = asked(site, "V1", nights=2)
    with begin(site.world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)) as work:
        record_decision(work, made.authorization_id, Decision(action=Action.CERTIFIED))
    asked(site, "V2")
    page = site.open("uma", "/worklists/authorizations?authorization=waiting")
    expect(row(page, "Birch").locator("tr.stay")).to_contain_text("Requested")
    expect(page.locator("tbody[data-stay]")).to_have_count(1)
    page.goto("/worklists/authorizations?authorization=ends-today")

    expect(row(page, "Alder").locator("tr.stay")).to_contain_text("Approved")
    expect(page.locator("tbody[data-stay]")).to_have_count(1)


def test_pages_of_payers_fit_a_phone_and_have_no_fault(site: Site, violations: Check):
    Ward().admit(ROSA)
    stay = stay_of("V1")
    made = asked(site, "V1", message="Pneumonia, needs oxygen")
    with begin(site.world.viewer("uma").acting(Permission.AUTHORIZATION_WRITE)) as work:
        record_decision(work, made.authorization_id, Decision(action=Action.MODIFIED, quantity=1))
    asked(site, "V1", authorization_id=made.authorization_id, certification_type=CertificationType.EXTENSION)
    for size in (DESKTOP, PHONE):
        page = site.open("uma", f"/encounters/{stay}/payer", size)
        for path in ("payer", "authorizations/new?of=last", "payer-answers/new", "payer-contacts/new"):
            page.goto(f"/encounters/{stay}/{path}")
            assert violations(page) == []
            assert sideways(page) == 0, (path, size)
