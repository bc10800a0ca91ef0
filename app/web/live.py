"""Live updates: "stay X changed", never content. The browser then asks for that row under its own view.

PostgreSQL notifies after each commit; one connection of this process listens, gathers for a moment and hands the stays
to the open streams of their facility. The library's own backends go silent for ever after one lost connection; this
one reconnects and tells every page to load its list again.
"""

import asyncio
import contextlib
import logging
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from litestar import Request, get
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.subscriber import Subscriber
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent, ServerSentEventMessage

from app.platform import lasting
from app.platform.db import plain_url
from app.platform.now import now
from app.security.permissions import Permission
from app.security.sessions import cookie_name, find_viewer
from app.web.operation.limits import too_many
from app.web.render import the_viewer

_log = logging.getLogger(__name__)
GATHER_SECONDS = 0.08
PING_SECONDS = 20.0
CHECK_SECONDS = 15.0  # a session that was ended elsewhere hears nothing after so long
MANY = 150  # more stays than this at once: an open list catches up with what came since it was drawn
MOST_WAITING = 100  # messages that a slow browser may leave unread before it is told to load its list again
MOST_STREAMS = 30  # open pages of one person at one process; each costs a connection and a place in memory
EVERYBODY = "everybody"
_open_streams: Counter[uuid.UUID] = Counter()


class PostgresChannels(ChannelsBackend):
    """One listening connection. Channels are `facility-<id>` with `changed <ids>` and `feed`, and one for everybody
    with `ping` and `resync`."""

    def __init__(self) -> None:
        self._url = ""
        self._events: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self.last_message: dict[int, datetime] = {}

    def listen_to(self, url: str) -> None:
        """Which database to hear, from the next start on; what an earlier one told is forgotten."""
        self._url, self.last_message = plain_url(url), {}

    async def on_startup(self) -> None:
        self._events = asyncio.Queue()
        self._listening = asyncio.Event()
        self._task = asyncio.create_task(self._listen(), name="live updates")
        with contextlib.suppress(TimeoutError):  # a database that is away must not keep the program from starting
            await asyncio.wait_for(self._listening.wait(), 3.0)

    async def on_shutdown(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        for channel in channels:
            self._events.put_nowait((channel, data))

    async def subscribe(self, channels: Iterable[str]) -> None:
        """The one connection hears everything in any case."""

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """As above."""

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        return []

    async def stream_events(self) -> AsyncGenerator[tuple[str, bytes], None]:
        while True:
            yield await self._events.get()

    def _to_all(self, data: bytes) -> None:
        self._events.put_nowait((EVERYBODY, data))

    async def _listen(self) -> None:
        pause, lost = 0.1, True  # a page that came before the first connection has missed something, too
        while True:
            try:
                async with await lasting.connect(self._url) as connection:
                    await connection.execute("listen daybook_stay")
                    await connection.execute("listen daybook_feed")
                    self._listening.set()
                    if lost:
                        self._to_all(b"resync")
                    pause, lost = 0.1, False
                    await self._forward(connection)
            except psycopg.Error:
                lost = True
                _log.warning("live updates wait for the database")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _forward(self, connection: psycopg.AsyncConnection[Any]) -> None:
        clock = asyncio.get_running_loop().time
        ping_at = clock() + PING_SECONDS
        while True:
            gathered: list[psycopg.Notify] = []
            async for note in connection.notifies(timeout=max(ping_at - clock(), 0.0), stop_after=1):
                gathered.append(note)
            if gathered:
                async for note in connection.notifies(timeout=GATHER_SECONDS):
                    gathered.append(note)
                self._publish(gathered)
            if clock() >= ping_at:  # also while one facility is busy: the pages of a quiet one wait for it
                await connection.execute("select 1")
                self._to_all(b"ping")
                ping_at = clock() + PING_SECONDS

    def _publish(self, notes: list[psycopg.Notify]) -> None:
        changed: dict[str, dict[str, None]] = {}
        fed: set[str] = set()
        for note in notes:
            facility, _, subject = note.payload.partition(" ")
            if note.channel != "daybook_feed":
                changed.setdefault(facility, {})[subject] = None
                continue
            try:
                self.last_message[int(facility)] = datetime.fromisoformat(subject)
                fed.add(facility)
            except ValueError:
                _log.warning("a notification of the feed was not understood")
        for facility in fed:
            self._events.put_nowait((f"facility-{facility}", b"feed"))
        for facility, stays in changed.items():
            data = "resync" if len(stays) > MANY else "changed " + " ".join(stays)
            self._events.put_nowait((f"facility-{facility}", data.encode()))


class Reader(Subscriber):
    """One open page. What it leaves unread beyond a measure is thrown away and becomes one order to load again, so that
    a slow browser neither costs memory nor misses a change."""

    def put_nowait(self, item: bytes | None) -> bool:
        """Called for every message of its channels."""
        if item is not None and self.qsize >= MOST_WAITING:
            while not self._queue.empty():
                self._queue.get_nowait()
            item = b"resync"
        return super().put_nowait(item)


@get("/events", permission=Permission.STAY_LIST, quiet=True)
async def events(request: Request[Any, Any, Any], channels: NamedDependency[ChannelsPlugin]) -> ServerSentEvent:
    """The stream of one page: `resync` at its beginning, then `changed` with ids of stays, `feed` with a time."""
    if _open_streams[the_viewer(request).user_id] >= MOST_STREAMS:
        raise too_many(PING_SECONDS)
    return ServerSentEvent(_stream(request, channels))


@contextlib.contextmanager
def _counted(person: uuid.UUID) -> Iterator[None]:
    """One more stream of this person while it lasts; who has none is not held."""
    _open_streams[person] += 1
    try:
        yield
    finally:
        _open_streams[person] -= 1
        if not _open_streams[person]:
            del _open_streams[person]


async def _stream(request: Request[Any, Any, Any], plugin: ChannelsPlugin) -> AsyncIterator[ServerSentEventMessage]:
    viewer = the_viewer(request)
    token = request.cookies.get(cookie_name(request.app.state.settings), "")
    checked, missed = now(), False
    facilities = viewer.facilities_with(Permission.STAY_LIST)
    with _counted(viewer.user_id):
        async with plugin.start_subscription([EVERYBODY, *(f"facility-{one}" for one in facilities)]) as subscriber:
            yield ServerSentEventMessage(event="resync", data="", retry=2000)
            async for payload in subscriber.iter_events():
                if (now() - checked).total_seconds() >= CHECK_SECONDS:
                    try:
                        async with request.app.state.checks:  # all streams are due at the same event, and clicks wait
                            again = await find_viewer(request, token)
                    except psycopg.OperationalError:  # an outage, or a house so busy that no connection became free
                        missed = True  # nothing is told to who may not see it any more; but it must not be lost
                        continue
                    if again is None:
                        yield ServerSentEventMessage(event="signed-out", data="")
                        return
                    if again.facilities_with(Permission.STAY_LIST) != facilities:
                        return  # the browser connects again, to what the person may see now
                    checked = now()
                kind, _, data = payload.decode().partition(" ")
                if missed and kind != "resync":
                    yield ServerSentEventMessage(event="resync", data="")
                missed = False
                yield ServerSentEventMessage(event=kind, data=data)
