"""Condition code 44 in the browser: completed when every record is there, refused with the reason when one is not."""

from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.waiting import sideways
from tests.status.support import ask, change, claim, find, hear, notify, opine, seat

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=20), payer="MEDICARE",
               expected=timedelta(hours=30))  # fmt: skip
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="OBS^07^A", klass="OBS", ago=timedelta(hours=35), payer="MEDICARE",
               expected=timedelta(hours=40))  # fmt: skip


def section(page: Page, heading: str) -> Locator:
    return page.locator("section.card", has=page.get_by_role("heading", name=heading, level=2))


def opened(part: Locator, name: str) -> None:
    """Unfold a form and leave its summary behind."""
    part.locator("summary", has_text=name).first.click()


def test_a_change_goes_from_the_question_to_its_completion(site: Site):
    Ward().admit(ROSA)
    seat(site.world, "paul", "carla")
    where = f"/encounters/{stay_of('V1')}/status"
    uma = site.open("uma", where)
    cases, work = section(uma, "Determinations"), section(uma, "Status: Inpatient")

    opened(cases, "Ask the committee")
    cases.get_by_role("button", name="Open the determination").click()
    opened(cases, "Record an attempt")
    cases.get_by_label("Practitioner", exact=True).fill("Ann Tending MD")
    cases.get_by_text("Concurs", exact=True).click()
    cases.get_by_label("Where the record holds the concurrence").fill("Progress note 10:02")
    cases.get_by_role("button", name="Record the attempt").click()
    expect(cases.get_by_text("One member of the committee decides")).to_be_visible()

    paul = site.open("paul", where)
    decided = section(paul, "Determinations")
    opened(decided, "Give your opinion")
    decided.get_by_text("Not medically necessary", exact=True).first.click()
    decided.get_by_label("Because").fill("Stable on room air since arrival.")
    decided.get_by_role("button", name="Record your opinion").click()
    opened(decided, "Determine")
    form = decided.locator("form", has=paul.get_by_role("button", name="Sign the determination"))
    form.get_by_text("Not medically necessary", exact=True).click()
    form.get_by_label("Rationale").fill("No hospital care is needed overnight.")
    form.get_by_role("button", name="Sign the determination").click()
    expect(decided.get_by_text("Not told yet: hospital, patient, practitioner")).to_be_visible()

    uma.goto(where)
    for told in ("Hospital", "Patient", "Practitioner"):
        opened(cases, "Record a notice")
        cases.get_by_label("To", exact=True).select_option(label=told)
        cases.get_by_label("Handed to").fill("In person")
        cases.get_by_role("button", name="Record the notice").click()
        expect(cases.locator(".what", has_text=told)).to_be_visible()
    opened(work, "Record a statement")
    work.get_by_label("Said by").fill("Billing desk")
    work.get_by_role("button", name="Record the statement").click()
    work.get_by_role("button", name="Work towards this change").click()
    opened(work, "Complete")
    work.get_by_label("Order by").fill("Ann Tending MD")
    work.get_by_label("Reason").first.fill("A short stay from the start")
    work.get_by_role("button", name="Complete the change").click()

    expect(work.get_by_text("Waiting for registration's message")).to_be_visible()


def test_after_the_discharge_the_change_is_refused_and_self_denial_offered(site: Site):
    ward, stay = Ward(), None
    ward.admit(ROSA)
    seat(site.world, "paul", "carla")
    stay = stay_of("V1")
    case = ask(site.world, stay, at=now())
    hear(site.world, case, at=now())
    opine(site.world, case, at=now())
    find(site.world, case, at=now())
    claim(site.world, stay, at=now())
    change(site.world, stay, at=now())
    ward.discharge(ROSA)
    uma = site.open("uma", f"/encounters/{stay}/status")
    work = section(uma, "Status: Discharged")

    opened(work, "Complete")
    work.get_by_label("Order by").fill("Ann Tending MD")
    work.get_by_label("Reason").first.fill("A short stay from the start")
    work.get_by_role("button", name="Complete the change").click()

    expect(work.get_by_role("alert")).to_contain_text("the patient has left: use self-denial")
    expect(work.get_by_label("Order by")).to_have_value("Ann Tending MD")
    expect(work.get_by_role("heading", name="Self-denial after discharge")).to_be_visible()


def test_a_practitioner_who_disagrees_asks_for_a_second_member(site: Site):
    Ward().admit(ROSA)
    seat(site.world, "paul", "carla")
    case = ask(site.world, stay_of("V1"), at=now())
    hear(site.world, case, "disagrees", at=now())
    opine(site.world, case, at=now())
    paul = site.open("paul", f"/encounters/{stay_of('V1')}/status")
    cases = section(paul, "Determinations")

    expect(cases.get_by_text("Two members of the committee decide")).to_be_visible()
    opened(cases, "Determine")
    cases.get_by_text("Not medically necessary", exact=True).last.click()
    cases.get_by_label("Rationale").fill("No hospital care is needed overnight.")
    cases.get_by_role("button", name="Sign the determination").click()

    expect(cases.get_by_role("alert")).to_contain_text("a second member")
    expect(cases.get_by_label("Rationale")).to_have_value("No hospital care is needed overnight.")


def test_the_pages_are_sound_on_every_screen(site: Site, violations: Check):
    Ward().admit(ROSA, OMAR)
    seat(site.world, "paul")
    case = ask(site.world, stay_of("V1"), at=now())
    hear(site.world, case, at=now())
    opine(site.world, case, at=now())
    find(site.world, case, at=now())
    notify(site.world, case, "hospital", at=now())
    change(site.world, stay_of("V1"), at=now())
    for size, scheme in ((DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark")):
        for path in (*(f"/encounters/{stay_of(visit)}/status" for visit in ("V1", "V2")), "/committee"):
            page = site.open("carla", path, size, color_scheme=scheme)
            assert violations(page) == []
            assert sideways(page) == 0
