"""Protected stays, search, interfaces, people, facilities and the audit trail, as the people who use them do."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.census.stay.marks import MarkStay, mark_stay
from app.platform.work import begin, everywhere
from tests.browser.conftest import Site
from tests.browser.journeys import CENSUS, Ward, give_password, row, stay_of
from tests.browser.waiting import address_lacks
from tests.support.hl7 import Sender
from tests.support.world import PASSWORD, World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def protect(visit: str) -> None:
    with begin(everywhere("test")) as work:
        mark_stay(work, stay_of(visit), MarkStay(sensitivity="vip", reason="asked for by the patient"))


def title(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_protected_stay_opens_with_a_reason_and_privacy_sees_it(site: Site, ward: Ward) -> None:
    protect("V4")
    give_password(site.world, "dana")
    page = site.open("dana", "/worklists/inpatient")
    expect(page.get_by_text("DOGWOOD")).to_have_count(0)

    page.get_by_role("link", name="Restricted stay").click()
    title(page, "This stay is protected")
    expect(page.get_by_text("DOGWOOD")).to_have_count(0)
    page.get_by_label("Reason", exact=True).select_option("covering")
    page.get_by_label("Why do you need this stay?").fill("because")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Open for 4 hours").click()
    title(page, "This stay is protected")
    page.get_by_label("Why do you need this stay?").fill("Discharge planning asked for by the attending.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Open for 4 hours").click()

    title(page, "DOGWOOD, PAVEL")
    expect(page.locator(".banner .note, main .note").first).to_contain_text("protected", ignore_case=True)
    page.goto("/worklists/inpatient")
    expect(row(page, "DOGWOOD")).to_have_count(1)
    colleague = site.open("uma", "/worklists/inpatient")
    expect(colleague.get_by_text("DOGWOOD")).to_have_count(0)
    privacy = site.open("priya", "/audit/glass")
    line = privacy.locator("tr", has_text="Dana Whitlow")
    expect(line).to_contain_text("Discharge planning asked for by the attending.")
    expect(line).to_contain_text("still open")


def ask(page: Page, words: str) -> None:
    page.get_by_role("search", name="Find a patient").get_by_role("searchbox").fill(words)
    page.keyboard.press("Enter")


def test_patient_is_found_by_name_number_and_room(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")

    for words in ("ceda", "cedar, june", "4W 403"):
        ask(page, words)
        title(page, "Find a patient")
        page.get_by_role("link", name="CEDAR, JUNE").click()
        title(page, "CEDAR, JUNE")
    for number in ("MV3", "V3"):
        page.goto("/worklists/inpatient")
        ask(page, number)
        title(page, "CEDAR, JUNE")

    page.goto("/find")
    expect(page.get_by_role("heading", name="Opened by you")).to_be_visible()


def test_notes_of_a_stay_are_written_amended_and_struck_out_in_place(site: Site, ward: Ward) -> None:
    page = site.open("dana", f"/encounters/{stay_of('V3')}/notes")
    notes = page.get_by_role("listitem")

    page.get_by_label("New note").fill("Sister has the key.")
    page.get_by_role("button", name="Write note").click()
    expect(notes).to_contain_text("Sister has the key.")
    notes.get_by_text("Amend").click()
    page.get_by_label("Text from now on").fill("Brother has the key.")
    page.get_by_role("button", name="Save the new text").click()
    expect(notes).to_contain_text("Brother has the key.")
    expect(notes).to_contain_text("amended")
    notes.get_by_text("Strike out").click()
    page.get_by_label("Reason").fill("written for another patient")
    page.get_by_role("button", name="Strike the note out").click()

    expect(notes.locator("del")).to_have_text("Brother has the key.")
    expect(notes).to_contain_text("written for another patient")
    expect(page.get_by_role("heading", name="Notes")).to_have_count(1)


def test_nobody_found_is_said_with_a_way_on(site: Site, ward: Ward) -> None:
    page = site.open("stan", "/find")

    page.get_by_label("Name, MRN, visit number or room").last.fill("cedar")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nobody found")).to_be_visible()


def test_message_that_was_set_aside_is_replayed_after_the_repair(site: Site, ward: Ward) -> None:
    east = Sender(facility="EAST", prefix="E")
    ward.send(east.admit("E1", "ME1", "2N^201^A", name="HAZEL^BO"))
    page = site.open("adam", "/interfaces")
    problems = page.locator("section", has=page.get_by_role("heading", name="Messages that are not applied"))
    expect(problems).to_contain_text("EAST")

    page.goto("/facilities/SOUTH")
    page.get_by_label("Other names of the sender").fill("EAST")
    page.get_by_role("button", name="Save feed").click()
    expect(page.get_by_text("The feed was saved.")).to_be_visible()
    page.goto("/interfaces")
    problems.get_by_role("row", name=re.compile("EAST")).get_by_role("link").click()
    title(page, re.compile("Message [0-9]+"))
    expect(page.get_by_label("Segments of the message")).to_contain_text("HAZEL^BO")
    page.get_by_role("button", name="Replay").click()

    expect(page.get_by_text("The message was sent into the pipeline once more.")).to_be_visible()
    ward.send()
    page.goto("/interfaces")
    expect(problems).to_have_count(0)
    stan = site.open("stan", "/worklists/inpatient")
    expect(row(stan, "HAZEL")).to_have_count(1)


def test_a_refusal_above_the_form_names_its_field_and_leads_there(site: Site, ward: Ward) -> None:
    page = site.open("adam", "/facilities/SOUTH")
    page.get_by_label("Minutes of silence until a warning").fill("soon")
    page.get_by_role("button", name="Save feed").click()

    link = page.get_by_role("alert").get_by_role("link")
    expect(link).to_have_text("Minutes of silence until a warning: Write a whole number.")
    link.press("Enter")
    expect(page.get_by_label("Minutes of silence until a warning")).to_be_focused()


def test_administrator_adds_a_person_who_signs_in(site: Site) -> None:
    give_password(site.world, "adam")
    page = site.open("adam", "/people")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name", exact=True).fill("Nora Fielding")
    page.get_by_label("User name").fill("nora")
    page.get_by_label("Role", exact=True).select_option(label="Case manager")
    page.get_by_label("Where the role holds").select_option(label="North Harbor Hospital")
    page.get_by_role("button", name="Add this person").click()
    title(page, "Temporary password")
    handed = page.locator("dl.kv dd").last.inner_text()

    nora = site.open(path="/")
    nora.get_by_label("User name").fill("nora")
    nora.get_by_label("Password").fill(handed)
    nora.keyboard.press("Enter")
    title(nora, "Choose a new password")
    nora.get_by_label("Temporary password").fill(handed)
    nora.get_by_label("New password", exact=True).fill(PASSWORD)
    nora.get_by_label("New password again").fill(PASSWORD)
    nora.get_by_role("button", name="Change password").click()

    title(nora, "My day")
    page.goto("/people")
    expect(page.get_by_role("row", name=re.compile("Nora Fielding"))).to_contain_text("Case manager, North Harbor")
    page.get_by_role("link", name="Nora Fielding").click()
    page.get_by_role("button", name="Switch this person off").click()
    nora.reload()
    title(nora, "Sign in")


def test_administrator_adds_a_facility_and_a_unit(site: Site) -> None:
    page = site.open("adam", "/facilities")
    page.get_by_role("link", name="Add a facility").click()
    page.get_by_label("Name").fill("West Point Hospital")
    page.get_by_label("Code").fill("WEST")
    page.get_by_label("Time zone").fill("America/Nowhere")
    page.get_by_role("button", name="Add this facility").click()
    expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Time zone").fill("America/Boise")
    page.get_by_role("button", name="Add this facility").click()
    title(page, "West Point Hospital")

    unit = page.get_by_role("form", name="Add a unit")
    unit.get_by_label("Code").fill("3E")
    unit.get_by_label("Name").fill("3 East")
    unit.get_by_label("Beds").fill("24")
    unit.get_by_role("button", name="Add this unit").click()

    expect(page.get_by_role("row", name=re.compile("3 East"))).to_contain_text("24")


def test_auditor_asks_who_saw_a_patient_and_what_a_person_did(site: Site, ward: Ward) -> None:
    dana = site.open("dana", "/worklists/inpatient")
    row(dana, "CEDAR").locator(".c-pt a").click()
    title(dana, "CEDAR, JUNE")
    page = site.open("aud", "/audit")

    page.get_by_label("MRN, visit or account number").fill("MV3")
    page.get_by_role("button", name="Show who saw this patient").click()
    title(page, "Who saw this patient")
    expect(page.get_by_role("row", name=re.compile(r"Dana Whitlow \(dana\) saw stay ")).first).to_be_visible()
    address_lacks(page, "MV3")

    page.goto("/audit")
    page.get_by_label("Person", exact=True).select_option(str(site.world.user["dana"]))
    page.get_by_role("button", name="Show what this person did").click()
    title(page, "What this person did")
    expect(page.get_by_role("row", name=re.compile(r"Dana Whitlow \(dana\) saw stay ")).first).to_be_visible()


def test_page_of_another_role_is_refused_in_a_sentence(site: Site) -> None:
    page = site.open("dana", "/people")

    title(page, re.compile("."))
    expect(page.locator("[data-error], .empty p").first).to_be_visible()
    expect(page.get_by_role("link", name="Adam Sorbo")).to_have_count(0)
