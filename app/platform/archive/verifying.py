"""Proof of the audit trail: every seal is computed again from the rows that it covers, and the first that does not fit
is named with the trail in which something was done.

What lies in an archive is not here; the chain goes on from the record of the archive, and the copies that were left
behind below its border are compared with that record. `app.platform.archive` verifies the files themselves.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg.rows import args_row

TRAILS = ("audit_event", "row_change", "phi_access")
Borders = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the chain found.

    Attributes:
        seals: links read.
        rows: rows under them.
        unsealed: rows newer than the last seal; nothing proves them yet.
        unsealed_since: the time of the oldest of them, or None.
        archived: seals that lie in an archive and were not read.
        broken: number of the first seal that does not fit, or None. 0: something else does not; `why` says what.
        why: what does not fit, in one sentence; empty when all does.
        head: digest of the last seal in hexadecimal; kept elsewhere, it proves that no seal was taken off the end.
    """

    seals: int
    rows: int
    unsealed: int
    unsealed_since: datetime | None
    archived: int
    broken: int | None
    why: str
    head: str


class Archived(msgspec.Struct):
    """The newest part of the trail that lies in an archive: where the chain in the database begins."""

    seal_to: int
    event_to: int
    change_to: int
    access_to: int
    digest: bytes
    left_digest: bytes
    left_rows: int

    @property
    def borders(self) -> Borders:
        """The last number of each trail below the border."""
        return (self.event_to, self.change_to, self.access_to)


class Link(msgspec.Struct):
    """One seal as it is stored, and what its rows give now."""

    id: int
    at: datetime
    form: int
    event_to: int
    change_to: int
    access_to: int
    rows: int
    digest: bytes
    parts: list[bytes] | None
    counts: list[int] | None
    whole: bytes | None
    whole_count: int | None
    found: list[bytes] | None
    found_counts: list[int] | None
    head: str

    @property
    def borders(self) -> Borders:
        """The last number of each trail under this seal."""
        return (self.event_to, self.change_to, self.access_to)

    @property
    def row_count(self) -> int:
        """Rows that are there now."""
        return sum(self.found_counts) if self.found_counts is not None else self.whole_count or 0


# The digest before each seal is the stored one, so that one broken seal does not break all that follow.
_LINKS = """
select s.id, s.at, s.form, s.event_to, s.change_to, s.access_to, s.rows, s.digest, s.parts, s.counts,
  one.digest, one.counted, two.parts, two.counts,
  audit_seal_head(s.id, s.at, s.event_to, s.change_to, s.access_to, two.counts)
from (select *, lag(digest, 1, %(digest)s::bytea) over w as before, lag(event_to, 1, %(e)s::bigint) over w as e0,
    lag(change_to, 1, %(c)s::bigint) over w as c0, lag(access_to, 1, %(a)s::bigint) over w as a0
  from audit_seal where id > %(after)s window w as (order by id)) s
left join lateral (select * from audit_digest(s.before, s.e0, s.event_to, s.c0, s.change_to, s.a0, s.access_to)
  where s.form = 1) one on true
left join lateral (select * from audit_parts(s.e0, s.event_to, s.c0, s.change_to, s.a0, s.access_to)
  where s.form <> 1) two on true
order by s.id
"""
# A backup of an older version is verified before its schema is brought up to date.
_LINKS_BEFORE_ARCHIVES = """
select s.id, s.at, 1, s.event_to, s.change_to, s.access_to, s.rows, s.digest, null, null,
  one.digest, one.counted, null, null, ''
from (select *, lag(digest, 1, ''::bytea) over w as before, lag(event_to, 1, 0::bigint) over w as e0,
    lag(change_to, 1, 0::bigint) over w as c0, lag(access_to, 1, 0::bigint) over w as a0
  from audit_seal window w as (order by id)) s
cross join lateral audit_digest(s.before, s.e0, s.event_to, s.c0, s.change_to, s.a0, s.access_to) one
order by s.id
"""
_STANDING = """
select seal_to, event_to, change_to, access_to, digest, left_digest, left_rows
from audit_archive where ended_at is null order by seal_to desc limit 1
"""
_UNSEALED = """
select count(*), min(at) from (select at from audit_event where id > %s union all
  select at from row_change where id > %s union all select at from phi_access where id > %s) newer
"""


