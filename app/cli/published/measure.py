"""`daybook measure`: measures from files, without a database."""

import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app.cli import OK, EnvironmentFault, InputRefused
from app.cli.house import settings_of_environment
from app.cli.messages import FILE

SOURCE = click.Path(exists=True, readable=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, readable=True, path_type=Path)
OUT = click.Path(file_okay=False, writable=True, path_type=Path)
ENCOUNTERS = click.option("--encounters", required=True, type=SOURCE, help="Encounters: Parquet or CSV, by the ending.")
DRG = click.option("--drg", type=FILE, help="Table of MS-DRGs by fiscal year; else the short one that is shipped.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True,
    help="Form of the results.",
)  # fmt: skip
ENGINE = click.option(
    "--engine", type=click.Choice(["polars", "spark"]), default="polars", show_default=True,
    help="What works: Polars on this machine, or Apache Spark.",
)  # fmt: skip

MASTER = click.option(
    "--spark-master", default="local[*]", show_default=True, help="Where Spark works, with --engine spark."
)


def _day(_context: click.Context, _parameter: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value is not None else None


def _progress() -> Any:
    """Tells each step on a terminal, with the seconds that have passed."""
    began = time.monotonic()

    def tell(step: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"{time.monotonic() - began:6.1f} s  {step}", err=True)

    return tell


@click.group("measure")
def measure_command() -> None:
    """Measures from files, without a database."""


@measure_command.command("readmissions")
@ENCOUNTERS
@click.option("--procedures", type=SOURCE, help="Procedures of the encounters: Parquet or CSV.")
@click.option(
    "--value-sets", type=FOLDER, help="Published tables; else the categories that are shipped, without codes."
)
@click.option("--vintage", default="cms2021", show_default=True, help="Which vintage of the tables.")
@DRG
@click.option(
    "--min-age", type=click.IntRange(0, 120), default=18, show_default=True, help="Youngest age of an index stay."
)
@click.option("--data-end", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="Last day of complete data.")
@click.option("--covid-excluded", is_flag=True, help="No index stays for COVID-19, as CMS had it from 2022 to 2025.")
@ENGINE
@MASTER
@FORMAT
@click.option("--out", required=True, type=OUT, help="Folder of the results.")
def readmissions(encounters: Path, out: Path, **told: Any) -> int:
    """Thirty-day unplanned readmissions as CMS defines them for the whole hospital: crude, not risk-adjusted.

    Writes OUT/encounters.parquet, one row with flags and reasons per encounter, and OUT/summary.json: counts, the rate
    with its 95 % interval, vintage, settings, and codes that no list knows. Exit status 1 when a file cannot be taken.
    """
    from app.kernel.refusal import Refused
    from app.metrics.readmissions.settings import Settings
    from app.metrics.runs import AT_CATEGORY_LEVEL, Run
    from app.metrics.runs import readmissions as run
    from app.metrics.spark import NoSpark

    settings = Settings(
        min_age=told.pop("min_age"), data_end=told.pop("data_end"), covid_excluded=told.pop("covid_excluded")
    )
    try:
        found = run(Run(encounters, out, _home(), settings=settings, **told), _progress())
    except Refused as refusal:
        raise InputRefused(refusal.sentence) from None
    except NoSpark as fault:
        raise EnvironmentFault(str(fault)) from fault
    rate = found["rate"]
    if rate["value"] is not None:
        click.echo(
            f"{found['index_stays']} index stays, {rate['unplanned']} unplanned readmissions within 30 days:"
            f" {rate['value']:.2%} ({rate['low']:.2%} to {rate['high']:.2%}), observed, not risk-adjusted."
            f" Value sets {found['vintage']}.", err=True,
        )  # fmt: skip
    if AT_CATEGORY_LEVEL in found["notes"]:
        click.echo(AT_CATEGORY_LEVEL, err=True)
    codes = found["unmapped"]
    count = len(codes["diagnoses"]) + len(codes["procedures"])
    if count:
        click.echo(f"{count} codes are in no list; summary.json names them.", err=True)
    return OK


@measure_command.command("los")
@ENCOUNTERS
@DRG
@ENGINE
@MASTER
@FORMAT
@click.option("--out", required=True, type=OUT, help="Folder of the results.")
def los(encounters: Path, out: Path, **told: Any) -> int:
    """Length of stay of acute stays, against the geometric mean of their group in the fiscal year of discharge.

    Writes stays, a table by fiscal year and group, one by facility, and OUT/summary.json: arithmetic and geometric
    mean, observed over expected in both forms with their names, excess days, and stays without an expected length.
    """
    from app.kernel.refusal import Refused
    from app.metrics.runs import Run, lengths
    from app.metrics.spark import NoSpark

    try:
        found = lengths(Run(encounters, out, _home(), **told), _progress())
    except Refused as refusal:
        raise InputRefused(refusal.sentence) from None
    except NoSpark as fault:
        raise EnvironmentFault(str(fault)) from fault
    if found["stays"]:
        click.echo(
            f"{found['stays']} stays, mean {found['mean']:.2f} days, geometric mean {found['geometric_mean']:.2f} days;"
            f" {found['without_expected']} without an expected length.", err=True,
        )  # fmt: skip
    return OK


def _home() -> Path:
    return settings_of_environment().home / "value-sets"
