"""A referral is taken in, screened and accepted by keyboard; its pages fit any screen and have no fault."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform.now import now
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.waiting import sideways
from tests.ltac.screening.support import accepted, long_term, referred
from tests.support.stays import StaySpec, add_stay


def choose(page: Page, legend: str, answer: str) -> None:
    """One of the answers of a question, by keyboard."""
    question = page.get_by_role("group", name=re.compile(f"^{re.escape(legend)}"))
    question.get_by_label(answer, exact=True).focus()
    page.keyboard.press("Space")


def test_a_referral_from_its_receipt_to_the_offer_of_a_bed(site: Site) -> None:
    long_term(site.world)
    page = site.open("lena", "/ltac/referrals")
    page.keyboard.press("n")
    expect(page.get_by_label("Family name")).to_be_focused()
    for label, text in (("Family name", "Rourke"), ("Given name", "Denise"), ("Date of birth", "1958-07-02"),
                        ("Referring hospital", "Hollis Point"), ("Payer", "Medicare A/B")):  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Ventilator").focus()
    page.keyboard.press("Space")
    page.get_by_label("Payer", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Referral 1", exact=True)).to_be_visible()
    expect(page.get_by_text("ICU days not told: at risk")).to_be_visible()
    choose(page, "From an acute hospital", "yes")
    choose(page, "Comes directly from there", "yes")
    choose(page, "Principal diagnosis", "no")
    first = now().date() - timedelta(days=6)
    page.get_by_label("ICU first day").fill(first.isoformat())
    page.get_by_label("ICU last day").fill((first + timedelta(days=3)).isoformat())
    page.get_by_label("Benefit days left").fill("52")
    page.keyboard.press("Enter")

    expect(page.get_by_text("4 ICU days, direct")).to_be_visible()
    page.get_by_label("Bed offered").fill("LT 204")
    page.keyboard.press("Enter")
    expect(page.locator("#stand-t + .chip")).to_have_text("accepted")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#stand-t + .chip")).to_have_text("screening")


def test_rows_are_walked_and_opened_by_keyboard(site: Site) -> None:
    referred(site.world, now() - timedelta(hours=2))
    referred(site.world, now(), family="Amsel", record_number="")
    page = site.open("lena", "/ltac/referrals")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Rourke, Denise")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.locator(".head .sub")).to_contain_text("Amsel, Denise")
    page.get_by_text("Decline", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Why", exact=True).first.select_option("no_bed")
    page.get_by_role("button", name="Decline the referral").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No bed in time").first).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_sheet_fits_and_has_no_fault(
    site: Site, size: tuple[int, int], violations: Callable[[Page], list[str]]
) -> None:
    key = accepted(site.world, now() - timedelta(hours=4))
    add_stay(site.world, StaySpec(facility="LONG", family="Rourke", given="Denis", birth="19580702", unit="LT",
                                  start=now() - timedelta(hours=1)))  # fmt: skip
    page = site.open("lena", f"/ltac/referrals/{key}", size)
    expect(page.get_by_text("Is this the patient?")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    assert sideways(page) == 0
