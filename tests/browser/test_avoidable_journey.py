"""From drafts to the director's chart: ten are confirmed by key, one is changed in the grid, all figures agree."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.avoidable_days.drafts.storing import sweep
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import ZONE, Arrival, Check, Ward, stay_of
from tests.browser.waiting import becomes, sideways

NAMES = ("ALDER^ROSA", "BIRCH^OMAR", "CEDAR^JUNE", "DOGWOOD^PAVEL")
REPORT = "/avoidable-days"


@pytest.fixture
def drafted(site: Site) -> Site:
    """Four stays that came three weeks ago and have been medically ready for three midnights: twelve drafts."""
    ward = Ward()
    ready = (now() - timedelta(days=3)).astimezone(ZONE)
    for number, name in enumerate(NAMES, start=1):
        ward.admit(Arrival(visit=f"V{number}", name=name, place=f"4W^40{number}^A", ago=timedelta(days=20)))
        with begin(everywhere("test")) as work:
            said = State(kind=StatementKind.READY, on=ready.date(), at=ready.time().replace(second=0, microsecond=0))
            said.physician = "Ann Tending"
            state(work, stay_of(f"V{number}"), said, own=False)
    sweep()
    return site


def confirm_ten(page: Page) -> int:
    """How many keystrokes it took."""
    page.keyboard.press("j")
    for done in range(1, 11):
        # The hand goes on once the list has come back and has given the focus to the next draft.
        page.locator("#drafts [data-row]:focus-within").first.wait_for()
        page.keyboard.press("y")
        expect(page.locator("#drafts [data-row]")).to_have_count(12 - done)
    return 11


def bars(page: Page) -> dict[str, int]:
    """The days of each reason in the table of the Pareto."""
    rows = page.locator("#pareto tbody tr")
    return {
        row.locator("th .muted").inner_text(): int(row.locator("td a").first.inner_text()) for row in rows.all()
    }  # fmt: skip


def whole(page: Page, card: str) -> int:
    return int(page.locator(f"#{card} tfoot td a").first.inner_text())


def test_ten_drafts_become_a_bar_and_points_that_agree(drafted: Site) -> None:
    dana = drafted.open("dana", "/avoidable-days/drafts")
    assert confirm_ten(dana) < 20

    dora = drafted.open("dora", f"{REPORT}?first={(now().astimezone(ZONE) - timedelta(days=21)).date()}")
    becomes(dora, lambda: bars(dora), {"OT-03": 10})
    becomes(dora, lambda: (whole(dora, "pareto"), whole(dora, "trend")), (10, 10))
    expect(dora.locator(".tile", has_text="Avoidable days")).to_contain_text("10")
    expect(dora.locator(".tile", has_text="Drafts waiting")).to_contain_text("2")

    grid = drafted.open("dana", "/ledger?unit=4W&lane=avoidable&order=bed")
    grid.locator("table.grid-l tbody td.avo a[data-box]").first.focus()
    grid.keyboard.press("Enter")
    field = grid.locator("#day-editor").get_by_role("combobox", name="Reason")
    expect(field).to_be_focused()
    field.fill("HS-14")
    grid.get_by_label("Why it is corrected").fill("The assessment was late")
    grid.get_by_role("button", name="Save the correction").click()
    expect(grid.locator("#day-editor form")).to_have_count(0)

    expect(grid.locator("#day-editor")).to_contain_text("The entry is corrected")
    expect(grid.locator("table.grid-l tbody td.avo", has_text="HS-14")).to_have_count(1)
    dora.reload()
    becomes(dora, lambda: bars(dora), {"OT-03": 9, "HS-14": 1})
    becomes(dora, lambda: (whole(dora, "pareto"), whole(dora, "trend")), (10, 10))
    chart = dora.locator("#trend svg.ch")
    expect(chart).to_be_visible()
    points = chart.locator("g title").all_text_contents()
    rates = [float(re.findall(r": ([\d.]+), expected", one)[0]) for one in points]
    rows = dora.locator("#trend tbody tr td:last-child").all_inner_texts()
    assert [round(one, 1) for one in rates] == [float(one) for one in rows if one != "–"]
    dora.get_by_role("link", name="10", exact=True).first.click()
    expect(dora.locator("tbody tr")).to_have_count(10)
    dora.locator("tbody tr a").first.click()
    expect(dora).to_have_url(re.compile(r"/encounters/[0-9a-f-]+/avoidable-days"))
    assert not drafted.complaints


def test_the_reports_are_sound_on_a_desk_and_on_a_phone_and_without_script(drafted: Site, violations: Check) -> None:
    confirm_ten(drafted.open("dana", "/avoidable-days/drafts"))
    for size in (DESKTOP, PHONE):
        for path in (REPORT, f"{REPORT}/list?figure=days", f"{REPORT}/actions", f"{REPORT}/utilization",
                     f"{REPORT}/precision"):  # fmt: skip
            page = drafted.open("dora", path, size)
            assert violations(page) == []
            assert sideways(page) == 0
    plain = drafted.open("dora", f"{REPORT}?first={(now().astimezone(ZONE) - timedelta(days=21)).date()}",
                         java_script_enabled=False)  # fmt: skip
    becomes(plain, lambda: whole(plain, "trend"), 10)
    plain.get_by_label("By", exact=True).select_option("unit")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("#pareto tbody th")).to_have_text(["4 West"])
