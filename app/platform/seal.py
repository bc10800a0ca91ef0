"""Sealing the audit trail: committed rows, in order, hashed together with the seal before (HOUSE rule B.7).

Writers never wait for it. Row numbers are given before the commit, so the newest rows may still be followed by older
numbers: only numbers that no unfinished transaction can hold any more are sealed.
"""

import time
from dataclasses import dataclass
from typing import Any

import psycopg

from app.platform.now import now
from app.platform.work import everywhere, reading

_HEADS = (
    "select coalesce((select max(id) from audit_event), 0), coalesce((select max(id) from row_change), 0),"
    " coalesce((select max(id) from phi_access), 0)"
)
# Who takes a number of a table holds its lock from before until the end of the transaction. Long readers and the
# server's own cleaning hold no such lock, so they delay no seal.
_WRITING = (
    "select coalesce(array_agg(distinct virtualtransaction), '{}') from pg_locks"
    " where locktype = 'relation' and granted and mode = 'RowExclusiveLock'"
    " and database = (select oid from pg_database where datname = current_database())"
    " and relation = any(array['audit_event', 'row_change', 'phi_access']::regclass[]::oid[])"
)


def seal_what_is_final(patience_seconds: float = 4.0) -> bool:
    """Seal what no running transaction can still add to. Returns True when more waits."""
    who = everywhere("seal")
    with reading(who) as view:
        heads = view.connection.execute(_HEADS).fetchone()
        before = set(view.value(_WRITING))
    deadline = time.monotonic() + patience_seconds
    while before and time.monotonic() < deadline:
        with reading(who) as view:
            before &= set(view.value(_WRITING))
        if before:
            time.sleep(0.02)
    if before or heads is None:
        return False
    return _seal(heads) >= 2000


def _seal(heads: tuple[int, int, int]) -> int:
    from app.platform.work import engine

    with engine().connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("select set_config('app.facilities', '*', true)")
        sealed = raw.execute("select audit_seal_up_to(%s, %s, %s, %s)", (now(), *heads)).fetchone()[0]
        raw.commit()
        return int(sealed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the chain found.

    Attributes:
        seals: links read.
        rows: rows under them.
        unsealed: rows newer than the last seal.
        broken: number of the first seal that does not fit, or None.
        head: digest of the last seal in hexadecimal; kept elsewhere, it proves that no seal was taken off the end.
    """

    seals: int
    rows: int
    unsealed: int
    broken: int | None
    head: str


def verify(owner: psycopg.Connection[Any]) -> Verdict:
    """Compute every seal again from the rows. A changed, removed, inserted or reordered row breaks its seal."""
    before, last, rows, count, broken = b"", (0, 0, 0), 0, 0, None
    for seal in owner.execute(
        "select id, event_to, change_to, access_to, rows, digest from audit_seal order by id"
    ).fetchall():
        count += 1
        number, ends, sealed_rows, digest = seal[0], seal[1:4], seal[4], bytes(seal[5])
        found: Any = owner.execute(
            "select digest, counted from audit_digest(%s, %s, %s, %s, %s, %s, %s)",
            (before, last[0], ends[0], last[1], ends[1], last[2], ends[2]),
        ).fetchone()
        if broken is None and (number != count or bytes(found[0]) != digest or found[1] != sealed_rows):
            broken = number
        rows += found[1]
        before, last = digest, ends
    left: Any = owner.execute(
        "select (select count(*) from audit_event where id > %s) + (select count(*) from row_change where id > %s)"
        " + (select count(*) from phi_access where id > %s)",
        last,
    ).fetchone()
    return Verdict(count, rows, left[0], broken, before.hex())
