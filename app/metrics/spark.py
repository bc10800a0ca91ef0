"""The readmission measure on Apache Spark: a session, the tables in, the answer back into one file.

Spark and Java are no part of the installation: who needs them brings them (`pyspark`, Java 17 or newer).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from app.metrics import files
from app.metrics.files import ENCOUNTERS, PROCEDURES, Column
from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import Settings
from app.metrics.readmissions.value_sets import ValueSets

LOCAL = "local[*]"
_TYPES: dict[str, tuple[Any, ...]] = {
    "id": (pl.Int64(), pl.String()),
    "text": (pl.String(),),
    "whole": (pl.Int16(), pl.Int32(), pl.Int64()),
    "day": (pl.Date(),),
    "instant": (files.UTC,),
}


class NoSpark(RuntimeError):
    """Spark cannot be started. The text says what is missing."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table as it was given, and as it was checked."""

    path: Path | None
    checked: pl.LazyFrame


@contextmanager
def session(master: str, folder: Path) -> Iterator[Any]:
    """A session that ends with the block. Of this machine alone unless another master is named."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSpark("Spark is not installed. Install the package pyspark, and Java 17 or newer.") from error
    builder = SparkSession.builder.master(master).appName("daybook")
    told = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", "spark.ui.showConsoleProgress": "false"}
    if master.startswith("local"):
        told |= {
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(folder), "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.sql.shuffle.partitions": str(os.cpu_count() or 2),
        }  # fmt: skip
    for name, value in told.items():
        builder = builder.config(name, value)
    try:
        started = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise NoSpark("Spark does not start. It needs Java 17 or newer, and a master that answers.") from error
    try:
        started.sparkContext.setLogLevel("ERROR")
        yield started
    finally:
        started.stop()


@dataclass(frozen=True, slots=True)
class SparkRun:
    """What a run on Spark is told; `folder` holds what lies between the steps, where all machines can reach it."""

    master: str
    folder: Path
    value_sets: ValueSets
    drg: pl.DataFrame
    settings: Settings


def measured(run: SparkRun, encounters: Source, procedures: Source) -> pl.DataFrame:
    """The answer of the measure, worked out by Spark, ordered by encounter id. NoSpark without one."""
    run.folder.mkdir(parents=True, exist_ok=True)
    try:
        with session(run.master, run.folder / "work") as spark:
            tables = [
                spark.read.parquet(str(_readable(source, columns, run.folder / name)))
                for source, columns, name in (
                    (encounters, ENCOUNTERS, "encounters.parquet"), (procedures, PROCEDURES, "procedures.parquet"),
                )
            ]  # fmt: skip
            found = measure(tables[0], tables[1], run.value_sets, run.drg, run.settings)
            found.write.mode("overwrite").parquet(str(run.folder / "answer"))
        return pl.scan_parquet(run.folder / "answer" / "*.parquet").sort("encounter_id").collect()
    finally:
        shutil.rmtree(run.folder, ignore_errors=True)


def _readable(source: Source, columns: tuple[Column, ...], staged: Path) -> Path:
    """The file itself where Spark can take it as it is; else the checked table, written beside the results."""
    if source.path is not None and (source.path.is_dir() or source.path.suffix.lower() in (".parquet", ".pq")):
        types = pl.scan_parquet(source.path).collect_schema()
        if all(types[column.name] in _TYPES[column.kind] for column in columns):
            return source.path
    source.checked.sink_parquet(staged)
    return staged
