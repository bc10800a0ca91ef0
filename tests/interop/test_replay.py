"""The written scenarios through the whole pipeline: what the tables hold in the end is what the rules demand."""

import json
from random import Random
from typing import Any

import pytest

from app.interop.replay import replay
from app.platform.postgres import Addresses
from tests.census.replaying import differences, scenarios

SCENARIOS = scenarios()


def number(scenario: dict[str, Any]) -> str:
    return str(scenario["id"])


def test_every_scenario_ends_as_written(database: Addresses) -> None:
    if not SCENARIOS:
        pytest.skip("the folder ../shared with the scenarios is absent")
    results = list(replay((json.dumps(one) for one in SCENARIOS), database))
    wrong = {
        number(scenario): found
        for scenario, result in zip(SCENARIOS, results, strict=True)
        if (found := differences(scenario["expect"], result))
    }
    assert wrong == {}


def test_after_every_message_the_tables_are_as_written(database: Addresses) -> None:
    """The steps of the scenarios: what holds after the first n messages."""
    cut = [
        ({**one, "messages": one["messages"][: step["after"]]}, step)
        for one in SCENARIOS
        for step in one.get("steps", [])
    ]
    if not cut:
        pytest.skip("the folder ../shared with the scenarios is absent")
    results = replay((json.dumps(scenario) for scenario, _ in cut), database)
    wrong = [
        (number(scenario), step["after"], found)
        for (scenario, step), result in zip(cut, results, strict=True)
        if (found := differences(step, result))
    ]
    assert wrong == []


def test_the_order_of_arrival_does_not_matter(database: Addresses) -> None:
    """One other order of each scenario for the database; the tests of the fold try them all."""
    shuffled = []
    for one in SCENARIOS:
        if one.get("permutable"):
            messages = list(one["messages"])
            Random(one["id"]).shuffle(messages)
            shuffled.append({**one, "messages": messages})
    if not shuffled:
        pytest.skip("the folder ../shared with the scenarios is absent")
    results = replay((json.dumps(one) for one in shuffled), database)
    wrong = {
        number(one): found
        for one, result in zip(shuffled, results, strict=True)
        if (found := differences({key: value for key, value in one["expect"].items() if key != "acks"}, result))
    }
    assert wrong == {}


def test_a_line_that_is_no_scenario_is_named_and_the_next_one_played(database: Addresses) -> None:
    lines = ["not json", "", '{"id": "E", "messages": ["MSH|^~\\\\&|A"]}']
    first, second = replay(lines, database)
    assert "Line 1" in first["error"]
    assert second["acks"] == ["AE"]
    assert second["census"] == []


def test_a_negative_control(database: Addresses) -> None:
    """The comparison of these tests can fail."""
    [result] = replay(['{"id": "N", "messages": []}'], database)
    assert differences({"census": [{"visit": "V100"}], "exceptions": []}, result) != []
