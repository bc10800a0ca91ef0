"""The tab Days, the strip of the overview and of the row: boxes lead to their records, totals add up, gaps are said."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import html5lib
import pytest

from app.platform.now import now
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.reviews.support import MET, NOT_MET, sign, tell
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
HERE = timedelta(days=3)
IRIS = Arrival(visit="V1", name="ASTER^IRIS", place="4W^401^A", payer="BLUE PPO", expected=timedelta(days=2), ago=HERE)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    """Here for three midnights and two more expected; nobody has reviewed anything, the payer was not asked."""
    Ward().admit(IRIS)
    return stay_of("V1")


def tree(text: str) -> Any:
    return html5lib.HTMLParser(namespaceHTMLElements=False).parse(text)


def words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def strip(text: str) -> dict[str, tuple[list[str], str]]:
    """Each lane with the words of its boxes, and its total."""
    table = next(one for one in tree(text).iter("table") if one.get("class") == "strip")
    found = {}
    for row in table.find("tbody").iter("tr"):
        boxes = [words(cell) for cell in row.iter("td") if (cell.get("class") or "").startswith("d ")]
        total = next(words(cell) for cell in row.iter("td") if cell.get("class") == "sum")
        found[words(row.find("th"))] = (boxes, total)
    return found


def links(text: str) -> set[str]:
    return {one.get("href", "") for one in tree(text).iter("a")}


def test_the_tab_has_every_midnight_in_four_lanes_with_words(browser_for: BrowserFor, stay: uuid.UUID) -> None:
    lanes = strip(browser_for("uma").get(f"/encounters/{stay}/days").text)

    assert list(lanes) == ["Occupied", "Necessary", "Authorized", "Avoidable"]
    assert lanes["Occupied"] == (["I inpatient, 4W"] * 3 + ["·expected"] * 2, "3")
    assert lanes["Necessary"] == (["? no review"] * 3 + ["·expected"] * 2, "3 no review")
    assert lanes["Authorized"] == (["! not authorized"] * 3 + ["·expected"] * 2, "3 not authorized")
    assert lanes["Avoidable"] == (["·none"] * 3 + ["·expected"] * 2, "3 none")


def test_totals_of_each_lane_add_up_to_the_first(browser_for: BrowserFor, world: World, stay: uuid.UUID) -> None:
    first = now() - HERE
    sign(world, stay, {"kind": "admission", "for_day": f"{first:%Y-%m-%d}", "criteria": "aep_admission 2"}, MET,
         {"next_review_on": f"{first + timedelta(days=2):%Y-%m-%d}"}, now=now())  # fmt: skip
    lanes = strip(browser_for("uma").get(f"/encounters/{stay}/days").text)
    sums = {name: sum(int(part.split()[0]) for part in total.split(", ")) for name, (_, total) in lanes.items()}
    assert set(sums.values()) == {3}
    assert lanes["Necessary"][1] in ("2 met, 1 no review", "1 met, 2 no review")  # the night of admission is hers


def test_boxes_lead_to_the_record_or_to_where_it_is_made(
    browser_for: BrowserFor, world: World, stay: uuid.UUID
) -> None:
    uma = browser_for("uma")
    found = links(uma.get(f"/encounters/{stay}/days").text)
    assert {one for one in found if "/reviews/new?day=" in one}
    assert f"/encounters/{stay}/authorizations/new" in found
    assert f"/encounters/{stay}/timeline" in found
    day = f"{now() - timedelta(days=2):%Y-%m-%d}"
    review = sign(world, stay, {"kind": "continued_stay", "for_day": day, "criteria": "aep_day 2"}, NOT_MET, now=now())
    assert f"/reviews/{review.review_id}" in links(uma.get(f"/encounters/{stay}/days").text)


def test_what_does_not_fit_is_said_with_the_way_to_mend_it(browser_for: BrowserFor, stay: uuid.UUID) -> None:
    text = browser_for("uma").get(f"/encounters/{stay}/days").text
    assert "Not reviewed: 3 nights" in text
    assert any("/reviews/new" in one for one in links(text))
    auditor = links(browser_for("aud").get(f"/encounters/{stay}/days").text)
    assert not any("/new" in one for one in auditor)


def test_the_strip_stands_on_the_overview_and_in_the_row(browser_for: BrowserFor, stay: uuid.UUID) -> None:
    dana = browser_for("dana")
    overview = dana.get(f"/encounters/{stay}").text
    assert "Midnights accounted for" in overview and strip(overview)["Occupied"][1] == "3"
    row = dana.get(f"/worklists/inpatient/more/{stay}", htmx=True)
    if row.status_code == 404:
        row = dana.get(f"/worklists/inpatient?open={stay}")
    assert strip(row.text)["Occupied"][1] == "3"


def test_the_tab_looks_back(browser_for: BrowserFor, world: World) -> None:
    stay = tell(world, "A01 | rec 03-01 10:00 | occ 03-01 10:00 | bed 4W^401^A | ins BLUE PPO\n")
    text = browser_for("uma").get(f"/encounters/{stay}/days?as-of=2026-03-04T12:00").text
    assert strip(text)["Occupied"] == (["I inpatient, 4W"] * 3, "3")
    found = links(text)
    assert not any("/reviews/new" in one for one in found)
    assert f"/encounters/{stay}/timeline?as-of=2026-03-04T12:00" in found


def test_a_stay_without_a_midnight_says_so(browser_for: BrowserFor, world: World) -> None:
    Ward().admit(Arrival(visit="V9", name="BRAND^NEW", place="4W^409^A", payer="BLUE PPO", ago=timedelta(0)))
    text = browser_for("dana").get(f"/encounters/{stay_of('V9')}/days").text
    assert "midnight has passed yet" in text


def test_a_stranger_finds_nothing(browser_for: BrowserFor, stay: uuid.UUID) -> None:
    assert browser_for("stan").get(f"/encounters/{stay}/days").status_code == 404
