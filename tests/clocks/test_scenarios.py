"""The worked examples of the rules, as tables that a nurse can read; and every case of the contract."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.clocks.explain import explain
from tests.clocks.tables import Case, differences, read

FOLDER = Path(__file__).parents[1] / "scenarios" / "clocks"
CASES = [case for path in sorted(FOLDER.glob("*.txt")) for case in read(path)]
LINES = (FOLDER / "vectors.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_engine_says_what_the_table_says(case: Case):
    assert case.expected, "a case that expects nothing proves nothing"
    assert differences(case) == []


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["id"])
def test_cases_of_the_contract(line: str):
    expected = json.loads(line)["expect"]
    (got,) = explain([line])
    owed = {one["rule"]: one for one in got["obligations"]}

    for one in expected["obligations"]:
        assert {name: owed[one["rule"]][name] for name in one} == one
    assert expected["counters"].items() <= got["counters"].items()


def test_a_table_that_is_wrong_is_noticed():
    (case,) = (one for one in CASES if one.title.startswith("IM1."))
    wrong = replace(case, expected=[case.expected[0].replace("02-01", "02-02").replace("Sun", "Mon")])

    assert differences(wrong) != []
