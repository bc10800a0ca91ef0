"""A running listener and a sender that speaks MLLP over a real socket."""

import asyncio
import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Self

from app.interop.framing import Deframer, frame
from app.interop.mllp import Listening, run_listeners

PATIENCE = 10.0


class Running:
    """A listener in a thread of its own; `ports` are those opened so far, the shared one first."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self.opened: queue.Queue[int] = queue.Queue()
        self.stop: asyncio.Event = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def note(self, port: int) -> None:
        self.ports.append(port)
        self.opened.put(port)

    @property
    def port(self) -> int:
        return self.ports[0]

    def end(self) -> None:
        """Ask it to stop, as a signal does."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.stop.set)


@contextlib.contextmanager
def listening(options: Listening | None = None) -> Iterator[Running]:
    """A listener on a free port for as long as the block lasts."""
    running = Running()
    options = replace(options or Listening(ports_every=0.1), port=0, opened=running.note)
    failure: list[BaseException] = []

    async def run() -> None:
        running.loop = asyncio.get_running_loop()
        await run_listeners(options, running.stop)

    def body() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failure.append(error)

    thread = threading.Thread(target=body, name="listener")
    thread.start()
    try:
        running.opened.get(timeout=PATIENCE)
        yield running
    finally:
        running.end()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the listener did not stop"
        if failure:
            raise failure[0]


class Wire:
    """One connection of a sender."""

    def __init__(self, port: int, connection: socket.socket | None = None) -> None:
        self.socket = connection or socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deframer = Deframer()
        self._frames: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def write(self, data: bytes) -> None:
        """Bytes as they are."""
        self.socket.sendall(data)

    def answer(self, within: float = PATIENCE) -> bytes | None:
        """The next acknowledgement; None when the connection was closed or nothing came in time."""
        self.socket.settimeout(within)
        while not self._frames:
            try:
                data = self.socket.recv(65536)
            except (TimeoutError, ConnectionError):
                return None
            if not data:
                return None
            self._frames.extend(one for one in self._deframer.feed(data) if isinstance(one, bytes))
        return self._frames.pop(0)

    def send(self, message: bytes) -> bytes:
        """Send one message and wait for its acknowledgement."""
        self.write(frame(message))
        answer = self.answer()
        assert answer is not None, "no acknowledgement came"
        return answer

    @property
    def open(self) -> bool:
        """Whether the other side still holds the connection."""
        self.socket.settimeout(0.05)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) != b""
        except TimeoutError:
            return True
        except ConnectionError:
            return False
