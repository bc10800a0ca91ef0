"""From the list to the physician and back: five reviews by keyboard, one referred, decided, and seen by the nurse."""

import re

from playwright.sync_api import expect

from app.platform.work import everywhere, reading
from tests.browser.conftest import Site
from tests.browser.journeys import Ward, row
from tests.browser.test_reviews import WARD, on_list


def test_the_nurse_refers_one_of_five_the_physician_decides_and_she_sees_it(site: Site):
    Ward().admit(*WARD)
    nurse = on_list(site)
    expect(nurse.locator("tbody[data-stay]")).to_have_count(5)
    nurse.locator("tbody[data-stay] [data-stop]").first.focus()
    nurse.keyboard.press("r")
    referred = ""
    for place in range(5):
        expect(nurse.locator("[data-letters] :focus")).to_have_count(1)
        here = nurse.url
        if place == 1:
            referred = nurse.locator(".head .sub a").inner_text().split(",")[0]
            nurse.get_by_label("Why the criteria are not met").fill("Only tablets since yesterday")
            nurse.get_by_label("Level of care", exact=True).select_option("acute")
            nurse.get_by_label("Level of care that would be enough").select_option("skilled_nursing")
        else:
            nurse.keyboard.press("m")
        nurse.keyboard.press("Control+Enter")
        expect(nurse).not_to_have_url(here)
    expect(nurse).to_have_url(re.compile("/worklists/reviews-due"))

    rows = site.open("uma", "/worklists/inpatient")
    rows.wait_for_selector("#live[data-listening]", state="attached")
    expect(row(rows, referred).locator("tr.stay")).to_contain_text("PA asked")

    physician = site.open("paul", "/decisions")
    expect(physician.locator(".dcard")).to_have_count(1)
    expect(physician.locator(".dcard")).to_contain_text(referred)
    expect(physician.locator(".dcard")).to_contain_text("Only tablets since yesterday")
    expect(physician.locator(".dcard [data-stop]")).to_be_focused()
    for key in ("1", "a", "Control+Enter"):
        physician.keyboard.press(key)
    expect(physician.get_by_role("status").first).to_contain_text("Signed: ")

    expect(row(rows, referred).locator("tr.stay")).to_contain_text("PA: ")
    with reading(everywhere("test")) as db:
        decided = db.values(
            "select p.family from escalation_decision d join encounter e on e.id = d.encounter_id"
            " join patient p on p.id = e.patient_id where d.ended_at is null"
        )
    assert decided == [referred.upper()]
