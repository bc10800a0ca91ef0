"""The listener for HL7 over MLLP: bytes in, frames to the inbox, acknowledgements out, in order for each connection.

What lies in the buffers of a connection is stored together, so that a sender that pipelines is as fast as the disk
allows; nothing ever waits for a batch to fill. Answers leave only after the commit (W-ACK).
"""

import asyncio
import contextlib
import logging
import re
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from app.interop import hl7
from app.interop.framing import LIMIT, Deframer, Oversized, frame
from app.interop.inbox import Receipt, Source, receive
from app.interop.queries import feeds
from app.platform.now import now
from app.platform.work import everywhere, reading

_log = logging.getLogger(__name__)

TOGETHER = 64
"""Messages of one connection in one transaction, at most."""
TOGETHER_BYTES = 4 * 1024 * 1024
STOP_SECONDS = 15.0
"""How long a stop waits for connections that are storing or answering."""
_READ = 256 * 1024
_BATCH_TRAILER = re.compile(rb"[\r\n]BTS[^\sA-Za-z0-9](\d{1,9})")


@dataclass(frozen=True, slots=True)
class Transport:
    """Encryption of the listener. `client_authority` demands a certificate of every sender, signed by it."""

    certificate: Path
    key: Path
    client_authority: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer. Raises OSError or ssl.SSLError where the files cannot be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        if self.client_authority is not None:
            context.load_verify_locations(self.client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen. All times in seconds.

    Attributes:
        port: shared by all feeds that have none of their own; 0 takes a free one.
        mid_frame_timeout: silence in the middle of a frame, after which the frame is dropped and the connection kept;
            also how long a sender may leave its answers unread.
        idle_timeout: silence between frames, after which the connection is closed; None never closes it.
        connections: a further one is closed at once.
        ports_every: how often the ports of the feeds are compared with what is open.
        opened: is told every port that has been opened.
    """

    host: str = "127.0.0.1"
    port: int = 2575
    transport: Transport | None = None
    mid_frame_timeout: float = 30.0
    idle_timeout: float | None = None
    connections: int = 64
    limit: int = LIMIT
    ports_every: float = 5.0
    opened: Callable[[int], None] | None = None


@dataclass(slots=True)
class Counters:
    """What this process has seen since it started, for the metrics."""

    received: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)  # by code
    connections: int = 0
    refused_connections: int = 0
    dropped_frames: int = 0
    discarded_bytes: int = 0
    last_received: datetime | None = None


COUNTERS = Counters()


async def run_listeners(options: Listening, stop: asyncio.Event) -> None:
    """Listen until `stop` is set; then finish and acknowledge what was read, and close. Raises OSError where the
    shared port cannot be opened."""
    listener = Listener(options)
    await listener.start()
    try:
        while not stop.is_set():
            await listener.follow_feeds()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), options.ports_every)
    finally:
        await listener.close()


class Listener:
    """The open ports of this process and their connections."""

    def __init__(self, options: Listening) -> None:
        self._options = options
        self._context = options.transport.context() if options.transport else None
        self._servers: dict[int, asyncio.Server] = {}
        self._connections: set[_Connection] = set()
        self._unopened: set[int] = set()
        self.port = options.port

    @property
    def ports(self) -> frozenset[int]:
        """The ports that are open."""
        return frozenset(self._servers)

    async def start(self) -> None:
        """Open the shared port."""
        self.port = await self._open(self._options.port)

    async def follow_feeds(self) -> None:
        """Open the ports that feeds have got since, and close those that no feed has any more."""
        try:
            wanted = await asyncio.to_thread(_feed_ports)
        except (psycopg.Error, SQLAlchemyError) as error:
            _log.warning("the ports of the feeds could not be read", extra={"error": type(error).__name__})
            return
        for port in self.ports - wanted - {self.port}:
            self._servers.pop(port).close()
            for connection in [one for one in self._connections if one.port == port]:
                connection.leave()
        self._unopened &= wanted
        for port in sorted(wanted - self.ports):
            try:
                await self._open(port)
                self._unopened.discard(port)
            except OSError as error:
                if port not in self._unopened:  # said once, tried again
                    _log.error(
                        "the port of a feed cannot be opened", extra={"port": port, "error": error.strerror or ""}
                    )
                self._unopened.add(port)

    async def _open(self, port: int) -> int:
        options = self._options

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer)

        server = await asyncio.start_server(
            connected, options.host, port, ssl=self._context, limit=_READ, backlog=options.connections
        )
        opened: int = server.sockets[0].getsockname()[1]
        self._servers[opened] = server
        _log.info("listening for HL7", extra={"port": opened})
        if options.opened is not None:
            options.opened(opened)
        return opened

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self._options.connections:
            COUNTERS.refused_connections += 1
            _log.warning("too many HL7 connections: one was closed", extra={"peer": _peer(writer)})
            writer.close()
            return
        connection = _Connection(self._options, reader, writer)
        self._connections.add(connection)
        COUNTERS.connections = len(self._connections)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            COUNTERS.connections = len(self._connections)
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def close(self) -> None:
        """Take no more connections and let each finish the messages it has read."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        connections = list(self._connections)
        for connection in connections:
            connection.leave()
        ends = asyncio.gather(*(connection.gone.wait() for connection in connections))
        try:
            await asyncio.wait_for(ends, STOP_SECONDS)
        except TimeoutError:
            _log.warning("HL7 connections did not end in time", extra={"count": len(self._connections)})


def _feed_ports() -> frozenset[int]:
    with reading(everywhere("mllp")) as view:
        return frozenset(feed.port for feed in feeds(view).all if feed.port is not None)


def _peer(writer: asyncio.StreamWriter) -> str:
    address = writer.get_extra_info("peername")
    return str(address[0]) if address else "unknown"


class _Connection:
    """One sender. Reads, stores and answers in turns; while it stores, the operating system keeps what comes next."""

    def __init__(self, options: Listening, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._options = options
        self._reader = reader
        self._writer = writer
        self._deframer = Deframer(options.limit)
        self._discarded = 0
        self._task = asyncio.current_task()
        self._reading = False
        self._leaving = False
        self.gone = asyncio.Event()
        self.peer = _peer(writer)
        self.port: int = writer.get_extra_info("sockname")[1]
        self._source = Source("mllp", f"{self.peer} on port {self.port}", port=self.port)

    def leave(self) -> None:
        """End the connection: at once when it waits for bytes, else after the answers that are due."""
        self._leaving = True
        if self._reading and self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Serve the sender until it leaves, falls silent for too long, or the listener closes."""
        _log.info("an HL7 sender connected", extra={"peer": self.peer, "port": self.port})
        try:
            while not self._leaving and (data := await self._read()) is not None:
                for batch in _batches(self._deframer.feed(data)):
                    await self._take(batch)
                self._note_discarded()
        except (OSError, ssl.SSLError) as error:
            _log.info("an HL7 connection broke", extra={"peer": self.peer, "error": type(error).__name__})
            self._writer.transport.abort()  # an orderly end would wait for the sender to read
        except asyncio.CancelledError:
            if not self._leaving:
                raise
        finally:
            self._deframer.drop()
            self._note_discarded()
            self.gone.set()
            _log.info("an HL7 sender left", extra={"peer": self.peer, "port": self.port})

    async def _read(self) -> bytes | None:
        """The next bytes; None at the end of the connection, or when the sender was silent for too long."""
        while True:
            middle = self._deframer.mid_frame
            limit = self._options.mid_frame_timeout if middle else self._options.idle_timeout
            self._reading = True
            try:
                async with asyncio.timeout(limit):
                    return await self._reader.read(_READ) or None
            except TimeoutError:
                if not middle:
                    _log.info("a silent HL7 connection is closed", extra={"peer": self.peer})
                    return None
                COUNTERS.dropped_frames += 1
                _log.warning("an unfinished HL7 frame was dropped", extra={"peer": self.peer, "port": self.port})
                self._deframer.drop()
            finally:
                self._reading = False

    async def _take(self, batch: list[bytes | Oversized]) -> None:
        receipts = await asyncio.to_thread(receive, batch, self._source)
        answers = [answer for receipt in receipts if (answer := receipt.acknowledgement())]
        _count(receipts)
        self._writer.write(b"".join(frame(answer) for answer in answers))
        async with asyncio.timeout(self._options.mid_frame_timeout):  # a sender that never reads is gone
            await self._writer.drain()

    def _note_discarded(self) -> None:
        more = self._deframer.discarded - self._discarded
        if more:
            self._discarded = self._deframer.discarded
            COUNTERS.discarded_bytes += more
            _log.warning("bytes outside a frame were discarded", extra={"peer": self.peer, "count": more})


def _batches(frames: list[bytes | Oversized]) -> Iterator[list[bytes | Oversized]]:
    """The messages of the frames in groups that are stored together; a batch envelope holds several (W-BATCH)."""
    group: list[bytes | Oversized] = []
    size = 0
    for one in frames:
        for message in _messages(one):
            group.append(message)
            size += len(message.head if isinstance(message, Oversized) else message)
            if len(group) >= TOGETHER or size >= TOGETHER_BYTES:
                yield group
                group, size = [], 0
    if group:
        yield group


def _messages(one: bytes | Oversized) -> list[bytes | Oversized]:
    if isinstance(one, Oversized):
        return [one]
    found = list(hl7.split_messages(one)) or [one]
    trailer = _BATCH_TRAILER.search(one)
    if trailer and int(trailer[1]) != len(found):
        _log.warning("a batch announced another number of messages than it holds", extra={"count": len(found)})
    return [*found]


def _count(receipts: list[Receipt]) -> None:
    COUNTERS.received += len(receipts)
    COUNTERS.acknowledged.update(receipt.code for receipt in receipts)
    COUNTERS.last_received = now()
