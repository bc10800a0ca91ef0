"""Parts of the program as processes that tests may kill: forked from one that has loaded them, so that a new one stands
within milliseconds."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Self

from app import reactions
from app.interop.mllp import Listening, run_listeners
from app.jobs import DUTIES
from app.platform import now as clock
from app.platform import work
from app.platform.db import open_engine
from app.platform.queue import run_worker

ROOT = Path(__file__).parents[2]


def _connect(url: str) -> None:
    work.connect(open_engine(url, size=5))
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)


def _skew(seconds: float) -> None:
    """From here on the wall clock of this process is wrong by so much; the database's is not."""
    if seconds:
        shift = timedelta(seconds=seconds)
        clock.datetime = SimpleNamespace(now=lambda zone: datetime.now(zone) + shift)  # type: ignore[misc, assignment]


def listener(url: str, port: int, skew: float = 0.0) -> None:
    """The HL7 listener; ends only when it is killed."""
    _skew(skew)
    _connect(url)
    asyncio.run(run_listeners(Listening(port=port), asyncio.Event()))


def applier(url: str, skew: float = 0.0) -> None:
    """The worker with all its duties, applying messages among them; ends only when it is killed."""
    _skew(skew)
    _connect(url)
    asyncio.run(run_worker(url, DUTIES, asyncio.Event()))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fork a part for every line of standard input, and answer with the number of its process."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    _say("ready")
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            {"listener": listener, "applier": applier}[name](*arguments)
            os._exit(0)
        _say(str(child))


class Nursery:
    """The process from which the parts are forked; at its end it takes all of them with it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.processes"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        self._read()
        self._children: list[int] = []
        return self

    def __exit__(self, *_: object) -> None:
        for child in list(self._children):
            self.kill(child)
        self._process.communicate(timeout=10)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def start(self, *call: object) -> int:
        """Start a part; returns its process number."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        child = int(self._read())
        self._children.append(child)
        return child

    def kill(self, child: int) -> None:
        """SIGKILL, without a warning; returns when the process is gone."""
        self._children.remove(child)
        os.kill(child, signal.SIGKILL)
        while True:
            try:
                os.kill(child, 0)
            except ProcessLookupError:
                return
            time.sleep(0.001)


class Part:
    """One part that is started anew whenever it has been killed."""

    def __init__(self, nursery: Nursery, *call: object) -> None:
        self._nursery = nursery
        self._call = call
        self.kills = 0
        self._child = nursery.start(*call)

    def kill(self) -> None:
        """Kill it and start it again."""
        self._nursery.kill(self._child)
        self.kills += 1
        self._child = self._nursery.start(*self._call)


if __name__ == "__main__":
    main()
