"""Taking the published tables of a vintage in. The same tables again change nothing; others end those before them."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import msgspec
import polars as pl

from app.metrics.value_sets.events import ValueSetsImported
from app.metrics.value_sets.maps import CategoryMaps
from app.metrics.value_sets.published import Row, Tables, read_folder
from app.platform.work import Work, begin, everywhere

_LOCK = "select pg_advisory_xact_lock(hashtext('value_sets.import'))"


class TakenVintage(msgspec.Struct):
    """What became of a vintage, as `daybook import value-sets` prints it. `lists`: rows of each list.

    `state`: imported, replaced (other tables of that vintage ended), unchanged (the same rows were there).
    """

    vintage: str
    source: str
    codes: int
    state: str
    lists: dict[str, int]


def import_folder(folder: Path, vintage: str, maps: CategoryMaps) -> TakenVintage:
    """Take all tables of a folder in. Refused names the file and line that cannot be taken; nothing is taken then."""
    found = read_folder(folder, vintage)
    found = Tables(found.vintage, found.source, tuple(_beyond_the_maps(found.rows, maps)))
    with begin(everywhere("import")) as work:
        work.connection.execute(_LOCK)
        return take_tables(work, found)


def _beyond_the_maps(rows: Iterable[Row], maps: CategoryMaps) -> Iterable[Row]:
    """All rows but those that say what the shipped maps say already."""
    known = {"dx_ccs": _as_texts(maps.dx), "px_ccs": _as_texts(maps.px)}
    return (row for row in rows if row.list not in known or known[row.list].get(row.code) != row.value)


def _as_texts(table: pl.DataFrame) -> dict[str, str]:
    return {code: str(ccs) for code, ccs in table.select("code", "ccs").iter_rows()}


def take_tables(work: Work, found: Tables) -> TakenVintage:
    """Keep the tables of a vintage, unless the same stand already."""
    lists: dict[str, int] = {}
    for row in found.rows:
        lists[row.list] = lists.get(row.list, 0) + 1
    answer = TakenVintage(found.vintage, found.source, len(found.rows), "unchanged", lists)
    before = work.rows(
        _Standing, "select id, digest from value_set_vintage where vintage = %s and ended_at is null", (found.vintage,)
    )
    if before and before[0].digest == found.digest:
        return answer
    if before:
        work.write("value_set_vintage", "update value_set_vintage set ended_at = %s where id = %s",
                   (work.now, before[0].id))  # fmt: skip
    answer.state = "replaced" if before else "imported"
    _store(work, found)
    work.record(
        ValueSetsImported(
            vintage=found.vintage, source=found.source, codes=len(found.rows), replaced=answer.state == "replaced"
        )
    )
    return answer


class _Standing(msgspec.Struct):
    id: UUID
    digest: str


def _store(work: Work, found: Tables) -> None:
    key = work.value(
        "insert into value_set_vintage (vintage, source, digest, codes, imported_at, imported_by)"
        " values (%s, %s, %s, %s, %s, %s) returning id",
        (found.vintage, found.source, found.digest, len(found.rows), work.now, work.who.actor),
    )
    work.write(
        "value_set_code",
        "insert into value_set_code (vintage_id, list, code, value) select %s, list, code, value"
        " from json_populate_recordset(null::value_set_code, %s::json)",
        (key, msgspec.json.encode([row._asdict() for row in found.rows]).decode()),
    )
