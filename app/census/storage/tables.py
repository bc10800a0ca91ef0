"""Rows of the census tables, read and written as sets: one statement for any number of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from app.census.storage.rows import COVERAGE, DIAGNOSIS, ENCOUNTER, MOVEMENT, PATIENT, Values, number_of
from app.platform.work import Reading, Work

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row: its key and its columns in the order of the list of its table."""

    id: UUID
    values: Values


def new_keys(view: Reading, count: int) -> list[UUID]:
    """Fresh keys, sortable by time, for rows that others refer to before they are stored."""
    return view.values("select uuidv7() from generate_series(1, %s)", (count,)) if count else []


def patients(view: Reading, keys: Iterable[str]) -> dict[str, Row]:
    """The stored patients with these numbers (`AUTHORITY|number`)."""
    found = _numbered(view, f"select t.id, {_of(PATIENT)} from patient t", "number", keys)
    return {f"{row.values[0]}|{row.values[1]}": row for row in found}


def encounters(view: Reading, keys: Iterable[str]) -> list[Row]:
    """The stored stays with these numbers, those that turned out to be none of their own among them."""
    return _numbered(view, f"select t.id, {_of(ENCOUNTER)} from encounter t", "visit_number", keys)


def _numbered(view: Reading, query: str, column: str, keys: Iterable[str]) -> list[Row]:
    pairs = [number_of(key) for key in dict.fromkeys(keys)]
    if not pairs:
        return []
    return view.rows(
        _row,
        f"{query} join unnest(%s::text[], %s::text[]) as n (authority, number)"
        f" on t.authority = n.authority and t.{column} = n.number",
        ([one for one, _ in pairs], [other for _, other in pairs]),
    )


def _of(columns: Sequence[str]) -> str:
    return ", ".join(f"t.{column}" for column in columns)


def _row(key: UUID, *values: Any) -> Row:
    return Row(key, values)


def marks(view: Reading, stays: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:
    """What people said of the discretion that stays need, and when; it outranks the feed."""
    if not stays:
        return {}
    query = "select encounter_id, sensitivity, marked_at from sensitive_mark where encounter_id = any(%s)"
    return dict(view.rows(_mark, query, (list(stays),)))


def _mark(stay: UUID, sensitivity: str, marked_at: datetime) -> tuple[UUID, tuple[str, datetime]]:
    return stay, (sensitivity, marked_at)


# --- what hangs on a stay --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Children:
    """A table of rows that hang on stays. `places` are the columns by which a row of a stay is known again."""

    table: str
    places: tuple[str, ...]
    columns: tuple[str, ...]


MOVEMENTS = Children("movement", ("lane", "since"), MOVEMENT)
COVERAGES = Children("coverage", ("rank",), COVERAGE)
DIAGNOSES = Children("diagnosis", ("rank",), DIAGNOSIS)

Stays = Mapping[UUID, Mapping[Any, Values]]


@dataclass(slots=True)
class ChildDifference(Generic[Place]):
    """What must be written so that the stored children of stays become the wanted ones."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    surplus: list[UUID] = field(default_factory=list)
    stays: set[UUID] = field(default_factory=set)


def child_difference(view: Reading, kind: Children, known: Sequence[UUID], wanted: Stays) -> ChildDifference[Any]:
    """Compare the stored rows of the stays in `known` with the wanted ones. A stay that is not known is new."""
    difference: ChildDifference[Any] = ChildDifference()
    stored = _stored(view, kind, known)
    for stay, rows in wanted.items():
        before = stored.pop(stay, {})
        for place, values in rows.items():
            row = before.pop(place, None)
            if row is None:
                named = dict(zip(kind.places, place if isinstance(place, tuple) else (place,), strict=True))
                difference.new.append({"encounter_id": stay, **named, **_named(kind.columns, values)})
            elif row.values != values:
                difference.changed.append({"id": row.id, **_named(kind.columns, values)})
            else:
                continue
            difference.stays.add(stay)
        if before:
            difference.surplus += [row.id for row in before.values()]
            difference.stays.add(stay)
    return difference


def _stored(view: Reading, kind: Children, stays: Sequence[UUID]) -> dict[UUID, dict[Any, Row]]:
    found: dict[UUID, dict[Any, Row]] = {}
    if not stays:
        return found
    width = len(kind.places)

    def take(key: UUID, stay: UUID, *rest: Any) -> None:
        place = rest[0] if width == 1 else rest[:width]
        found.setdefault(stay, {})[place] = Row(key, rest[width:])

    view.rows(
        take,
        f"select t.id, t.encounter_id, {_of(kind.places)}, {_of(kind.columns)} from {kind.table} t"
        " where t.encounter_id = any(%s)",
        (list(stays),),
    )
    return found


def write_children(work: Work, kind: Children, difference: ChildDifference[Any]) -> None:
    """Apply the difference. New rows take facility and number of their stay from it."""
    if difference.surplus:
        work.write(kind.table, f"delete from {kind.table} where id = any(%s)", (difference.surplus,))
    if difference.changed:
        update(work, kind.table, kind.columns, difference.changed)
    if difference.new:
        own = ", ".join((*kind.places, *kind.columns))
        serial = ("stay_serial, ", "e.serial, ") if kind is MOVEMENTS else ("", "")
        work.write(
            kind.table,
            f"insert into {kind.table} (encounter_id, facility_id, {serial[0]}{own})"
            f" select e.id, e.facility_id, {serial[1]}{', '.join(f'r.{name}' for name in own.split(', '))}"
            f" from json_populate_recordset(null::{kind.table}, %s::json) r join encounter e on e.id = r.encounter_id",
            (as_json(difference.new),),
        )


# --- writing ---------------------------------------------------------------------------------------------------------


def _named(columns: Sequence[str], values: Values) -> dict[str, Any]:
    return dict(zip(columns, values, strict=True))


def record(columns: Sequence[str], key: UUID, values: Values, **more: Any) -> dict[str, Any]:
    """A row by the names of its columns, as `insert` and `update` take it."""
    return {"id": key, **_named(columns, values), **more}


def insert(work: Work, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that have all these columns."""
    if rows:
        names = ", ".join(("id", *columns))
        work.write(
            table,
            f"insert into {table} ({names}) select {names} from json_populate_recordset(null::{table}, %s::json)",
            (as_json(rows),),
        )


def update(work: Work, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Change these columns of the rows with these ids."""
    if rows:
        work.write(
            table,
            f"update {table} t set {', '.join(f'{name} = r.{name}' for name in columns)}"
            f" from json_populate_recordset(null::{table}, %s::json) r where t.id = r.id",
            (as_json(rows),),
        )


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
