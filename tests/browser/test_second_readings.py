"""A reading by hand that knows nothing of the first one, from the draw to the figures."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.reviews.commands import WriteReview, sign_review
from app.reviews.criteria.terms import ReviewKind
from app.security.permissions import Permission
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import ZONE, Arrival, Check, Ward, stay_of
from tests.browser.waiting import sideways

WARD = [
    Arrival(visit=f"V{place}", name=name, place=f"4W^40{place}^A", ago=timedelta(hours=24 + place))
    for place, name in enumerate(("ALDER^ROSA", "BIRCH^OMAR"), 1)
]
SECRET = "Antibiotics by vein since the morning."


def reviewed(site: Site) -> None:
    """Both stays have an admission review by Uma, an hour old."""
    Ward().admit(*WARD)
    for one in WARD:
        with reading(everywhere("test")) as view:
            began = view.value("select start_at from encounter where id = %s", (stay_of(one.visit),))
        ask = WriteReview(kind=ReviewKind.ADMISSION, for_day=began.astimezone(ZONE).date(), criteria="aep_admission 2",
                          points=["A12"], summary=SECRET)  # fmt: skip
        with begin(site.world.viewer("uma").acting(Permission.REVIEW_WRITE)) as work:
            sign_review(work, stay_of(one.visit), ask)


def test_a_sample_is_drawn_read_blind_and_counted(site: Site, violations: Check) -> None:
    reviewed(site)
    lead = site.open("lee", "/reviews/agreement")
    lead.get_by_label("Signed from").fill(f"{now().astimezone(ZONE):%Y-%m-%d}")
    lead.get_by_label("Share in per cent").fill("100")
    lead.get_by_role("button", name="Draw").click()
    expect(lead.locator(".flash")).to_contain_text("The sample is drawn")
    expect(lead.get_by_text("the seed gives the same reviews")).to_be_visible()

    page = site.open("dana", "/second-readings")
    page.get_by_role("button", name=re.compile("Read it.*ALDER, ROSA")).click()
    expect(page.get_by_role("heading", name="Second reading", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Course of the stay")).to_be_visible()
    for hidden in (SECRET, "Uma Reyes"):
        expect(page.locator("body")).not_to_contain_text(hidden)
    expect(page.locator("[data-letters] input:checked")).to_have_count(0)
    assert violations(page) == [] and sideways(page) == 0
    here = page.url
    page.goto(f"/encounters/{stay_of('V1')}/reviews")
    expect(page.locator("body")).to_contain_text("Sign your reading or give it back")
    expect(page.locator("body")).not_to_contain_text(SECRET)

    page.goto(here)
    page.locator("[data-letters] input").first.focus()
    page.keyboard.press("m")
    expect(page.locator("#verdict")).to_contain_text("1 point: qualifies")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", name="Two readings")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Uma Reyes")
    expect(page.get_by_role("row", name="Outcome").get_by_role("cell").last).to_have_text("yes")
    expect(page.get_by_role("row", name="A12").get_by_role("cell").last).to_have_text("no")
    lead.goto("/reviews/agreement")
    expect(lead.get_by_role("row", name="Outcome").first).to_contain_text("100.0 %")
    expect(lead.get_by_role("row", name="Outcome").first).to_contain_text("not defined")
    lead.get_by_role("row", name="A12").get_by_role("link").click()
    expect(lead.get_by_role("row", name="ALDER, ROSA")).to_contain_text("no")
    expect(lead.get_by_role("row", name="BIRCH, OMAR")).to_have_count(0)


def test_pages_of_second_readings_fit_a_telephone(site: Site) -> None:
    reviewed(site)
    lead = site.open("lee", "/reviews/agreement", PHONE)
    lead.get_by_label("Share in per cent").fill("50")
    lead.get_by_role("button", name="Draw").click()
    expect(lead.locator(".flash")).to_contain_text("The sample is drawn")
    assert sideways(lead) == 0
    lead.get_by_role("button", name="Undo").click()
    expect(lead.locator(".flash")).to_contain_text("taken back")
    expect(lead.get_by_text("struck out by Lee Hartono")).to_be_visible()
    assert sideways(lead) == 0
    assert lead.viewport_size is not None and lead.viewport_size["width"] < DESKTOP[0]
