"""The life of a list, distances, neutral order, what keeps a vendor off a list."""

import math
from datetime import date

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.clocks.terms import Line
from app.discharge.choice.rules import LIFE, OF_OUTCOME, check_length, check_limits, state_of
from app.discharge.choice.terms import ChoiceAction, ChoiceOutcome, ChoiceState
from app.discharge.terms import CareType
from app.discharge.vendors.rules import Need, Offer, Position, box, miles, removal
from app.discharge.vendors.terms import Capability, NetworkStanding, Removal
from app.kernel.refusal import Refused
from app.kernel.transitions import finals, states, unreachable

TODAY = date(2026, 3, 5)
SNF = Offer(name="Maple", care_type=CareType.SNF, miles=3.0, medicare=True, medicaid=True)
NEED = Need(care_type=CareType.SNF, on=TODAY, within=25.0)
PLACES = st.builds(Position, st.floats(-89, 89), st.floats(-179, 179))


def test_every_state_is_reached_and_only_a_withdrawn_list_is_final():
    assert unreachable(LIFE, ChoiceState.NO_LIST) == []
    assert finals(LIFE) == [ChoiceState.WITHDRAWN]
    assert set(states(LIFE)) == set(ChoiceState)
    assert {action for _state, action in LIFE} == set(ChoiceAction)


@pytest.mark.parametrize("outcome", list(ChoiceOutcome))
def test_the_state_follows_from_the_answer_that_stands(outcome: ChoiceOutcome):
    assert state_of(outcome, ended=False) == LIFE[ChoiceState.LISTED, OF_OUTCOME[outcome]]
    assert state_of(outcome, ended=True) is ChoiceState.WITHDRAWN


def test_a_list_of_original_medicare_is_not_limited_to_a_network():
    with pytest.raises(Refused, match="Only a plan with a network"):
        check_limits(Line.MEDICARE_FFS, in_network=True)
    check_limits(Line.MEDICARE_ADVANTAGE, in_network=True)
    check_limits(None, in_network=False)


def test_a_list_holds_somebody_and_can_be_read():
    check_length(1, whole=True)
    for count, whole in ((0, True), (61, True), (10, False)):
        with pytest.raises(Refused):
            check_length(count, whole=whole)


def test_known_distances():
    chicago, milwaukee = Position(41.8781, -87.6298), Position(43.0389, -87.9065)

    assert miles(chicago, milwaukee) == pytest.approx(81.4, abs=0.3)
    assert miles(Position(0, 0), Position(0, 180)) == pytest.approx(math.pi * 3958.8)


@given(PLACES, PLACES)
def test_distance_is_the_same_both_ways_and_zero_only_at_the_place(one: Position, other: Position):
    assert miles(one, other) == pytest.approx(miles(other, one), abs=1e-6)
    assert miles(one, one) == 0


@given(PLACES, PLACES, st.floats(0.1, 500))
def test_whoever_is_near_lies_in_the_box(center: Position, other: Position, within: float):
    limits = box(center, within)
    if miles(center, other) <= within * 0.999:
        assert limits.south <= other.latitude <= limits.north
        assert limits.west <= other.longitude <= limits.east


@pytest.mark.parametrize(
    ("offer", "need", "why"),
    [
        ({}, {}, None),
        ({"closed_on": TODAY}, {}, Removal.CLOSED),
        ({"closed_on": date(2026, 3, 6)}, {}, None),
        ({"medicare": False}, {"medicare": True}, Removal.NOT_PARTICIPATING),
        ({"medicare": None}, {"medicare": True}, Removal.NOT_PARTICIPATING),
        ({"medicare": False}, {}, None),
        ({"medicaid": False}, {"medicaid": True}, Removal.NO_MEDICAID),
        ({"medicaid": None}, {"medicaid": True}, None),
        ({"miles": 25.1}, {}, Removal.TOO_FAR),
        ({"miles": None}, {}, None),
        ({}, {"capabilities": frozenset({Capability.TPN})}, Removal.NO_CAPABILITY),
        ({"languages": frozenset({"Polish"})}, {"language": "polish"}, None),
        ({}, {"language": "Polish"}, Removal.LANGUAGE),
        ({}, {"in_network": True}, Removal.OUT_OF_NETWORK),
        ({"network": NetworkStanding.SINGLE_CASE}, {"in_network": True}, None),
        ({"stars": 2.0}, {"least_stars": 3.0}, Removal.QUALITY),
    ],
)
def test_what_keeps_a_vendor_off_a_list(offer: dict, need: dict, why: Removal | None):
    from dataclasses import replace

    assert removal(replace(SNF, **offer), replace(NEED, **need)) is why


def test_who_comes_home_is_asked_where_it_serves():
    agency = Offer(name="Heron", care_type=CareType.HOME_HEALTH, miles=40.0, serves=("60601",), medicare=True)
    here = Need(care_type=CareType.HOME_HEALTH, on=TODAY, within=25.0, zip_code="60601-1234")

    assert removal(agency, here) is None
    assert removal(agency, Need(care_type=CareType.HOME_HEALTH, on=TODAY, zip_code="60614")) is Removal.TOO_FAR
