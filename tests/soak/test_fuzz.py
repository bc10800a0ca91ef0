"""The walks over routes and readers with other seeds, for as long as is asked."""

from random import Random
from time import monotonic

import pytest

from tests.fuzz.house import House
from tests.fuzz.mutation import mutated
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.test_readers import trial
from tests.fuzz.test_routes import house, report, walk_through
from tests.soak.conftest import Figures

__all__ = ["house"]  # the furnished house is a fixture of the short walk
SECONDS_OF_ROUTES = 300.0
SECONDS_OF_A_READER = 12.0


def test_routes_with_other_seeds(house: House, stretch: float, figures: Figures) -> None:
    figures.columns("seed", "requests", "through", "faults")
    until, seed = monotonic() + SECONDS_OF_ROUTES * stretch, 1
    while monotonic() < until or seed == 1:
        walk = walk_through(house, seed, cases=6)
        figures.row(seed, walk.sent, walk.through, len(walk.wrong))
        assert not walk.wrong, f"seed {seed}: {report(walk)}"
        seed += 1


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
def test_readers_with_other_seeds(reader: Reader, stretch: float, figures: Figures) -> None:
    figures.columns("reader", "inputs", "taken", "refused")
    until, number, taken = monotonic() + SECONDS_OF_A_READER * stretch, 0, 0
    while monotonic() < until or number < 10:
        random = Random(f"{number} {reader.name}")
        taken += trial(reader, mutated(random, reader.seeds[number % len(reader.seeds)]))
        number += 1
    figures.row(reader.name, number, taken, number - taken)
