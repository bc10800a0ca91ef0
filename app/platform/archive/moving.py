"""Moving old seals with their rows into a file, and back. Only the owner of the tables can: the program may add to the
trail and read it, nothing else.

The file is whole and on the disk before anything is removed; removal and the record of it are one transaction. Whatever
ends in between leaves everything in the database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import psycopg
from psycopg.rows import args_row
from psycopg.types.json import Jsonb

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.archive import files, verifying
from app.platform.archive.files import Head, SealLine
from app.platform.archive.proving import Proof, Sealed
from app.platform.archive.verifying import Archived
from app.platform.backup.keys import Keys
from app.platform.now import now

YEARS = 6  # 45 CFR 164.316(b)(2)(i)
WHO = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailArchived(Event):
    """Old seals were moved into a file (`copied`: into a file as well) with the rows under them."""

    name: ClassVar[str] = "trail.archived"
    file: str
    seal_from: int
    seal_to: int
    rows: int
    copied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRestored(Event):
    """An archived part was read back into the database."""

    name: ClassVar[str] = "trail.restored"
    file: str
    seal_from: int
    seal_to: int


@dataclass(frozen=True, slots=True)
class AskArchive:
    """Seals made before a day, into which folder, for which keys (None: in the clear); `copy` removes nothing."""

    before: date
    folder: Path
    keys: Keys | None
    copy: bool = False


class _Row(msgspec.Struct):
    """A seal as it is stored."""

    id: int
    at: datetime
    form: int
    event_to: int
    change_to: int
    access_to: int
    rows: int
    digest: bytes
    parts: list[bytes] | None
    head: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: the file, its first and last seal, its rows."""

    file: str
    seal_from: int
    seal_to: int
    rows: int


def youngest_day(today: date) -> date:
    """Only what is older than six years may leave the database."""
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - YEARS, day=day)


def archive(owner: psycopg.Connection[Any], ask: AskArchive) -> Moved | None:
    """Move what was sealed before a day; None when nothing is that old.

    Refused for a day within the last six years unless it is a copy, and when the trail does not fit its seals.
    """
    if not ask.copy and ask.before > youngest_day(now().date()):
        raise Refused(
            f"The trail is kept in the database for six years: say a day not after {youngest_day(now().date())}, or"
            " --copy, which leaves everything where it is."
        )
    ask.folder.mkdir(parents=True, exist_ok=True)
    with owner.transaction():
        owner.execute("lock table audit_seal in share row exclusive mode")
        start = verifying.standing_archive(owner) or Archived(0, 0, 0, 0, b"", b"", 0)
        last = _last(owner, ask.before)
        if last is None or last <= start.seal_to:
            return None
        _must_be_whole(owner, "moved")
        return _move(owner, ask, start, last)


def _last(owner: psycopg.Connection[Any], before: date) -> int | None:
    """The last seal of the part: all up to it are older, and a younger one stays, from which the chain goes on."""
    found: Any = owner.execute(
        "select least((select min(id) from audit_seal where at >= %s) - 1, (select max(id) from audit_seal) - 1)",
        (datetime.combine(before, time(0), UTC),),
    ).fetchone()
    return found[0]


def _must_be_whole(owner: psycopg.Connection[Any], otherwise_not: str) -> None:
    verdict = verifying.verify(owner)
    if verdict.broken is not None:
        raise Refused(f"Nothing was {otherwise_not}: the trail was changed. {verdict.why}")


def _move(owner: psycopg.Connection[Any], ask: AskArchive, start: Archived, last: int) -> Moved:
    seals = _seals(owner, start.seal_to, last)
    name = files.name_of(start.seal_to + 1, last, ask.keys)
    if ask.copy:
        name = f"copy-of-{name}"
    elif owner.execute("select from audit_archive where file = %s and ended_at is null", (name,)).fetchone():
        raise Refused(f"{name} is the name of a part that was moved before.")
    digest = files.write(ask.folder / name, _lines(owner, start, seals), ask.keys)
    _prove(ask, name, start)
    rows = sum(one.rows for one in seals)
    moved = Moved(name, start.seal_to + 1, last, rows)
    _as_program(owner)
    if not ask.copy:
        _remove(owner, seals[-1])
        _entomb(owner, moved, (seals[0], seals[-1]), digest)
    happened = TrailArchived(file=name, seal_from=moved.seal_from, seal_to=last, rows=rows, copied=ask.copy)
    _record(owner, happened)
    return moved


