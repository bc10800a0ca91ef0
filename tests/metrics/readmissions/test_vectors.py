"""The hand-derived cases and the synthetic set, in every column; both vintages of the value sets."""

import csv
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import Settings
from app.metrics.readmissions.value_sets import Level, ValueSets
from tests.metrics.readmissions import plain
from tests.metrics.readmissions.conftest import VECTORS

Published = Callable[[str], ValueSets]
Tables = tuple[pl.DataFrame, pl.DataFrame]

with (VECTORS / "expected.csv").open(newline="", encoding="utf-8") as file:
    EXPECTED = list(csv.DictReader(file))
CASES = sorted({int(row["case"]) for row in EXPECTED})
TITLES = {int(row["case"]): row["title"] for row in EXPECTED}
HAND = Settings(data_end=date(2024, 12, 31))


def lists_of(value_sets: ValueSets) -> plain.Lists:
    """The same lists for the plain reading of the rules."""
    return plain.Lists(
        dx_ccs=dict(value_sets.dx_ccs.rows()),
        px_ccs=dict(value_sets.px_ccs.rows()),
        pr1=set(value_sets.pr1_ccs),
        pr2=set(value_sets.pr2_ccs),
        pr3=set(value_sets.pr3_ccs),
        pr3_codes=set(value_sets.pr3_pcs),
        pr4=set(value_sets.pr4_ccs),
        pr4_codes=set(value_sets.pr4_cm),
        exclusions={ccs: str(kind) for ccs, kind in value_sets.exclusion_ccs.items()},
        cohorts={ccs: str(name) for ccs, name in value_sets.cohort_ccs.items()},
        surgery=set(value_sets.surgery_ccs),
        surgery_codes=set(value_sets.surgery_pcs),
    )


def read_plainly(tables: Tables, value_sets: ValueSets, drg: pl.DataFrame, told: Settings) -> list[plain.Row]:
    """What the plain reading of the rules makes of tables."""
    gmlos = {(year, group): days for year, group, days in drg.rows()}
    terms = plain.Terms(gmlos, told.min_age, told.data_end)
    return plain.measured(tables[0].to_dicts(), tables[1].to_dicts(), lists_of(value_sets), terms)


@pytest.fixture(scope="session")
def hand_results(by_hand: Tables, published: Published, drg: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Every hand case measured, and read plainly."""
    value_sets = published("cms2021")
    assert value_sets.level is Level.CODE
    return {
        "measure": measure(*by_hand, value_sets, drg, HAND).to_dicts(),
        "plain": read_plainly(by_hand, value_sets, drg, HAND),
    }


def number(text: str) -> float | None:
    return float(text) if text else None


def differences(expected: dict[str, str], found: dict[str, Any]) -> dict[str, Any]:
    """What a row should say and does not."""
    said = {
        "exp_index": (expected["exp_index"] == "true", found["index_flag"]),
        "exp_reason": (expected["exp_reason"] or None, found["exclusion_reason"]),
        "exp_unplanned": (expected["exp_unplanned"] == "true", found["unplanned_readmit_30"]),
        "exp_planned": (expected["exp_planned"] == "true", found["planned_readmit_30"]),
        "exp_days": (number(expected["exp_days"]), found["days_to_readmit"]),
        "exp_readmit_id": (number(expected["exp_readmit_id"]), found["readmit_encounter_id"]),
        "exp_index_dispo": (expected["exp_index_dispo"] == "true", found["index_flag_dispo"]),
    }
    if expected["exp_planned_rule"]:
        said["exp_planned_rule"] = (expected["exp_planned_rule"], found["planned_rule"])
    if expected["exp_los"]:
        said["exp_los"] = (number(expected["exp_los"]), found["los_days"])
    if expected["chk_gmlos"] == "true":
        said["exp_gmlos"] = (number(expected["exp_gmlos"]), found["gmlos"])
    return {name: pair for name, pair in said.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("reader", ["measure", "plain"])
@pytest.mark.parametrize("case", CASES, ids=[f"{case:02d}" for case in CASES])
def test_hand_case(case: int, reader: str, hand_results: dict[str, list[dict[str, Any]]]) -> None:
    found = {row["encounter_id"]: row for row in hand_results[reader]}
    for expected in (row for row in EXPECTED if int(row["case"]) == case):
        wrong = differences(expected, found[int(expected["encounter_id"])])
        assert not wrong, f"{TITLES[case]}, encounter {expected['encounter_id']}"


def test_all_hand_cases_are_there() -> None:
    assert (len(CASES), len(EXPECTED)) == (77, 151)


def test_the_synthetic_set_agrees_in_every_column(
    synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], published: Published, drg: pl.DataFrame
) -> None:
    encounters, procedures, expected = synthetic
    found = measure(encounters, procedures, published("cms2021"), drg)
    assert found.schema == expected.schema
    assert_frame_equal(found, expected, check_exact=True)


IDS = ("encounter_id", "patient_id", "stay_id", "chain_id", "readmit_encounter_id")


def as_text(table: pl.DataFrame) -> list[pl.Expr]:
    """The ids of a table as texts that sort as the numbers do."""
    return [("e" + pl.col(name).cast(pl.String).str.zfill(9)).alias(name) for name in IDS if name in table.columns]


def test_ids_may_be_text(
    synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], published: Published, drg: pl.DataFrame
) -> None:
    encounters, procedures, expected = (table.with_columns(as_text(table)) for table in synthetic)
    found = measure(encounters, procedures, published("cms2021"), drg)
    assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("vintage", ["cms2021", "cms2019"])
def test_both_vintages_are_read_as_the_rules_say(
    vintage: str, synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], published: Published, drg: pl.DataFrame
) -> None:
    tables, value_sets = synthetic[:2], published(vintage)
    found = measure(*tables, value_sets, drg)
    rows = read_plainly(tables, value_sets, drg, Settings())
    assert_frame_equal(found, pl.DataFrame(rows, schema=synthetic[2].schema), check_exact=True)


def test_the_vintage_matters(
    synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], published: Published, drg: pl.DataFrame
) -> None:
    of_2021, of_2019 = (measure(*synthetic[:2], published(name), drg) for name in ("cms2021", "cms2019"))
    changed = (of_2021["planned"] != of_2019["planned"]).sum()
    assert changed > 50
    linked = ["encounter_id", "stay_id", "chain_id", "days_to_readmit"]
    assert_frame_equal(of_2021.select(linked), of_2019.select(linked))


def test_categories_alone_are_enough_to_run(
    synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame], published: Published, drg: pl.DataFrame
) -> None:
    full = published("cms2021")
    known = {name: getattr(full, name) for name in full.__struct_fields__ if name not in CODES}
    of_categories = ValueSets(**known)
    assert of_categories.level is Level.CATEGORY
    found = measure(*synthetic[:2], of_categories, drg)
    assert 0 < (found["planned"] != synthetic[2]["planned"]).sum() < 600
    same = [name for name in found.columns if name not in WITH_CODES]
    assert_frame_equal(found.select(same), synthetic[2].select(same), check_exact=True)


CODES = ("pr3_pcs", "pr4_cm", "surgery_pcs")
WITH_CODES = (
    "planned", "planned_rule", "planned_readmit_30", "unplanned_readmit_30", "cohort", "index_flag",
    "index_flag_dispo", "exclusion_reason",
)  # fmt: skip
"""Columns in which single codes make a difference."""
