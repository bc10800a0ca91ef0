"""Background work: a job is there if and only if its transaction is, and no death of a process stops a duty."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import psycopg
import pytest

from app.kernel.events import Event
from app.platform import queue
from app.platform.postgres import Addresses
from app.platform.queue import Deferral, Duties, Schedule, Standing, run_worker
from app.platform.work import begin, everywhere
from tests.support.asynchronous import run_async


@dataclass(frozen=True, slots=True, kw_only=True)
class BellRung(Event):
    """Something worth a job happened."""

    name: ClassVar[str] = "bell.rung"


@contextlib.contextmanager
def working(addresses: Addresses, duties: Duties) -> Iterator[None]:
    """A worker with these duties, in a thread with an event loop of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run_worker(addresses.app, duties, stop)))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=15)
        assert not thread.is_alive(), "the worker does not stop"
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def soon(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether this becomes true within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def listens(addresses: Addresses) -> bool:
    """Whether the job library hears of new jobs."""
    query = "select from pg_stat_activity where datname = current_database() and query ilike 'listen %procrastinate%'"
    with psycopg.connect(addresses.owner) as connection:
        return connection.execute(query).fetchone() is not None


def waiting(addresses: Addresses) -> int:
    with psycopg.connect(addresses.owner) as connection:
        row = connection.execute("select count(*) from procrastinate_jobs where status = 'todo'").fetchone()
        assert row is not None
        return int(row[0])


def test_a_job_of_a_transaction_that_was_undone_never_runs(database: Addresses):
    done: list[int] = []
    duties = Duties(jobs={"ring": lambda number: done.append(number)})

    with pytest.raises(ZeroDivisionError), begin(everywhere("test")) as work:
        work.record(BellRung())
        work.later("ring", number=1)
        raise ZeroDivisionError
    with begin(everywhere("test")) as work:
        work.record(BellRung())
        work.later("ring", number=2)

    with working(database, duties):
        assert soon(lambda: done == [2])
        assert soon(lambda: waiting(database) == 0)
    assert done == [2]


def test_a_committed_job_runs_at_once_and_not_at_the_next_look(database: Addresses, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "LOOK_SECONDS", 600.0)
    ran: list[int] = []
    with working(database, Duties(jobs={"ring": lambda: ran.append(1)})):
        assert soon(lambda: listens(database))
        with begin(everywhere("test")) as work:
            work.record(BellRung())
            work.later("ring")
        assert soon(lambda: bool(ran)), "the worker is woken by the commit"


def test_once_means_that_at_most_one_waits(database: Addresses):
    for _ in range(3):
        with begin(everywhere("test")) as work:
            work.record(BellRung())
            work.later("ring", once="ring")
    assert waiting(database) == 1


def test_a_worker_that_never_reached_its_database_stops_and_leaves_nothing_running():
    async def live_and_stop() -> set[str]:
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker("postgresql://nobody@127.0.0.1:1/nothing", Duties(), stop))
        await asyncio.sleep(0.3)
        stop.set()
        await asyncio.wait_for(worker, 10)
        return {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}}

    assert run_async(live_and_stop()) == set()


def test_a_duty_whose_watch_ends_ends_the_worker():
    """A process that lives on without one of its duties would look healthy, and nobody would start it anew."""

    async def live() -> None:
        await asyncio.wait_for(run_worker("not an address = at all", Duties(), asyncio.Event()), 10)

    with pytest.raises(psycopg.ProgrammingError):
        run_async(live())


def test_a_waiting_job_is_not_begun_before_what_relies_on_it_is_committed(database: Addresses):
    """Else the worker would look before our change can be seen, and nobody would look again."""
    with begin(everywhere("test")) as work:
        work.record(BellRung())
        work.later("ring", once="ring")
    free = "select count(*) from (select from procrastinate_jobs where status = 'todo' for update skip locked) job"
    with begin(everywhere("test")) as work, psycopg.connect(database.app, autocommit=True) as worker:
        work.record(BellRung())
        work.later("ring", once="ring")

        assert worker.execute(free).fetchone() == (0,)
    assert waiting(database) == 1


