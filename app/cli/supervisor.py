"""One parent, several processes: a part that dies is started again, and a stop ends all of them before the database.

The parent opens no connection and starts no thread, so that its children can be forked and share its memory.
"""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from app.cli import EnvironmentFault
from app.platform import log

_log = logging.getLogger(__name__)
SHORTEST_LIFE_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 15.0
MOST_EARLY_DEATHS = 5
PATIENCE_SECONDS = 20.0


def _body(target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a forked child has the parent's way of stopping otherwise
    with log.LastWord():
        target(*arguments)


@dataclass
class Child:
    """A part to keep alive. `lasting` False: it may end by itself when its work is done."""

    name: str
    target: Callable[..., None]
    arguments: tuple[Any, ...]
    lasting: bool = True
    process: BaseProcess | None = None
    began: float = 0.0
    early_deaths: int = 0
    start_at: float = 0.0


@dataclass
class Supervisor:
    """Starts the children, watches them, stops them. Raises EnvironmentFault when one cannot be kept alive."""

    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._told = False
        self._wake, self._waker = os.pipe()

    def catch_signals(self) -> None:
        """From here on SIGTERM and SIGINT mean: stop everything, in order. A second one changes nothing."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True
        os.write(self._waker, b"!")

    @property
    def told_to_stop(self) -> bool:
        """Whether a signal to stop has come."""
        return self._told

    def start(self, child: Child) -> Child:
        """Start a child now and keep it from here on."""
        if child not in self.children:
            self.children.append(child)
        child.process = self._context.Process(target=_body, args=(child.target, child.arguments), name=child.name)  # type: ignore[attr-defined]
        child.process.start()
        child.began, child.start_at = time.monotonic(), 0.0
        return child

    def wait_for(self, child: Child, event: Any) -> bool:
        """Wait until the child has set `event`. False when it died before or everything is to stop."""
        while not self._told and not event.is_set():
            self._look(0.1)
            if child.process is None or not child.process.is_alive():
                return bool(event.is_set())
        return bool(event.is_set())

    def run(self) -> None:
        """Watch over the children until a signal comes, then stop them."""
        try:
            while not self._told:
                self._look(1.0)
        finally:
            self.stop()

    def _look(self, seconds: float) -> None:
        running = [child.process.sentinel for child in self.children if child.process is not None]
        pauses = [child.start_at - time.monotonic() for child in self.children if child.start_at]
        connection.wait([*running, self._wake], timeout=max(0.0, min([seconds, *pauses])))
        if self._told:
            return
        for child in list(self.children):
            if child.process is not None and not child.process.is_alive():
                self._bury(child)
            elif child.process is None and child.start_at and child.start_at <= time.monotonic():
                self.start(child)

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        child.process.join()
        status, lived = child.process.exitcode, time.monotonic() - child.began
        child.process = None
        if not child.lasting and status == 0:
            self.children.remove(child)
            return
        _log.error("part died", extra={"part": child.name, "status": status, "seconds": round(lived, 1)})
        child.early_deaths = child.early_deaths + 1 if lived < SHORTEST_LIFE_SECONDS else 0
        if child.early_deaths >= MOST_EARLY_DEATHS:
            raise EnvironmentFault(f"The part {child.name} dies again and again. The lines above say where.")
        child.start_at = time.monotonic() + min(0.2 * 2**child.early_deaths, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """Tell all children to stop and wait for them; one that does not listen is killed."""
        living = [child.process for child in self.children if child.process is not None]
        for process in living:
            process.terminate()
        end = time.monotonic() + PATIENCE_SECONDS
        for process in living:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                _log.error("part does not stop and is killed", extra={"part": process.name})
                process.kill()
                process.join()
        self.children.clear()
