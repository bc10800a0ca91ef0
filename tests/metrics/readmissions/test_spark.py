"""The same functions on Apache Spark give the same answer, on the synthetic set and on random histories."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.value_sets import ValueSets
from tests.metrics.readmissions.conftest import VECTORS
from tests.metrics.readmissions.histories import DRG, LISTS, frames, histories, value_sets_of

if shutil.which("java") is None:
    pytest.skip("Java, which Spark needs, is absent", allow_module_level=True)

# The socket and the pipes to the Java process are closed by its end, not by us; the interpreter says so.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A small Spark of our own, on this machine alone."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def collected(found: Any, like: pl.DataFrame) -> pl.DataFrame:
    """The answer of Spark as a table of Polars."""
    return pl.DataFrame([tuple(row) for row in found.collect()], schema=like.schema, orient="row")


def test_the_synthetic_set_is_the_same_on_spark(
    spark: Any,
    synthetic: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
    published: Callable[[str], ValueSets],
    drg: pl.DataFrame,
) -> None:
    folder = VECTORS / "synthetic10k"
    tables = [spark.read.parquet(str(folder / f"{name}.parquet")) for name in ("encounters", "procedures")]
    found = measure(*tables, published("cms2021"), drg)
    assert_frame_equal(collected(found, synthetic[2]), synthetic[2], check_exact=True)


def test_random_histories_are_read_the_same_on_spark(spark: Any, tmp_path: Path) -> None:
    tables = frames(*histories(random.Random(12).choice, patients=600))
    here: pl.DataFrame = measure(*tables, value_sets_of(LISTS), DRG)
    there = []
    for number, table in enumerate(tables):
        table.write_parquet(tmp_path / f"{number}.parquet")
        there.append(spark.read.parquet(str(tmp_path / f"{number}.parquet")))
    assert_frame_equal(collected(measure(*there, value_sets_of(LISTS), DRG), here), here)
