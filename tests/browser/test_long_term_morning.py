"""The morning of a case manager of a long-term hospital by keyboard: list, referral, weaning, conference, readiness."""

import os
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from app.accounts.people import GrantRole, grant_role
from app.census.drg.commands import TakeFile, import_file
from app.ltac.course import queries, records
from app.ltac.course.charting import chart_weaning
from app.ltac.course.forms import ChartWeaning
from app.ltac.course.terms import RecordKind, Support
from app.ltac.days.commands import record_entry
from app.ltac.days.forms import EvidenceForm
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.regulations.drg import fiscal_year
from app.security.permissions import Role
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.waiting import sideways
from tests.ltac.days.support import ZONE, discharged, long_stay
from tests.ltac.screening.support import CODE, referred
from tests.support.world import World

COURSES = {"Greer": ("VVSVSVVVVV", 21), "Imre": ("VSSTTTTTFF", 24), "Boateng": ("VVVVVVVVVV", 30)}
MEANING = {"V": Support.VENTILATED, "S": Support.TRIAL, "T": Support.COLLAR, "F": Support.FREE}
LIST = "/worklists/ltac"


@pytest.fixture
def stays(world: World) -> list[uuid.UUID]:
    """Three ventilated patients with days behind them, one of them at the standard rate; a referral that waits."""
    year = fiscal_year(now().date())
    import_file(TakeFile("ltc.csv", f"fiscal_year,ms_ltc_drg,relative_weight,gmlos\n{year},189,0.9,24.0\n".encode()))
    made = []
    for room, (family, (letters, days)) in enumerate(COURSES.items(), start=201):
        began = (now() - timedelta(days=days)).astimezone(ZONE)
        made.append(long_stay(world, began.strftime("%Y-%m-%d %H:%M"), family=family, given="Anton", room=str(room)))
        with begin(everywhere("test")) as work:
            for ago, letter in enumerate(reversed(letters), start=1):
                day = (now() - timedelta(days=ago)).astimezone(ZONE).date()
                chart_weaning(work, made[-1], ChartWeaning(support=MEANING[letter], day=day))
    proof = EvidenceForm(preceded="yes", intensive_days=4, excluded="no", source="ICU summary")
    with begin(everywhere("test")) as work:
        record_entry(work, made[0], proof)
    referred(world, now() - timedelta(hours=1))
    return made


def today(stay: uuid.UUID) -> str:
    with reading(everywhere("test")) as db:
        return queries.weaning_strip(db, [stay])[stay][-1].state.value


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    folder = os.environ.get("PICTURES", "")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def focus_row(page: Page, family: str) -> None:
    """Walk the list until the row of this patient has the focus."""
    for _ in range(6):
        page.keyboard.press("j")
        if family in page.locator(":focus").inner_text():
            return
    raise AssertionError("the row was not reached by j")


def test_the_morning_by_keyboard(site: Site, stays: list[uuid.UUID]) -> None:
    page = site.open("lena", LIST)
    row = page.locator("tbody[data-stay]", has_text="Greer")
    expect(row.locator(".c-thr")).to_contain_text(re.compile("Not medically ready.*covered day 22", re.DOTALL))
    look(page, "list")

    page.get_by_role("link", name="Screen referral 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Referral 1", exact=True)).to_be_visible()
    first = now().date() - timedelta(days=6)
    page.get_by_label("ICU first day").fill(first.isoformat())
    page.get_by_label("ICU last day").fill((first + timedelta(days=3)).isoformat())
    page.keyboard.press("Enter")
    expect(page.get_by_text("ICU days not told")).to_have_count(0)

    page.goto(f"{page.url.split('/ltac')[0]}{LIST}")
    focus_row(page, "Greer")
    page.keyboard.press("q")
    expect(page.get_by_role("heading", name="Weaning", exact=True)).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text("Today: breathing trial.")).to_be_visible()
    page.get_by_role("link", name="Weaning round").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 charted today")).to_be_visible()
    focused = page.locator("#weaning-round a[data-stop]:focus")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(focused).to_have_text("Imre, Anton")
    page.keyboard.press("4")
    expect(focused).to_have_text("Boateng, Anton")
    page.keyboard.press("1")
    expect(page.get_by_text("3 of 3 charted today")).to_be_visible()
    assert [today(stay) for stay in stays] == ["S", "F", "V"]

    page.goto(f"{page.url.split('/ltac')[0]}/encounters/{stays[0]}/long-term")
    page.keyboard.press("h")
    page.get_by_label("Breathing", exact=True).fill("Collar twelve hours")
    page.get_by_label("Physician", exact=True).fill("Dr. T")
    page.get_by_label("Nursing", exact=True).fill("Mel")
    page.get_by_label("Decided").fill("Trial each morning")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Team conference is recorded.")).to_be_visible()
    with reading(everywhere("test")) as db:
        assert records.standing(db, [stays[0]], {RecordKind.CONFERENCE})

    page.goto(f"{page.url.split('/encounters')[0]}{LIST}?weaning=free")
    expect(page.locator("tbody[data-stay]")).to_have_count(1)
    expect(page.locator("tbody[data-stay]")).to_contain_text("Imre")


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desk", "dark phone"])
def test_list_and_figures_have_no_fault_and_fit(
    site: Site, stays: list[uuid.UUID], violations: Callable[[Page], list[str]], size: tuple[int, int], scheme: str
) -> None:
    director = GrantRole(user_id=site.world.user["lena"], role=Role.DIRECTOR, facility_id=site.world.facility[CODE])
    with begin(everywhere("test")) as work:
        grant_role(work, director)
    discharged(stays[2], now().astimezone(ZONE).strftime("%Y-%m-%d %H:%M"), "01")
    pages = (("list", LIST), ("house", "/ltac"), ("stays", "/ltac/stays?figure=average"),
             ("around", "/ltac/threshold-days"))  # fmt: skip
    for name, path in pages:
        page = site.open("lena", path, size, color_scheme=scheme)
        if path == LIST:
            expect(page.locator("#house-figures dl")).to_be_visible()
        look(page, f"{name}-{scheme}")
        assert violations(page) == []
        assert sideways(page) == 0
