"""Worked examples of the criteria sets, from a table that a nurse can read."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.reviews.criteria import evaluate, outcome, sets_for
from app.reviews.criteria.library import every_set
from app.reviews.criteria.terms import Answers, CriteriaSet, Override, ReviewKind, Screen

TABLE = Path(__file__).parents[2] / "scenarios" / "criteria" / "aep.table"
ROWS = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in TABLE.read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
NOON = datetime(2026, 5, 20, 17, 0, tzinfo=UTC)  # Wed 20 May 2026 12:00 in Chicago, no change of clocks near
EVENT = re.compile(r"(\w+)@([+-]\d+)([hd])")


def in_force(set_id: str) -> CriteriaSet:
    [held] = [one for one in every_set() if one.id == set_id and one.holds(NOON.date())]
    return held


def answers(said: str) -> tuple[Answers, str]:
    """The answers and the reason of an override, if there is one."""
    ticked, values, events, reason = set(), {}, {}, ""
    for word in said.split():
        event = EVENT.fullmatch(word)
        if event:
            count = int(event[2])
            events[event[1]] = NOON + (timedelta(hours=count) if event[3] == "h" else timedelta(days=count))
        elif word.startswith("override="):
            reason = word.removeprefix("override=").replace("-", " ")
        elif "=" in word:
            name, number = word.split("=")
            values[name] = Decimal(number)
        else:
            ticked.add(word)
    given = Answers(at=NOON, zone="America/Chicago", ticked=frozenset(ticked), values=values, events=events)
    return given, reason


@pytest.mark.parametrize(("example", "set_id", "said", "points", "verdict"), ROWS)
def test_a_worked_example(example: str, set_id: str, said: str, points: str, verdict: str):
    given, reason = answers(said)

    found = evaluate(in_force(set_id), given)
    other = Screen.NOT_MET if found.qualifies else Screen.MET
    suggested = outcome(found, Override(other, reason) if reason else None)

    assert " ".join(found.met) == points, example
    assert suggested.screen.label.lower() + (", overridden" if suggested.overridden else "") == verdict, example
    assert suggested.reason == reason


def test_the_table_holds_every_vector_of_the_protocol():
    assert {f"AE{number}" for number in range(1, 9)} <= {row[0] for row in ROWS}


def test_a_tick_against_the_figure_says_which_figure():
    given, _ = answers("A8 potassium=2.5")
    [contradicted] = evaluate(in_force("aep_admission"), given).contradicted

    assert contradicted.name == "potassium"
    assert contradicted.sentence == "A8: Potassium 2.5 mEq/L is not below 2.5 or above 6.0 mEq/L."


def test_a_point_that_needs_another_says_so():
    found = evaluate(in_force("aep_admission"), answers("A9")[0])

    assert found.needs == ("A9 needs an intensity item too.",) and not found.contradicted


def test_a_checklist_says_what_is_lacking():
    found = evaluate(in_force("two_midnight"), answers("T1 midnights=1")[0])

    assert found.needs == ("Order: T2 not shown.", "Reason for inpatient care: 1 more of T3, T4, T5, T6.")


def test_the_list_of_inpatient_only_procedures_ends_with_2028():
    years = {year: [one.version for one in sets_for(ReviewKind.ADMISSION, datetime(year, 6, 1).date())
                    if one.id == "inpatient_only"] for year in (2025, 2026, 2028, 2029)}  # fmt: skip

    assert years == {2025: ["1"], 2026: ["2"], 2028: ["2"], 2029: []}
