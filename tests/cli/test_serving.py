"""The program as it runs: several processes under one parent, which may be stopped or killed at any instant."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from app.cli import EnvironmentFault, supervisor
from app.cli.supervisor import Child, Supervisor
from app.demo.cast import PASSWORD
from app.interop.framing import END, frame
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
MESSAGE = (
    "MSH|^~\\&|EHR|NORTH|UR|HUB|20260305081500||ADT^A01^ADT_A01|C1|P|2.5.1\r"
    "EVN|A01|20260305081500\r"
    "PID|1||1^^^NORTH^MR||TESTER^ALMA||19500101|F\r"
    "PV1|1|I|4W^412^B||||||||||||||||V1^^^NORTH^VN|||||||||||||||||||||||||20260305080000\r"
)


def soon(holds: Callable[[], bool], seconds: float = 180.0) -> bool:
    """Whether it comes to hold; the limit is for a machine that does much else at once."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


@dataclass
class Home:
    """An installation in a folder with a short name, as sockets of the database need it."""

    folder: Path
    port: int = field(default_factory=free_port)
    mllp_port: int = field(default_factory=free_port)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "app", *words], cwd=ROOT, env=self._environment(), capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip

    @contextlib.contextmanager
    def running(self, name: str, *words: str) -> Iterator["Running"]:
        """`serve` or `demo` on the ports of this home, killed in the end if a test failed to stop it."""
        ports = ["--port", str(self.port), "--mllp-port", str(self.mllp_port)]
        said = self.folder / "said"
        with said.open("w") as file, subprocess.Popen([sys.executable, "-m", "app", name, *ports, *words], cwd=ROOT,
                                                      env=self._environment(), stderr=file) as process:  # fmt: skip
            try:
                yield Running(self, process, said)
            finally:
                if process.poll() is None:
                    process.kill()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAYBOOK_", "DATABASE_"))}
        return {**kept, "DAYBOOK_HOME": str(self.folder), "DAYBOOK_INSECURE_COOKIES": "1"}

    def count(self, table: str) -> int:
        """Rows of a table, read past the program."""
        with psycopg.connect(f"postgresql://postgres@/daybook?host={self.folder}/pg") as owner:
            row = owner.execute(f"select count(*) from {table}").fetchone()
        return int(row[0]) if row else 0

    def database_runs(self) -> bool:
        return (self.folder / "pg" / "postmaster.pid").exists()


@dataclass
class Running:
    """A parent and its parts."""

    home: Home
    process: subprocess.Popen[bytes]
    said_in: Path

    @property
    def said(self) -> str:
        return self.said_in.read_text()

    def get(self, path: str) -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{self.home.port}{path}", timeout=10).status_code
        except httpx.TransportError:
            return 0

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="daybook-"))
    folder.chmod(0o755)
    made = Home(folder)
    yield made
    if made.database_runs():
        made.command("migrate")  # takes the dead off the list of users and stops the server
    shutil.rmtree(folder, ignore_errors=True)


def send(port: int, text: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(frame(text.encode()))
        answer = b""
        while END not in answer:
            answer += line.recv(4096)
    return answer


def test_serve_survives_the_death_of_its_parts_and_stops_cleanly(home: Home):
    assert home.command("facility", "add", "NORTH", "--name", "North", "--timezone", "America/Chicago", "--kind",
                        "acute").returncode == 0  # fmt: skip
    assert not home.database_runs()
    with home.running("serve") as serving:
        assert soon(lambda: serving.get("/readyz") == 200), serving.said
        assert re.search(r"/set-up and enter the code \w{4}-\w{4}-\w{4}", serving.said)
        for part in serving.parts():
            part.kill()
        assert soon(lambda: len(serving.parts()) == 3 and serving.get("/readyz") == 200), serving.said
        assert soon(lambda: b"MSA|AA|C1" in send(home.mllp_port, MESSAGE))
        assert soon(lambda: home.count("inbound_message") == 1 and home.count("inbound_pending") == 0)

        taken = home.command("serve", "--port", str(home.port), "--mllp-port", "0")
        assert taken.returncode == 3 and f"Port {home.port}" in taken.stderr

        assert serving.stop() == 0, serving.said
    assert not home.database_runs()


def test_parts_leave_with_a_parent_that_is_killed_and_nothing_needs_repair(home: Home):
    with home.running("serve") as serving:
        assert soon(lambda: serving.get("/healthz") == 200), serving.said
        parts = serving.parts()
        serving.stop(signal.SIGKILL)
        assert soon(lambda: not any(part.is_running() and part.status() != psutil.STATUS_ZOMBIE for part in parts))
    with home.running("serve") as again:
        assert soon(lambda: again.get("/readyz") == 200), again.said
        assert again.stop(signal.SIGINT) == 0
    assert not home.database_runs(), "the killed parent must not keep the database running for ever"


def test_demo_shows_today_first_and_keeps_its_data(home: Home):
    small = ("--beds", "20", "--days", "2")
    with home.running("demo", *small) as demo:
        assert soon(lambda: demo.get("/sign-in") == 200), demo.said
        assert PASSWORD in demo.said and "mara" in demo.said
        with httpx.Client(base_url=f"http://127.0.0.1:{home.port}", timeout=60) as browser:
            form = browser.get("/sign-in").text
            token = re.search(r'name="_csrf_token" value="([^"]+)"', form)
            assert token is not None
            browser.post("/sign-in", data={"_csrf_token": token.group(1), "name": "ruth", "password": PASSWORD})
            page = browser.get("/worklists/inpatient")
        assert page.status_code == 200 and page.text.count("<tbody") > 5  # who lies where, the hour decides
        assert soon(lambda: "caught up" in demo.said), demo.said
        stays = home.count("encounter")
        assert home.command("doctor", "--deep").returncode == 0
        assert demo.stop() == 0
    with home.running("demo") as again:
        assert soon(lambda: again.get("/healthz") == 200), again.said
        assert soon(lambda: "caught up" in again.said), again.said
        assert home.count("encounter") >= stays > 20
        assert again.stop() == 0
    other = home.command("demo", "--beds", "30", "--port", str(home.port), "--mllp-port", "0")
    assert other.returncode == 2 and "--fresh" in other.stderr


def test_demo_does_not_touch_a_real_installation(home: Home):
    home.command("facility", "add", "NORTH", "--name", "N", "--timezone", "America/Chicago", "--kind", "acute")
    ports = ("--port", str(home.port), "--mllp-port", "0")

    for words in (("demo", *ports), ("demo", "--fresh", *ports)):
        refused = home.command(*words)
        assert refused.returncode == 3 and "installation" in refused.stderr
    assert (home.folder / "pg" / "PG_VERSION").exists()


def _die() -> None:
    sys.exit(1)


def test_a_part_that_dies_again_and_again_ends_the_attempt(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_SECONDS", 0.01)
    parent = Supervisor()
    parent.start(Child("web 1", _die, ()))

    with pytest.raises(EnvironmentFault, match="web 1 dies again and again"):
        parent.run()
    assert parent.children == []
