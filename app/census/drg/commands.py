"""Taking tables in, and what follows for stays: their geometric mean length of stay is brought up to date."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app.census.drg.lookup import groups
from app.census.drg.published import Entry, Published, tables
from app.census.drg.sheets import sheets
from app.census.events import EncounterUpdated
from app.census.storage import versions
from app.census.storage.tables import update
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, everywhere

_TEXTS = ("title", "mdc", "type")
_FIGURES = ("weight", "gmlos", "amlos", "short_stay_threshold")
_OPEN = ("registered", "admitted", "on_leave")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrgTableImported(Event):
    """A published table of diagnosis-related groups was taken in. `replaced`: one of that year was there before."""

    name: ClassVar[str] = "drg_table.imported"
    system: str
    fiscal_year: int
    source: str
    codes: int
    refused: int
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthsRefreshed(Event):
    """Stays took their geometric mean length of stay from other tables than before."""

    name: ClassVar[str] = "lengths.refreshed"
    stays: int


class Taken(msgspec.Struct):
    """What became of one table, as `daybook import drg` prints it.

    `state`: imported, replaced (a table of that year ended), unchanged (the same figures were there). `refused` names
    the rows that were left out.
    """

    file: str
    system: str
    fiscal_year: int
    codes: int
    state: str
    refused: list[str]


@dataclass(frozen=True, slots=True)
class TakeFile:
    """A file to take in: its name without the folder, its bytes, and the fiscal year where the file does not say it."""

    name: str
    data: bytes
    fiscal_year: int | None = None


def import_file(ask: TakeFile) -> list[Taken]:
    """Take all tables of a file in, and bring stays up to date. Taking the same figures twice changes nothing.

    Refused when the file cannot be read or holds no such table; rows that cannot be read are named in the answer.
    """
    found = _tables(ask)
    with begin(everywhere("import")) as work:
        # Folds of messages read the tables: they wait until stays agree with the new ones.
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.apply'))")
        taken = [take_table(work, ask, table) for table in found]
        if any(one.state != "unchanged" for one in taken):
            refresh_lengths(work)
    return taken


def _tables(ask: TakeFile) -> list[Published]:
    found: dict[tuple[str, int], Published] = {}
    for sheet in sheets(ask.name, ask.data):
        for table in tables(sheet, ask.fiscal_year):
            found.setdefault((table.system, table.fiscal_year), table)  # an archive holds the same table twice
    if not found:
        year = f" of fiscal year {ask.fiscal_year}" if ask.fiscal_year else ""
        raise Refused(
            f"{ask.name} holds no DRG table{year}: a column with the group's number and one with the geometric mean"
            " length of stay are needed, as in CMS Table 5 and Table 11."
        )
    return list(found.values())


def take_table(work: Work, ask: TakeFile, table: Published) -> Taken:
    """Keep one table. What the file has no column for stays as the table of that year before it says."""
    before_id, before = _standing(work, table)
    entries = {code: _completed(entry, before.get(code), table.columns) for code, entry in table.entries.items()}
    refused = [f"{ask.name}, line {bad.line}: {bad.why}." for bad in table.bad]
    answer = Taken(ask.name, table.system, table.fiscal_year, len(entries), "unchanged", refused)
    if entries == before:
        return answer
    if before_id is not None:
        work.write("drg_table", "update drg_table set ended_at = %s where id = %s", (work.now, before_id))
    answer.state = "imported" if before_id is None else "replaced"
    _store(work, ask, answer, entries)
    work.record(DrgTableImported(
        system=table.system, fiscal_year=table.fiscal_year, source=ask.name, codes=len(entries),
        refused=len(refused), replaced=before_id is not None,
    ))  # fmt: skip
    return answer


def _standing(work: Work, table: Published) -> tuple[UUID | None, dict[str, Entry]]:
    key = work.value(
        "select id from drg_table where system = %s and fiscal_year = %s and ended_at is null",
        (table.system, table.fiscal_year),
    )
    columns = ", ".join(("code", *_TEXTS, *_FIGURES))
    found = work.rows(Entry, f"select {columns} from drg_entry where table_id = %s", (key,)) if key else []
    return key, {entry.code: entry for entry in found}


def _completed(entry: Entry, before: Entry | None, columns: frozenset[str]) -> Entry:
    kept: dict[str, Any] = {}
    for name in (*_TEXTS, *_FIGURES):
        value = getattr(entry, name)
        if name not in columns:
            value = getattr(before, name) if before else None
        kept[name] = value or "" if name in _TEXTS else value
    return replace(entry, **kept)


def _store(work: Work, ask: TakeFile, answer: Taken, entries: Mapping[str, Entry]) -> None:
    key = work.value(
        "insert into drg_table (system, fiscal_year, source, digest, codes, refused, imported_at, imported_by)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning id",
        (answer.system, answer.fiscal_year, ask.name, hashlib.sha256(ask.data).hexdigest(), len(entries),
         len(answer.refused), work.now, work.who.actor),
    )  # fmt: skip
    rows = [{"code": entry.code, **{name: getattr(entry, name) for name in (*_TEXTS, *_FIGURES)}}
            for entry in entries.values()]  # fmt: skip
    columns = ", ".join(("code", *_TEXTS, *_FIGURES))
    work.write(
        "drg_entry",
        f"insert into drg_entry (table_id, {columns}) select %s, {columns}"
        " from json_populate_recordset(null::drg_entry, %s::json)",
        (key, msgspec.json.encode(rows).decode()),
    )


class _Stay(msgspec.Struct, frozen=True):
    id: UUID
    facility_id: int
    patient_id: UUID
    kind: str
    timezone: str
    status: str
    discharge_at: datetime | None
    drg: str
    gmlos: float | None


_STAYS = """
select e.id, e.facility_id, e.patient_id, f.kind, f.timezone, e.status, e.discharge_at, e.drg, e.gmlos
from encounter e join facility f on f.id = e.facility_id where e.drg <> '' and e.gone_at is null order by e.id
"""


def refresh_lengths(work: Work) -> int:
    """Compute the geometric mean of every stay with a DRG again, and write those that differ. Returns their number.

    Open stays are told of one by one: their rows on screens and their deadlines may change.
    """
    stays = work.rows(_Stay, _STAYS)
    known = groups(work, {stay.drg for stay in stays})
    differing = list(_differing(work, stays, known.gmlos))
    update(work, "encounter", ("gmlos", "updated_at"), [
        {"id": stay.id, "gmlos": value, "updated_at": work.now} for stay, value in differing
    ])  # fmt: skip
    versions.follow(work, "encounter", [stay.id for stay, _value in differing])
    for stay, _value in differing:
        work.changed(stay.facility_id, stay.id)
        if stay.status in _OPEN:
            work.record(
                EncounterUpdated(
                    encounter_id=stay.id, patient_id=stay.patient_id, facility_id=stay.facility_id, changed=("gmlos",)
                )
            )
    if differing:
        work.record(LengthsRefreshed(stays=len(differing)))
    return len(differing)


def _differing(work: Work, stays: Sequence[_Stay], gmlos: Any) -> Iterator[tuple[_Stay, float | None]]:
    for stay in stays:
        on = (stay.discharge_at or work.now).astimezone(ZoneInfo(stay.timezone)).date()
        value = gmlos(stay.kind, stay.drg, on)
        if value != stay.gmlos:
            yield stay, value


def refresh_on_a_new_day() -> None:
    """The daily job: on 1 October open stays pass into another fiscal year without any message."""
    with begin(everywhere("drg")) as work:
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.apply'))")
        refresh_lengths(work)
