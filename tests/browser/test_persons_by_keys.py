"""Everybody who uses the product does the most frequent work from the sign-in on with keys alone (WCAG 2.1.1, 2.1.2,
2.4.1, 2.4.3, 2.4.7, 2.4.11). Whatever is pressed is pressed through `Keys`, which fails at a mouse, at a stop without a
ring or beneath something, and at an order that is not the order of reading."""

import re
import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.advisor.commands import PutQuestion, escalate
from app.advisor.messages.commands import AskAttending, ask_attending, make_link
from app.discharge.choice.commands import MakeList, make_list
from app.discharge.choice.family.links import make_link as family_link
from app.discharge.terms import CareType
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.security.permissions import Permission
from app.worklists.assignment.commands import take
from tests.browser.conftest import Site
from tests.browser.journeys import CENSUS, Ward, row, stay_of
from tests.browser.keys import Keys, opened_by_link, signed_in
from tests.support.long_term import long_term_stay
from tests.support.referrals import referred
from tests.support.vendors import registered

DAY = r"\d{4}-\d\d-\d\d"


@pytest.fixture
def ward(site: Site) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def first_stay(keys: Keys) -> str:
    """Stand on the first row of a list; its patient."""
    expect(keys.page.locator("#live[data-listening]")).to_be_attached()
    keys.press("j")
    first = keys.page.locator("[data-stop]:focus")
    expect(first).to_have_count(1)
    return first.inner_text()


def test_case_manager_notes_and_opens_a_stay_of_her_day(site: Site, ward: Ward) -> None:
    with begin(site.world.viewer("dana")) as work:
        take(work, stay_of("V1"))
    keys = signed_in(site, "dana")
    keys.heading("My day")
    who = first_stay(keys)
    keys.press("n")
    expect(row(keys.page, who).locator("textarea[name=text]").first).to_be_focused()
    keys.type("Daughter visits at six")
    keys.go("Write note")
    expect(row(keys.page, who).locator("tr.more li", has_text="visits at six")).to_be_visible()
    keys.kept()
    keys.press("Escape")
    expect(keys.page.locator("[data-stop]:focus")).to_have_text(who)
    keys.press("Enter")
    keys.heading(who)
    keys.skip()
    keys.go("^Notes")
    expect(keys.page.locator("main")).to_contain_text("Daughter visits at six")


def test_utilization_nurse_signs_an_admission_review(site: Site, ward: Ward) -> None:
    keys = signed_in(site, "uma")
    keys.go("^Worklists")
    keys.heading("Inpatient")
    keys.skip()
    keys.go("^Reviews due", "/worklists/reviews-due")
    first_stay(keys)
    keys.press("r")
    expect(keys.page.get_by_role("heading", name=re.compile("review", re.IGNORECASE)).first).to_be_visible()
    expect(keys.page.locator("[data-letters] :focus")).to_have_count(1)
    keys.press("l")
    expect(keys.page.locator("#verdict")).to_contain_text("1 point: qualifies")
    keys.kept()
    keys.reach("^Summary: what is new")
    keys.type("Antibiotics by vein, oxygen 4 l.")
    keys.press("Control+Enter")
    expect(keys.page.locator(".flash")).to_contain_text("review signed: met")


def test_social_worker_records_a_barrier(site: Site, ward: Ward) -> None:
    keys = signed_in(site, "sol")
    keys.go("^Worklists")
    keys.heading("Inpatient")
    first_stay(keys)
    keys.press("b")
    expect(keys.page.get_by_role("heading", name="What keeps the patient here")).to_be_visible()
    keys.press("3", "Enter")
    expect(keys.page.get_by_text("Barrier recorded: Patient choice.")).to_be_visible()
    keys.kept()


def test_physician_advisor_decides(site: Site, ward: Ward) -> None:
    asked = {"kind": "status_question", "question": "Are two more midnights expected from today on?"}
    viewer = site.world.viewer("dana").acting(Permission.ESCALATE)
    with begin(viewer, at=now() - timedelta(minutes=20)) as work:
        escalate(work, stay_of("V6"), PutQuestion.model_validate(asked))
    keys = signed_in(site, "paul")
    keys.heading("Decisions")
    expect(keys.page.locator(".dcard [data-stop]")).to_be_focused()
    keys.press("1", "a", "Control+Enter")
    expect(keys.page.get_by_role("status").first).to_contain_text("Signed: inpatient supported.")


