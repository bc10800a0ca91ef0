"""The ledger of a unit: every figure opens the rows that it counts; the census mode is the unit's midnight census."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.ledger.grid import STAYS_AT_ONCE
from app.platform.now import now
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.ledger.test_pages import links, tree, words
from tests.reviews.support import NOT_MET, sign
from tests.support.client import Browser
from tests.support.world import World, hospital_day

BrowserFor = Callable[..., Browser]
WARD = [
    Arrival(visit="V1", name="ASTER^IRIS", place="4W^401^A", payer="BLUE PPO", expected=timedelta(days=3),
            ago=timedelta(days=4)),
    Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", payer="MEDICARE", ago=timedelta(days=2)),
    Arrival(visit="V3", name="CEDAR^ANA", place="4W^403^A", payer="BLUE PPO", ago=timedelta(days=20)),
    Arrival(visit="V4", name="DAMSON^LEO", place="ICU^01^", payer="MEDICARE", ago=timedelta(days=1)),
]  # fmt: skip


@pytest.fixture
def ward(world: World) -> World:
    """Three stays on 4 West, one in intensive care; one day was reviewed and not met."""
    Ward().admit(*WARD)
    day = hospital_day(1).isoformat()
    sign(world, stay_of("V2"), {"kind": "continued_stay", "for_day": day, "criteria": "aep_day 2"}, NOT_MET, now=now())
    return world


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each row by its head, totals among them."""
    table = next((one for one in tree(text).iter("table") if "grid-l" in one.get("class", "").split()), None)
    if table is None:
        return {}
    return {words(row.find("th")): [words(cell) for cell in row.findall("td")] for row in table.iter("tr")
            if row.find("td") is not None}  # fmt: skip


def stays(text: str) -> dict[str, list[str]]:
    return {name: cells for name, cells in rows(text).items() if name not in ("Midnights", "Open or avoidable")}


def number(text: str) -> int:
    return int(re.sub(r"\D.*", "", text) or 0)


def parts(text: str) -> list[tuple[int, str]]:
    """The parts of the sum above the grid, each with its address."""
    line = next(one for one in tree(text).iter("span") if one.get("role") == "status" and one.get("class") == "sub")
    return [(number(words(one)), one.get("href")) for one in line.iter("a")]


def total_of(text: str) -> int:
    found = re.search(r"(\d+) midnights?\b", words(tree(text)))
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("lane", ["all", "avoidable", "necessary", "authorized", "occupied"])
def test_every_figure_opens_the_rows_that_it_counts(browser_for: BrowserFor, ward: World, lane: str) -> None:
    dana = browser_for("dana")
    text = dana.get(f"/ledger?unit=4W&lane={lane}").text
    found, lines = rows(text), stays(text)
    assert len(lines) == 3
    columns = len(found["Midnights"])
    width = columns - 22  # before, then 14 nights and 7 ahead, then the sums
    whole = [sum(number(cells[place]) for cells in lines.values()) for place in range(22, columns)]
    assert whole == [number(one) for one in found["Midnights"][22:]], "sums are those of the rows under them"
    assert whole[0] == sum(whole[1:]) == total_of(text) == sum(count for count, _ in parts(text)), "parts add up"
    assert width == len(whole)
    for count, address in parts(text):
        opened = dana.get(address).text
        assert sum(one for one, href in parts(opened) if href == address) == count
    for place, cell in enumerate(found["Midnights"][1:15], start=1):
        shown = sum(bool(cells[place]) for cells in lines.values())
        assert shown == number(cell)
    foot = [href for href in links(text) if "day=" in href]
    for address in foot[:3]:
        day = dana.get(address).text
        assert stays(day).keys() <= lines.keys()


def test_a_midnight_opens_the_stays_that_were_there(browser_for: BrowserFor, ward: World) -> None:
    day = hospital_day(3).isoformat()
    text = browser_for("dana").get(f"/ledger?unit=4W&day={day}").text
    assert {name.split(",")[0] for name in stays(text)} == {"ASTER", "CEDAR"}
    assert "only stays of" in text


def test_gaps_are_visible_and_lead_to_what_closes_them(browser_for: BrowserFor, ward: World) -> None:
    text = browser_for("uma").get("/ledger?unit=4W").text
    found = links(text)
    assert f"/encounters/{stay_of('V1')}/authorizations/new" in found
    assert any(one.startswith(f"/encounters/{stay_of('V2')}/reviews/new?day=") for one in found)
    assert "not authorized" in text and "not reviewed" in text


def test_expected_nights_lie_ahead_dotted(browser_for: BrowserFor, ward: World) -> None:
    cells = stays(browser_for("dana").get("/ledger?unit=4W").text)["ASTER, IRIS 4W 401-A"]
    assert [bool(one) for one in cells[15:22]] == [True] * 3 + [False] * 4


def test_the_census_of_a_unit_counts_who_lay_there_at_each_midnight(browser_for: BrowserFor, ward: World) -> None:
    Ward().move(WARD[1], "ICU^02^")
    dana = browser_for("dana")
    on_ward = rows(dana.get("/ledger?unit=4W&whom=window").text)["Midnights"]
    here = rows(dana.get("/ledger?unit=4W").text)["Midnights"]
    assert number(on_ward[14]) == 3, "who was moved today lay here last night"
    assert number(here[14]) == 2
    assert on_ward[0] == "0"


def test_an_empty_unit_says_why(browser_for: BrowserFor, ward: World) -> None:
    text = browser_for("dana").get("/ledger?unit=OBS").text
    assert "Nobody of this choice lies in Observation" in text
    assert rows(text) == {}


@pytest.mark.parametrize("address", ["unit=NOWHERE&lane=none&whom=x&page=-1", "page=999999&until=2999-01-01", "part=x"])
def test_what_an_address_says_wrongly_is_the_usual(browser_for: BrowserFor, ward: World, address: str) -> None:
    assert browser_for("dana").get(f"/ledger?{address}").status_code == 200


def test_a_day_that_is_none_is_answered_in_a_sentence(browser_for: BrowserFor, ward: World) -> None:
    answer = browser_for("dana").get("/ledger?until=yesterday")
    assert answer.status_code == 404 and "no day of the calendar" in answer.text


def test_another_house_is_not_shown(browser_for: BrowserFor, ward: World) -> None:
    assert stays(browser_for("stan").get("/ledger?unit=4W").text) == {}


def test_only_the_page_is_disclosed_that_is_shown(browser_for: BrowserFor, ward: World) -> None:
    browser_for("dana").get("/ledger?unit=ICU")
    seen = ward.owner.execute("select cardinality(patients) from phi_access order by id desc limit 1").fetchone()
    assert seen == (1,)


def test_many_stays_stand_on_pages(browser_for: BrowserFor, world: World) -> None:
    Ward().admit(*[
        Arrival(visit=f"W{number}", name=f"SAMPLE{number:03}^PERSON", place=f"4W^{100 + number}^A", payer="MEDICARE",
                ago=timedelta(days=1)) for number in range(STAYS_AT_ONCE + 2)
    ])  # fmt: skip
    dana = browser_for("dana")
    first, second = (dana.get(f"/ledger?unit=4W&order=bed&page={page}").text for page in (1, 2))
    assert (len(stays(first)), len(stays(second))) == (STAYS_AT_ONCE, 2)
    assert total_of(first) == total_of(second) == STAYS_AT_ONCE + 2
