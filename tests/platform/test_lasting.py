"""Connections that last are closed by whoever opens them, even when told to stop in that very moment."""

import asyncio
import contextlib

import psycopg
import pytest

from app.platform import lasting
from app.platform.db import plain_url
from app.platform.postgres import Addresses

OPENED = """select count(*) from pg_stat_activity
where query like 'select pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()"""


def test_who_is_told_to_stop_while_connecting_leaves_nothing_open(
    database: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting, "SERVER_SIDE", "select pg_sleep(60)")

    async def stopped() -> bool:
        connecting = asyncio.create_task(lasting.connect(plain_url(database.app)))
        for _look in range(500):
            if opened(database):
                break
            await asyncio.sleep(0.02)
        connecting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await connecting
        for _look in range(500):
            if not opened(database):
                return True
            await asyncio.sleep(0.02)
        return False

    assert asyncio.run(stopped())


def opened(database: Addresses) -> int:
    with psycopg.connect(database.owner) as owner:
        found = owner.execute(OPENED).fetchone()
        assert found is not None
        return int(found[0])
