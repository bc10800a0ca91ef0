"""Ten drafts are confirmed in fewer than twenty keystrokes; one is changed, one rejected, without the mouse."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.avoidable_days.drafts.storing import sweep
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.browser.conftest import Site
from tests.browser.journeys import ZONE, Arrival, Ward, stay_of

NAMES = ("ALDER^ROSA", "BIRCH^OMAR", "CEDAR^JUNE", "DOGWOOD^PAVEL")


@pytest.fixture
def drafted(site: Site) -> Site:
    """Four stays that have been medically ready for three midnights: twelve drafts."""
    ward = Ward()
    ready = (now() - timedelta(days=3)).astimezone(ZONE)
    for number, name in enumerate(NAMES, start=1):
        ward.admit(Arrival(visit=f"V{number}", name=name, place=f"4W^40{number}^A", ago=timedelta(days=6)))
        with begin(everywhere("test")) as work:
            said = State(kind=StatementKind.READY, on=ready.date(), at=ready.time().replace(second=0, microsecond=0))
            said.physician = "Ann Tending"
            state(work, stay_of(f"V{number}"), said, own=False)
    sweep()
    return site


def entries() -> list[tuple[uuid.UUID, str, str]]:
    with reading(everywhere("test")) as db:
        return db.rows(
            lambda *row: row,
            "select encounter_id, code, origin from avoidable_day where ended_at is null order by made_at, day",
        )


def press(page: Page, key: str) -> int:
    page.keyboard.press(key)
    return 1


def waiting(page: Page, count: int) -> None:
    expect(page.locator("#drafts [data-row]")).to_have_count(count)


def test_ten_drafts_are_confirmed_in_fewer_than_twenty_keystrokes(drafted: Site):
    page = drafted.open("dana", "/avoidable-days/drafts")
    waiting(page, 12)

    strokes = press(page, "j")
    for done in range(1, 11):
        expect(page.locator("#drafts :focus")).to_have_count(1)  # the next row has the hand
        strokes += press(page, "y")
        waiting(page, 12 - done)

    assert strokes < 20
    assert len(entries()) == 10 and {origin for _, _, origin in entries()} == {"confirmed"}
    expect(page.locator("#drafts [role=status]").first).to_contain_text("Confirmed: OT-03")
    assert not drafted.complaints


def test_a_draft_is_rejected_by_one_key_and_changed_in_place(drafted: Site):
    page = drafted.open("dana", "/avoidable-days/drafts")
    press(page, "j")
    press(page, "1")
    waiting(page, 11)
    expect(page.locator("#drafts .note")).to_contain_text("The patient needed this bed that day")

    press(page, "d")
    field = page.locator("#drafts input[name=code]")
    expect(field).to_be_visible()
    page.locator("#drafts button.primary").wait_for()
    field.fill("personal transport")
    field.press("Enter")
    waiting(page, 10)

    assert [(code, origin) for _, code, origin in entries()] == [("PF-07", "changed")]
    expect(page.locator("#flash")).to_contain_text("Recorded: PF-07")


def test_several_are_ticked_and_confirmed_together(drafted: Site):
    page = drafted.open("dana", "/avoidable-days/drafts")
    for _ in range(3):
        press(page, "j")
        press(page, "x")
    expect(page.locator("[data-selected-count]")).to_have_text("3")

    page.get_by_role("button", name="Confirm the ticked").click()

    waiting(page, 9)
    assert len(entries()) == 3


def test_a_day_is_recorded_from_the_list_in_three_interactions(drafted: Site):
    page = drafted.open("dana", "/worklists/inpatient")
    page.locator("tbody[data-stay] [data-stop]").first.focus()
    press(page, "d")
    expect(page.locator("section[id^=day-] input[name=code]")).to_be_focused()
    page.keyboard.type("personal transport")
    press(page, "Enter")

    expect(page.locator("section[id^=day-] .note.green")).to_contain_text("Recorded: PF-07")
    assert [(code, origin) for _, code, origin in entries()] == [("PF-07", "changed")]


def test_a_draft_of_a_colleague_is_taken_from_the_screen(drafted: Site):
    page = drafted.open("dana", "/avoidable-days/drafts")
    waiting(page, 12)
    page.locator("#stream[data-listening]").wait_for(state="attached")

    other = drafted.open("lee", "/avoidable-days/drafts")
    press(other, "j")
    press(other, "y")

    waiting(page, 11)