def test_a_job_that_fails_is_tried_again(database: Addresses):
    tries: list[int] = []

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError

    with working(database, Duties(jobs={"ring": fail_once})):
        with begin(everywhere("test")) as work:
            work.record(BellRung())
            work.later("ring")
        assert soon(lambda: len(tries) == 2, 60)


def test_a_schedule_runs_its_job(database: Addresses):
    ran: list[int] = []
    duties = Duties(jobs={"ring": lambda: ran.append(1)}, schedules=(Schedule("ring", "* * * * * */1"),))
    with working(database, duties):
        assert soon(lambda: bool(ran))


def test_a_failing_duty_does_not_stop_the_others(database: Addresses):
    failed, done = [], []

    def fail() -> bool:
        failed.append(1)
        raise ValueError

    def do() -> bool:
        done.append(1)
        return False

    duties = Duties(standing=(Standing("fails", fail, seconds=0.05), Standing("works", do, seconds=0.05)))
    with working(database, duties):
        assert soon(lambda: len(failed) > 2 and len(done) > 2)


def test_a_notification_wakes_a_duty(database: Addresses):
    runs: list[int] = []

    def do() -> bool:
        runs.append(1)
        return False

    with working(database, Duties(standing=(Standing("waits", do, channel="daybook_bell", seconds=600),))):
        assert soon(lambda: len(runs) == 1)
        time.sleep(0.2)
        with psycopg.connect(database.app, autocommit=True) as connection:
            connection.execute("notify daybook_bell")
        assert soon(lambda: len(runs) == 2)


def test_a_stop_waits_for_the_duty_and_its_lock(database: Addresses):
    began, ended = threading.Event(), threading.Event()

    def slow() -> bool:
        began.set()
        time.sleep(0.7)
        ended.set()
        return False

    with working(database, Duties(standing=(Standing("slow", slow, seconds=60),))):
        assert began.wait(10)
    assert ended.is_set()


def test_duties_go_on_after_the_database_was_away(database: Addresses):
    runs: list[int] = []

    def do() -> bool:
        runs.append(1)
        return False

    rung: list[int] = []
    duties = Duties(jobs={"ring": lambda: rung.append(1)}, standing=(Standing("stands", do, seconds=0.05),))
    with working(database, duties):
        assert soon(lambda: bool(runs) and alive(database))
        with psycopg.connect(database.owner, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        before = len(runs)
        assert soon(lambda: len(runs) > before)
        with psycopg.connect(database.app) as connection:
            queue.defer(connection, Deferral("ring"))
        assert soon(lambda: bool(rung), 60)


def alive(addresses: Addresses) -> bool:
    with psycopg.connect(addresses.app) as connection:
        return queue.is_stood_for(connection)


def test_a_worker_is_known_while_it_lives(database: Addresses):
    assert not alive(database)
    with working(database, Duties()):
        assert soon(lambda: alive(database))
    assert not alive(database)


def _hold(url: str, mark: str) -> None:
    def note() -> bool:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("insert into bell (who) values (%s)", (mark,))
        return False

    asyncio.run(run_worker(url, Duties(standing=(Standing("bell", note, seconds=0.05),)), asyncio.Event()))


def test_another_process_takes_over_a_duty_when_its_holder_is_killed(database: Addresses):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("create table bell (who text)")
        owner.execute("grant all on bell to daybook_app")

        def rung(by: str) -> bool:
            return bool(owner.execute("select 1 from bell where who = %s", (by,)).fetchone())

        spawn = multiprocessing.get_context("spawn")
        first = spawn.Process(target=_hold, args=(database.app, "first"))
        second = spawn.Process(target=_hold, args=(database.app, "second"))
        first.start()
        try:
            assert soon(lambda: rung("first"))
            second.start()
            time.sleep(1.5)
            assert not rung("second"), "one process at a time does it"
            assert first.pid is not None
            os.kill(first.pid, signal.SIGKILL)
            assert soon(lambda: rung("second"))
        finally:
            for process in (first, second):
                if process.pid is not None:
                    process.kill()
                    process.join()
