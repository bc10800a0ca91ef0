"""From the socket to the census, in one run on one server: `python -m benchmarks.ingest [--stored N] [--messages N]`.

Measured: messages acknowledged after their commit over one connection in lock-step, and pipelined over four; how fast a
backlog is applied; how far the census lies behind a steady feed. Floor: one committed insert of the same bytes through
plain psycopg. `--stored` puts so many messages into the tables first. Messages are those of the simulated hospital.
"""

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import psycopg

from app import reactions
from app.census.facilities import AddFacility, FacilityKind, add_facility
from app.demo.plan import Plan
from app.demo.simulation import simulate
from app.interop.framing import Deframer, frame
from app.interop.inbox import Source, apply_waiting, drain, receive
from app.interop.mllp import Listening, run_listeners
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere, reading

CONNECTIONS = 4
STEADY_RATE = 50
STEADY_SECONDS = 20


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Addresses]:
    """A fresh server with usual safety (a commit waits for the disk) and an empty, migrated database."""
    folder.chmod(0o755)
    with postgres.embedded(folder / "pg", {}) as url:
        postgres.ensure_database(url, "bench")
        postgres.ensure_role(url, password=None)
        owner = postgres.in_database(url, "bench")
        schema.upgrade(owner)
        yield Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)


def connect(addresses: Addresses) -> None:
    """Open the doors of this process."""
    work.connect(open_engine(addresses.app))
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)


def listen(addresses: Addresses, port: int, end: Event) -> None:
    """The listener, in a process of its own."""
    connect(addresses)

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().run_in_executor(None, lambda: (end.wait(), loop.call_soon_threadsafe(stop.set)))
        loop = asyncio.get_running_loop()
        await run_listeners(Listening(port=port), stop)

    asyncio.run(run())


def apply(addresses: Addresses, end: Event) -> None:
    """The duty that applies waiting messages, in a process of its own."""
    connect(addresses)
    with psycopg.connect(addresses.app, autocommit=True) as connection:
        connection.execute("listen daybook_inbox")
        while not end.is_set():
            if not apply_waiting():
                list(connection.notifies(timeout=0.2, stop_after=1))