def _prove(ask: AskArchive, name: str, start: Archived) -> None:
    """Read back what was written, where it can be read: with a public key alone only its writer could."""
    if ask.keys is not None and not ask.keys.identities:
        return
    proof = Proof(before=bytes(start.digest))
    files.read(ask.folder / name, proof, _given(ask.keys))
    proof.finish()


def _given(keys: Keys | None) -> Callable[[], Keys]:
    def give() -> Keys:
        if keys is None:
            raise Refused("This file is encrypted. Name the file with the secret key by --key.")
        return keys

    return give


def _seals(owner: psycopg.Connection[Any], after: int, last: int) -> list[_Row]:
    with owner.cursor(row_factory=args_row(_Row)) as cursor:
        return cursor.execute(
            "select id, at, form, event_to, change_to, access_to, rows, digest, parts,"
            " audit_seal_head(id, at, event_to, change_to, access_to, counts)"
            " from audit_seal where id > %s and id <= %s order by id",
            (after, last),
        ).fetchall()


def _lines(owner: psycopg.Connection[Any], start: Archived, seals: list[_Row]) -> Iterator[bytes]:
    """The file, line by line."""
    head = Head(files.NAME, 1, seals[0].id, seals[-1].id, bytes(start.digest).hex(), now())
    yield msgspec.json.encode(head)
    begin = start.borders
    for one in seals:
        parts = None if one.parts is None else [bytes(part).hex() for part in one.parts]
        yield msgspec.json.encode(SealLine(one.form, one.head, one.rows, bytes(one.digest).hex(), parts))
        found = owner.execute(
            "select body from audit_lines(%s, %s, %s, %s, %s, %s) order by kind, id",
            (begin[0], one.event_to, begin[1], one.change_to, begin[2], one.access_to),
        )
        for (body,) in found:
            yield body.encode()
        begin = (one.event_to, one.change_to, one.access_to)


# Views of earlier instants read the last copy of a row before an instant: it stays, however old.
_READ_FROM_COPIES = "select viewname from pg_views where schemaname = 'as_of' and definition like '%%row_change%%'"
_OLD_COPIES = f"""
delete from row_change r where r.id <= %(last)s and not (
  r.table_name in ({_READ_FROM_COPIES}) and r.operation <> 'delete' and not exists (
    select from row_change l where l.id <= %(last)s and l.table_name = r.table_name and l.row_key = r.row_key
    and (l.at, l.id) > (r.at, r.id)))
"""


def _remove(owner: psycopg.Connection[Any], last: _Row) -> None:
    owner.execute("delete from audit_event where id <= %s", (last.event_to,))
    owner.execute("delete from phi_access where id <= %s", (last.access_to,))
    owner.execute(_OLD_COPIES, {"last": last.change_to})
    owner.execute("delete from audit_seal where id <= %s", (last.id,))


def _entomb(owner: psycopg.Connection[Any], moved: Moved, ends: tuple[_Row, _Row], digest: bytes) -> None:
    first, last = ends
    left, count = verifying.left_digest(owner, (last.event_to, last.change_to, last.access_to))
    owner.execute(
        "insert into audit_archive (seal_from, seal_to, event_to, change_to, access_to, rows, digest, sealed_from,"
        " sealed_to, file, file_digest, left_digest, left_rows, made_at)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (moved.seal_from, moved.seal_to, last.event_to, last.change_to, last.access_to, moved.rows, last.digest,
         first.at, last.at, moved.file, digest, left, count, now()),
    )  # fmt: skip


def _as_program(owner: psycopg.Connection[Any]) -> None:
    """Triggers copy the rows that change, and want to know who did it and when."""
    owner.execute("select set_config('app.actor', %s, true), set_config('app.now', %s, true)", (WHO, now().isoformat()))


