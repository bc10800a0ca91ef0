"""What the web processes of one machine count together.

Processes share a folder of memory-mapped files (prometheus-client's multiprocess form), so that it does not matter
which of them answers the collector. Labels hold route templates, methods and statuses, never an address or a name.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from app.settings import share_metrics

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PART = "part_"
MEMORY = Path("/dev/shm")
"""A file system in memory, on Linux."""


class Meters:
    """The counters of one process. `folder` is shared with the other processes of this machine, None without them."""

    def __init__(self, folder: Path | None = None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

        # The library decides once, when it is loaded, whether values are shared; this process decides now.
        values.ValueClass = values.get_value_class()
        self.folder = folder
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "daybook_requests", "Answered requests.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "daybook_request_seconds", "Time until an answer was complete; streams left out.", ["method", "route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self._streams = Gauge(
            "daybook_open_streams", "Open event streams, one for each page that is kept up to date.",
            registry=self.registry, multiprocess_mode="livesum",
        )  # fmt: skip
        self._connections = Gauge(
            "daybook_pool_connections", "Connections to the database by what they do.", ["state"],
            registry=self.registry, multiprocess_mode="livesum",
        )  # fmt: skip

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one request; `seconds` None for a stream, whose length says nothing."""
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def stream(self, change: int) -> None:
        """A stream opened (1) or ended (-1)."""
        self._streams.inc(change)

    def watch(self, engine: Engine) -> None:
        """Count the connections of a pool from now on."""
        using, open_ = self._connections.labels("in use"), self._connections.labels("open")
        event.listen(engine, "checkout", lambda *_: using.inc())
        event.listen(engine, "checkin", lambda *_: using.dec())
        event.listen(engine, "connect", lambda *_: open_.inc())
        event.listen(engine, "close", lambda *_: open_.dec())

    def text(self) -> bytes:
        """Everything that the processes of this machine counted, in the form of Prometheus."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        if self.folder is None:
            return generate_latest(self.registry)
        _forget_the_dead(self.folder)
        gathered = CollectorRegistry()
        MultiProcessCollector(gathered, path=str(self.folder))
        return generate_latest(gathered)


@contextlib.contextmanager
def shared_folder(home: Path, memory: Path = MEMORY) -> Iterator[Path]:
    """A folder for the counters of this process and its children. It begins empty and goes with the process.

    To be opened before the children are forked. It lies in memory where the system offers that, else in `home`: who
    writes to a mapped file on a disk that is full is killed by the system, and so would be every process anew.
    """
    parent = _own(memory) or home / "metrics"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if old.name.isdigit() and not _is_alive(int(old.name)):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / str(os.getpid())
    folder.mkdir(exist_ok=True)
    share_metrics(folder)
    try:
        yield folder
    finally:
        share_metrics(None)
        shutil.rmtree(folder, ignore_errors=True)


def _own(memory: Path) -> Path | None:
    """A folder there that only this user reads; None where there can be none, or where somebody else made it."""
    parent = memory / f"daybook-{os.getuid()}"
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return parent if parent.stat().st_uid == os.getuid() and parent.is_dir() and not parent.is_symlink() else None


def announce(folder: Path | None, part: str) -> None:
    """Let the other processes know which part this one is."""
    if folder is not None and folder.is_dir():
        (folder / f"{_PART}{os.getpid()}").write_text(part)


def memory(folder: Path | None) -> dict[str, int]:
    """Resident bytes of every process of this installation on this machine, by its part; Linux only, else empty."""
    found: dict[str, int] = {}
    for path in sorted(folder.glob(f"{_PART}*")) if folder is not None else ():
        size = _resident(path.name.removeprefix(_PART))
        if size is not None:
            part = path.read_text()
            found[part] = found.get(part, 0) + size
    if not found and (own := _resident("self")) is not None:
        found["web"] = own
    return found


def _resident(process: str) -> int | None:
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    size: Any = next((line.split()[1] for line in text.splitlines() if line.startswith("VmRSS:")), None)
    return int(size) * 1024 if size else None


def _forget_the_dead(folder: Path) -> None:
    """Take away what only living processes have: their gauges. Their counters stay, else totals would fall."""
    for path in folder.glob("gauge_live*_*.db"):
        number = path.stem.rpartition("_")[2]
        if number.isdigit() and not _is_alive(int(number)):
            path.unlink(missing_ok=True)


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
