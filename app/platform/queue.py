"""Background work behind one seam.

Jobs (procrastinate) are put into the queue inside our own transaction and run at least once. Standing tasks are short,
endless duties (apply waiting messages, seal the audit trail): each is woken by a notification or the clock, and holds
an advisory lock while it works, so that one process at a time does it and a killed one leaves nothing behind.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

import procrastinate
import psycopg
from procrastinate.worker import Worker

from app.platform import lasting
from app.platform.db import plain_url

_log = logging.getLogger(__name__)
Body = Callable[..., None]
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 2.0  # so often a worker looks for jobs, should a notification be lost
STALLED_SECONDS = 20.0  # a worker that was silent for so long is dead, and its jobs are done again
STOP_SECONDS = 8.0  # how long a stop waits for jobs that are being done
HEIR_SECONDS = 10.0  # so often at least a process asks whether the one that does a duty is gone
ALIVE = "daybook worker alive"


@dataclass(frozen=True, slots=True)
class Deferral:
    """A job to be run: its name, its arguments (never patient data), once, not before."""

    job: str
    arguments: dict[str, Any] = field(default_factory=dict)
    once: str | None = None
    at: datetime | None = None
    queue: str = "default"


def defer(connection: psycopg.Connection[Any], what: Deferral) -> None:
    """Put a job into the queue on this connection, so that it is there if and only if the transaction commits.

    With `once`, a job that waits already is held until our commit: a worker that took it now would not see what we did.
    """
    connection.execute(
        "insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)"
        " values (%s, %s, %s, %s, %s)"
        " on conflict (queueing_lock) where status = 'todo' do update set queueing_lock = excluded.queueing_lock",
        (what.queue, what.job, what.once, json.dumps(what.arguments), what.at),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """An endless duty: `body` returns True when there may be more to do at once.

    Attributes:
        channel: PostgreSQL notification that wakes it, or empty.
        seconds: it runs at least so often.
    """

    name: str
    body: Callable[[], bool]
    channel: str = ""
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job at fixed times, in cron form with UTC hours."""

    job: str
    cron: str


@dataclass(frozen=True, slots=True)
class Duties:
    """Everything that a worker process does (app/jobs.py lists it)."""

    jobs: dict[str, Body] = field(default_factory=dict)
    schedules: tuple[Schedule, ...] = ()
    standing: tuple[Standing, ...] = ()


def job_app(url: str, duties: Duties) -> procrastinate.App:
    """The job library, put together from our list of duties."""
    connector = procrastinate.PsycopgConnector(conninfo=plain_url(url), min_size=1, max_size=4)
    app = procrastinate.App(connector=connector)
    for name, body in duties.jobs.items():
        app.task(name=name, retry=procrastinate.RetryStrategy(max_attempts=6, exponential_wait=4))(_heard(name, body))
    for schedule in duties.schedules:
        _schedule(app, schedule, _heard(schedule.job, duties.jobs[schedule.job]))
    return app


def _heard(name: str, body: Body) -> Body:
    """The body, whose failures are in our log: the library's own words are not, since they may quote a value."""

    @wraps(body)
    def run(*arguments: Any, **more: Any) -> None:
        try:
            body(*arguments, **more)
        except Exception:
            _log.exception("job failed", extra={"task_name": name})
            raise

    return run


def _schedule(app: procrastinate.App, schedule: Schedule, body: Body) -> None:
    def run(timestamp: int) -> None:
        body()

    task = app.task(name=f"{schedule.job}.scheduled", queueing_lock=f"{schedule.job}.scheduled")(run)
    app.periodic(cron=schedule.cron)(task)


