"""A lead shares out the work of a day, by mouse and by keyboard, and takes it back."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.platform.now import now
from app.platform.work import begin
from app.worklists.assignment.bulk import give_selected
from tests.browser.conftest import PHONE, Site
from tests.browser.journeys import CENSUS, ZONE, Ward, row, stay_of
from tests.browser.waiting import has_focus, sideways
from tests.support.world import World


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def give(world: World, person: str, *visits: str) -> None:
    with begin(world.viewer("lee")) as work:
        give_selected(work, [stay_of(visit) for visit in visits], world.user[person])


def has_owner(page: Page, name: str, owner: str) -> None:
    expect(row(page, name).locator(".c-own")).to_have_text(owner)


def today() -> str:
    return str(now().astimezone(ZONE).date())


def test_colleague_who_is_away_is_covered_and_all_is_undone(site: Site, ward: Ward) -> None:
    give(site.world, "dana", "V1", "V2", "V3", "V4")
    give(site.world, "uma", "V5")
    page = site.open("lee", "/absences")

    page.get_by_label("Person").select_option(label="Dana Whitlow")
    page.get_by_label("First day away").fill(today())
    page.get_by_label("Last day away").fill(str(now().astimezone(ZONE).date() + timedelta(days=2)))
    page.get_by_role("button", name="Mark the absence").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cover for Dana Whitlow")
    page.get_by_label(re.compile("Sol Werner")).check()
    page.get_by_label(re.compile("Uma Reyes")).check()
    page.get_by_role("button", name="Propose again").click()
    takers = page.get_by_role("combobox", name=re.compile("Who covers"))
    expect(takers).to_have_count(4)
    page.get_by_role("combobox", name="Who covers ALDER, ROSA").select_option(label="Uma Reyes")
    page.get_by_role("button", name="Cover these stays").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Hand-off for Dana Whitlow")
    expect(page.get_by_text("4 stays covered until")).to_be_visible()
    expect(page.locator("article", has_text="ALDER, ROSA")).to_contain_text("4 West 401-A")
    uma = site.open("uma", "/worklists/inpatient")
    expect(row(uma, "ALDER")).to_contain_text("covering Dana until")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("4 stays as before.")).to_be_visible()
    expect(row(uma, "ALDER")).not_to_contain_text("covering")
    page.goto("/worklists/inpatient?owner=dana")
    expect(page.locator("tbody[data-stay]")).to_have_count(4)


def test_selection_is_given_to_a_colleague_and_one_undo_takes_it_back(site: Site, ward: Ward) -> None:
    give(site.world, "uma", "V2")
    page = site.open("lee", "/worklists/inpatient")

    for name in ("ALDER", "BIRCH", "CEDAR"):
        row(page, name).get_by_role("checkbox").check()
    page.get_by_label("Assign to").select_option(label="Dana Whitlow, RN")
    page.get_by_role("button", name="Assign the selected stays").click()
    expect(page.get_by_text("3 stays assigned.")).to_be_visible()
    for name in ("ALDER", "BIRCH", "CEDAR"):
        has_owner(page, name, "Dana Whitlow")
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_text("3 stays as before.")).to_be_visible()
    has_owner(page, "BIRCH", "Uma Reyes")
    has_owner(page, "ALDER", "nobody")


def test_rule_is_tried_out_saved_and_run_by_keyboard(site: Site, ward: Ward) -> None:
    page = site.open("lee", "/distribution/rules/new")
    name = page.get_by_label("Name", exact=True)
    name.focus()
    page.keyboard.type("West")
    page.get_by_label("4 West").focus()
    page.keyboard.press("Space")
    page.get_by_label("Dana Whitlow").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Try it out").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="What would happen today")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^Dana Whitlow"))).to_contain_text("3")
    expect(page.get_by_label("4 West")).to_be_checked()
    page.get_by_role("button", name="Save this rule").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("West"))).to_contain_text("unit 4 West")
    page.goto("/distribution")
    run = page.get_by_role("button", name="Assign by the rules now")
    run.focus()
    has_focus(page, "Assign by the rules now")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 stays assigned by the rules.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^Dana Whitlow"))).to_contain_text("3")


def test_work_is_taken_over_on_a_phone(site: Site, ward: Ward) -> None:
    give(site.world, "dana", "V1")
    page = site.open("uma", f"/encounters/{stay_of('V1')}/assignment", PHONE)
    assert sideways(page) == 0
    page.get_by_label("Take it over because").fill("family meeting at four")
    page.get_by_label("Until").fill((now().astimezone(ZONE) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Take this stay over").click()
    expect(page.get_by_text("You have this stay until the time you chose.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("covering Dana Whitlow until")
    page.get_by_role("button", name="Give this stay back").click()
    expect(page.get_by_text("Your colleague has this stay again.")).to_be_visible()
