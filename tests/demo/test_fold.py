"""The fold of the simulated messages, in any order of arrival, gives the truth behind them."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from random import Random

import pytest

from app.census.rules import bed_conflicts, fold
from app.census.terms import AdtFact, EncounterState, FeedPolicy, House
from app.demo.hospital import Bed
from app.demo.plan import Plan
from app.demo.simulation import SimulatedMessage, Simulation, simulate
from app.demo.stays import CensusLine, Stay, Truth
from app.interop import adt, hl7

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
PLAN = Plan(now=NOW, seed=21, beds=60, ltch_beds=12, days=30)
POLICIES = {code: FeedPolicy(feed=code, timezone=PLAN.time_zone, default_authority=code) for code in ("TBH", "TBL")}


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(PLAN)


@pytest.fixture(scope="module")
def folded(simulation: Simulation) -> House:
    return fold(facts(simulation), POLICIES)


def facts(messages: Iterable[SimulatedMessage]) -> list[AdtFact]:
    found = []
    for number, one in enumerate(messages):
        fact = adt.to_fact(hl7.parse(one.raw), POLICIES[one.facility], number, one.at)
        assert isinstance(fact, AdtFact), fact
        found.append(fact)
    return found


def census(house: House) -> list[CensusLine]:
    lines = []
    for stay in house.encounters.values():
        if stay.status.in_census and stay.patient_class.bedded:
            facility, visit = stay.key.split("|")
            assert stay.location is not None
            leave = str(stay.status) == "on_leave"
            place = stay.location.text
            lines.append(CensusLine(facility, visit, stay.patient.split("|")[1], place, str(stay.patient_class), leave))
    return sorted(lines)


def differences(truth: Truth, house: House) -> list[str]:
    """Each stay that the fold sees otherwise than it was."""
    found = [f"unknown to the truth: {key}" for key in house.encounters if tuple(key.split("|")) not in truth.stays]
    for (facility, visit), stay in truth.stays.items():
        state = house.encounters.get(f"{facility}|{visit}")
        if state is None:
            found.append(f"unknown to the fold: {facility}|{visit} {stay.status}")
        elif (seen := _seen(state)) != (true := _true(stay)) and stay.status != "cancelled":
            found.append(f"{facility}|{visit}: {[pair for pair in zip(seen, true, strict=True) if pair[0] != pair[1]]}")
        elif str(state.status) != stay.status:
            found.append(f"{facility}|{visit}: {state.status} instead of {stay.status}")
    return found


def _seen(state: EncounterState) -> tuple[object, ...]:
    beds = [(row.value.text, row.start) for row in state.locations] if state.start_at else []
    classes = [(str(row.value), row.start) for row in state.classes] if state.start_at else []
    codes = [one.code for one in state.diagnoses]
    plans = [one.company for one in state.insurances]
    status = str(state.status)
    return (
        status,
        state.start_at,
        state.discharge_at,
        state.disposition,
        beds,
        classes,
        state.inpatient_at,
        codes,
        plans,
    )


def _true(stay: Stay) -> tuple[object, ...]:
    beds: list[tuple[str, datetime]] = []
    for bed, since in stay.beds:
        if not beds or beds[-1][0] != bed.location:
            beds.append((bed.location, since))
    state = stay.state
    codes = [code for code, _, _ in state.diagnoses]
    plans = [one.payer.company for one in state.coverages]
    times = stay.started, state.discharged
    return stay.status, *times, state.disposition or None, beds, stay.classes, stay.inpatient_since, codes, plans


def test_the_census_is_the_true_one(simulation: Simulation, folded: House) -> None:
    assert len(census(folded)) > 50
    assert census(folded) == simulation.truth.census()


def test_every_stay_is_as_it_was(simulation: Simulation, folded: House) -> None:
    assert len(folded.encounters) > 700
    assert differences(simulation.truth, folded) == []


def test_nothing_is_left_in_the_exceptions_queue(folded: House) -> None:
    assert Counter(str(one.kind) for one in folded.exceptions) == {}
    assert bed_conflicts(folded.encounters.values()) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_arrival_does_not_matter(simulation: Simulation, seed: int) -> None:
    messages = list(simulation)
    Random(seed).shuffle(messages)
    assert census(fold(facts(messages), POLICIES)) == simulation.truth.census()


def test_live_messages_keep_the_fold_true() -> None:
    simulation = simulate(Plan(now=NOW, seed=22, beds=30, ltch_beds=6, days=5))
    until = NOW + timedelta(days=6)
    messages = list(simulation)
    messages += takewhile(lambda one: one.at <= until, simulation.continue_from(NOW))
    house = fold(facts(messages), POLICIES)
    true, seen = simulation.truth.census(), census(house)
    assert len(set(true) ^ set(seen)) <= 4, "only what was recorded last and is still on its way may differ"


def test_beds_are_written_as_the_census_shows_them() -> None:
    assert Bed("TBH", "4W", "412", "B").location == "4W^412^B"
