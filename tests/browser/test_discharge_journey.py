"""From the first question to five agencies to the call at home, by keyboard at the hospital's side."""

import io
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from app.discharge.terms import CareType
from app.discharge.vendors.commands import AddContact, SetPosition, SetVendor, add_contact, add_vendor, set_position
from app.discharge.vendors.terms import ContactKind
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import sideways, unsaid
from tests.support.world import World

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", ago=timedelta(days=3))
AGENCIES = ("Alder Home Care", "Birch Nursing", "Cedar at Home", "Dogwood Visits", "Elm Home Health", "Fern Care")
TOMORROW = timedelta(days=1)


def agencies(world: World) -> None:
    """Home health agencies that take part in Medicare, at growing distances."""
    north = world.facility["NORTH"]
    with begin(world.viewer("adam").acting(Permission.VENDOR_SET)) as work:
        set_position(work, north, SetPosition(latitude=41.0, longitude=-87.0))
        for number, name in enumerate(AGENCIES):
            said = {"name": name, "care_type": CareType.HOME_HEALTH, "latitude": 41.0 + number / 50, "longitude": -87.0}
            key = add_vendor(work, north, SetVendor.model_validate(said | {"medicare": "yes"}))
            add_contact(work, key, AddContact(kind=ContactKind.PHONE, value=f"555 010{number}"))


def press(where: Locator, key: str = "Enter") -> None:
    """Come to it and press a key, as somebody does who has no mouse."""
    where.focus()
    where.press(key)


def going_home_with_help(page: Page) -> None:
    press(page.get_by_text("Set the destination"))
    page.get_by_label("Going to").select_option("home_health")
    press(page.locator("form[action$='/disposition'] button.primary, form[action$='/disposition'] button").last)
    expect(page.get_by_text("Home health").first).to_be_visible()


def ask_five(page: Page) -> str:
    """Two keys from the list; returns the link of the nearest agency."""
    row(page, "Alder").locator("[data-stop]").first.focus()
    page.keyboard.press("f")
    expect(page.get_by_role("heading", name="6 can take the patient")).to_be_visible()
    page.keyboard.press("m")
    expect(page.locator('input[readonly][value*="/referral/"]')).to_have_count(5)
    shown = page.get_by_label("Alder Home Care", exact=True).input_value()
    return "/referral/" + shown.rsplit("/", 1)[1]


def accept_on_a_telephone(site: Site, link: str, violations: Check) -> None:
    phone = site.open("", link, PHONE)
    unsaid(phone, "Rosa")
    assert violations(phone) == [] and sideways(phone) == 0
    phone.get_by_role("button", name="Open referral").click()
    expect(phone.get_by_role("heading", name="Packet")).to_be_visible()
    assert violations(phone) == [] and sideways(phone) == 0
    phone.get_by_role("link", name="Accept").click()
    phone.get_by_label("Bed or start from").fill((now() + TOMORROW).date().isoformat())
    phone.locator("#va-answered_by").fill("Kim Intake 555 0100")
    phone.get_by_role("button", name="Send acceptance").click()
    expect(phone.get_by_text("you accepted")).to_be_visible()


def record_the_choice(page: Page, stay: str) -> None:
    page.goto(f"{stay}/choice/new?care_type=home_health&within=25&around=hospital")
    press(page.get_by_role("button", name="Make the list"))
    press(page.get_by_role("link", name="Record the answer"))
    page.get_by_label("First choice").select_option(label="Alder Home Care")
    press(page.get_by_role("button", name="Record the answer"))
    expect(page.get_by_text("Chose: Alder Home Care")).to_be_visible()


def book_it(page: Page, stay: str) -> None:
    page.goto(f"{stay}/bookings")
    press(page.get_by_text("Book", exact=True).first)
    page.get_by_label("Accepted referral").select_option(index=1)
    page.get_by_label("Bed, first visit or delivery on").fill((now() + TOMORROW).date().isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article", name="Booking:").first).to_contain_text("Alder Home Care")


def settle_the_checklist(page: Page, stay: str) -> None:
    """What is not shown by a record is left out with a reason, item by item."""
    page.goto(f"{stay}/departure")
    summaries = page.locator("#checklist li summary", has_text="Not needed")
    for _ in range(20):
        if not summaries.count():
            break
        left = summaries.count()
        press(summaries.first)
        reason = page.locator("#checklist details[open] input[name=reason]").first
        reason.fill("arranged by the agency")
        press(page.locator("#checklist details[open] button[value=without]").first)
        expect(summaries).to_have_count(left - 1)
    expect(page.locator("#checklist header")).to_contain_text("0 of")


def packet_pages(page: Page, stay: str) -> list[str]:
    """The packet is made and its pages are read."""
    page.goto(f"{stay}/handoffs/new")
    page.get_by_label("For", exact=True).fill("Alder Home Care")
    press(page.get_by_role("button", name="Make the packet"))
    link = page.locator("#handoff a", has_text="PDF").first
    expect(link).to_be_visible()
    answer = page.request.get(str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    return [one.extract_text() for one in PdfReader(io.BytesIO(answer.body())).pages]


def call_at_home(page: Page, stay: str) -> None:
    page.goto(stay)
    page.wait_for_function("window.daybook && window.htmx && document.body.dataset.singleKeys")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Call after discharge")).to_be_visible()
    page.keyboard.press("5")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Call after discharge")).to_be_hidden()


def test_a_patient_goes_home_with_an_agency_of_her_choice(site: Site, violations: Check) -> None:
    ward = Ward()
    ward.admit(ROSA)
    agencies(site.world)
    stay = f"/encounters/{stay_of('V1')}"
    dana = site.open("dana", f"{stay}/plan")
    going_home_with_help(dana)
    dana.goto("/worklists/inpatient")
    link = ask_five(dana)

    dana.goto(f"{stay}/referrals")
    dana.wait_for_selector("#stream[data-listening]", state="attached")
    accept_on_a_telephone(site, link, violations)
    expect(dana.locator("#stay-referrals")).to_contain_text("1 of 5 yes")
    record_the_choice(dana, stay)
    book_it(dana, stay)
    with reading(everywhere("test")) as db:
        stands = db.values("select state from referral where ended_at is null order by 1")
    assert stands == ["accepted"] + ["closed"] * 4, "a booking closes the other referrals"

    pages = packet_pages(dana, stay)
    assert "Alder" in pages[0] and any("Home health" in one for one in pages)
    settle_the_checklist(dana, stay)
    assert violations(dana) == []
    ward.discharge(ROSA)
    call_at_home(dana, stay)
    with reading(everywhere("test")) as db:
        open_now = db.values(
            "select rule from obligation where ended_at is null and required and closed_at is null"
            " and rule in ('TC-CALL', 'RF-ANSWER', 'RF-CHOICE', 'DP-EDD')"
        )
    assert open_now == []
