"""Reviews by hand: an admission in at most eight interactions, an unchanged later day in four, five stays in a row."""

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.reviews.commands import WriteReview, sign_review
from app.reviews.criteria.terms import ReviewKind
from app.reviews.models import Review
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import ZONE, Arrival, Check, Ward, row, stay_of
from tests.browser.waiting import sideways

WARD = [
    Arrival(visit=f"V{place}", name=name, place=f"4W^40{place}^A", ago=timedelta(hours=24 + place))
    for place, name in enumerate(("ALDER^ROSA", "BIRCH^OMAR", "CEDAR^LENA", "DOGWOOD^IAN", "ELM^MAYA"), 1)
]


class Hands:
    """Counts what a person does: one key, click or choice is one, typing into one field is one, moving focus none."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def type(self, label: str, text: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).focus()
        self.page.keyboard.type(text)

    def choose(self, label: str, value: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).select_option(value)


def reviews(visit: str) -> list[tuple[str, str, bool]]:
    """Kind, outcome and referral of the reviews that stand for a stay, the first one first."""
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select kind, outcome, referred from review where encounter_id = %s and ended_at is null"
            " order by signed_at",
            (stay_of(visit),),
        )


def signed_yesterday(site: Site, visit: str, *points: str) -> Review:
    """An admission review of this stay, signed a day ago, with a part of its summary that will not change."""
    moment = now() - timedelta(hours=22)
    with reading(everywhere("test")) as view:
        day: date = view.value(
            "select (start_at at time zone %s)::date from encounter where id = %s", (ZONE.key, stay_of(visit))
        )
    ask = WriteReview(
        kind=ReviewKind.CONTINUED_STAY, for_day=day, criteria="aep_day 2", points=list(points),
        summary="Lives alone, two steps to the door.\n\nAntibiotics by vein, fever at night.",
    )  # fmt: skip
    first = WriteReview(kind=ReviewKind.ADMISSION, for_day=day, criteria="aep_admission 2", points=["A12"])
    with begin(site.world.viewer("uma"), at=moment) as work:
        sign_review(work, stay_of(visit), first)
    with begin(site.world.viewer("uma"), at=moment + timedelta(minutes=1)) as work:
        return sign_review(work, stay_of(visit), ask)


def on_list(site: Site) -> Page:
    """The list of reviews that are due, live."""
    page = site.open("uma", "/worklists/reviews-due")
    page.wait_for_selector("#live[data-listening]", state="attached")
    return page


def test_an_admission_that_meets_takes_at_most_eight_interactions(site: Site):
    Ward().admit(WARD[0])
    page = on_list(site)
    row(page, "Alder").locator("[data-stop]").focus()
    hands = Hands(page)

    hands.press("r")
    expect(page.get_by_role("heading", name="Admission review")).to_be_visible()
    expect(page.locator("[data-letters] :focus")).to_have_count(1)
    hands.press("l")
    expect(page.locator("#verdict")).to_contain_text("1 point: qualifies")
    hands.type("Summary: what is new", "Antibiotics by vein, oxygen 4 l.")
    hands.press("Control+Enter")

    expect(page.locator(".flash")).to_contain_text("Admission review signed: met")
    assert reviews("V1") == [("admission", "met", False)]
    assert hands.count <= 8, hands.count


def test_an_unchanged_later_day_takes_at_most_four_interactions(site: Site):
    Ward().admit(WARD[0])
    signed_yesterday(site, "V1", "D13", "D16")
    page = on_list(site)
    row(page, "Alder").locator("[data-stop]").focus()
    hands = Hands(page)

    hands.press("r")
    expect(page.get_by_role("heading", name="Continued-stay review")).to_be_visible()
    expect(page.locator("[data-letters] > div input:checked")).to_have_count(2)
    expect(page.get_by_text("Show all 27 points")).to_be_visible()
    expect(page.locator("#verdict")).to_contain_text("2 points: qualifies")
    sign = page.get_by_role("button", name=re.compile("Sign the review"))
    box = sign.bounding_box()
    assert box is not None and box["y"] + box["height"] <= DESKTOP[1], "outcome and signing stand above the fold"
    expect(page.get_by_label("Met", exact=True)).to_be_in_viewport()
    expect(page.locator("[data-letters] :focus")).to_have_count(1)
    hands.press("Control+Enter")

    expect(page.locator(".flash")).to_contain_text("Continued-stay review signed: met")
    assert [one[1] for one in reviews("V1")] == ["met", "met", "met"]
    assert hands.count <= 4, hands.count
    page.goto(f"/encounters/{stay_of('V1')}/reviews")
    page.get_by_role("link", name=re.compile("Continued-stay review of")).first.click()
    expect(page.locator("p.carried")).to_have_count(2)


def test_five_stays_in_a_row_from_the_list_one_of_them_referred(site: Site):
    Ward().admit(*WARD)
    page = on_list(site)
    expect(page.locator("tbody[data-stay]")).to_have_count(5)
    page.locator("tbody[data-stay] [data-stop]").first.focus()
    page.keyboard.press("r")
    seen = []
    for place in range(5):
        expect(page.locator("[data-letters] :focus")).to_have_count(1)
        here = page.url
        seen.append(page.locator(".head .sub a").inner_text())
        if place == 2:  # nothing is met: it goes to the physician
            page.get_by_label("Why the criteria are not met").fill("Only tablets since yesterday")
            page.get_by_label("Level of care", exact=True).select_option("acute")
            page.get_by_label("Level of care that would be enough").select_option("skilled_nursing")
        else:
            page.keyboard.press("m")
        page.keyboard.press("Control+Enter")
        expect(page).not_to_have_url(here)
        expect(page.locator(".flash")).to_contain_text("signed")

    expect(page).to_have_url(re.compile("/worklists/reviews-due"))
    assert len(set(seen)) == 5
    found = [reviews(one.visit)[0] for one in WARD]
    assert sorted(found) == [("admission", "met", False)] * 4 + [("admission", "not_met", True)]


def test_what_is_typed_is_kept_and_comes_back_after_a_reload(site: Site):
    Ward().admit(WARD[0])
    page = site.open("uma", f"/encounters/{stay_of('V1')}/reviews/new")
    expect(page.locator("[data-letters] :focus")).to_have_count(1)
    page.keyboard.press("b")
    page.get_by_label("Pulse", exact=True).fill("145")
    page.get_by_label("Summary: what is new").fill("Fast heart, started on a drip.")
    expect(page.locator("#kept")).to_contain_text("Draft kept")
    expect(page.locator("#verdict")).to_contain_text("1 point: qualifies")

    page.reload()

    expect(page.get_by_text("This is the draft kept at")).to_be_visible()
    expect(page.get_by_label("Pulse", exact=True)).to_have_value("145")
    expect(page.get_by_label("Summary: what is new")).to_have_value("Fast heart, started on a drip.")
    page.get_by_label("Pulse", exact=True).fill("96")
    expect(page.locator("#verdict")).to_contain_text("stands against its figure")


def test_a_change_is_taken_over_into_the_summary(site: Site):
    ward = Ward()
    ward.admit(WARD[0])
    signed_yesterday(site, "V1", "D13")
    ward.move(WARD[0], "ICU^07^A")
    page = site.open("uma", f"/encounters/{stay_of('V1')}/reviews/new")

    page.get_by_role("button", name="Add Place to the summary").click()

    expect(page.get_by_label("Summary: what is new")).to_have_value(re.compile("^Place: Intensive care 07-A"))
    expect(page.locator("#kept")).to_contain_text("Draft kept")


def test_reviews_are_sound_on_a_desk_and_on_a_phone(site: Site, violations: Check):
    Ward().admit(*WARD[:2])
    made = signed_yesterday(site, "V1", "D13")
    with_all = f"/encounters/{stay_of('V2')}/reviews/new"
    for size in (DESKTOP, PHONE):
        for path in (with_all, f"/encounters/{stay_of('V1')}/reviews/new", f"/encounters/{stay_of('V1')}/reviews",
                     f"/reviews/{made.review_id}", f"/reviews/{made.review_id}/amendment"):  # fmt: skip
            page = site.open("uma", path, size)
            for summary in page.locator("main details > summary").all():
                if summary.is_visible():
                    summary.click()
            for value in ("not_met", "pending_information", "met"):
                if page.locator(f"[name=outcome][value={value}]").count():
                    page.locator(f"[name=outcome][value={value}]").check(force=True)
                page.evaluate("scrollTo(0, 0)")  # the bar at the top stands over what is scrolled below it
                assert violations(page) == [], (path, value)
            assert sideways(page) == 0, path
