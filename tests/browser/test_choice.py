"""A list is made, shared with a family on a phone, and the answer recorded: by keyboard at the hospital's side."""

from datetime import timedelta

from playwright.sync_api import expect

from app.platform.work import everywhere, reading
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, stay_of
from tests.browser.waiting import sideways, unsaid
from tests.discharge.choice.support import furnished

GRACE = Arrival(visit="V1", name="ALDER^GRACE", place="4W^401^A", payer="MEDICARE", ago=timedelta(days=2))


def test_a_family_marks_what_it_prefers_and_the_answer_is_recorded(site: Site, violations: Check) -> None:
    furnished(site.world)
    Ward().admit(GRACE)
    stay = stay_of("V1")
    dana = site.open("dana", f"/encounters/{stay}/choice/new?care_type=snf&within=25&around=hospital")
    expect(dana.get_by_role("heading", name="Skilled nursing (SNF): 3 providers")).to_be_visible()
    assert violations(dana) == []
    dana.get_by_role("button", name="Make the list").focus()
    dana.keyboard.press("Enter")
    expect(dana.get_by_text("No answer is recorded yet.")).to_be_visible()
    assert violations(dana) == []
    dana.get_by_role("button", name="Share a link").focus()
    dana.keyboard.press("Enter")
    address = dana.locator(".note.green a").get_attribute("href")
    assert address is not None

    family = site.open("", address, PHONE)
    expect(family.get_by_role("heading", level=1)).to_have_text("Providers to choose from")
    unsaid(family, "ALDER")
    assert sideways(family) == 0
    assert violations(family) == []
    family.get_by_label("First choice").select_option(label="QUARRY HILL")
    family.get_by_label("Your name").fill("Ida")
    family.get_by_role("button", name="Send what we prefer").click()
    expect(family.get_by_text("Thank you.")).to_be_visible()

    dana.goto(f"/encounters/{stay}/choice")
    expect(dana.get_by_text("marked QUARRY HILL through the link")).to_be_visible()
    dana.get_by_role("link", name="Record the answer").focus()
    dana.keyboard.press("Enter")
    expect(dana.get_by_label("First choice")).to_be_focused()
    expect(dana.get_by_label("Heard by")).to_be_hidden()
    assert violations(dana) == []
    dana.get_by_role("button", name="Record the answer").focus()
    dana.keyboard.press("Enter")
    expect(dana.get_by_text("Chose: QUARRY HILL")).to_be_visible()
    with reading(everywhere("test")) as view:
        assert view.value("select outcome from choice where ended_at is null") == "chosen"
