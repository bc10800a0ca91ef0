"""FHIR files whose lists lie in one another without end: named and left out, and the rest is taken."""

from pathlib import Path

import pytest

from app.interop.fhir.bundles import read_files
from app.interop.fhir.importing import import_files
from tests.support.world import World

DEPTHS = (900, 1500, 200_000)
GOOD = (
    '{"resourceType":"Encounter","id":"e2","status":"in-progress","class":{"code":"IMP"},'
    '"subject":{"identifier":{"value":"M1"}},"identifier":[{"value":"V1"}],"period":{"start":"2026-03-01T08:00:00Z"}}'
)


def deep(head: str, depth: int, tail: str = "}") -> str:
    return head + "[" * depth + "]" * depth + tail


@pytest.mark.parametrize("depth", DEPTHS)
def test_an_encounter_without_end_is_left_out_and_the_next_one_is_taken(
    world: World, tmp_path: Path, depth: int
) -> None:
    file = tmp_path / "export.ndjson"
    file.write_text(deep('{"resourceType":"Encounter","id":"e1","x":', depth) + "\n" + GOOD + "\n")

    outcome = import_files("NORTH", [file])

    assert [line.resource for line in outcome.lines if not line.error] == ["Encounter/e2"]
    assert outcome.faults or outcome.refused


@pytest.mark.parametrize("depth", DEPTHS[1:])
@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ('{"resourceType":"Bundle","link":', "}"),
        ('{"resourceType":"Bundle","entry":[{"request":', "}]}"),
        ('{"resourceType":"OperationOutcome","issue":', "}"),
        ('{"output":', "}"),
    ],
)
def test_any_document_without_end_is_a_fault_of_the_file(tmp_path: Path, head: str, tail: str, depth: int) -> None:
    file = tmp_path / "one.json"
    file.write_text(deep(head, depth, tail))
    found = read_files([file])
    assert not found.found and found.faults
