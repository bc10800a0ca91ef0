"""Every page enlarged to 200 % and 400 %, with more room in its text, without motion, and walked through by its stops;
every page has a title of its own and every table a name (WCAG 1.3.1, 1.4.4, 1.4.10, 1.4.12, 2.3.3, 2.4.2, 2.4.11)."""

from collections import defaultdict

from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.furnishing import furnish
from tests.browser.looking import WIDE, everything
from tests.browser.test_every_page import visits

# Pages that say no, and the status that belongs to it.
REFUSALS = {
    "/as-of": 422,  # this visit asks for a day ahead
    "/no-such-page": 404,
}


def one_place(routes: set[str]) -> bool:
    """Whether these are one page and what lies below it: a piece of a list, a page behind a figure."""
    shortest = min(routes, key=len)
    return all(route.startswith(shortest) for route in routes)


def test_pages_bear_enlarging_spacing_and_calm(site: Site) -> None:
    furnish(site)
    faults: list[str] = []
    opened: dict[str, Page] = {}
    titles: dict[str, set[str]] = defaultdict(set)
    routes: set[str] = set()
    for visit in visits(site):
        if visit.route in routes:
            continue
        routes.add(visit.route)
        page = opened.get(visit.who)
        if page is None:
            page = opened[visit.who] = site.open(visit.who, "/sign-in", WIDE)
        answer = page.goto(visit.path)
        expected = REFUSALS.get(visit.route, 200)
        if visit.route and (answer is None or answer.status != expected):
            faults.append(
                f"{visit.path}: nobody looks at this page, it answers {answer.status if answer else 'nothing'}"
            )
        faults += [f"{visit.path}: {fault}" for fault in everything(page)]
        if not page.locator("#stay-banner").count():  # parts of a stay are called by the tab to which they belong
            titles[page.title()].add(visit.route)

    assert faults == []
    assert [title for title, shared in titles.items() if not one_place(shared)] == [], "one title, two pages"


def test_the_looks_see_faults_on_a_bad_page(site: Site) -> None:
    page = site.open("", "/sign-in", WIDE)
    page.evaluate(
        """() => {
          document.title = "";
          const box = document.createElement("div");
          box.innerHTML = "<p>Some words that are far too long for their box</p><table><tr><td>1</td></tr></table>";
          document.querySelector("main").append(box);
          Object.assign(box.firstChild.style, { width: "40px", overflow: "hidden", whiteSpace: "nowrap" });
          Object.assign(box.lastChild.style, { width: "900px" });
        }"""
    )
    found = " ".join(everything(page))
    for part in ("no title", "table without a name", "cuts Some words", "at 640 px", "beside the screen"):
        assert part in found, found
