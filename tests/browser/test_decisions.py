"""A question from the row in two keys, its answer in three interactions, seen by the nurse without a reload."""

import re
import uuid
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from app.advisor.commands import PutQuestion, escalate
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import becomes, settled, sideways, unsaid

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=1))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="OBS^07^A", klass="OBS", ago=timedelta(hours=26))
QUESTION = "Are two more midnights expected from today on?"


def put(site: Site, visit: str, kind: str = "status_question", minutes: int = 20) -> uuid.UUID:
    """A question that Dana asked some minutes ago."""
    viewer = site.world.viewer("dana").acting(Permission.ESCALATE)
    with begin(viewer, at=now() - timedelta(minutes=minutes)) as work:
        asked = PutQuestion.model_validate({"kind": kind, "question": QUESTION})
        return escalate(work, stay_of(visit), asked).escalation_id


def outcomes() -> list[str]:
    with reading(everywhere("test")) as db:
        return db.values("select outcome from escalation_decision where ended_at is null order by decided_at")


def listening(page: Page) -> Page:
    """Wait until the page hears of changes."""
    page.wait_for_selector("#stream[data-listening]", state="attached")
    return page


def test_three_interactions_decide_a_card_and_the_nurse_sees_it_live(site: Site):
    Ward().admit(ROSA, OMAR)
    put(site, "V2")
    nurse = site.open("dana", f"/encounters/{stay_of('V2')}/escalations")
    rows = site.open("dana", "/worklists/observation")
    rows.wait_for_selector("#live[data-listening]", state="attached")
    expect(row(rows, "Birch").locator("tr.stay")).to_contain_text("PA asked")
    listening(nurse)
    paul = site.open("paul", "/decisions")
    expect(paul.locator(".dcard h2")).to_have_text(QUESTION)
    expect(paul.locator(".dcard [data-stop]")).to_be_focused()

    paul.keyboard.press("1")
    paul.keyboard.press("a")
    paul.keyboard.press("Control+Enter")

    expect(paul.get_by_role("status").first).to_contain_text("Signed: inpatient supported.")
    assert outcomes() == ["inpatient_supported"]
    expect(nurse.locator("#stay-escalations")).to_contain_text("Inpatient supported")
    expect(row(rows, "Birch").locator("tr.stay")).to_contain_text("PA: supported")

    paul.get_by_role("button", name="Undo").click()
    expect(paul.locator(".dcard h2")).to_have_text(QUESTION)


def test_a_new_card_appears_by_itself_and_waits_while_one_is_being_answered(site: Site):
    Ward().admit(ROSA, OMAR)
    paul = listening(site.open("paul", "/decisions"))
    expect(paul.get_by_text("No question waits for a physician")).to_be_visible()

    put(site, "V1")
    expect(paul.locator(".dcard")).to_have_count(1)

    paul.locator(".dcard [data-stop]").focus()
    paul.keyboard.press("2")
    put(site, "V2", "continued_stay")
    expect(paul.locator("#agenda li")).to_have_count(2)
    expect(paul.locator(".dcard")).to_have_count(1)
    expect(paul.get_by_label("Observation appropriate")).to_be_checked()


def test_a_question_is_put_from_the_row_in_two_keys(site: Site):
    Ward().admit(OMAR)
    page = site.open("uma", "/worklists/observation")
    page.wait_for_selector("#live[data-listening]", state="attached")
    row(page, "Birch").locator("[data-stop]").focus()

    page.keyboard.press("u")
    expect(row(page, "Birch").get_by_role("button", name="Put the question")).to_be_focused()
    page.keyboard.press("Enter")

    expect(row(page, "Birch").locator(".note.green")).to_contain_text("Asked: physician advisor.")
    expect(row(page, "Birch").locator("tr.stay")).to_contain_text("PA asked")


def places(page: Page) -> list[Any]:
    """Where the three answers stand."""
    answers = page.locator(".answers label")
    return [answers.nth(place).bounding_box() for place in range(3)]


def test_choosing_an_answer_moves_no_button_and_shows_its_reasons_only(site: Site):
    Ward().admit(OMAR)
    put(site, "V2")
    page = site.open("paul", "/decisions")
    before = places(settled(page))
    expect(page.locator(".reasons:visible")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Sign the answer"))).to_be_hidden()

    page.keyboard.press("2")

    expect(page.locator(".reasons:visible")).to_have_count(1)
    becomes(page, lambda: places(page), before)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".dcard .note.red")).to_contain_text("Not signed.")
    assert outcomes() == []


def test_the_attending_answers_on_a_phone_through_the_link(site: Site, violations: Check):
    Ward().admit(OMAR)
    dana = site.open("dana", f"/encounters/{stay_of('V2')}/escalations")
    dana.get_by_text("Ask the attending").click()
    dana.get_by_label("Message", exact=True).fill("Will you write the expectation down?")
    dana.get_by_role("button", name="Put the message").click()
    dana.get_by_role("button", name="Make a link").click()
    address = dana.get_by_label("Link to this message").input_value()

    phone = site.open("", address.removeprefix(site.base), PHONE)
    expect(phone.get_by_text("Will you write the expectation down?")).to_be_visible()
    unsaid(phone, "Birch")
    assert sideways(phone) == 0 and violations(phone) == []
    phone.get_by_text("I disagree").click()
    phone.get_by_role("button", name="Send the answer").click()

    expect(phone.get_by_role("heading", name="Answer recorded")).to_be_visible()
    dana.goto(f"/encounters/{stay_of('V2')}/escalations")
    expect(dana.locator("#stay-escalations")).to_contain_text("I disagree")


def test_cards_fit_every_screen_and_are_sound(site: Site, violations: Check):
    Ward().admit(ROSA, OMAR)
    put(site, "V1", "concurrent_denial")
    put(site, "V2")
    for size in (DESKTOP, PHONE):
        page = site.open("paul", "/decisions", size)
        page.locator(".dcard .answers label").first.click()
        assert sideways(page) == 0 and violations(page) == []
