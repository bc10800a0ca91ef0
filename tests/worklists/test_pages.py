"""The list pages: rows of the house, filters in the address, what may not be seen."""

from collections.abc import Callable

from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def test_list_shows_a_stay_with_its_place_and_class(world: World, browser_for: BrowserFor) -> None:
    add_stay(world, StaySpec(family="Example", given="Ann", gmlos=4.1))

    text = browser_for("dana").get("/worklists/inpatient").text

    for shown in ("Example, Ann", "4W 412-B", "Inpatient", "of GMLOS 4.1", "Doctor 1001", "Payer PLAN1"):
        assert shown in text
