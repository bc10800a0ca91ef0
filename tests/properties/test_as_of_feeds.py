"""The past under whole feeds: the simulated hospital with all its mishaps, and the scenarios of the ADT rules."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.census.commands import refold_all
from app.census.terms import AdtFact, FeedPolicy
from app.demo.plan import Plan
from app.demo.simulation import simulate
from app.interop import hl7
from app.interop.adt import to_fact
from app.platform.postgres import Addresses
from app.platform.work import reading
from tests.census.replaying import VECTORS, policy_of, scenarios, taken
from tests.support.past import FEED, MOST_AT_ONCE, House, Known, built, shown, told, told_by

NOW = datetime(2026, 3, 12, 15, 30, tzinfo=UTC)
SCENARIOS = scenarios()


@pytest.fixture
def houses(addresses: Addresses, second_database: Addresses) -> tuple[House, House]:
    """The house that knows everything, and the one that is told only a part."""
    return built(addresses), built(second_database)


def _compared(houses: tuple[House, House], arriving: list[list[Known]], instants: Iterable[datetime]) -> None:
    """What the house shows as of these instants is what one shows that was told just that, as it became known."""
    whole, part = houses
    end = max(NOW, *(one.at for batch in arriving for one in batch))  # nothing is heard before it is said
    whole.clear()
    with whole.entered() as world:
        told((end, batch) for batch in arriving)
        past = {moment: shown(world, as_of=moment) for moment in instants}
        with reading(FEED) as view:
            assert list(refold_all(view)) == []
    in_order = sorted((one for batch in arriving for one in batch), key=lambda one: one.at)
    part.clear()
    with part.entered() as world:
        for moment in sorted(past):
            news = [one for one in in_order if one.at <= moment]
            in_order = in_order[len(news) :]
            told_by(moment, news)
            assert past[moment] == shown(world, at=moment)


def _sample(random: Random, known: Iterable[Known], count: int) -> list[datetime]:
    moments = sorted({one.at for one in known})
    return sorted(random.sample(moments, min(count, len(moments))))


# --- the simulated hospital ------------------------------------------------------------------------------------------


def _feed(seed: int, feeds: dict[str, str]) -> list[Known]:
    """What the two senders of a small simulated hospital said: first of the stays that are open, then of the others."""
    simulation = simulate(Plan(now=NOW, seed=seed, beds=20, ltch_beds=4, days=2))
    codes = [facility.code for facility in simulation.facilities]
    policies = {
        code: FeedPolicy(feed=feed, timezone="America/Chicago", default_authority=code)
        for code, feed in zip(codes, feeds.values(), strict=True)
    }
    found = []
    messages = dict.fromkeys((one.facility, one.raw, one.at) for one in simulation.open_first())
    for number, (facility, raw, at) in enumerate(messages, start=1):
        fact = to_fact(hl7.parse(raw), policies[facility], number, at)
        assert isinstance(fact, AdtFact)
        found.append(Known(fact.recorded, fact))
    return found


SEEDS = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller seed is no simpler hospital


@settings(max_examples=2, deadline=None, phases=SEEDS, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(1, 10_000))
def test_a_simulated_hospital_has_the_past_that_it_had(houses: tuple[House, House], seed: int) -> None:
    random = Random(seed)
    places = {code: str(key) for code, key in houses[0].world.facility.items()}
    known = _feed(seed, {code: places[code] for code in ("NORTH", "SOUTH")})
    arriving, place = [], 0
    while place < len(known):
        count = random.randint(1, MOST_AT_ONCE)
        arriving.append(random.sample(batch := known[place : place + count], len(batch)))
        place += count
    random.shuffle(arriving)  # what was said last may be heard first, as of stays that are open now

    _compared(houses, arriving, _sample(random, known, 5))


# --- the scenarios of the ADT rules ----------------------------------------------------------------------------------


def _told(scenario: dict[str, Any], feed: str) -> list[Known]:
    facts = [one for one in taken(scenario["messages"], policy_of(scenario)) if isinstance(one, AdtFact)]
    return [Known(fact.recorded, msgspec.structs.replace(fact, feed=feed)) for fact in facts]


@pytest.mark.skipif(not VECTORS.exists(), reason="the scenarios are not beside the repository (../shared)")
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_scenarios_have_the_past_that_they_had(houses: tuple[House, House], data: st.DataObject) -> None:
    scenario = data.draw(st.sampled_from(SCENARIOS), label="scenario")
    known = _told(scenario, str(houses[0].world.facility["NORTH"]))
    order = data.draw(st.permutations(known), label="order of arrival")
    cuts = data.draw(st.sets(st.integers(1, max(1, len(order) - 1))), label="batches")
    places = [0, *sorted(cuts), len(order)]
    arriving = [order[first:last] for first, last in itertools.pairwise(places) if first < last]

    _compared(houses, arriving, sorted({one.at for one in known})[:5])
