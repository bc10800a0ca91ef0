"""What happens elsewhere is on the open screen within two seconds, and the hand stays where it is."""

import re
import time
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from app.notices import source as notices
from app.platform.work import begin, everywhere
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.journeys import CENSUS, Arrival, Cable, Ward, row
from tests.browser.waiting import PATIENTS, has_focus, holds, listening, names, shows, sideways
from tests.support.owing import only
from tests.support.world import World

ALDER, BIRCH, CEDAR, DOGWOOD, ELM, FIR = CENSUS
GINKGO = Arrival(visit="V7", name="GINKGO^IDA", place="4W^410^A")


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """The order here follows from the dates of the census; reviews would come before them."""
    with only(notices.RULES):
        yield


@pytest.fixture
def ward(world: World) -> Ward:
    made = Ward()
    made.admit(*CENSUS)
    return made


def live(page: Page) -> Page:
    """Wait until the list hears what changes."""
    expect(page.locator("#live[data-listening]")).to_be_attached()
    return page


@pytest.fixture
def cable(site: Site) -> Iterator[Cable]:
    made = Cable(site.base)
    yield made
    made.close()
    for context in site.contexts:
        context.close()
    # That the stream was lost stands in the browser's console too; nothing else may.
    site.complaints[:] = [said for said in site.complaints if "htmx:sse:error" not in said]


def test_message_changes_the_cell_and_leaves_focus_and_place(site: Site, ward: Ward) -> None:
    page = live(site.open("dana", "/worklists/inpatient"))
    before = names(page)
    page.keyboard.press("j")
    page.keyboard.press("j")

    ward.move(BIRCH, "ICU^09^B")

    expect(row(page, "BIRCH").locator(".c-pt")).to_contain_text("ICU 09-B")
    has_focus(page, "BIRCH, OMAR")
    shows(page, before)


def test_new_order_waits_until_it_is_asked_for(site: Site, ward: Ward) -> None:
    page = live(site.open("dana", "/worklists/inpatient"))
    before = names(page)
    page.keyboard.press("j")

    ward.expect(DOGWOOD, 0)
    ward.admit(GINKGO)

    note = page.locator("[data-moved]")
    expect(note).to_contain_text("1 row moved")
    expect(note).to_contain_text("1 new")
    expect(row(page, "DOGWOOD").locator(".c-due")).to_contain_text("Today")
    shows(page, before)
    has_focus(page, before[0])

    note.get_by_role("link", name="Show them").click()

    expect(note).to_have_count(0)
    expect(page.locator(PATIENTS).first).to_have_text("DOGWOOD, PAVEL")
    expect(page.locator(PATIENTS).filter(has_text="GINKGO, IDA")).to_have_count(1)
    expect(page.locator("#list-tabs [aria-current=page]")).to_contain_text("6")


def test_stay_that_leaves_is_dimmed_and_says_why(site: Site, ward: Ward) -> None:
    page = live(site.open("dana", "/worklists/inpatient"))
    before = names(page)

    ward.discharge(CEDAR)

    gone = row(page, "CEDAR").locator("tr.stay")
    expect(gone).to_contain_text("Left: discharged")
    expect(gone).to_have_class(re.compile(r"\bleft\b"))
    shows(page, before)
    page.locator("[data-moved]").get_by_role("link").click()
    expect(row(page, "CEDAR")).to_have_count(0)


def test_colleague_assigns_and_the_owner_is_seen(site: Site, ward: Ward) -> None:
    dana = live(site.open("dana", "/worklists/inpatient"))
    lee = site.open("lee", "/worklists/inpatient")

    row(lee, "ALDER").locator(".expander").click()
    dana_herself = row(lee, "ALDER").locator("select[data-assign] option", has_text="Dana Whitlow")
    chosen = dana_herself.get_attribute("value")
    row(lee, "ALDER").locator("select[data-assign]").select_option(chosen)
    row(lee, "ALDER").get_by_role("button", name="Assign", exact=True).click()

    expect(row(dana, "ALDER").locator(".c-own")).to_have_text("Me")
    expect(row(lee, "ALDER").locator(".c-own")).to_have_text("Dana Whitlow")


def test_what_is_being_typed_survives_a_change_of_the_stay(site: Site, ward: Ward) -> None:
    page = live(site.open("dana", "/worklists/inpatient"))
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("n")
    text = row(page, "CEDAR").locator("textarea[name=text]").first
    expect(text).to_be_focused()
    page.keyboard.type("Daughter visits at ")

    ward.move(CEDAR, "4W^420^A")

    expect(row(page, "CEDAR").locator(".c-pt")).to_contain_text("4W 420-A")
    page.keyboard.type("six")
    expect(text).to_have_value("Daughter visits at six")
    expect(text).to_be_focused()


def test_stay_page_follows_its_stay(site: Site, ward: Ward) -> None:
    page = site.open("dana", "/worklists/inpatient")
    row(page, "BIRCH").locator(".c-pt a").click()
    listening(page, "#stream[data-listening]")

    ward.move(BIRCH, "ICU^09^B")

    expect(page.locator(".banner")).to_contain_text("Intensive care 09-B")


def test_lost_stream_is_told_and_comes_back_with_what_was_missed(site: Site, ward: Ward, cable: Cable) -> None:
    site.base = cable.base
    page = live(site.open("dana", "/worklists/inpatient"))
    page.keyboard.press("j")

    cable.cut()
    state = page.locator("#live-state")
    expect(state).to_contain_text("Not live since")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    expect(state).to_be_visible()
    assert sideways(page) == 0
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    ward.move(BIRCH, "ICU^09^B")
    cable.mend()

    expect(row(page, "BIRCH").locator(".c-pt")).to_contain_text("ICU 09-B", timeout=15_000)
    expect(state).not_to_contain_text("Not live")
    has_focus(page, "ALDER, ROSA")


def test_other_hospital_hears_nothing(site: Site, ward: Ward) -> None:
    stan = live(site.open("stan", "/worklists/inpatient"))
    dana = live(site.open("dana", "/worklists/inpatient"))
    asked: list[str] = []
    stan.on("request", lambda request: asked.append(request.url))

    ward.move(BIRCH, "ICU^09^B")

    expect(row(dana, "BIRCH").locator(".c-pt")).to_contain_text("ICU 09-B")
    own = uuid.uuid4()
    with begin(everywhere("test")) as work:
        work.changed(site.world.facility["SOUTH"], own)
    holds(stan, lambda: asked, "what concerns this hospital is heard")
    assert all(str(own) in url for url in asked), "what came before was not for this screen"
    shows(stan, [])


@pytest.mark.parametrize("late", ["hx-sse.min.js", "daybook.js", "worklist.js"])
def test_stream_opens_and_is_heard_when_a_script_arrives_late(site: Site, ward: Ward, late: str) -> None:
    """Over a slow network any of the scripts may come last."""
    page = site.open("dana", "/account")

    def hold_back(route: Route) -> None:
        time.sleep(0.4)
        route.continue_()

    page.route(f"**/{late}", hold_back)
    page.goto("/worklists/inpatient")

    live(page)
    ward.move(BIRCH, "ICU^09^B")
    expect(row(page, "BIRCH").locator(".c-pt")).to_contain_text("ICU 09-B")
