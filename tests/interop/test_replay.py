"""The written scenarios through the whole pipeline: what the tables hold in the end is what the rules demand."""

import json
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
