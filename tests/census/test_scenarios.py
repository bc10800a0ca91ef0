"""The scenarios written by hand: each must end as it says, the permutable ones in every order of arrival."""

import itertools
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.census.terms import AdtFact
from tests.census.replaying import VECTORS, answer, differences, policy_of, replay, scenarios, taken
from tests.census.stories import Story, read

STORIES = sorted((Path(__file__).parents[1] / "scenarios").glob("adt_*.txt"))
SCENARIOS = scenarios()

needs_vectors = pytest.mark.skipif(not SCENARIOS, reason=f"{VECTORS.name} is not beside the repository")


@needs_vectors
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one["id"])
def test_scenario_ends_as_written(scenario: dict[str, Any]) -> None:
    policy = policy_of(scenario)

    assert differences(scenario["expect"], replay(scenario["messages"], policy)) == []
    for step in scenario["steps"]:
        wanted = {key: value for key, value in step.items() if key != "after"}
        assert differences(wanted, replay(scenario["messages"][: step["after"]], policy)) == [], (
            f"after {step['after']}"
        )


@needs_vectors
@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one["permutable"]], ids=lambda one: one["id"])
def test_order_of_arrival_does_not_matter(scenario: dict[str, Any]) -> None:
    policy = policy_of(scenario)
    received = [one for one in taken(scenario["messages"], policy) if isinstance(one, AdtFact)]
    wanted = {key: value for key, value in scenario["expect"].items() if key != "acks"}
    first = None

    for order in orders(len(received)):
        facts = [msgspec.structs.replace(received[index], sequence=place) for place, index in enumerate(order)]
        found = answer(facts, policy)
        assert differences(wanted, found) == [], f"in the order {order}"
        first = first or found
        assert found == first, f"in the order {order}"


def orders(count: int) -> list[tuple[int, ...]]:
    if count <= 6:
        return list(itertools.permutations(range(count)))
    generator = random.Random(count)
    return [tuple(generator.sample(range(count), count)) for _ in range(250)]


@needs_vectors
def test_comparison_notices_what_is_wrong() -> None:
    scenario = next(one for one in SCENARIOS if one["id"] == "S01")
    found = replay(scenario["messages"], policy_of(scenario))
    found["encounters"]["V100"]["disposition"] = "03"

    assert differences(scenario["expect"], found) == ["encounters V100 disposition: 03 instead of 01"]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story_ends_as_written(path: Path) -> None:
    messages, wanted = read(path)

    story = Story(messages)
    ends = [story.after(), story.in_order(reversed(range(len(messages))))]

    assert wanted
    for end in ends:
        assert [line for line in wanted if line not in said_of(end)] == []


def said_of(end: dict[str, Any]) -> set[str]:
    """Every sentence that a story may expect of an end."""
    rows = [f"{one['visit']} {one['mrn']} {one['class']} {one['location']}" for one in end["census"]]
    said = {f"census: {', '.join(rows) or 'empty'}", f"exceptions: {', '.join(end['exceptions']) or 'none'}"}
    for kind in ("encounters", "patients"):
        for number, fields in end[kind].items():
            said |= {f"{number} {name}: {value}" for name, value in fields.items() if not isinstance(value, list)}
            for name in ("locs", "classes"):
                course = ", ".join(
                    f"{value} from {start[4:12]} to {(end_ or '')[4:12]}".strip()
                    for value, start, end_ in fields.get(name, [])
                )
                said.add(f"{number} {name}: {course}")
    return said
