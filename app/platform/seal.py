"""Sealing the audit trail: committed rows, in order, hashed together with the seal before (HOUSE rule B.7).

Writers never wait for it. Row numbers are given before the commit, so the newest rows may still be followed by older
numbers: only numbers that no unfinished transaction can hold any more are sealed.
"""

import time
from typing import Any

from app.platform.archive.verifying import Verdict, verify
from app.platform.now import now
from app.platform.work import everywhere, reading

__all__ = ["Verdict", "seal_what_is_final", "verify"]

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
