"""From a commit to the event on the last of many open streams: `python -m benchmarks.live [streams] [rounds]`.

Floor: a notification through plain psycopg, from the commit to one listening connection, on the same server. A browser
then asks for the row that it shows, which benchmarks.page measures. Transfer is the worklist page, compressed by brotli
as browsers ask for it, against its plain size.
"""

import selectors
import socket
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg

from app import reactions
from app.main import create_app
from app.platform import work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere
from app.settings import Settings
from benchmarks._machine import machine
from benchmarks.page import database, fill, first_stay, served
from tests.support.world import World


def opened(port: int, cookie: str, streams: int) -> list[socket.socket]:
    """Streams of as many browsers, each past its first event."""
    sockets = []
    for _ in range(streams):
        stream = socket.create_connection(("127.0.0.1", port))
        stream.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: daybook={cookie}\r\n\r\n".encode())
        sockets.append(stream)
    for stream in sockets:
        data = b""
        while b"resync" not in data:
            data += stream.recv(65536)
            assert data, "the stream was closed"
        stream.setblocking(False)
    time.sleep(0.5)
    return sockets


def until_the_last(sockets: list[socket.socket], stay: uuid.UUID, facility_id: int) -> tuple[float, float]:
    """Milliseconds from the commit to the first and to the last stream that was told."""
    with selectors.DefaultSelector() as selector:
        for stream in sockets:
            selector.register(stream, selectors.EVENT_READ)
        with begin(everywhere("bench")) as writing:
            writing.changed(facility_id, stay)
        committed, waiting, first = time.perf_counter(), len(sockets), 0.0
        while waiting:
            ready = selector.select(10)
            assert ready, "a stream was never told"
            for key, _ in ready:
                if str(stay).encode() in key.fileobj.recv(65536):  # type: ignore[union-attr]
                    selector.unregister(key.fileobj)
                    waiting -= 1
                    first = first or (time.perf_counter() - committed) * 1000
        return first, (time.perf_counter() - committed) * 1000


def notified(addresses: Addresses) -> float:
    """The floor: milliseconds from a commit to one connection that listens."""
    with (
        psycopg.connect(addresses.app, autocommit=True) as listener,
        psycopg.connect(addresses.app, autocommit=True) as sender,
    ):
        listener.execute("listen bench")
        start = time.perf_counter()
        sender.execute("notify bench")
        for _ in listener.notifies(timeout=5, stop_after=1):
            return (time.perf_counter() - start) * 1000
    raise TimeoutError("the notification was lost")


def transfer(port: int, cookie: str) -> tuple[int, int]:
    """Bytes of the worklist page, plain and as sent to a browser."""
    sizes = []
    for encoding in ("identity", "br"):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                f"GET /worklists/inpatient HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: daybook={cookie}\r\n"
                f"Accept-Encoding: {encoding}\r\nConnection: close\r\n\r\n".encode()
            )
            data = b""
            while part := connection.recv(262144):
                data += part
            sizes.append(len(data.partition(b"\r\n\r\n")[2]))
    return sizes[0], sizes[1]


def main(streams: int = 200, rounds: int = 15) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name, database(Path(name)) as addresses:
        work.connect(open_engine(addresses.app))
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        world = World(addresses)
        fill(world, 400)
        cookie, stay = world.cookie("dana"), first_stay(addresses)
        with served(create_app(Settings(home=Path(name), secure_cookies=False), addresses)) as port:
            sockets = opened(port, cookie, streams)
            found = [until_the_last(sockets, stay, world.facility["NORTH"]) for _ in range(rounds)]
            floor = statistics.median(notified(addresses) for _ in range(rounds))
            for stream in sockets:
                stream.close()
            plain, sent = transfer(port, cookie)
    last = [one for _, one in found]
    print(machine())
    print(f"{streams} open streams, {rounds} commits; floor (one plain listener) {floor:.2f} ms")
    print(f"first stream p50 {statistics.median(one for one, _ in found):6.1f} ms")
    print(f"last stream  p50 {statistics.median(last):6.1f} ms, slowest {max(last):.1f} ms; target 300 ms")
    print(f"worklist page {plain // 1024} KiB, sent {sent // 1024} KiB: {sent / plain:.1%} of it; target 10 %")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]))
