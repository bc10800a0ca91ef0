"""What a running installation uses while it works: memory, processor time, connections, messages that wait."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import psutil
import psycopg

from app.platform.postgres import Addresses

MEMORY_EVERY = 5.0
WAITING_EVERY = 0.5
MIB = 2**20


class Sample(msgspec.Struct, frozen=True):
    """Memory of all processes at one instant, in MiB, pages that they share counted once."""

    at: float
    total: float
    parts: dict[str, float]


@dataclass
class Watch:
    """Samples of one process tree and its database, taken by threads until told to stop.

    Attributes:
        parts: what the children of `root` do, in the order of their start.
        waiting: messages that waited to be applied, each half second, with the instant.
        connections: most connections of the program at once.
    """

    root: psutil.Process
    server: psutil.Process
    parts: tuple[str, ...]
    addresses: Addresses
    samples: list[Sample] = field(default_factory=list)
    waiting: list[tuple[float, int]] = field(default_factory=list)
    connections: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Watch while the block lasts."""
        threads = [threading.Thread(target=one, daemon=True) for one in (self._memory, self._waiting)]
        for one in threads:
            one.start()
        try:
            yield
        finally:
            self._stop.set()
            for one in threads:
                one.join(10)

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        children = sorted(self.root.children(), key=lambda one: one.create_time())
        found = [("parent", self.root), *zip(self.parts, children, strict=False)]
        return found + [("PostgreSQL", one) for one in (self.server, *self.server.children())]

    def _memory(self) -> None:
        while not self._stop.wait(MEMORY_EVERY):
            parts: dict[str, float] = {}
            for part, process in self._processes():
                with contextlib.suppress(psutil.Error):
                    full = process.memory_full_info()
                    parts[part] = parts.get(part, 0.0) + getattr(full, "pss", full.uss) / MIB
            self.samples.append(Sample(time.monotonic(), sum(parts.values()), parts))

    def _waiting(self) -> None:
        question = (
            "select (select count(*) from inbound_pending), (select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name like 'daybook%')"
        )
        with psycopg.connect(self.addresses.owner, autocommit=True) as connection:
            while not self._stop.wait(WAITING_EVERY):
                row = connection.execute(question).fetchone()
                assert row is not None
                self.waiting.append((time.monotonic(), row[0]))
                self.connections = max(self.connections, row[1])

    def costs(self) -> dict[str, float]:
        """Processor seconds of each part so far."""
        found: dict[str, float] = {}
        for part, process in self._processes():
            with contextlib.suppress(psutil.Error):
                found[part] = found.get(part, 0.0) + sum(process.cpu_times()[:2])
        with contextlib.suppress(psutil.Error):  # backends that have ended
            ended = self.server.cpu_times()
            found["PostgreSQL"] += ended.children_user + ended.children_system
        return found


def slope(samples: list[Sample]) -> tuple[float, float]:
    """Growth in MiB a minute over these samples, and their middle, by least squares."""
    if len(samples) < 3:
        return 0.0, samples[-1].total if samples else 0.0
    times = [one.at / 60 for one in samples]
    totals = [one.total for one in samples]
    middle_time, middle = sum(times) / len(times), sum(totals) / len(totals)
    below = sum((one - middle_time) ** 2 for one in times)
    return sum((t - middle_time) * (m - middle) for t, m in zip(times, totals, strict=True)) / below, middle


def server_process(home: str) -> psutil.Process:
    """The postmaster of an embedded server in this home folder."""
    with open(f"{home}/pg/postmaster.pid") as file:
        return psutil.Process(int(file.readline()))
