"""Connections whose other end may lose power: neither side waits for ever for one that cannot say farewell.

A killed process closes its connections; a machine that lost its power or its network does not. Its locks, those of
standing duties among them, would stay with the server until TCP gives up, by default after two hours. With these values
both sides know after about 25 seconds. Connections within one machine have no such fate and ignore them.
"""

from contextlib import AsyncExitStack
from typing import Any

import psycopg

IDLE_SECONDS, EVERY_SECONDS, TIMES = 10, 5, 3
SILENCE_SECONDS = IDLE_SECONDS + EVERY_SECONDS * TIMES

SERVER_SIDE = (
    f"select set_config('tcp_keepalives_idle', '{IDLE_SECONDS}', false),"
    f" set_config('tcp_keepalives_interval', '{EVERY_SECONDS}', false),"
    f" set_config('tcp_keepalives_count', '{TIMES}', false),"
    f" set_config('tcp_user_timeout', '{SILENCE_SECONDS}s', false)"
)
"""What the server is told for this connection."""

CLIENT_SIDE: dict[str, Any] = {
    "keepalives_idle": IDLE_SECONDS,
    "keepalives_interval": EVERY_SECONDS,
    "keepalives_count": TIMES,
    "tcp_user_timeout": SILENCE_SECONDS * 1000,
}
"""What this side's driver is told."""


async def connect(url: str) -> psycopg.AsyncConnection[Any]:
    """A connection that holds locks or listens as long as its process lives, in autocommit mode. `url` is as the driver
    reads it."""
    connection: psycopg.AsyncConnection[Any] = await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=10, **CLIENT_SIDE
    )
    async with AsyncExitStack() as opening:
        opening.push_async_callback(connection.close)  # whoever is told to stop just now leaves nothing open behind him
        await connection.execute(SERVER_SIDE)
        opening.pop_all()
    return connection
