"""Payment days in a real browser: threshold and readiness together, evidence by keyboard, an absence on a phone."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.census.drg.commands import TakeFile, import_file
from app.platform.now import now
from app.platform.work import begin, everywhere
from app.regulations.drg import fiscal_year
from tests.browser.conftest import PHONE, Site, expect
from tests.browser.waiting import sideways
from tests.ltac.days.support import on_leave, set_columns
from tests.support.long_term import long_term_stay

Check = Callable[..., list[str]]


@pytest.fixture
def stay(site: Site) -> uuid.UUID:
    """A Medicare patient on day 26, with the table of this year."""
    made = long_term_stay(site.world, days=25)
    with begin(everywhere("test")) as work:
        work.write(
            "coverage",
            "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name)"
            " select id, facility_id, 1, 'P1', 'MEDICARE A/B' from encounter where id = %s",
            (made,),
        )
        set_columns(work, made, drg="189")
    table = f"fiscal_year,ms_ltc_drg,relative_weight,gmlos\n{fiscal_year(now().date())},189,0.9,24.0\n"
    import_file(TakeFile("ltc.csv", table.encode()))
    return made


def test_evidence_is_recorded_by_keyboard_beside_the_threshold(site: Site, stay: uuid.UUID, violations: Check):
    page = site.open("stan", f"/encounters/{stay}")
    page.get_by_role("link", name="Payment days").press("Enter")
    card = page.get_by_role("region", name="Readiness and days")
    expect(card).to_contain_text("Not medically ready")
    expect(card).to_contain_text("short-stay threshold passed from day 21")

    rate = page.get_by_role("region", name="Payment rate")
    expect(rate).to_contain_text("Not yet proved")
    rate.get_by_text("Record evidence").press("Enter")
    rate.get_by_role("group", name="Came directly").get_by_label("Yes").press("Space")
    rate.get_by_label("Calendar days in intensive care there").press("4")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Payment rate")).to_contain_text("Standard rate")
    assert violations(page) == []
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("region", name="Payment rate")).to_contain_text("Not yet proved")


def test_an_absence_is_readable_on_a_phone(site: Site, stay: uuid.UUID, violations: Check):
    left = (now() - timedelta(hours=26)).astimezone().isoformat()
    on_leave(stay, left)
    page = site.open("stan", f"/encounters/{stay}/payment-days", PHONE)
    card = page.get_by_role("region", name="Interrupted stay")
    expect(card).to_contain_text("away, may come back")
    card.locator("summary").tap()
    assert violations(page) == []
    card.get_by_label("Was at").select_option("home")
    card.get_by_role("button", name="Save").tap()
    card = page.get_by_role("region", name="Interrupted stay")
    expect(card).to_contain_text("Home")
    expect(card).not_to_contain_text("rehabilitation")
    assert sideways(page) == 0
