"""Parts of the program as real processes of an installation: `daybook serve` and others, to be killed at will."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from app.platform.metrics.meters import MEMORY
from tests.support.ports import free_port

PR_SET_PDEATHSIG = 1
ROOT = Path(__file__).parents[3]
PATIENCE = 240.0  # for what takes seconds on a quiet machine


def until(holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Wait until it comes to hold; returns the seconds that it took. `what` says what did not happen."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, what
        time.sleep(0.03)
    return time.monotonic() - began


@dataclass
class Host:
    """One machine that runs Daybook: its address, its folder, the database that it shares with others."""

    folder: Path
    database: str
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    mllp_port: int = field(default_factory=free_port)
    prefix: Sequence[str] = ()
    more: dict[str, str] = field(default_factory=dict)
    log: Path | None = None  # where its processes write their lines, `said` in its folder by default
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What its processes read."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAYBOOK_", "DATABASE_"))}
        return {**kept, "DAYBOOK_HOME": str(self.folder), "DAYBOOK_INSECURE_COOKIES": "1",
                **({"DATABASE_URL": self.database} if self.database else {}), **self.more}  # fmt: skip

    @property
    def pages(self) -> str:
        """Address of the pages."""
        return f"http://{self.address}:{self.port}"

    @property
    def said(self) -> str:
        """What its processes wrote into the log."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.log or self.folder / "said"

    def start(self, *words: str) -> None:
        """`daybook serve`, in a process group of its own; returns when it says that it is ready."""
        self.folder.mkdir(exist_ok=True)
        ports = ["--host", self.address, "--port", str(self.port), "--mllp-port", str(self.mllp_port)]
        with self._log.open("a") as file:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "app", "serve", *ports, *words], cwd=ROOT, env=self.environment,
                stderr=file, stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_us,
            )  # fmt: skip
        try:
            until(lambda: self.status("/readyz") == 200, "the installation did not start")
        except AssertionError as error:
            error.add_note(self.said[-3000:])
            raise

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command on this machine, to its end."""
        return subprocess.run([sys.executable, "-m", "app", *words], cwd=ROOT, env=self.environment, text=True,
                              capture_output=True, check=False, timeout=300)  # fmt: skip

    def answers(self, path: str) -> bool:
        """Whether a page is served."""
        return self.status(path) == 200

    def status(self, path: str) -> int:
        """Status of a page; 0 where nobody answers."""
        try:
            return httpx.get(f"{self.pages}{path}", timeout=20, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def parts(self) -> list[psutil.Process]:
        """Its parts that live."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children()
            return [one for one in children if _lives(one)]
        return []

    def part(self, name: str) -> psutil.Process:
        """The living part of this name (web, worker, mllp), by what it tells those that count together."""
        found: list[psutil.Process] = []

        def stands() -> bool:
            found[:] = [one for one in self.parts() if self._name(one.pid) == name]
            return bool(found)

        until(stands, f"the part {name} did not return")
        return found[0]

    def _name(self, number: int) -> str:
        assert self.process is not None
        places = (MEMORY / f"daybook-{os.getuid()}", self.folder / "metrics")
        for place in places:
            with contextlib.suppress(OSError):
                return (place / str(self.process.pid) / f"part_{number}").read_text()
        return ""

    def kill_part(self, name: str) -> None:
        """SIGKILL to one part; returns when its successor stands."""
        before = self.part(name)
        before.kill()
        until(lambda: self.part(name).pid != before.pid, f"the part {name} did not return")

    def die(self) -> None:
        """All processes of the machine at once, without a farewell of the program."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        """Stop it as an administrator does; the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(60)


def _end_with_us() -> None:
    """A run of the tests that is killed leaves no installation behind, on Linux; its parts leave with their parent."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def served(host: Host, *words: str) -> Iterator[Host]:
    """The host serves for as long as the block lasts."""
    host.start(*words)
    try:
        yield host
    finally:
        host.die()
