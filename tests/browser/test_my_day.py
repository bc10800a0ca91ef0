"""One's own day by keyboard: what is put aside leaves the list, and comes back while one looks at it."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform import work as work_module
from app.platform.now import now
from app.platform.work import begin
from app.worklists.assignment.commands import take
from app.worklists.days.commands import build_day
from app.worklists.snoozes.commands import SnoozeStay, return_due, snooze_stay
from app.worklists.snoozes.terms import ReturnTime, SnoozeReason
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import CENSUS, ZONE, Ward, row, stay_of
from tests.browser.waiting import names, shows, shows_count
from tests.support.world import World

ALDER, BIRCH = CENSUS[:2]
OWN = ("V1", "V2", "V3")


@pytest.fixture
def ward(world: World) -> Ward:
    """The census, of which Dana has three stays."""
    made = Ward()
    made.admit(*CENSUS)
    for visit in OWN:
        with begin(world.viewer("dana")) as work:
            take(work, stay_of(visit))
    return made


def opened(site: Site, path: str = "/worklists/my-day", who: str = "dana") -> Page:
    page = site.open(who, path)
    expect(page.locator("#live[data-listening]")).to_be_attached()
    return page


def aside(world: World, visit: str, ago: timedelta, until: ReturnTime = ReturnTime.HOUR) -> None:
    with begin(world.viewer("dana"), at=now() - ago) as work:
        snooze_stay(work, stay_of(visit), SnoozeStay(reason=SnoozeReason.RESULT, until=until))


def test_first_page_is_ones_own_day(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My day")
    expect(page.locator(".head .sub")).to_contain_text("3 stays")
    expect(page.locator(".head .sub")).to_contain_text("of expected work")
    shows_count(page, 3)


def test_a_stay_is_put_aside_and_taken_back_by_keyboard(site: Site, ward: Ward) -> None:
    page = opened(site)
    people = names(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("z")

    expect(row(page, people[1]).get_by_role("heading", name="Put aside")).to_be_visible()
    expect(page.get_by_label("In an hour")).to_be_focused()
    page.get_by_role("radio", name="Tomorrow").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    expect(row(page, people[1]).locator(".note.green")).to_be_focused()
    expect(row(page, people[1])).to_contain_text("Left: put aside")
    page.keyboard.press("j")
    expect(row(page, people[2]).locator("[data-stop]")).to_be_focused()
    page.reload()
    shows(page, [people[0], people[2]])
    page.goto("/worklists/my-day?aside=snoozed")
    shows(page, [people[1]])
    expect(row(page, people[1])).to_contain_text("snoozed to")


def test_undo_brings_it_back_at_once(site: Site, ward: Ward) -> None:
    page = opened(site)
    people = names(page)
    page.keyboard.press("j")
    page.keyboard.press("z")
    page.get_by_role("button", name="Put the stay aside").click()
    expect(page.get_by_text("The stay is put aside to")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("The stay is back on your list.")).to_be_visible()
    expect(row(page, people[0]).locator("tr.stay.left")).to_have_count(0)
    page.reload()
    shows(page, people)


def test_a_wrong_time_is_said_at_its_field_and_the_panel_stays(site: Site, ward: Ward) -> None:
    page = opened(site)
    page.keyboard.press("j")
    page.keyboard.press("z")
    panel = page.get_by_role("region", name="Put aside")
    expect(panel).to_be_visible()
    expect(panel.get_by_label("Time", exact=True)).to_be_hidden()
    page.get_by_label("At another time").check()
    page.get_by_role("button", name="Put the stay aside").click()

    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        "Say on which day, or at which time, the stay should come back."
    )
    expect(page.get_by_label("At another time")).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Put aside")).to_be_hidden()
    shows_count(page, len(OWN))


def test_the_hand_returns_to_its_row_after_a_menu(site: Site, ward: Ward) -> None:
    page = opened(site)
    people = names(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(row(page, people[1]).locator("[data-stop]")).to_be_focused()


def test_the_lead_sees_what_an_owner_has_put_aside(site: Site, world: World, ward: Ward) -> None:
    aside(world, "V1", ago=timedelta(minutes=1), until=ReturnTime.TOMORROW)
    page = opened(site, who="lee", path="/worklists/inpatient?aside=by-owner")
    shows(page, ["ALDER, ROSA"])
    expect(row(page, "ALDER")).to_contain_text("aside by owner")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(row(page, "ALDER")).to_contain_text("waiting for a result")


def test_an_empty_day_leads_to_where_stays_are(site: Site, ward: Ward) -> None:
    page = site.open("uma", "/worklists/my-day")
    page.get_by_role("link", name="Inpatient: ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inpatient")


def test_a_stay_comes_back_at_its_time_while_one_looks(
    site: Site, world: World, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside(world, "V1", ago=timedelta(minutes=59))
    page = opened(site)
    shows_count(page, 2)

    with monkeypatch.context() as two_minutes_on:
        two_minutes_on.setattr(work_module, "wall_clock", lambda: now() + timedelta(minutes=2))
        return_due()

    expect(page.locator("[data-moved]")).to_contain_text("1 new")
    page.locator('[data-act="show-order"]').click()
    expect(row(page, "ALDER")).to_be_visible()


def test_a_transfer_brings_it_back_before_its_time(site: Site, world: World, ward: Ward) -> None:
    aside(world, "V2", ago=timedelta(minutes=1), until=ReturnTime.TOMORROW)
    page = opened(site)
    shows_count(page, 2)

    ward.move(BIRCH, "ICU^03^A")

    expect(page.locator("[data-moved]")).to_contain_text("1 new")


def test_the_row_in_place_offers_it_by_hand_on_a_phone(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/my-day", PHONE)
    row(page, "ALDER").locator(".expander").click()
    page.get_by_role("link", name="Snooze").click()
    page.get_by_label("When the stay changes").check()
    page.get_by_role("button", name="Put the stay aside").click()
    expect(page.get_by_text("The stay is put aside until it changes.")).to_be_visible()


def test_the_sheet_prints_one_page_for_each_person(site: Site, world: World, ward: Ward) -> None:
    with begin(world.viewer("uma")) as work:
        take(work, stay_of("V4"))
    with begin(world.viewer("lee")) as work:
        build_day(work, world.facility["NORTH"], now().astimezone(ZONE).date())
    page = site.open("lee", "/day-sheets")
    page.emulate_media(media="print")
    breaks = page.locator("section.sheet").evaluate_all("all => all.map(one => getComputedStyle(one).breakBefore)")
    assert breaks == ["auto", "page", "page"], "Dana, Uma, and what nobody has"
    expect(page.get_by_role("button", name="Print the sheet")).to_be_hidden()
