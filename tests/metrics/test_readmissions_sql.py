"""The same rules as SQL, written apart: both must agree on hand cases, on the synthetic set and on invented data."""

from pathlib import Path

import polars as pl
import pytest

from app.metrics.files import read_drg, read_encounters, read_procedures
from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import Settings
from app.metrics.readmissions.value_sets import ValueSets
from app.metrics.value_sets.building import of_categories, of_folder
from app.metrics.value_sets.maps import published_maps
from benchmarks.readmissions import by_duckdb, lists_of, write_inputs

WEIGHTS = "ms_drg_weights_gmlos_fy2019_2026.csv"


def differing(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[str]:
    """Columns in which the answers are not the same."""
    assert ours.schema == theirs.schema
    return [name for name in ours.columns if not ours[name].equals(theirs[name], null_equal=True)]


def laid_out(out: Path, value_sets: ValueSets, drg: pl.DataFrame) -> Path:
    """The tables that the statement reads beside encounters and procedures."""
    for name, table in (
        ("lists", lists_of(value_sets)), ("dx_map", value_sets.dx_ccs), ("px_map", value_sets.px_ccs), ("drg", drg),
    ):  # fmt: skip
        table.write_parquet(out / f"{name}.parquet")
    return out


@pytest.mark.parametrize("vintage", ["cms2021", "cms2019"])
@pytest.mark.parametrize("seed", [7, 11])
def test_sql_and_measure_agree_on_invented_encounters(tmp_path: Path, vintage: str, seed: int):
    value_sets = of_categories(vintage, published_maps())
    write_inputs(tmp_path, 6_000, seed, value_sets)
    by_duckdb(tmp_path, tmp_path / "answer.parquet")
    ours = measure(
        pl.scan_parquet(tmp_path / "encounters.parquet"), pl.scan_parquet(tmp_path / "procedures.parquet"),
        value_sets, pl.read_parquet(tmp_path / "drg.parquet"),
    )  # fmt: skip

    assert differing(ours, pl.read_parquet(tmp_path / "answer.parquet")) == []
    assert ours["index_flag"].sum() > 1000
    assert ours["exclusion_reason"].n_unique() >= 14, "the invented data must reach the rules"
    assert set(ours["planned_rule"].drop_nulls()) == {"PR1", "PR2", "PR3"}


@pytest.mark.parametrize("vintage", ["cms2021", "cms2019"])
def test_sql_and_measure_agree_on_the_synthetic_set_with_published_tables(shared: Path, tmp_path: Path, vintage: str):
    source = shared / "vectors" / "readmissions" / "synthetic10k"
    value_sets = of_folder(shared / "data" / "value_sets", vintage, published_maps())
    drg = read_drg(shared / "data" / "drg" / WEIGHTS)
    for name in ("encounters", "procedures"):
        (tmp_path / f"{name}.parquet").write_bytes((source / f"{name}.parquet").read_bytes())
    by_duckdb(laid_out(tmp_path, value_sets, drg), tmp_path / "answer.parquet")
    theirs = pl.read_parquet(tmp_path / "answer.parquet")
    encounters = read_encounters(source / "encounters.parquet")
    ours = measure(encounters, read_procedures(source / "procedures.parquet", encounters), value_sets, drg)

    assert differing(ours, theirs) == []
    if vintage == "cms2021":
        assert differing(pl.read_parquet(source / "expected.parquet"), theirs) == []


def test_sql_agrees_with_the_hand_cases(shared: Path, tmp_path: Path):
    source = shared / "vectors" / "readmissions"
    value_sets = of_folder(shared / "data" / "value_sets", "cms2021", published_maps())
    drg = read_drg(shared / "data" / "drg" / WEIGHTS)
    encounters = read_encounters(source / "encounters.csv")
    procedures = read_procedures(source / "procedures.csv", encounters)
    encounters.collect().write_parquet(tmp_path / "encounters.parquet")
    procedures.collect().write_parquet(tmp_path / "procedures.parquet")
    by_duckdb(laid_out(tmp_path, value_sets, drg), tmp_path / "answer.parquet", data_end="2024-12-31")
    theirs = pl.read_parquet(tmp_path / "answer.parquet")
    settings = Settings(data_end=pl.Series(["2024-12-31"]).str.to_date().item())

    assert differing(measure(encounters, procedures, value_sets, drg, settings), theirs) == []
    expected = pl.read_csv(source / "expected.csv", infer_schema=False).select(
        pl.col("encounter_id").cast(pl.Int64), pl.col("exp_index") == "true", "exp_reason",
        pl.col("exp_unplanned") == "true", pl.col("exp_planned") == "true",
    )  # fmt: skip
    both = expected.join(theirs, on="encounter_id")
    assert both.height == expected.height == 151
    wrong = both.filter(
        (pl.col("exp_index") != pl.col("index_flag"))
        | (pl.col("exp_reason").replace("", None).ne_missing(pl.col("exclusion_reason")))
        | (pl.col("exp_unplanned") != pl.col("unplanned_readmit_30"))
        | (pl.col("exp_planned") != pl.col("planned_readmit_30"))
    )
    assert wrong["encounter_id"].to_list() == []
