"""Encounters, procedures and tables of groups from files, checked column by column; results into files.

A file is read by its ending: Parquet (also a folder of it) or CSV with a line of names. What cannot be taken is told in
sentences that name the file, the column and, of CSV, the line; they never show a value, which may belong to a patient.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from app.census.drg.published import tables
from app.census.drg.sheets import sheets
from app.kernel.refusal import Refused
from app.metrics.length_of_stay import DRG_SCHEMA
from app.regulations import drg

UTC = pl.Datetime("us", "UTC")
_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
_TYPES: Mapping[str, Any] = {"id": pl.Int64, "whole": pl.Int64, "text": pl.String, "day": pl.Date, "instant": UTC}
_INSTANT_FORMS = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")


class Column(NamedTuple):
    """What a column holds: an id, a text, a number written with so many digits, a day, an instant, a whole number."""

    name: str
    kind: str
    meaning: str
    digits: int = 0
    filled: bool = False


ENCOUNTERS = (
    Column("encounter_id", "id", "the id of the encounter, different in every row", filled=True),
    Column("patient_id", "id", "the id of the patient, the same over all hospitals", filled=True),
    Column("facility_id", "text", "the hospital"),
    Column("facility_type", "text", "ACH, CAH, CAN, IRF, LTCH, PSY, FED or another word"),
    Column("patient_class", "text", "I for inpatients, another letter for others"),
    Column("admit_ts_utc", "instant", "the instant of admission in UTC"),
    Column("discharge_ts_utc", "instant", "the instant of discharge in UTC, empty while the patient is there"),
    Column("tz", "text", "the time zone of the hospital"),
    Column("admit_date", "day", "the local day of admission, as 2026-03-05"),
    Column("discharge_date", "day", "the local day of discharge, as 2026-03-05"),
    Column("discharge_disposition", "text", "the discharge status, two digits", digits=2),
    Column("principal_dx", "text", "the principal diagnosis, ICD-10-CM without a dot"),
    Column("ms_drg", "text", "the MS-DRG, three digits", digits=3),
    Column("birth_date", "day", "the day of birth, as 1950-03-05"),
)
PROCEDURES = (
    Column("encounter_id", "id", "the id of the encounter, as in the file of encounters", filled=True),
    Column("seq", "whole", "the place of the procedure within its encounter"),
    Column("px", "text", "the procedure, ICD-10-PCS"),
)


def read_encounters(path: Path, columns: Sequence[Column] = ENCOUNTERS) -> pl.LazyFrame:
    """The encounters of a file with exactly these columns. Refused says what is wrong with which column."""
    frame = _read(path, columns)
    ids = frame.select("encounter_id").collect().to_series()
    repeated = len(ids) - ids.n_unique()
    if repeated:
        raise Refused(
            f"{path.name}: {repeated} rows have an encounter_id that an earlier row has. Give each encounter once."
        )
    return frame


def read_procedures(path: Path, encounters: pl.LazyFrame) -> pl.LazyFrame:
    """The procedures of a file; their encounter_id is of the type of the encounters' ids."""
    frame = _read(path, PROCEDURES)
    wanted, found = (one.collect_schema()["encounter_id"] for one in (encounters, frame))
    if wanted != found and wanted == pl.String:
        return frame.with_columns(pl.col("encounter_id").cast(pl.String))
    if wanted != found:  # no text is the id of a row whose ids are all numbers
        return frame.with_columns(pl.col("encounter_id").cast(pl.Int64, strict=False)).drop_nulls("encounter_id")
    return frame


def no_procedures(encounters: pl.LazyFrame) -> pl.LazyFrame:
    """An empty frame of procedures, for questions that ask for none."""
    schema: dict[str, Any] = {
        "encounter_id": encounters.collect_schema()["encounter_id"],
        "seq": pl.Int64,
        "px": pl.String,
    }
    return pl.LazyFrame(schema=schema)


def read_drg(path: Path | None) -> pl.DataFrame:
    """Expected lengths of stay by fiscal year and MS-DRG: of a published table, else of the short one shipped.

    Refused when the file holds no table of MS-DRGs, or rows of it cannot be read.
    """
    if path is None:
        shipped = [(e.fiscal_year, e.drg, e.gmlos) for e in drg.all_entries() if e.system == "MS-DRG"]
        return pl.DataFrame(shipped, schema=DRG_SCHEMA, orient="row")
    found = [table for sheet in sheets(path.name, path.read_bytes()) for table in tables(sheet)]
    found = [table for table in found if table.system == "MS-DRG"]
    if not found:
        raise Refused(
            f"{path.name} holds no table of MS-DRGs: the columns fiscal_year, ms_drg and gmlos are needed, or CMS Table"
            " 5 as published."
        )
    bad = [one for table in found for one in table.bad]
    if bad:
        raise Refused(f"{path.name}, line {bad[0].line}: {bad[0].why}. Correct it; {len(bad)} lines are wrong.")
    rows = {(table.fiscal_year, code): entry.gmlos for table in found for code, entry in table.entries.items()}
    return pl.DataFrame([(year, code, days) for (year, code), days in rows.items()], schema=DRG_SCHEMA, orient="row")


def _read(path: Path, columns: Sequence[Column]) -> pl.LazyFrame:
    if path.is_dir() or path.suffix.lower() in (".parquet", ".pq"):
        return _from_parquet(path, columns)
    if path.suffix.lower() in (".csv", ".txt"):
        return _from_csv(path, columns)
    raise Refused(f"{path.name}: the name must end with .parquet or .csv, which says how the file is read.")


