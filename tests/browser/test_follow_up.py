"""Calls after discharge by hand: nobody answers in two keys in the queue, the whole script by keyboard on the stay."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.discharge.after import queries
from app.discharge.after.terms import CallOutcome
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.waiting import PATIENTS, sideways
from tests.discharge.after.support import followed, went_home
from tests.support.stays import StaySpec
from tests.support.world import World

QUEUE = "/worklists/post-discharge-calls"


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return went_home(world, StaySpec(family="Alder", given="Rosa"), now() - timedelta(days=1))


def calls(stay: uuid.UUID) -> list[queries.Made]:
    with reading(everywhere("test")) as db:
        return queries.calls_of(db, [stay])


def test_nobody_answers_is_two_keys_from_the_queue_and_can_be_taken_back(site: Site, stay: uuid.UUID):
    page = site.open("dana", QUEUE)
    page.wait_for_selector("#live[data-listening]", state="attached")
    expect(page.locator(PATIENTS)).not_to_have_count(0)
    page.keyboard.press("j")

    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Call after discharge")).to_be_visible()
    page.keyboard.press("1")

    expect(page.get_by_role("status").filter(has_text="No answer. Call again")).to_be_visible()
    assert [one.outcome for one in calls(stay)] == [CallOutcome.NO_ANSWER]
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Taken back. It stays readable, struck out.").first).to_be_visible()
    assert calls(stay) == []


def test_a_call_with_a_problem_is_made_by_keyboard_and_its_issue_closed(site: Site, stay: uuid.UUID):
    page = site.open("dana", f"/encounters/{stay}")
    page.wait_for_function("window.daybook && window.htmx && document.body.dataset.singleKeys")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="Call after discharge")).to_be_visible()
    page.keyboard.press("5")
    page.get_by_label("Something is missing").press("Space")
    page.get_by_label("Said: Do you have all your medicines?").fill("the pharmacy has none")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("Does not have all medicines: the pharmacy has none").first).to_be_visible()
    page.locator("#issues summary", has_text="Close").first.press("Enter")
    page.get_by_label("How it was settled, or why it is struck out").fill("has them now")
    page.get_by_role("button", name="Settled").press("Enter")

    expect(page.get_by_text("It is closed.").first).to_be_visible()
    with reading(everywhere("test")) as db:
        assert queries.open_count(db, stay) == ""


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_pages_fit_and_have_no_barrier_for_anybody(
    site: Site, stay: uuid.UUID, violations: Callable[[Page], list[str]], size: tuple[int, int]
):
    keys = followed(site.world, stay, "as she and her daughter told it on the telephone")
    earlier = keys["earlier_id"]
    for path in (
        f"/encounters/{stay}/follow-up", f"/encounters/{earlier}/follow-up", f"/encounters/{stay}/calls/new",
        QUEUE, "/readmissions/agreement?of=waiting",
    ):  # fmt: skip
        page = site.open("dana", path, size)
        assert violations(page) == [] and sideways(page) == 0, path