class Sender:
    """One connection of a sender."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deframer = Deframer()

    def answers(self, count: int) -> None:
        """Wait for so many acknowledgements; all must accept."""
        while count > 0:
            data = self.socket.recv(1 << 16)
            if not data:
                raise ConnectionError("The listener closed the connection.")
            found = self.deframer.feed(data)
            if any(isinstance(one, bytes) and b"\rMSA|AA|" not in one for one in found):
                raise ValueError("A message was refused.")
            count -= len(found)

    def lock_step(self, messages: list[bytes]) -> None:
        for message in messages:
            self.socket.sendall(frame(message))
            self.answers(1)

    def pipelined(self, messages: list[bytes]) -> None:
        writer = threading.Thread(target=self.socket.sendall, args=(b"".join(frame(one) for one in messages),))
        writer.start()
        self.answers(len(messages))
        writer.join()


def waiting_count() -> int:
    with reading(everywhere("bench")) as view:
        return int(view.value("select count(*) from inbound_pending"))


def floor(addresses: Addresses, messages: list[bytes]) -> float:
    """Committed inserts a second of the same bytes, one by one."""
    with psycopg.connect(addresses.owner, autocommit=True) as connection:
        connection.execute("create table floor (id bigint generated always as identity primary key, raw bytea)")
        start = time.perf_counter()
        for message in messages:
            connection.execute("insert into floor (raw) values (%b)", (message,))
        return len(messages) / (time.perf_counter() - start)


def lock_step(port: int, messages: list[bytes]) -> float:
    sender = Sender(port)
    start = time.perf_counter()
    sender.lock_step(messages)
    return len(messages) / (time.perf_counter() - start)


def pipelined(port: int, messages: list[bytes]) -> float:
    parts = [messages[number::CONNECTIONS] for number in range(CONNECTIONS)]
    threads = [threading.Thread(target=Sender(port).pipelined, args=(part,)) for part in parts]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(messages) / (time.perf_counter() - start)


def backlog(messages: list[bytes]) -> float:
    """Messages applied a second, from a queue that is full at the start."""
    for start in range(0, len(messages), 500):
        receive(messages[start : start + 500], Source("demo"))
    start_at = time.perf_counter()
    while drain():
        pass
    return len(messages) / (time.perf_counter() - start_at)


def steady(port: int, messages: list[bytes]) -> tuple[float, float]:
    """Median and longest time in seconds for which a message waited, at a steady rate."""
    sender, waits = Sender(port), []
    begun = time.perf_counter()
    for number, message in enumerate(messages):
        time.sleep(max(0.0, begun + number / STEADY_RATE - time.perf_counter()))
        sender.lock_step([message])
        if number % 10 == 9:
            start = time.perf_counter()
            while waiting_count() and time.perf_counter() - start < 10:
                time.sleep(0.005)
            waits.append(time.perf_counter() - start)
    return sorted(waits)[len(waits) // 2], max(waits)


def store_many(addresses: Addresses, count: int) -> None:
    """Fill the tables with messages and facts of long ago, each about a visit of its own."""
    with psycopg.connect(addresses.owner) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            "insert into inbound_message (received_at, facility_id, source, origin, sending_application,"
            " sending_facility, control_id, event, digest, raw, ack, refusal, sentence)"
            " select now() - interval '1 year', 1, 'demo', '', 'OLD', 'ACUTE', 'old-' || n, 'A08',"
            " sha256(n::text::bytea), convert_to(repeat(md5(n::text), 30), 'UTF8'), 'AA', '', ''"
            " from generate_series(1, %s) n",
            (count,),
        )
        connection.execute(
            "insert into adt_fact (message_id, facility_id, recorded_at, known_at, keys, payload)"
            " select id, 1, received_at, received_at, array['P:OLD|' || id / 8, 'V:OLD|' || id / 8],"
            " jsonb_build_object('old', repeat(md5(id::text), 20)) from inbound_message"
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def prepare() -> list[bytes]:
    """The facilities of the simulated hospital, and its messages in the order of sending."""
    simulation = simulate(Plan(now=now() - timedelta(days=1), seed=11))
    with begin(everywhere("bench")) as writing:
        for facility in simulation.facilities:
            kind = FacilityKind(facility.kind)
            ask = AddFacility(code=facility.code, name=facility.name, timezone=facility.time_zone, kind=kind,
                              authority=facility.authority)  # fmt: skip
            add_facility(writing, ask)
    return list(dict.fromkeys(one.raw for one in simulation))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(addresses: Addresses, port: int) -> Iterator[None]:
    """Listener and applier, each in its process."""
    context = multiprocessing.get_context("spawn")
    end = context.Event()
    processes = [context.Process(target=listen, args=(addresses, port, end)),
                 context.Process(target=apply, args=(addresses, end))]  # fmt: skip
    for process in processes:
        process.start()
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                Sender(port).socket.close()
                break
            time.sleep(0.1)
        yield
    finally:
        end.set()
        for process in processes:
            process.join(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000, help="messages of each measurement")
    parser.add_argument("--stored", type=int, default=0, help="messages that are stored before")
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder, database(Path(folder)) as addresses:
        connect(addresses)
        supply = iter(prepare())
        if wishes.stored:
            store_many(addresses, wishes.stored)

        def take(count: int) -> list[bytes]:
            return list(itertools.islice(supply, count))

        base = floor(addresses, take(500))
        print(f"floor, one committed insert after the other   {base:8.0f} messages/s")
        rate = backlog(take(wishes.messages * 2))
        print(f"backlog applied                               {rate:8.0f} messages/s")
        port = free_port()
        with running(addresses, port):
            rate = lock_step(port, take(wishes.messages))
            print(
                f"one connection in lock-step                   {rate:8.0f} messages/s  {rate / base:5.2f} of the floor"
            )
            rate = pipelined(port, take(wishes.messages * CONNECTIONS))
            print(f"{CONNECTIONS} connections, pipelined                      {rate:8.0f} messages/s"
                  f"  {rate / base:5.2f} of the floor")  # fmt: skip
            while waiting_count():
                time.sleep(0.05)
            middle, longest = steady(port, take(STEADY_RATE * STEADY_SECONDS))
            print(f"behind a feed of {STEADY_RATE}/s                        {middle * 1000:8.0f} ms median,"
                  f" {longest * 1000:.0f} ms longest")  # fmt: skip


if __name__ == "__main__":
    main()
