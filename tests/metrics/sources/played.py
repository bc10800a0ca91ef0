"""A small simulated hospital of twelve days whose people have reviewed, notified, planned and called."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from app.demo import run
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.interop.inbox import drain
from app.metrics.sources.recorded import recorded
from app.platform.work import everywhere, reading

NOW = datetime(2026, 3, 5, 22, 41, tzinfo=UTC)  # 16:41 in Chicago


def play(folder: Path, seed: int = 4) -> None:
    """Fill the connected database."""
    plan = Plan(seed=seed, beds=20, ltch_beds=4, days=12, now=NOW)
    simulation, progress, memory = simulate(plan), Progress(plan), Memory(folder)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, lambda *_: None)
    run.name_lines(simulation)
    run._send(list(simulation.history_by_stay()))
    while drain():
        pass
    run.give_notices(simulation, memory, progress, lambda *_: None)
    run.make_plans(simulation, memory, progress, lambda *_: None)


def patients() -> list[uuid.UUID]:
    with reading(everywhere("test"), at=NOW) as db:
        return db.values("select id from patient order by id")


def all_cases() -> pl.DataFrame:
    with reading(everywhere("test"), at=NOW) as db:
        return recorded(db, patients())


def rows(query: str, **values: Any) -> list[Any]:
    """The rows of a statement of the test's own."""
    with reading(everywhere("test"), at=NOW) as db:
        return db.rows(lambda *row: row, query, values)
