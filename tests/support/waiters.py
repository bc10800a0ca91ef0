"""Who waits for whom in the database of one test: others have theirs on the same server."""

import threading

import psycopg

from app.platform.postgres import Addresses

_QUERY = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def wait_for_a_waiter(addresses: Addresses) -> None:
    """Return when somebody in this database waits for a lock."""
    pause = threading.Event()
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        for _ in range(400):
            if owner.execute(_QUERY).fetchone() is not None:
                return
            pause.wait(0.05)
    raise AssertionError("nobody waits")
