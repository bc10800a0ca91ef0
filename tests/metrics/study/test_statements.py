"""Control and the pages of measures ask the database as often for many stays as for a few."""

from collections.abc import Callable

import pytest

from tests.metrics.study.planted import plant
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World
from tests.web.test_utilization_statements import statements

CASES = "/measures/readmission/cases?among=all&first=2024-06-01"
PAGES = ("/control", "/measures", "/measures/readmission", "/measures/los", CASES)


def asked(browser: Browser) -> dict[str, int]:
    """How many statements each page takes, when it has been shown before."""
    found = {}
    for path in PAGES:
        browser.get(path)
        with statements() as sent:
            browser.get(path)
        found[path] = len(sent)
    return found


def test_pages_take_as_many_statements_for_many_stays_as_for_a_few(
    world: World, monkeypatch: pytest.MonkeyPatch, browser_for: Callable[..., Browser]
) -> None:
    director = browser_for("dora")
    add_stays(world, [StaySpec(room=f"{400 + place}", gmlos=1.2) for place in range(3)])
    plant(world, monkeypatch, 3)
    few = asked(director)
    add_stays(world, [StaySpec(room=f"{500 + place}", gmlos=1.2) for place in range(22)])
    plant(world, monkeypatch, 60, seed=8)

    many = asked(director)

    assert {path: many[path] - few[path] for path in PAGES} == dict.fromkeys(PAGES, 0)