def test_attending_answers_through_the_link(site: Site, ward: Ward) -> None:
    with begin(site.world.viewer("dana").acting(Permission.ESCALATE)) as work:
        ask_attending(work, stay_of("V6"), AskAttending(question="Will you write the expectation down?"))
    with begin(everywhere("test")) as work:
        _, key = make_link(work, work.value("select id from attending_message"))
    keys = opened_by_link(site, f"/answer/{key}")
    keys.reach("agree|disagree")
    keys.press("Space")
    keys.go("Send the answer")
    expect(keys.page.get_by_role("heading", name="Answer recorded")).to_be_visible()


def test_long_term_case_manager_charts_weaning(site: Site) -> None:
    long_term_stay(site.world, 6, family="Greer")
    keys = signed_in(site, "stan")
    keys.go("^LTAC", "/worklists/ltac")
    first_stay(keys)
    keys.press("q")
    expect(keys.page.get_by_role("heading", name="Weaning", exact=True)).to_be_visible()
    keys.press("2")
    expect(keys.page.get_by_text("Today: breathing trial.")).to_be_visible()


def test_lead_assigns_a_stay(site: Site, ward: Ward) -> None:
    keys = signed_in(site, "lee")
    keys.go("^Worklists")
    keys.heading("Inpatient")
    keys.skip()
    keys.go("^Unassigned")
    keys.heading("Unassigned")
    who = first_stay(keys)
    keys.press("a")
    expect(row(keys.page, who).locator("select[data-assign]")).to_be_focused()
    keys.choose("Dana")
    keys.go("^Assign$")
    expect(keys.page.get_by_text("The stay is assigned.")).to_be_visible()


def test_director_follows_a_tile_to_a_patient(site: Site, ward: Ward) -> None:
    keys = signed_in(site, "dora")
    keys.heading("Control")
    keys.skip()
    keys.go("^Reviews overdue", "#t2")
    keys.go("^[A-Z]+, [A-Z]+$", "/encounters/")
    expect(keys.page.locator("#stay-banner")).to_be_visible()


def test_administrator_adds_a_person(site: Site) -> None:
    keys = signed_in(site, "adam")
    keys.go("^People")
    keys.heading("People")
    keys.skip()
    keys.go("^Add a person")
    keys.reach("^Name")
    keys.type("Nora Fielding")
    keys.reach("^User name")
    keys.type("nora")
    keys.reach("^Role")
    keys.choose("Case")
    keys.reach("^Where the role holds")
    keys.choose("North")
    keys.go("^Add this person")
    keys.heading("Temporary password")


@pytest.mark.parametrize("name", ["priya", "aud"])
def test_privacy_officer_and_auditor_ask_who_saw_a_patient(site: Site, ward: Ward, name: str) -> None:
    site.open("dana", f"/encounters/{stay_of('V3')}")
    keys = signed_in(site, name)
    keys.go("^Audit|^More")
    if keys.page.get_by_role("heading", level=1).get_by_text("Audit").count() == 0:
        keys.go("^Audit")
    keys.heading("Audit")
    keys.reach("^MRN, visit or account number")
    keys.type("MV3")
    keys.press("Enter")
    keys.heading("Who saw this patient")
    expect(keys.page.get_by_role("row", name=re.compile(r"Dana Whitlow \(dana\) saw stay ")).first).to_be_visible()


def test_vendor_accepts_through_the_link(site: Site, ward: Ward) -> None:
    vendor = registered(site.world, "KEST", "")["vendor_id"]
    keys = opened_by_link(site, f"/referral/{referred(stay_of('V1'), uuid.UUID(vendor), '')['referral_key']}")
    keys.go("^Open referral")
    expect(keys.page.get_by_role("heading", name="Packet")).to_be_visible()
    keys.go("^Accept")
    keys.reach("^Bed or start from")
    day = now() + timedelta(days=2)
    keys.type(f"{day:%m%d%Y}")
    keys.reach("^(Name|Who|Your|Answered)")
    keys.type("Kim Admissions 555 0100")
    keys.go("^Send acceptance")
    expect(keys.page.get_by_text("you accepted")).to_be_visible()


def test_family_marks_what_it_prefers_through_the_link(site: Site, ward: Ward) -> None:
    registered(site.world, "KEST", "")
    with begin(everywhere("test")) as work:
        made = make_list(work, stay_of("V1"), MakeList(care_type=CareType.SNF))
        _, key = family_link(work, made.id)
    keys = opened_by_link(site, f"/choice/{key}")
    keys.reach("^First choice")
    keys.choose("Maple")
    keys.reach("^Your name")
    keys.type("Ida")
    keys.go("^Send what we prefer")
    expect(keys.page.get_by_text("Thank you.")).to_be_visible()
