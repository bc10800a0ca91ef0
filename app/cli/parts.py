"""Parts of a running installation, each the main function of a process: pages, background work, HL7 listener."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, parent_process

import uvicorn
from litestar.concurrency import set_asyncio_executor

from app.cli.house import connected
from app.interop.mllp import Listening, run_listeners
from app.jobs import DUTIES
from app.main import create_app
from app.platform import log
from app.platform.metrics.meters import announce
from app.platform.postgres import Addresses
from app.platform.queue import run_worker
from app.security import sealed
from app.settings import Settings, metrics_folder

_log = logging.getLogger(__name__)
# Pages that a process makes at once. Python works on one of them at a time; more would only wait on more connections of
# the database, each with its own plans in memory.
PAGES_AT_ONCE = 3
GRACE_SECONDS = 3  # open event streams end by then; pages take milliseconds


@dataclass(frozen=True, slots=True)
class Part:
    """What a process needs to know."""

    settings: Settings
    addresses: Addresses


class _Server(uvicorn.Server):
    """The web server without handlers of its own that would raise the signal again after a clean stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        signal.signal(signal.SIGTERM, self.handle_exit)
        yield


def web(part: Part, sockets: list[socket.socket]) -> None:
    """Serve pages on these listening sockets until told to stop."""
    begin_part("web")
    set_asyncio_executor(ThreadPoolExecutor(PAGES_AT_ONCE, thread_name_prefix="page"))
    config = uvicorn.Config(
        create_app(part.settings, part.addresses), http="httptools", ws="none", lifespan="on", access_log=False,
        log_config=None, server_header=False, proxy_headers=False, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip
    _Server(config).run(sockets=sockets)


def worker(part: Part) -> None:
    """Do the background work until told to stop."""
    begin_part("worker")
    if parent_process() is not None:
        os.nice(5)  # on one machine pages go first
    sealed.use(part.settings.secret_keys)
    with connected(part.addresses):
        asyncio.run(_until_told(lambda stop: run_worker(part.addresses.app, DUTIES, stop)))


def mllp(part: Part, listening: Listening) -> None:
    """Take HL7 messages on the shared port and on the ports of feeds until told to stop."""
    begin_part("mllp")
    with connected(part.addresses):
        asyncio.run(_until_told(lambda stop: run_listeners(listening, stop)))


async def _until_told(run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if number == signal.SIGTERM or parent_process() is None:
            loop.add_signal_handler(number, stop.set)
    await run(stop)


def begin_part(part: str) -> None:
    """What every process does first.

    A parent decides when to stop, so an interrupt from the keyboard is left to it, and its death is the end.
    """
    log.install()
    announce(metrics_folder(), part)
    _log.info("part began", extra={"part": part})
    parent = parent_process()
    if parent is None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True, name="parent").start()


def _leave_with(sentinel: int) -> None:
    connection.wait([sentinel])
    signal.raise_signal(signal.SIGTERM)
