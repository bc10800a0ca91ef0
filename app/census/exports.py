"""`daybook export census` and `export encounters`: what the screens show, as JSON, CSV or parquet.

Columns are those of `daybook replay`, with the patient's name and birth date added. Whoever takes data out is recorded
as one who saw it: one row of disclosure for the file, with all patients in it.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import polars as pl

from app.census.facilities import facility_by_code
from app.census.rendering import render
from app.census.storage.stored import stored_house
from app.census.terms import FeedPolicy, House
from app.platform.work import Disclosure, Reading, Scope, System, begin, disclose, everywhere, reading


class Export(StrEnum):
    """What can be taken out."""

    CENSUS = "census"  # who is in the house, one line a stay
    ENCOUNTERS = "encounters"  # every stay and visit, with its timeline


class Form(StrEnum):
    """How it is written. In CSV, lists stand as JSON in their cell."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class AskExport:
    """One file: of which facility (its code), as of which instant (now, if none is said), in which form.

    Of an earlier instant the file says what was known then: what a live feed had sent by then, and of files, replays
    and the simulation what their recorded clock had reached.
    """

    what: Export
    code: str
    form: Form = Form.JSON
    as_of: datetime | None = None


_TEXT = pl.String()
_PERIODS = pl.List(pl.List(pl.String()))
_PERSON: dict[str, pl.DataType] = {"family": _TEXT, "given": _TEXT, "dob": _TEXT, "sex": _TEXT}
CENSUS_COLUMNS: dict[str, pl.DataType] = {
    "visit": _TEXT, "mrn": _TEXT, "location": _TEXT, "class": _TEXT, "on_leave": pl.Boolean(), **_PERSON,
}  # fmt: skip
ENCOUNTER_COLUMNS: dict[str, pl.DataType] = {
    "visit": _TEXT, "mrn": _TEXT, "status": _TEXT, "class": _TEXT, "start_dt": _TEXT, "admit_dt": _TEXT,
    "inpatient_dt": _TEXT, "discharge_dt": _TEXT, "disposition": _TEXT, "location": _TEXT, "last_location": _TEXT,
    "locs": _PERIODS, "classes": _PERIODS, "attending": _TEXT, "dx": pl.List(pl.String()),
    "payers": pl.List(pl.String()), "expected_discharge": _TEXT, "pending": pl.List(pl.String()),
    "inferred": pl.Boolean(), **_PERSON,
}  # fmt: skip


def export(ask: AskExport) -> bytes:
    """The file. Refused where there is no such facility; the disclosure is committed before the data is handed out."""
    with begin(everywhere("export")) as work:
        facility = facility_by_code(work, ask.code)
    who = System("export", Scope(facilities=(facility.id,), sensitive=(facility.id,)))
    with reading(who, as_of=ask.as_of) as view:
        feed = view.values("select authority from feed where facility_id = %s", (facility.id,))
        policy = FeedPolicy(timezone=facility.timezone, default_authority=feed[0] if feed else "")
        house = stored_house(view)
        rows = list(_rows(ask.what, house, policy))
        patients = _patients(view, house, {row["visit"] for row in rows}, policy)
    detail = f"{ask.what} {ask.code} {ask.form}" + (f" {ask.as_of.isoformat()}" if ask.as_of else "")
    disclose(who, Disclosure(route=f"export {ask.what}", patients=patients, kind="export", detail=detail))
    return written(rows, CENSUS_COLUMNS if ask.what is Export.CENSUS else ENCOUNTER_COLUMNS, ask.form)


def _rows(what: Export, house: House, policy: FeedPolicy) -> Iterable[dict[str, Any]]:
    shown = render(house, policy)
    if what is Export.CENSUS:
        lines: list[dict[str, Any]] = shown["census"]
    else:
        lines = [{"visit": visit, **fields} for visit, fields in shown["encounters"].items()]
    for line in lines:
        person = shown["patients"].get(line["mrn"], {})
        yield {**line, **{name: person.get(name) for name in _PERSON}}


def _patients(view: Reading, house: House, visits: set[str], policy: FeedPolicy) -> list[UUID]:
    own = f"{policy.default_authority}|"
    keys = {one.patient for one in house.encounters.values() if one.key.removeprefix(own) in visits}
    return view.values("select id from patient where authority || '|' || number = any(%s) order by id", (sorted(keys),))


def written(rows: list[dict[str, Any]], columns: dict[str, pl.DataType], form: Form) -> bytes:
    """The rows in the form that was asked for, all columns in their order."""
    if form is Form.JSON:
        ordered = [{name: row[name] for name in columns} for row in rows]
        return json.dumps(ordered, ensure_ascii=False).encode() + b"\n"
    file = io.BytesIO()
    if form is Form.PARQUET:
        pl.DataFrame(rows, schema=columns).write_parquet(file)
        return file.getvalue()
    nested = {name for name, kind in columns.items() if isinstance(kind, pl.List)}
    flat = [
        {name: json.dumps(row[name], ensure_ascii=False) if name in nested else row[name] for name in columns}
        for row in rows
    ]
    plain = {name: _TEXT if name in nested else kind for name, kind in columns.items()}
    pl.DataFrame(flat, schema=plain).write_csv(file)
    return file.getvalue()


def instant_of(text: str) -> datetime:
    """An instant as given on a command line (ISO 8601; without an offset it is UTC). ValueError for anything else."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
