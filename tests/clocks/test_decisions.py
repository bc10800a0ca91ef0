"""Worked examples that are decisions or amounts, from a table that a nurse can read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from app.clocks.rules import benefits, decisions
from app.clocks.rules.benefits import Amounts
from app.clocks.terms import Line
from app.status import rules
from app.status.rules import Consultation, StatusChange

TABLE = Path(__file__).parents[1] / "scenarios" / "clocks" / "decisions.table"
ROWS = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in TABLE.read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
# 2026 as published; for 2027 an invented year, to tell the two apart.
AMOUNTS = {2026: Amounts(1736, 434, 868), 2027: Amounts(2000, 500, 1000)}
NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


def answer(question: str, facts: str) -> str:
    words = set(facts.split())
    said = dict(word.split("=", 1) for word in words if "=" in word)
    number = {name: int(value) for name, value in said.items() if value.isdigit()}
    match question:
        case "members":
            asked = Consultation(number.get("attempts", 0), "concurs" in words, "disagrees" in words, "passed" in words)
            return str(rules.members_needed(asked) or "wait")
        case "may decide":
            members, team = frozenset(said["members"].split(",")), frozenset(said["care_team"].split(","))
            return _word(rules.may_determine(members, number["needed"], team, frozenset()))
        case "supported":
            expected, cut = "expected" in words, "unforeseen" in words
            return _word(rules.inpatient_is_supported(number["midnights"], expected=expected, unforeseen=cut))
        case "change":
            change = StatusChange(
                at=NOON,
                discharged_at=NOON if "left" in words else None,
                line=Line.MEDICARE_FFS,
                members=number["members"],
                needed=number["needed"],
                physician_concurs="concurs" in words,
            )
            return ", ".join(rules.missing_for_change(change)) or "nothing"
        case "choice":
            return _word(
                decisions.choice_stands(
                    owned_by_hospital="owned" in words,
                    disclosed="disclosed" in words,
                    only_in_network="network" in words,
                    network_date="dated" in words,
                )
            )
    return _amount(question, words, said, number)


def _amount(question: str, words: set[str], said: dict[str, str], number: dict[str, int]) -> str:
    match question:
        case "payment":
            paid = benefits.transfer_payment(
                Decimal(said["full"]), Decimal(said["gmlos"]), number["days"], special="special" in words
            )
            return f"{paid:.0f}"
        case "transfer":
            return _word(benefits.is_post_acute_transfer(said["to"], number.get("after")))
        case "short stay":
            return _word(benefits.is_short_stay(number["days"], Decimal(said["gmlos"])))
        case "patient pays":
            return str(benefits.patient_pays(date.fromisoformat(said["first"]), number["days"], AMOUNTS))
        case "period":
            start, end = benefits.hospice_period(date.fromisoformat(said["election"]), number["number"])
            return f"{start} to {end}"
        case "recertified":
            opens, closes = benefits.recertification_window(date.fromisoformat(said["start"]))
            return f"{opens} to {closes}"
        case "period ends":
            return str(benefits.transitional_care_ends(date.fromisoformat(said["discharged"])))
    raise ValueError(f"{question!r} is no question of this table.")


def _word(yes: bool) -> str:
    return "yes" if yes else "no"


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_answer_is_that_of_the_table(row: tuple[str, ...]):
    _example, question, facts, expected = row

    assert answer(question, facts) == expected
