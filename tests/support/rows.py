"""Rows for every table of a schema, whatever its step: made from the catalogue, taken when the database takes them.

Values are drawn by type, words from the lists that check constraints name, foreign keys from rows that are there. What
a constraint or trigger refuses is drawn again. So every row is one that the schema of that step allows, and its
triggers have seen it. The rows mean nothing; that they survive an upgrade is the question.
"""

import random
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

TRIES = 400
LISTS = ("movements", "coverage", "diagnoses")  # what is known of a stay: lists of objects
# The library's own tables, and those that triggers and seals fill.
OTHERS = re.compile(r"alembic_version|procrastinate_.*|audit_event|row_change|phi_access|audit_seal.*")
_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attnotnull,
  a.atthasdef or a.attidentity <> '' or a.attgenerated <> '', a.attidentity = 'a' or a.attgenerated <> ''
from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_CHECKS = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c'"
_LINKS = """
select array(select attname::text from unnest(c.conkey) with ordinality k(n, o) join pg_attribute a
    on a.attrelid = c.conrelid and a.attnum = k.n order by o),
  c.confrelid::regclass::text,
  array(select attname::text from unnest(c.confkey) with ordinality k(n, o) join pg_attribute a
    on a.attrelid = c.confrelid and a.attnum = k.n order by o)
from pg_constraint c where c.conrelid = %s::regclass and c.contype = 'f'
"""
_TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
_FIRST = date(2026, 3, 2)


@dataclass(frozen=True)
class Column:
    """One column as the catalogue tells it. `made` columns are the database's own to fill."""

    name: str
    kind: str
    needed: bool
    has_default: bool
    made: bool
    words: tuple[str, ...] = ()


@dataclass
class Table:
    """One table with what its rows must keep to."""

    name: str
    columns: list[Column]
    links: list[tuple[list[str], str, list[str]]]


@dataclass
class Filling:
    """How many rows each table took, and which took none."""

    rows: dict[str, int] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)


def fill(url: str, rows: int = 2, seed: int = 1) -> Filling:
    """Put rows into every table that takes any, with an actor, as the owner."""
    dice, found = random.Random(seed), Filling()
    with psycopg.connect(url, autocommit=True) as owner:
        names = [row[0] for row in owner.execute(_TABLES) if not OTHERS.fullmatch(row[0])]
        tables = {name: _table(owner, name) for name in names}
        owner.execute("select set_config('app.actor', 'filling', false), set_config('app.facilities', '*', false),"
                      " set_config('app.now', '2026-03-05T12:00:00+00:00', false)")  # fmt: skip
        for name in _in_order(tables):
            taken = _rows_of(owner, tables[name], dice, rows)
            if taken:
                found.rows[name] = taken
            else:
                found.empty.append(name)
    return found


def _rows_of(owner: psycopg.Connection[Any], table: Table, dice: random.Random, rows: int) -> int:
    """How many rows the table took; one that refused two in a row is asked for no more."""
    taken = refused = 0
    for _ in range(rows):
        if _insert(owner, table, dice):
            taken, refused = taken + 1, 0
        elif (refused := refused + 1) == 2:
            break
    return taken


def _table(owner: psycopg.Connection[Any], name: str) -> Table:
    checks = [row[0] for row in owner.execute(_CHECKS, (name,))]
    columns = []
    for column, kind, needed, has_default, made in owner.execute(_COLUMNS, (name,)).fetchall():
        words: list[str] = []
        for check in checks:
            if re.search(rf"\b{column}\b", check):
                words += re.findall(r"'([^']*)'::", check)
        columns.append(Column(column, kind, needed, has_default, made, tuple(dict.fromkeys(words))))
    return Table(name, columns, [(list(one[0]), one[1], list(one[2])) for one in owner.execute(_LINKS, (name,))])


def _in_order(tables: dict[str, Table]) -> Sequence[str]:
    """Tables after those that they point at; of a circle the first in the alphabet begins."""
    done: list[str] = []
    while len(done) < len(tables):
        left = [name for name in tables if name not in done]
        ready = [name for name in left if not _pointed_at(tables[name]) & set(left) - {name}]
        done += ready or left[:1]
    return done


def _pointed_at(table: Table) -> set[str]:
    return {target for _, target, _ in table.links}


def _insert(owner: psycopg.Connection[Any], table: Table, dice: random.Random) -> bool:
    for number in range(TRIES):
        values = _draw(owner, table, dice, sparse=number / TRIES)
        if values is None:
            return False
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )  # fmt: skip
        try:
            owner.execute(statement, list(values.values()))
            return True
        except psycopg.Error:
            continue
    return False


def _draw(owner: psycopg.Connection[Any], table: Table, dice: random.Random, sparse: float) -> dict[str, Any] | None:
    """Values of one row; None where a needed row of another table is not there."""
    values: dict[str, Any] = {}
    bare = dice.random() < 0.5 + sparse / 2  # rows with little in them fit oftener
    for column in table.columns:
        if column.made or (column.has_default and dice.random() < 0.7):
            continue
        if not column.needed and dice.random() < (0.9 if bare else 0.4):
            continue
        values[column.name] = _value(column, dice)
    for names, target, their in table.links:
        if not any(name in values for name in names):
            continue
        row = owner.execute(sql.SQL("select {} from {} order by random() limit 1").format(
            sql.SQL(", ").join(map(sql.Identifier, their)), sql.SQL(target))).fetchone()  # type: ignore[arg-type]  # fmt: skip
        if row is None:
            if any(column.needed and column.name in names for column in table.columns):
                return None
            for name in names:
                values.pop(name, None)
            continue
        values.update({name: one for name, one in zip(names, row, strict=True) if name in values or len(names) > 1})
    return values


def _value(column: Column, dice: random.Random) -> Any:
    if column.words and dice.random() < 0.9:
        return [dice.choice(column.words)] if column.kind.endswith("[]") else dice.choice(column.words)
    moment = datetime.fromisoformat("2026-03-05T12:00:00+00:00") + timedelta(minutes=dice.randrange(-9000, 9000))
    made: dict[str, Any] = {
        "uuid": uuid.UUID(int=dice.getrandbits(128), version=4),
        "boolean": dice.random() < 0.5,
        "date": _FIRST + timedelta(days=dice.randrange(20)),
        "timestamp with time zone": moment,
        "time without time zone": time(dice.randrange(24), dice.choice([0, 30])),
        "jsonb": Jsonb([] if column.name in LISTS else {}),
        "json": Jsonb({}),
        "bytea": dice.randbytes(32),
        "interval": timedelta(hours=dice.randrange(1, 48)),
    }
    if column.kind in made:
        return made[column.kind]
    if column.kind.endswith("[]"):
        return []
    if column.kind in ("smallint", "integer", "bigint"):
        return dice.choice([0, 1, 1, 2, 3, 5, 10, 30])
    if column.kind in ("numeric", "double precision", "real"):
        return dice.choice([0, 1, 1.5, 2, 40])
    return dice.choice(["", "A", "NORTH", "word", "America/Chicago", f"w{dice.randrange(10_000)}", "2026"])
