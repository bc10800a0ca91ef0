"""Small tables as text: a head, a row to a line, `-` for nothing, instants of 2026 in UTC as `03-04 10:00`."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from app.platform.reads.frames import Schema

YEAR = 2026
_NOTHING = {pl.String: "", pl.Boolean: False}


def frame(text: str, schema: Schema) -> pl.DataFrame:
    """The table with all columns of the schema: those that it does not have are null, texts are empty.

    `stay` in the head stands for `encounter_id`.
    """
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    names = ["encounter_id" if name == "stay" else name for name in head]
    kinds = {"encounter_id": pl.String, **schema}
    kinds.pop("part", None)
    rows = [
        {name: _value(cell, kinds[name]) for name, cell in zip(names, cells, strict=True)} for cells in lines
    ]  # fmt: skip
    usual = {name: _NOTHING.get(kind) for name, kind in kinds.items()}  # type: ignore[call-overload]
    return pl.DataFrame([usual | row for row in rows], schema=kinds)


def _value(cell: str, kind: Any) -> Any:
    if cell == "-":
        return None
    if kind == pl.Date:
        return date.fromisoformat(f"{YEAR}-{cell}")
    if isinstance(kind, pl.Datetime):
        return datetime.fromisoformat(f"{YEAR}-{cell}").replace(tzinfo=UTC)
    if kind == pl.Boolean:
        return cell == "yes"
    if kind in (pl.Int64, pl.Int16):
        return int(cell)
    return float(cell) if kind == pl.Float64 else cell


def said(cases: pl.DataFrame, *columns: str) -> list[str]:
    """Cases as lines: the columns, then what is counted or why nothing is."""
    return sorted(
        " | ".join([*(_text(row[name]) for name in columns), _counted(row)]) for row in cases.iter_rows(named=True)
    )


def _counted(row: dict[str, Any]) -> str:
    if row["excluded"]:
        assert row.get("numerator") is None and row.get("value") is None
        return f"not: {row['excluded']}"
    if row.get("denominator") is not None:
        return f"{row['numerator']:g} of {row['denominator']:g}"
    return f"{row['value']:g}"


def _text(value: object) -> str:
    return f"{value:%m-%d}" if isinstance(value, date) else str(value)
