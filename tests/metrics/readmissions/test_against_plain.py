"""The measure against the plain reading of its rules, on random histories, and what every result must add up to."""

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import OUTPUT, Settings
from tests.metrics.readmissions import plain
from tests.metrics.readmissions.histories import DRG, GMLOS, LISTS, Row, frames, histories, value_sets_of

VALUE_SETS = value_sets_of(LISTS)
SCHEMA = {
    "encounter_id": pl.Int64,
    "patient_id": pl.Int64,
    "stay_id": pl.Int64,
    "chain_id": pl.Int64,
    "stay_rows": pl.Int32,
    "is_stay_rep": pl.Boolean,
    "los_days": pl.Int32,
    "gmlos": pl.Float64,
    "excess_days": pl.Float64,
    "ccs_dx": pl.Int32,
    "cohort": pl.String,
    "planned": pl.Boolean,
    "planned_rule": pl.String,
    "index_flag": pl.Boolean,
    "exclusion_reason": pl.String,
    "index_flag_dispo": pl.Boolean,
    "any_readmit_30": pl.Boolean,
    "planned_readmit_30": pl.Boolean,
    "unplanned_readmit_30": pl.Boolean,
    "days_to_readmit": pl.Int32,
    "readmit_encounter_id": pl.Int64,
}


def agree(encounters: list[Row], procedures: list[Row], told: Settings) -> pl.DataFrame:
    """Both readings of the rules, which must be one."""
    found = measure(*frames(encounters, procedures), VALUE_SETS, DRG, told)
    terms = plain.Terms(GMLOS, told.min_age, told.data_end, told.covid_excluded)
    rows = plain.measured(encounters, procedures, LISTS, terms)
    assert_frame_equal(found, pl.DataFrame(rows, schema=SCHEMA))
    return found


def test_the_columns_are_those_of_the_definition() -> None:
    assert tuple(SCHEMA) == OUTPUT
    nothing = measure(*frames([], []), VALUE_SETS, DRG)
    assert nothing.schema == pl.Schema(SCHEMA)


@settings(max_examples=150)
@given(data=st.data())
def test_any_history_is_read_as_the_rules_say(data: st.DataObject) -> None:
    def pick(among: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(among))

    encounters, procedures = histories(pick, patients=data.draw(st.integers(1, 2)))
    end = data.draw(st.sampled_from([None, date(2024, 10, 31), date(2025, 3, 1)]))
    agree(encounters, procedures, Settings(data_end=end, min_age=data.draw(st.sampled_from([18, 65]))))


def test_two_thousand_patients_at_once_are_read_as_one_by_one() -> None:
    encounters, procedures = histories(random.Random(20241).choice, patients=2_000)
    found = agree(encounters, procedures, Settings(data_end=date(2024, 12, 1)))
    assert set(found["exclusion_reason"]) >= {
        None, "not_acute_inpatient", "invalid_dates", "merged_into_stay", "pps_exempt_cancer_hospital",
        "still_patient", "died", "ama", "transferred_out", "age", "dx_missing_or_unmapped", "psychiatric",
        "rehabilitation", "medical_cancer", "no_specialty_cohort", "runout",
    }  # fmt: skip
    assert set(found["planned_rule"]) == {None, "PR1", "PR2", "PR3"}


def test_counts_add_up() -> None:
    found = agree(*histories(random.Random(77).choice, patients=1_000), Settings())
    index = found.filter("index_flag")
    followed = index.select(pl.col("planned_readmit_30", "unplanned_readmit_30", "any_readmit_30").sum()).row(0)
    assert followed[0] + followed[1] == followed[2]
    assert index.height == followed[0] + followed[1] + index.filter(~pl.col("any_readmit_30")).height
    assert found.height == index.height + found["exclusion_reason"].is_not_null().sum()
    returns = found["readmit_encounter_id"].drop_nulls()
    assert returns.n_unique() == len(returns) > 100
    stays = found.filter(pl.col("stay_id").is_not_null()).group_by("stay_id").agg(
        pl.col("is_stay_rep").sum(), pl.len(), pl.col("stay_rows").n_unique(), pl.col("stay_rows").first().alias("said")
    )  # fmt: skip
    assert stays["is_stay_rep"].eq(1).all()
    assert stays["stay_rows"].eq(1).all()
    assert stays.filter(pl.col("len") != pl.col("said")).is_empty()


def test_covid_stays_leave_the_index_only_where_that_is_asked() -> None:
    pick = random.Random(5).choice
    encounters, procedures = histories(pick, patients=200)
    for row in encounters:
        row["principal_dx"] = pick(["U071", "HIP"])
    assert "covid" not in set(agree(encounters, procedures, Settings())["exclusion_reason"])
    without = agree(encounters, procedures, Settings(covid_excluded=True))
    assert "covid" in set(without["exclusion_reason"])