def verify(owner: psycopg.Connection[Any], since: datetime | None = None, head: str = "") -> Verdict:
    """Compute the seals again. A changed, removed, inserted or reordered row breaks its seal; so does a changed seal.

    Args:
        owner: a connection as the owner of the tables.
        since: only seals made at that time or later; the one before them is taken as it is.
        head: a digest that was printed before; the chain must still hold it.
    """
    older: Any = owner.execute("select to_regclass('public.audit_archive') is null").fetchone()
    start = Archived(0, 0, 0, 0, b"", b"", 0) if older[0] else _start(owner, since)
    faults: list[tuple[int, str]] = []
    if since is None and start.left_digest and not _left_behind(owner, start):
        faults.append((0, "Copies below the border of the archive were changed, removed or inserted."))
    seals, rows, last, borders = 0, 0, start.digest, start.borders
    known = {start.digest.hex()}
    expected = start.seal_to
    for one in _links(owner, _LINKS_BEFORE_ARCHIVES if older[0] else _LINKS, start):
        expected += 1
        fault = _fault(one, last, borders, expected)
        if fault:
            faults.append((one.id, fault))
        seals, rows, last, borders, expected = seals + 1, rows + one.row_count, one.digest, one.borders, one.id
        if head:
            known.add(last.hex())
    if head and head not in known and not faults:
        faults.append((0, "No seal has the digest that was kept: seals were taken off the end, or made anew."))
    unsealed: Any = owner.execute(_UNSEALED, borders).fetchone()
    archived = start.seal_to if start.left_digest else 0
    broken, why = faults[0] if faults else (None, "")
    return Verdict(seals, rows, unsealed[0], unsealed[1], archived, broken, why, last.hex())


def standing_archive(owner: psycopg.Connection[Any]) -> Archived | None:
    """The newest archived part, or None where the whole trail lies in the database."""
    with owner.cursor(row_factory=args_row(Archived)) as cursor:
        return cursor.execute(_STANDING).fetchone()


def left_digest(owner: psycopg.Connection[Any], borders: Borders) -> tuple[bytes, int]:
    """A digest of everything at or below these numbers, and how many rows that are."""
    found: Any = owner.execute("select parts, counts from audit_parts(0, %s, 0, %s, 0, %s)", borders).fetchone()
    return hashlib.sha256(b"".join(bytes(part) for part in found[0])).digest(), sum(found[1])


def _start(owner: psycopg.Connection[Any], since: datetime | None) -> Archived:
    """Where to begin: behind the archive, at the first seal, or behind the last seal that is older than `since`."""
    if since is not None:
        with owner.cursor(row_factory=args_row(Archived)) as cursor:
            before = cursor.execute(
                "select id, event_to, change_to, access_to, digest, ''::bytea, 0 from audit_seal"
                " where id < (select min(id) from audit_seal where at >= %s) order by id desc limit 1",
                (since,),
            ).fetchone()
        if before is not None:
            return before
    return standing_archive(owner) or Archived(0, 0, 0, 0, b"", b"", 0)


def _left_behind(owner: psycopg.Connection[Any], start: Archived) -> bool:
    return left_digest(owner, start.borders) == (bytes(start.left_digest), start.left_rows)


def _links(owner: psycopg.Connection[Any], query: LiteralString, start: Archived) -> Iterator[Link]:
    values = {"digest": start.digest, "after": start.seal_to, "e": start.event_to, "c": start.change_to,
              "a": start.access_to}  # fmt: skip
    with owner.transaction(), owner.cursor("seals", row_factory=args_row(Link)) as cursor:
        cursor.itersize = 200
        yield from cursor.execute(query, values)


def _fault(one: Link, before: bytes, since: Borders, expected: int) -> str:
    """What is wrong with a seal, in one sentence; empty when nothing is."""
    if one.id != expected:
        return f"Seal {expected} is missing: after seal {expected - 1} comes seal {one.id}."
    if any(end < begin for begin, end in zip(since, one.borders, strict=True)):
        return f"Seal {one.id} itself was changed: it ends before it begins."
    if one.form == 1:
        return _fault_of_first_form(one, since)
    if one.form != 2 or one.parts is None or one.counts is None or len(one.parts) != 3 or len(one.counts) != 3:
        return f"Seal {one.id} itself was changed: it has no form that a seal can have."
    found, counts = one.found or [], one.found_counts or []
    for trail, begin, end, *pair in zip(TRAILS, since, one.borders, one.counts, counts, strict=True):
        if pair[0] != pair[1]:
            return f"Seal {one.id} does not fit: {_stretch(trail, begin, end)} held {pair[0]} rows and holds {pair[1]}."
    for trail, begin, end, kept, now in zip(TRAILS, since, one.borders, one.parts, found, strict=True):
        if bytes(kept) != bytes(now):
            return f"Seal {one.id} does not fit: in {_stretch(trail, begin, end)} a row was changed or moved."
    made = hashlib.sha256(before + one.head.encode() + b"".join(bytes(part) for part in found)).digest()
    if made != bytes(one.digest) or one.rows != sum(counts):
        return f"Seal {one.id} itself, or the one before it, was changed; its rows are as they were."
    return ""


def _fault_of_first_form(one: Link, since: Borders) -> str:
    if one.whole_count != one.rows:
        return f"Seal {one.id} does not fit: it was made over {one.rows} rows, and there are {one.whole_count}."
    if bytes(one.whole or b"") != bytes(one.digest):
        spans = ", ".join(_stretch(*span) for span in zip(TRAILS, since, one.borders, strict=True))
        return f"Seal {one.id} does not fit: a row of {spans} was changed or moved, or the seal itself was."
    return ""


def _stretch(trail: str, begin: int, end: int) -> str:
    return f"{trail} {begin + 1} to {end}"