async def run_worker(url: str, duties: Duties, stop: asyncio.Event) -> None:
    """Do all duties until `stop` is set. One that fails is logged and tried again; it never ends the others.

    When told to stop, what is being done is finished first. Raises when the watch over a duty itself came to an end,
    so that the process is started anew instead of living on without it.
    """
    tasks = [asyncio.create_task(_stand(url, duty, stop), name=duty.name) for duty in duties.standing]
    tasks.append(asyncio.create_task(_be_known(url, stop), name="alive"))
    connected = asyncio.Event()
    jobs = asyncio.create_task(_work(url, duties, stop, connected), name="jobs")
    told = asyncio.create_task(stop.wait(), name="told to stop")
    try:
        ended, _others = await asyncio.wait([told, jobs, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        stop.set()  # a library may swallow a cancellation, so every loop also looks at this
        for task in (told, *tasks):
            task.cancel()
        if connected.is_set():
            await asyncio.wait([jobs], timeout=STOP_SECONDS)  # it finishes what it is doing and ends by itself
        jobs.cancel()
        await asyncio.gather(told, jobs, *tasks, return_exceptions=True)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _work(url: str, duties: Duties, stop: asyncio.Event, connected: asyncio.Event) -> None:
    """Run jobs, and open the library anew whenever it lost the database. The library may swallow a cancellation."""
    pause = 0.2
    while not stop.is_set():
        app = job_app(url, duties)
        try:
            async with app.open_async():
                connected.set()
                await _work_while_open(app, stop)
        except (psycopg.Error, procrastinate.exceptions.ConnectorException):
            _log.warning("jobs wait for the database")
        finally:
            connected.clear()
            await app.close_async()  # also what was told to stop while it was still opening
        if not stop.is_set():
            await _pause(stop, pause)
            pause = min(pause * 2, 5.0)


async def _work_while_open(app: procrastinate.App, stop: asyncio.Event) -> None:
    worker = Worker(
        app, install_signal_handlers=False, concurrency=2, shutdown_graceful_timeout=5, listen_notify=True,
        fetch_job_polling_interval=LOOK_SECONDS, delete_jobs="successful", update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
    )  # fmt: skip
    closing = asyncio.Event()
    rescue = asyncio.create_task(_rescue(app, closing), name="rescue")
    told = asyncio.create_task(stop.wait(), name="told to stop jobs")
    running = asyncio.create_task(worker.run(), name="job library")
    try:
        await asyncio.wait([running, told], return_when=asyncio.FIRST_COMPLETED)
        worker.stop()  # not by cancelling, which is lost while the worker is still registering itself
        await running
    finally:
        closing.set()
        for task in (rescue, told, running):
            task.cancel()
        await asyncio.gather(rescue, told, running, return_exceptions=True)


async def _rescue(app: procrastinate.App, closing: asyncio.Event) -> None:
    """Put jobs of killed workers back into the queue, again and again: a worker is known as dead only after a while."""
    while not closing.is_set():
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.retry_job(job)
        await _pause(closing, HEARTBEAT_SECONDS)


async def _be_known(url: str, stop: asyncio.Event) -> None:
    """Hold the lock by which others see that a worker is alive; it goes with the connection, however it ends."""
    while not stop.is_set():
        with contextlib.suppress(psycopg.OperationalError):
            async with await lasting.connect(plain_url(url)) as connection:
                await connection.execute("select pg_advisory_lock_shared(hashtext(%s))", (ALIVE,))
                while not stop.is_set():
                    await _pause(stop, HEARTBEAT_SECONDS)
                    await connection.execute("select 1")
        await _pause(stop, 1.0)


def is_stood_for(connection: psycopg.Connection[Any]) -> bool:
    """Whether a worker is alive, on this machine or another: it is connected, and its job library gave a sign of life.

    A connection alone does not prove it: a process that hangs keeps its lock.
    """
    if not is_done_by_somebody(connection, ALIVE):
        return False
    row: Any = connection.execute(
        "select exists (select from procrastinate_workers where last_heartbeat > now() - make_interval(secs => %s))",
        (STALLED_SECONDS,),
    ).fetchone()
    return bool(row[0])


def is_done_by_somebody(connection: psycopg.Connection[Any], duty: str) -> bool:
    """Whether a process, on this machine or another, holds the lock of a standing duty."""
    row: Any = connection.execute(
        "select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 1 and database ="
        " (select oid from pg_database where datname = current_database())"
        " and objid::bigint = (hashtext(%s)::bigint & 4294967295))",
        (duty,),
    ).fetchone()
    return bool(row[0])


async def _stand(url: str, duty: Standing, stop: asyncio.Event) -> None:
    pause = 0.2
    while not stop.is_set():
        try:
            async with await lasting.connect(plain_url(url)) as connection:
                if duty.channel:
                    await connection.execute(f"listen {duty.channel}")
                await _watch_over(connection, duty, stop)
                pause = 0.2
        except psycopg.Error:
            _log.warning("standing task waits for the database", extra={"task_name": duty.name})
            await _pause(stop, pause)
            pause = min(pause * 2, 5.0)


async def _watch_over(connection: psycopg.AsyncConnection[Any], duty: Standing, stop: asyncio.Event) -> None:
    """Run the duty whenever this process holds its lock; the lock ends with the connection."""
    mine = False
    while not stop.is_set():
        if not mine:
            cursor = await connection.execute("select pg_try_advisory_lock(hashtext(%s))", (duty.name,))
            row = await cursor.fetchone()
            mine = bool(row and row[0])
        more = mine and await _to_its_end(duty)
        if not more:
            pause = duty.seconds if mine else min(max(duty.seconds, 2.0), HEIR_SECONDS)
            await _rest(connection, pause, stop, notified=bool(duty.channel) and mine)


async def _to_its_end(duty: Standing) -> bool:
    """Run the body in a thread. Who is told to stop meanwhile keeps the lock until the body has ended."""
    running = asyncio.create_task(asyncio.to_thread(_safely, duty))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _safely(duty: Standing) -> bool:
    try:
        return duty.body()
    except psycopg.OperationalError:
        raise
    except Exception:
        _log.exception("standing task failed", extra={"task_name": duty.name})
        return False


async def _rest(
    connection: psycopg.AsyncConnection[Any], seconds: float, stop: asyncio.Event, *, notified: bool
) -> None:
    if not notified:
        await connection.execute("select 1")
        await _pause(stop, seconds)
        return
    async for _note in connection.notifies(timeout=seconds, stop_after=1):
        return
