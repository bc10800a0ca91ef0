"""A denial from the list to the decision: its packet opens as a PDF with its parts, the appeal is sent with it."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pypdf
import pytest
from playwright.sync_api import Page, expect

from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.denials import source as denials
from app.payers.requests.terms import Action, Decision
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import focused, holds, sideways
from tests.support.owing import only

ROSA = Arrival(
    visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="BAYSHORE ADVANTAGE", ago=timedelta(days=2, hours=2)
)


@pytest.fixture(autouse=True)
def only_denials() -> Iterator[None]:
    with only(denials.RULES):
        yield


def denied() -> None:
    """A stay whose payer authorizes two of the four days that it was asked for."""
    Ward().admit(ROSA)
    today = now().date()
    with begin(everywhere("test")) as work:
        wish = AskPayer(first_day=today - timedelta(days=2), last_day=today + timedelta(days=1))
        asked = request_authorization(work, stay_of("V1"), wish)
        said = Decision(action=Action.MODIFIED, quantity=2, reasons=("0V",), text="Lower level of care from then on")
        record_decision(work, asked.authorization_id, said)


def opened(site: Site) -> Page:
    """The page of the denial, from the list, by keyboard."""
    page = site.open("uma", "/worklists/denials")
    expect(row(page, "Alder").locator("tr.stay")).to_contain_text("2 days")
    page.goto(f"/encounters/{stay_of('V1')}/denials")
    page.get_by_role("link", name="Concurrent, BAYSHORE ADVANTAGE").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Concurrent denial, BAYSHORE ADVANTAGE")).to_be_visible()
    return page


def test_the_packet_is_one_click_and_has_a_page_for_each_part(site: Site):
    denied()
    page = opened(site)
    button = page.get_by_role("button", name="Make the packet")
    with page.expect_response(lambda answer: "/appeal-packets/" in answer.url) as found:
        button.click()
    answer = page.context.request.get(found.value.url)

    assert answer.headers["content-type"] == "application/pdf"
    pages = [part.extract_text() for part in pypdf.PdfReader(io.BytesIO(answer.body())).pages]
    cover = pages[0].replace("\n", " ")
    for text in ("Appeal packet", "ALDER, ROSA", "BAYSHORE ADVANTAGE", "0V · Lower level of care", "Reconsideration"):
        assert text in cover, text
    titles = ["The stay", "Course of the stay", "Denials and appeals"]
    begins = [next(number for number, text in enumerate(pages) if text.startswith(title)) for title in titles]
    assert begins == sorted(begins) and begins[0] == 1 and len(set(begins)) == len(titles)
    for title, number in zip(titles, begins, strict=True):
        assert f"{title}" in pages[0] and str(number + 1) in cover

    page.goto(page.url if "/denials/" in page.url else f"/encounters/{stay_of('V1')}/denials")
    if "/denials/" not in page.url or page.url.endswith("/denials"):
        page.get_by_role("link", name="Concurrent, BAYSHORE ADVANTAGE").click()
    digest = page.locator("p.cite", has_text="SHA-256").inner_text().removeprefix("SHA-256 ")
    assert digest in "".join(pages[0].split())


def test_an_appeal_is_sent_by_keyboard_and_its_decision_opens_the_next_level(site: Site):
    denied()
    page = opened(site)
    page.locator("summary", has_text="Appeal sent").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Tracking number").fill("F-77")
    page.get_by_label("Tracking number").press("Enter")

    expect(page.locator("#denial")).to_contain_text("tracking F-77")
    expect(page.locator("#denial")).to_contain_text("A decision is due")
    expect(page.locator("#flash").get_by_role("button", name="Undo")).to_be_visible()
    page.locator("summary", has_text="Record the decision").click()
    page.get_by_label("Upheld").check()
    page.get_by_role("button", name="Record the decision").click()

    expect(page.locator("#denial")).to_contain_text("Upheld")
    second = page.locator("li", has_text="2. Independent review")
    expect(second).to_contain_text("The plan itself sends the case on.")
    expect(second.locator("summary", has_text="Appeal sent")).to_be_visible()


def test_a_closing_that_is_refused_says_so_beside_its_field(site: Site):
    denied()
    page = opened(site)
    page.locator("summary", has_text="Close").first.click()
    page.get_by_label("How it ended").select_option("written_off")
    page.get_by_role("button", name="Close the denial").click()
    expect(page.locator(".note[role=alert]")).to_contain_text("Say why it is written off.")
    holds(page, lambda: "Say why" in focused(page))
    page.locator("#c-reason").fill("Costs more than it brings")
    page.get_by_role("button", name="Close the denial").click()
    expect(page.locator("#denial")).to_contain_text("Written off")
    page.goto("/worklists/denials")
    expect(page.locator("main")).to_contain_text("No denial is open.")


def test_its_pages_are_sound_on_a_desk_and_on_a_phone(site: Site, violations: Check):
    denied()
    for size in (DESKTOP, PHONE):
        page = site.open("uma", f"/encounters/{stay_of('V1')}/denials", size)
        assert violations(page) == [] and sideways(page) == 0
        page.get_by_role("link", name="Concurrent, BAYSHORE ADVANTAGE").click()
        expect(page.get_by_role("heading", name="Appeal packets")).to_be_visible()
        for summary in page.locator("#denial summary").all():
            summary.click()
        page.evaluate("scrollTo(0, 0)")
        assert violations(page) == [] and sideways(page) == 0
