"""The demonstration as a whole: `python -m benchmarks.memory [days]`.

Time to the first page, to the whole history, of a second start, and the memory of all its processes, pages that they
share counted once.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from benchmarks._machine import machine

LIMIT_SECONDS = 1800


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Demonstration:
    """A running `daybook demo` in a home folder of its own."""

    def __init__(self, home: Path, days: int) -> None:
        self.home, self.days, self.port = home, days, free_port()
        self.most = 0.0

    def start(self) -> float:
        """Seconds until the first page is answered."""
        began = time.monotonic()
        environment = {**os.environ, "DAYBOOK_HOME": str(self.home)}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "app", "demo", "--days", str(self.days), "--port", str(self.port),
                   "--mllp-port", str(free_port())]  # fmt: skip
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        while True:
            self.measure()
            with contextlib.suppress(urllib.error.URLError, TimeoutError, OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sign-in", timeout=0.5).read()
                return time.monotonic() - began
            assert self.process.poll() is None, "the demonstration ended by itself"
            assert time.monotonic() - began < LIMIT_SECONDS
            time.sleep(0.1)

    def progress(self) -> int:
        """Messages of the history that were sent so far."""
        return int(json.loads((self.home / "demo.json").read_text())["history"])

    def until_filled(self) -> tuple[float, int]:
        """Seconds until the feed has ended, which it does when all is applied, and the messages sent."""
        began = time.monotonic()
        parent = psutil.Process(self.process.pid)
        while len(parent.children()) > 3:  # pages, background work, listener; the feed is the fourth
            self.measure()
            assert time.monotonic() - began < LIMIT_SECONDS
            time.sleep(1)
        return time.monotonic() - began, self.progress()

    def measure(self) -> float:
        """MiB of all processes now; the most is kept."""
        total = 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                full = process.memory_full_info()
                total += getattr(full, "pss", full.uss)
        self.most = max(self.most, total / 2**20)
        return total / 2**20

    def _processes(self) -> list[psutil.Process]:
        roots = [self.process.pid]
        with contextlib.suppress(OSError, ValueError, IndexError):
            number = int((self.home / "pg" / "postmaster.pid").read_text().splitlines()[0])
            roots.append(abs(number))  # negative while the folder is being made
        found: list[psutil.Process] = []
        for root in roots:
            with contextlib.suppress(psutil.Error):
                found += [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
        return found

    def stop(self) -> float:
        """Seconds until everything has ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began


def main(days: int = 120) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        Path(name).chmod(0o755)
        demonstration = Demonstration(Path(name), days)
        first = demonstration.start()
        filled, messages = demonstration.until_filled()
        filling = demonstration.most
        time.sleep(3)
        rest = demonstration.measure()
        ended = demonstration.stop()
        again = demonstration.start()
        demonstration.stop()
    print(machine())
    print(f"first page after {first:.1f} s (without installation); target 180 s with it")
    print(f"history of {days} days, {messages} messages, after {first + filled:.0f} s; target 900 s")
    print(f"second start: page after {again:.1f} s; target 10 s. Stop: {ended:.1f} s")
    print(f"memory of all processes: at most {filling:.0f} MiB while filling, {rest:.0f} MiB at rest; target 1024 MiB")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:2]))