def _record(owner: psycopg.Connection[Any], happened: Event) -> None:
    owner.execute(
        "insert into audit_event (at, actor, name, facts) values (%s, %s, %s, %s)",
        (now(), WHO, happened.name, Jsonb(happened.facts())),
    )


_ROWS_BACK = {
    "audit_event": "insert into audit_event (id, at, actor, actor_id, name, facility_id, encounter_id, patient_id,"
    " facts) overriding system value select (b->>1)::bigint, {at}, b->>3, (b->>4)::uuid, b->>5, (b->>6)::smallint,"
    " (b->>7)::uuid, (b->>8)::uuid, b->9 from trail_line where (b->>0) = '1' on conflict (id) do nothing",
    "row_change": "insert into row_change (id, at, actor, table_name, row_key, facility_id, encounter_id, operation,"
    " old, new) overriding system value select (b->>1)::bigint, {at}, b->>3, b->>4, b->>5, (b->>6)::smallint,"
    " (b->>7)::uuid, b->>8, nullif(b->9, 'null'), nullif(b->10, 'null') from trail_line where (b->>0) = '2'"
    " on conflict (id) do nothing",
    "phi_access": "insert into phi_access (id, at, actor, actor_id, route, kind, address, detail, patients, facilities)"
    " overriding system value select (b->>1)::bigint, {at}, b->>3, (b->>4)::uuid, b->>5, b->>6, b->>7, b->>8,"
    " array(select jsonb_array_elements_text(b->9))::uuid[],"
    " array(select jsonb_array_elements_text(b->10))::smallint[] from trail_line where (b->>0) = '3'"
    " on conflict (id) do nothing",
}
# Whole microseconds, since a double holds no more digits than those.
_AT = "timestamptz 'epoch' + trunc((b->>2)::numeric * 1000000)::bigint * interval '1 microsecond'"


def restore(owner: psycopg.Connection[Any], folder: Path, keys: Keys | None) -> list[Moved]:
    """Put all archived parts back into the database, verified before it is kept. Refused names what does not fit."""
    with owner.transaction():
        owner.execute("lock table audit_seal in share row exclusive mode")
        standing = owner.execute(
            "select id, file, file_digest, seal_from, seal_to, rows, digest from audit_archive"
            " where ended_at is null order by seal_from"
        ).fetchall()
        if not standing:
            raise Refused("No part of the trail lies in an archive.")
        _as_program(owner)
        back = [_bring_back(owner, folder, row, keys) for row in standing]
        _must_be_whole(owner, "brought back")
    return back


def _bring_back(owner: psycopg.Connection[Any], folder: Path, row: Any, keys: Keys | None) -> Moved:
    key, name, file_digest, seal_from, seal_to, rows, digest = row
    path = folder / Path(name).name
    if not path.is_file():
        raise Refused(f"{name} is not in this folder. Bring the folder to which it was moved.")
    if files.digest_of(path) != bytes(file_digest):
        raise Refused(f"{name} is not as it was written.")
    owner.execute("create temporary table if not exists trail_line (b jsonb) on commit drop")
    proof = Proof(on_seal=lambda seal, lines: _put(owner, seal, lines))
    files.read(path, proof, _given(keys))
    proof.finish()
    if proof.last is None or proof.last.digest != bytes(digest):
        raise Refused(f"{name} does not end with the seal that the database names.")
    owner.execute("update audit_archive set ended_at = %s where id = %s", (now(), key))
    _record(owner, TrailRestored(file=name, seal_from=seal_from, seal_to=seal_to))
    return Moved(name, seal_from, seal_to, rows)


def _put(owner: psycopg.Connection[Any], seal: Sealed, lines: list[bytes]) -> None:
    with owner.cursor() as cursor:
        cursor.execute("truncate trail_line")
        with cursor.copy("copy trail_line (b) from stdin") as copy:
            for line in lines:
                copy.write_row((line.decode(),))
        for statement in _ROWS_BACK.values():
            cursor.execute(statement.format(at=_AT))
        cursor.execute(
            "insert into audit_seal (id, at, form, event_to, change_to, access_to, rows, digest, parts, counts)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (seal.number, seal.at, seal.form, *seal.borders, seal.rows, seal.digest, seal.parts, seal.counts),
        )
