"""Hand cases, synthetic set, and the published value sets that both are measured with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.metrics.readmissions.value_sets import ValueSets
from app.metrics.value_sets.building import of_folder
from app.metrics.value_sets.maps import published_maps
from tests.metrics.readmissions.histories import ENCOUNTERS, PROCEDURES

VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(scope="session")
def published(shared: Path) -> Callable[[str], ValueSets]:
    """The published value sets of a vintage, read once. Skipped where the folder ../shared is absent."""
    read: dict[str, ValueSets] = {}

    def of(vintage: str) -> ValueSets:
        if vintage not in read:
            read[vintage] = of_folder(shared / "data" / "value_sets", vintage, published_maps())
        return read[vintage]

    return of


@pytest.fixture(scope="session")
def drg(shared: Path) -> pl.DataFrame:
    """Geometric mean lengths of stay, fiscal years 2019 to 2026."""
    table = pl.read_csv(shared / "data" / "drg" / "ms_drg_weights_gmlos_fy2019_2026.csv", infer_schema=False)
    return table.select(pl.col("fiscal_year").cast(pl.Int32), "ms_drg", pl.col("gmlos").cast(pl.Float64))


def as_written(name: str, kind: Any) -> pl.Expr:
    """A column of a CSV file with its type; an empty field is nothing."""
    column = pl.col(name).replace("", None)
    if kind == pl.Date:
        return column.str.to_date()
    if kind == pl.Int64:
        return column.cast(pl.Int64)
    return column if kind == pl.String else column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us")


@pytest.fixture(scope="session")
def by_hand() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The 77 hand cases: encounters and procedures."""
    encounters = pl.read_csv(VECTORS / "encounters.csv", infer_schema=False)
    read = [as_written(name, kind) for name, kind in ENCOUNTERS.items()]
    return encounters.select(read), pl.read_csv(VECTORS / "procedures.csv", schema=PROCEDURES)


@pytest.fixture(scope="session")
def synthetic() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Ten thousand synthetic encounters: encounters, procedures, and what must come out."""
    folder = VECTORS / "synthetic10k"
    encounters, procedures, expected = (
        pl.read_parquet(folder / f"{name}.parquet") for name in ("encounters", "procedures", "expected")
    )
    return encounters, procedures, expected
