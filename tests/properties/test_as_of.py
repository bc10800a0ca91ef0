"""What a list shows as of an instant is what the house would show if it had been told only what was known by then."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.census.terms import AdtFact
from app.platform.postgres import Addresses
from tests.properties.test_adt_any_order import told_messages
from tests.support.past import House, Known, built, shown, told
from tests.support.world import NOW

START = NOW
HOUR = timedelta(hours=1)
MOST_INSTANTS = 6


@pytest.fixture
def houses(addresses: Addresses, second_database: Addresses) -> tuple[House, House]:
    """The house that knows everything, and the one that is told only a part."""
    return built(addresses), built(second_database)


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[tuple[int, AdtFact]]]:
    """Messages in the batches in which they are applied, each with the hour at which it was known: in any order, some
    of them known long before others that were applied earlier."""
    facts = draw(told_messages())
    hours = [draw(st.integers(0, MOST_INSTANTS - 1)) for _ in facts]
    mixed = draw(st.permutations(list(zip(hours, facts, strict=True))))
    if draw(st.booleans()):
        mixed = sorted(mixed, key=lambda pair: pair[0])
    batches: list[list[tuple[int, AdtFact]]] = [[]]
    for pair in mixed:
        if batches[-1] and draw(st.booleans()):
            batches.append([])
        batches[-1].append(pair)
    return batches


def _known(house: House, batch: list[tuple[int, AdtFact]], first: int) -> list[Known]:
    feed = str(house.world.facility["NORTH"])
    return [
        Known(START + hour * HOUR, msgspec.structs.replace(fact, feed=feed, sequence=first + place))
        for place, (hour, fact) in enumerate(batch)
    ]


def _numbered(house: House, batches: list[list[tuple[int, AdtFact]]]) -> list[list[Known]]:
    found, first = [], 1
    for batch in batches:
        found.append(_known(house, batch, first))
        first += len(batch)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=arrivals())
def test_past_is_what_a_house_told_only_that_would_show(
    houses: tuple[House, House], batches: list[list[tuple[int, AdtFact]]]
) -> None:
    whole, part = houses
    whole.clear()
    own = _numbered(whole, batches)
    end = START + MOST_INSTANTS * HOUR
    with whole.entered() as world:
        told((end, batch) for batch in own)
        past = {moment: shown(world, as_of=moment) for moment in _instants()}
    everything = sorted((one for batch in own for one in batch), key=lambda one: one.at)
    part.clear()
    with part.entered() as world:
        for moment in _instants():
            told([(moment, news)] if (news := [one for one in everything if one.at == moment]) else [])
            assert past[moment] == shown(world, at=moment)


def _instants() -> list[datetime]:
    return [START + hour * HOUR for hour in range(MOST_INSTANTS)]
