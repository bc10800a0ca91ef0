"""A list as a file: `python -m benchmarks.export [stays] [rounds]`.

Measured is what is asked of one person's click: the SELECT, the words, the file. The floor is the same SELECT alone. A
second line for each form tells what writing the file costs without the database.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from app import reactions
from app.platform import work
from app.platform.db import open_engine
from app.platform.work import reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.worklists import queries
from app.worklists.out.files import csv_file, xlsx_file
from app.worklists.out.paper import pdf_file
from app.worklists.out.taking import Taken, take
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from benchmarks.page import database, fill
from tests.support.world import World

WRITERS: dict[str, Callable[[Taken], bytes]] = {"csv": csv_file, "xlsx": xlsx_file, "pdf": pdf_file}


def taken(viewer: Viewer) -> Taken:
    """The whole list of inpatients."""
    with reading(viewer) as db:
        return take(Ask(REGISTRY, REGISTRY.lists["inpatient"], View("inpatient"), db, viewer), "Dana Whitlow, RN")


def rows(viewer: Viewer) -> int:
    """The floor: the same rows as the page asks for them."""
    with reading(viewer) as db:
        return len(queries.rows(Ask(REGISTRY, REGISTRY.lists["inpatient"], View("inpatient"), db, viewer)))


def timed(deed: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round, sorted; one before them does not count."""
    deed()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        deed()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)


def main(stays: int = 400, rounds: int = 30) -> None:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name, database(Path(name)) as addresses:
        work.connect(open_engine(addresses.app))
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        world = World(addresses)
        fill(world, stays)
        with psycopg.connect(addresses.owner, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        viewer = world.viewer("dana").acting(Permission.LIST_EXPORT)
        list_out = taken(viewer)
        base = statistics.median(timed(lambda: rows(viewer), rounds))
        print(f"{len(list_out.rows)} stays, {len(list_out.exports)} values a stay; the SELECT alone {base:.1f} ms")
        for form, write in WRITERS.items():
            whole = timed(lambda write=write: write(taken(viewer)), rounds)  # type: ignore[misc]
            alone = timed(lambda write=write: write(list_out), rounds)  # type: ignore[misc]
            print(
                f"{form:5} p50 {statistics.median(whole):6.1f} ms, slowest {whole[-1]:6.1f} ms;"
                f" file alone p50 {statistics.median(alone):6.1f} ms, {len(write(list_out)) // 1024} KiB"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
