"""All clocks of a large house: `python -m benchmarks.clocks [stays]`.

Processor time of the engine on facts in memory; of gathering, computing and storing every stay in batches, first from
nothing, then when nothing has changed; and the memory that a sweep holds, which batches keep flat. Every rule is kept,
not only those that are shown. Printed is processor time, of this process and of the server's, because a busy machine
has less of it.
"""

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg

from app.clocks import commands
from app.clocks.engine import obligations
from app.clocks.gather import gather
from app.clocks.registry import RULES
from app.clocks.upkeep.sweeping import batches, sweep
from app.platform import work
from app.platform.db import open_engine
from app.platform.work import begin, everywhere, reading
from benchmarks._machine import machine
from benchmarks.ingest import database
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import World

MORNING = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
WHO = everywhere("bench")
PAYERS = ("MEDICARE", "MEDICARE ADVANTAGE", "MEDICAID", "BLUE PPO", "SELF PAY")


def fill(world: World, stays: int) -> None:
    """Open stays of all kinds of payers: three in four inpatient, some from observation, most with an expected date."""
    with begin(WHO, at=MORNING) as writing:
        found = [
            insert_stay(
                writing,
                world,
                StaySpec(
                    unit=f"U{number % 40}",
                    room=str(100 + number // 40),
                    start=MORNING - timedelta(days=number % 11, hours=number % 24),
                    expected=MORNING + timedelta(days=number % 6 - 1, hours=3) if number % 5 else None,
                    patient_class="OBS" if number % 4 == 0 else "IP",
                    payer=PAYERS[number % len(PAYERS)],
                ),
            )
            for number in range(stays)
        ]
        names = [PAYERS[number % len(PAYERS)] for number in range(stays)]
        writing.connection.execute(
            "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name)"
            " select e.id, e.facility_id, 1, given.name, given.name"
            " from unnest(%s::uuid[], %s::text[]) as given (id, name) join encounter e on e.id = given.id",
            (found, names),
        )


def server(pid: int) -> float:
    """Seconds that one backend has worked."""
    return sum(psutil.Process(pid).cpu_times()[:2])


def measured(step: Callable[[], object]) -> str:
    """Processor time of a step, here and in the backend that serves this process."""
    with reading(WHO) as view:
        backend = int(view.value("select pg_backend_pid()"))
    began, own, other = time.perf_counter(), time.process_time(), server(backend)
    step()
    own, other = time.process_time() - own, server(backend) - other
    wall = time.perf_counter() - began
    return f"{own + other:5.2f} s CPU ({own:.2f} here, {other:.2f} PostgreSQL), {wall:.2f} s on the clock"


def most_held(step: Callable[[], object]) -> float:
    """The most memory that a step holds at once, in MiB; it runs several times as long while this is watched."""
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def in_memory(limit: int) -> tuple[float, int]:
    """Processor seconds of the engine alone for so many stays, and how many obligations it gave."""
    with reading(WHO, at=MORNING) as view:
        facts = [one for stays in batches(view) for one in gather(view, stays)][:limit]
    own = time.process_time()
    count = sum(len(obligations(one)) for one in facts)
    return time.process_time() - own, count


def main(arguments: Sequence[str]) -> None:
    stays = int(arguments[0]) if arguments else 5000
    print(machine())
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder, database(Path(folder)) as addresses:
        engine = open_engine(addresses.app, size=1)
        work.connect(engine)
        commands.show(())
        world = World(addresses)
        fill(world, stays)
        with psycopg.connect(addresses.owner, autocommit=True) as owner:
            owner.execute("analyze")
        commands.show(RULES)
        print(f"all of {stays} stays from nothing       {measured(lambda: sweep(MORNING))}")
        with reading(WHO) as view:
            print(f"obligations stored                {view.value('select count(*) from obligation'):5d}")
        print(f"again, when nothing has changed   {measured(lambda: sweep(MORNING))}")
        seconds, count = in_memory(stays)
        print(f"the engine alone                  {seconds:5.2f} s CPU, {count} obligations")
        print(f"most that a sweep holds at once   {most_held(lambda: sweep(MORNING)):5.1f} MiB")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
