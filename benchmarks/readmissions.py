"""The readmission measure from files: `python -m benchmarks.readmissions [encounters ...] [--value-sets DIR]`.

One million encounters and five unless numbers are given. Measured are the reading of the files and the flags, on two
threads, each in a process of its own so that its greatest memory is its own. The floor is Polars reading the same
columns and sorting them once; beside it stand the same rules as one statement for DuckDB (readmissions.sql). Both
answers are compared in every column. Figures of several sizes tell whether cost grows in proportion to rows.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from app.metrics.readmissions.value_sets import ValueSets
from app.metrics.value_sets.building import DEFAULT_VINTAGE, of_categories, of_folder
from app.metrics.value_sets.maps import category_maps
from benchmarks._machine import machine

SIZES = (1_000_000, 5_000_000)
ROUNDS = {"floor": 5, "measure": 3, "duckdb": 3}
THREADS = 2
MOST_RATIO, GOAL_RATIO, MOST_GROWTH = 12, 5, 5.5
MOST_MEMORY = {1_000_000: 2.0, 5_000_000: 7.0}  # GiB
RULES = Path(__file__).with_suffix(".sql")
TABLES = ("encounters", "procedures", "lists", "dx_map", "px_map", "drg")
FIRST_DAY = 18_628  # 1 January 2021, in days since 1970
HOSPITALS, KINDS = 60, ("ACH",) * 44 + ("CAH",) * 9 + ("CAN", "IRF", "LTCH", "PSY", "FED", "ACH", "ACH")
DISPOSITIONS = ("01",) * 56 + ("03",) * 13 + ("06",) * 13 + ("62", "02", "02", "07", "20", "30", "50", "65", "82", "")
MINUTE = 60 * 1_000_000
DAY = 24 * 60 * MINUTE


def _some(salt: int, of: int, *, by: str = "row") -> pl.Expr:
    """A number below `of` that depends on the row (or its patient) and the salt alone."""
    return (pl.col(by).hash(salt) % of).cast(pl.Int64)


def _one_of(values: tuple[str, ...], salt: int) -> pl.Expr:
    table = pl.Series("values", values)
    return pl.lit(table).gather(_some(salt, len(values))).replace("", None)


def encounters(count: int, seed: int, diagnoses: pl.Series, groups: pl.Series) -> pl.DataFrame:
    """Invented encounters: returns, transfers, stays in parts, nested and open ones, faulty dates and rare codes."""
    rows = pl.DataFrame({"row": pl.int_range(count, eager=True)}).with_columns(
        patient=_some(seed, max(1, int(count / 2.2)))
    )
    near = _some(seed + 1, 10, by="patient") < 3  # some patients come often within weeks
    home = _some(seed + 2, HOSPITALS, by="patient")
    placed = rows.with_columns(
        hospital=pl.when(_some(seed + 3, 100) < 75).then(home).otherwise(_some(seed + 4, HOSPITALS)),
        day=FIRST_DAY
        + _some(seed + 5, 800, by="patient")
        + pl.when(near).then(_some(seed + 6, 45)).otherwise(_some(seed + 6, 600)),
        nights=_some(seed + 7, 100) ** 2 // 900,
        minute=_some(seed + 8, 1080),
        born=_some(seed + 9, 33_000, by="patient") - 12_000,
    )
    return placed.with_columns(
        left=pl.when(_some(seed + 10, 400) == 0).then(None).otherwise(pl.col("day") + pl.col("nights")
             - pl.when(_some(seed + 11, 2000) == 0).then(4).otherwise(0)),
    ).select(
        encounter_id=pl.col("row") + 1,
        patient_id=pl.col("patient") + 100_001,
        facility_id=pl.format("F{}", pl.col("hospital").cast(pl.String).str.zfill(4)),
        facility_type=pl.lit(pl.Series(KINDS)).gather(pl.col("hospital") % len(KINDS)),
        patient_class=pl.when(_some(seed + 12, 100) < 89).then(pl.lit("I")).otherwise(pl.lit("O")),
        admit_ts_utc=_instant(pl.col("day"), pl.col("minute")),
        discharge_ts_utc=_instant(pl.col("left"), pl.col("minute") + 30),
        tz=pl.lit("America/New_York"),
        admit_date=pl.col("day").cast(pl.Int32).cast(pl.Date),
        discharge_date=pl.col("left").cast(pl.Int32).cast(pl.Date),
        discharge_disposition=_one_of(DISPOSITIONS, seed + 13),
        principal_dx=_one_of(tuple(diagnoses), seed + 14),
        ms_drg=_one_of(tuple(groups), seed + 15),
        birth_date=pl.col("born").cast(pl.Int32).cast(pl.Date),
    )  # fmt: skip


def _instant(day: pl.Expr, minute: pl.Expr) -> pl.Expr:
    """Eastern standard time in UTC, whose day is the local one."""
    return (day * DAY + (minute + 300) * MINUTE).cast(pl.Datetime("us", "UTC"))


def procedures(count: int, seed: int, codes: pl.Series) -> pl.DataFrame:
    """Up to three procedures for two encounters in five."""
    rows = pl.DataFrame({"row": pl.int_range(count * 3, eager=True)})
    kept = rows.filter(_some(seed + 20, 100) < 24)
    return kept.select(
        encounter_id=pl.col("row") // 3 + 1,
        seq=(pl.col("row") % 3 + 1).cast(pl.Int16),
        px=_one_of(tuple(codes), seed + 21),
    )


def write_inputs(folder: Path, count: int, seed: int, value_sets: ValueSets) -> None:
    """All tables of a run as Parquet files; only some codes occur, the rarest of all lists among them."""
    dx, px = (table.sort("code").gather_every(110) for table in (value_sets.dx_ccs, value_sets.px_ccs))
    planned = value_sets.px_ccs.filter(pl.col("ccs").is_in([64, 105, 176, 45, 84])).sort("code").gather_every(20)
    cancer = value_sets.dx_ccs.filter(pl.col("ccs").is_in([45, 254, 19, 657, 122, 108])).sort("code").gather_every(4)
    diagnoses = pl.concat([dx["code"], cancer["code"], pl.Series("code", ["U071", "", "I5A"])])
    drg = _drg()
    groups = drg.filter(pl.col("fiscal_year") == 2023)["ms_drg"].extend(pl.Series(["999", ""]))
    tables = {
        "encounters": encounters(count, seed, diagnoses, groups),
        "procedures": procedures(count, seed, pl.concat([px["code"], planned["code"]])),
        "lists": lists_of(value_sets),
        "dx_map": value_sets.dx_ccs,
        "px_map": value_sets.px_ccs,
        "drg": drg,
    }
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")


def _drg() -> pl.DataFrame:
    from app.metrics.files import read_drg

    return read_drg(None)


def lists_of(value_sets: ValueSets) -> pl.DataFrame:
    """All lists in one table, as readmissions.sql asks for them."""
    rows: list[tuple[str, str, str]] = []
    for name in ("pr1_ccs", "pr2_ccs", "pr3_ccs", "pr4_ccs", "surgery_ccs", "pr3_pcs", "pr4_cm", "surgery_pcs"):
        rows += [(name, str(code), "") for code in sorted(getattr(value_sets, name))]
    rows += [("exclusion_ccs", str(ccs), kind.value) for ccs, kind in value_sets.exclusion_ccs.items()]
    rows += [("cohort_ccs", str(ccs), cohort.value) for ccs, cohort in value_sets.cohort_ccs.items()]
    return pl.DataFrame(rows, schema={"list": pl.String, "code": pl.String, "value": pl.String}, orient="row")


def floor(folder: Path) -> None:
    """Reading the columns of encounters and procedures, and one sort of each."""
    pl.scan_parquet(folder / "encounters.parquet").sort("patient_id", "admit_ts_utc", "encounter_id").collect()
    pl.scan_parquet(folder / "procedures.parquet").sort("encounter_id", "seq").collect()


def measured(folder: Path, value_sets: ValueSets) -> pl.DataFrame:
    """What is measured."""
    from app.metrics.readmissions.measure import measure

    stays, done = (pl.scan_parquet(folder / f"{name}.parquet") for name in ("encounters", "procedures"))
    found: pl.DataFrame = measure(stays, done, value_sets, pl.read_parquet(folder / "drg.parquet"))
    return found


def by_duckdb(folder: Path, out: Path, *, threads: int = THREADS, min_age: int = 18, data_end: str = "") -> None:
    """The same rules as SQL over the same files, the answer into a file."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"set threads = {threads}")
        for name in TABLES:
            connection.execute(f"create view {name} as select * from read_parquet('{folder / name}.parquet')")
        connection.execute("create table settings (min_age integer, data_end date)")
        connection.execute("insert into settings values (?, ?)", (min_age, data_end or None))
        connection.execute(f"copy ({RULES.read_text(encoding='utf-8')}) to '{out}' (format parquet)")