def _from_parquet(path: Path, columns: Sequence[Column]) -> pl.LazyFrame:
    source: Any = path / "**" / "*.parquet" if path.is_dir() else path
    try:
        frame = pl.scan_parquet(source)
        types = frame.collect_schema()
    except (PolarsError, OSError) as error:
        raise Refused(f"{path.name} cannot be read as Parquet. Write the file again.") from error
    _complain(_missing(path, types, columns))
    wrong = [
        f"{path.name}: the column {one.name} must hold {one.meaning}, and it is of the type {types[one.name]}"
        for one in columns
        if not _fits(one, types[one.name])
    ]
    _complain(wrong)
    chosen = frame.select([_typed(one, types[one.name]).alias(one.name) for one in columns])
    texts = [one for one in columns if types[one.name] == pl.String and one.kind in ("day", "instant", "whole")]
    if texts:
        _complain(_unreadable(path, frame, chosen, texts, of_line=False))
    _complain(_unfilled(path, chosen, columns))
    return chosen


def _from_csv(path: Path, columns: Sequence[Column]) -> pl.LazyFrame:
    try:
        given = pl.read_csv(path, infer_schema=False)
    except PolarsError as error:
        raise Refused(f"{path.name} cannot be read as CSV: every line needs as many fields as the first.") from error
    _complain(_missing(path, given.schema, columns))
    frame = given.lazy()
    chosen = given.select([_typed(one, _csv_type(given, one)).alias(one.name) for one in columns]).lazy()
    _complain(_unreadable(path, frame, chosen, [one for one in columns if one.kind != "id"], of_line=True))
    _complain(_unfilled(path, chosen, columns))
    return chosen


def _csv_type(given: pl.DataFrame, column: Column) -> pl.DataType:
    """Ids are numbers when all of them are written as numbers are; `007` is a text."""
    if column.kind == "id" and given[column.name].drop_nulls().str.contains(r"^(0|-?[1-9]\d{0,17})$").all():
        return pl.Int64()
    return pl.String()


def _fits(column: Column, given: Any) -> bool:
    allowed: Mapping[str, tuple[Any, ...]] = {
        "id": (*_INTEGERS, pl.String),
        "text": (pl.String, pl.Categorical, pl.Enum, *_INTEGERS),
        "whole": (*_INTEGERS, pl.String),
        "day": (pl.Date, pl.String),
        "instant": (pl.Datetime, pl.String),
    }
    return given == pl.Null or any(given == one for one in allowed[column.kind])


def _typed(column: Column, given: Any) -> pl.Expr:
    """The column in the one type that the measure takes; an empty text is nothing."""
    value = pl.col(column.name)
    if given == pl.Null:
        return value.cast(_TYPES[column.kind])
    if column.kind == "id" and given != pl.String:
        return value.cast(pl.Int64)
    if column.kind == "whole":
        return value.cast(pl.Int64, strict=False)
    if column.kind == "day" and given == pl.Date:
        return value
    if column.kind == "instant" and given != pl.String:
        return (value.dt.replace_time_zone("UTC") if given.time_zone is None else value).cast(UTC)
    text = value.cast(pl.String).str.strip_chars()
    text = pl.when(text != "").then(text)
    if column.kind == "day":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "instant":
        return _instant(text)
    return text.str.zfill(column.digits) if column.digits else text


def _instant(text: pl.Expr) -> pl.Expr:
    """An instant in any usual spelling of ISO 8601; without an offset it is UTC."""
    text = text.str.replace(" ", "T", literal=True).str.replace(r"[zZ]$", "+00:00")
    zoned = pl.when(text.str.contains(r"[+-]\d\d:?\d\d$")).then(text).otherwise(text + "+00:00")
    return pl.coalesce([zoned.str.to_datetime(form, strict=False, time_unit="us").cast(UTC) for form in _INSTANT_FORMS])


def _missing(path: Path, types: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    return [
        f"{path.name}: the column {one.name} is missing; it holds {one.meaning}"
        for one in columns
        if one.name not in types
    ]


def _unreadable(
    path: Path, given: pl.LazyFrame, chosen: pl.LazyFrame, columns: Sequence[Column], *, of_line: bool
) -> list[str]:
    """One sentence for each column with a value that is there and cannot be read."""
    lost = [(pl.col(one.name).cast(pl.String).str.strip_chars().fill_null("") != "").alias(one.name) for one in columns]
    before = given.select(lost).collect()
    after = chosen.select([pl.col(one.name).is_null() for one in columns]).collect()
    sentences = []
    for one in columns:
        wrong = (before[one.name] & after[one.name]).arg_true()
        if len(wrong):
            place = f"line {wrong[0] + 2}" if of_line else f"row {wrong[0] + 1}"
            sentences.append(
                f"{path.name}, {place}: {one.name} must be {one.meaning}; {len(wrong)} values cannot be read"
            )
    return sentences


def _unfilled(path: Path, chosen: pl.LazyFrame, columns: Sequence[Column]) -> list[str]:
    filled = [one for one in columns if one.filled]
    counts = chosen.select([pl.col(one.name).null_count() for one in filled]).collect().row(0)
    return [
        f"{path.name}: the column {one.name} is empty in {count} rows; it must hold {one.meaning}"
        for one, count in zip(filled, counts, strict=True)
        if count
    ]


def _complain(sentences: Sequence[str]) -> None:
    if sentences:
        raise Refused("\n".join(f"{sentence}." for sentence in sentences))


def write_frame(frame: pl.DataFrame, folder: Path, name: str, form: str) -> Path:
    """Write a result as Parquet or CSV; returns where it is."""
    path = folder / f"{name}.{form}"
    if form == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    return path
