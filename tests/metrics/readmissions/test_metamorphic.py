"""What must not change the answer: the order of rows, runs by parts of the patients, rows that cannot be seen."""

import random
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import Settings
from tests.metrics.readmissions.histories import DRG, LISTS, frames, histories, value_sets_of

VALUE_SETS = value_sets_of(LISTS)
TOLD = Settings(data_end=date(2025, 6, 30))
Tables = tuple[pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return frames(*histories(random.Random(4).choice, patients=400))


@pytest.fixture(scope="module")
def whole(tables: Tables) -> pl.DataFrame:
    return measured(*tables)


def measured(encounters: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    found: pl.DataFrame = measure(encounters, procedures, VALUE_SETS, DRG, TOLD)
    return found


def of_patients(tables: Tables, wanted: pl.Expr) -> Tables:
    """The rows of some patients with their procedures."""
    encounters = tables[0].filter(wanted)
    return encounters, tables[1].join(encounters, on="encounter_id", how="semi")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_changes_nothing(seed: int, tables: Tables, whole: pl.DataFrame) -> None:
    mixed = [table.sample(fraction=1.0, shuffle=True, seed=seed) for table in tables]
    assert_frame_equal(measured(*mixed), whole)


def test_runs_by_parts_of_the_patients_make_the_whole(tables: Tables, whole: pl.DataFrame) -> None:
    parts = [measured(*of_patients(tables, pl.col("patient_id") % 7 == part)) for part in range(7)]
    assert_frame_equal(pl.concat(parts).sort("encounter_id"), whole)


def test_rows_that_are_not_acute_change_nothing(tables: Tables, whole: pl.DataFrame) -> None:
    highest = tables[0]["encounter_id"].max() + 1
    unseen = tables[0].sample(fraction=0.5, seed=9).with_columns(
        pl.int_range(highest, highest + pl.len()).alias("encounter_id"),
        pl.Series("patient_class", random.Random(8).choices(["O", "E", "I"], k=round(tables[0].height * 0.5))),
        pl.lit("PSY").alias("facility_type"),
    )  # fmt: skip
    found = measured(pl.concat([tables[0], unseen]), tables[1])
    assert_frame_equal(found.filter(pl.col("encounter_id") < highest), whole)
    added = found.filter(pl.col("encounter_id") >= highest)
    assert added.height == unseen.height > 100
    assert set(added["exclusion_reason"]) == {"not_acute_inpatient"}


def test_reckoning_touched_patients_anew_equals_reckoning_all(tables: Tables, whole: pl.DataFrame) -> None:
    touched = pl.col("patient_id") % 11 == 3
    changed = tables[0].with_columns(
        pl.when(touched).then(pl.lit("HIP")).otherwise("principal_dx").alias("principal_dx"),
        pl.when(touched).then(pl.lit("N1")).otherwise("facility_id").alias("facility_id"),
    )
    again = measured(*of_patients((changed, tables[1]), touched))
    kept = whole.join(again, on="encounter_id", how="anti")
    full = measured(changed, tables[1])
    assert_frame_equal(pl.concat([kept, again]).sort("encounter_id"), full)
    assert not full.equals(whole)


def test_a_procedure_may_stand_twice_and_at_any_place(tables: Tables, whole: pl.DataFrame) -> None:
    twice = pl.concat([tables[1], tables[1].with_columns(pl.col("seq") + 40)])
    assert_frame_equal(measured(tables[0], twice), whole)


def test_lazy_tables_give_the_same(tables: Tables, whole: pl.DataFrame) -> None:
    assert_frame_equal(measure(tables[0].lazy(), tables[1].lazy(), VALUE_SETS, DRG, TOLD), whole)


def test_a_table_of_no_known_engine_is_refused(tables: Tables) -> None:
    with pytest.raises(TypeError, match="Polars or of Spark"):
        measure([], [], VALUE_SETS, DRG)