def part(name: str, folder: Path, value_sets: ValueSets) -> None:
    """One part in this process: seconds of each round and the greatest memory, as JSON; its answer into the folder."""
    seconds = []
    for _ in range(ROUNDS[name]):
        began = time.perf_counter()
        if name == "floor":
            floor(folder)
        elif name == "measure":
            answer = measured(folder, value_sets)
        else:
            by_duckdb(folder, folder / "duckdb.answer")
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    if name == "measure":
        answer.write_parquet(folder / "measure.answer")
    print(json.dumps({"seconds": seconds, "gibibytes": peak}))


def in_child(name: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run one part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.readmissions", "--part", name, "--folder", str(folder)]
    if arguments.value_sets:
        command += ["--value-sets", str(arguments.value_sets), "--vintage", arguments.vintage]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(THREADS)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(count: int, arguments: argparse.Namespace) -> float:
    """Measure one size and print its line; returns the seconds of the measure."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        folder = Path(name)
        write_inputs(folder, count, arguments.seed, chosen(arguments))
        found = {part: in_child(part, folder, arguments) for part in ROUNDS}
        ours, theirs = (pl.read_parquet(folder / f"{part}.answer") for part in ("measure", "duckdb"))
        differing = [column for column in ours.columns if not ours[column].equals(theirs[column])]
    best = {part: min(one["seconds"]) for part, one in found.items()}
    ratio = best["measure"] / best["floor"]
    print(f"{count} encounters: floor {best['floor']:.2f} s (scan and sort)")
    print(
        f"  measure {best['measure']:.2f} s = {ratio:.1f} x the floor (goal {GOAL_RATIO}, at most {MOST_RATIO});"
        f" memory {found['measure']['gibibytes']:.2f} GiB{_limit(count)}"
    )
    print(
        f"  DuckDB  {best['duckdb']:.2f} s = {best['duckdb'] / best['measure']:.1f} x the measure;"
        f" memory {found['duckdb']['gibibytes']:.2f} GiB"
    )
    print(f"  answers {'agree in every column' if not differing else 'DIFFER in ' + ', '.join(differing)}")
    return best["measure"]


def _limit(count: int) -> str:
    return f" (at most {MOST_MEMORY[count]:g})" if count in MOST_MEMORY else ""


def chosen(arguments: argparse.Namespace) -> ValueSets:
    """The published tables where a folder is named, else the shipped categories."""
    with tempfile.TemporaryDirectory() as folder:
        maps = category_maps(Path(folder))
    if arguments.value_sets:
        return of_folder(arguments.value_sets, arguments.vintage, maps)
    return of_categories(arguments.vintage, maps)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--value-sets", type=Path)
    parser.add_argument("--vintage", default=DEFAULT_VINTAGE)
    parser.add_argument("--seed", type=int, default=20_260_305)
    parser.add_argument("--part", choices=list(ROUNDS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    if arguments.part:
        part(arguments.part, arguments.folder, chosen(arguments))
        return
    print(machine())
    print(f"load {os.getloadavg()[0]:.1f}, {THREADS} threads")

    seconds = {count: report(count, arguments) for count in arguments.sizes}
    if len(seconds) > 1:
        least, most = min(seconds), max(seconds)
        growth = seconds[most] / seconds[least]
        print(f"{most // least} x the rows take {growth:.1f} x the time (at most {MOST_GROWTH})")


if __name__ == "__main__":
    main()
