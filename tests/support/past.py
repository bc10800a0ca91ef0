"""Two databases side by side: one that knows everything, and one that is told only what was known at some instant."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg

from app import reactions
from app.census.commands import apply_facts
from app.census.storage.stored import stored_house
from app.census.terms import AdtFact
from app.clocks.upkeep.sweeping import sweep
from app.platform import work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import Reading, begin, everywhere, reading
from app.worklists.queries import Ask, rows
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.support.world import World

FEED = everywhere("feed")
READERS = ("dana", "carla")
MOST_AT_ONCE = 40


@dataclass(frozen=True)
class Known:
    """A fact and the instant at which it was known."""

    at: datetime
    fact: AdtFact


@dataclass
class House:
    """One database with the world in it, entered again for every example."""

    world: World

    @contextlib.contextmanager
    def entered(self) -> Iterator[World]:
        """Work in this database."""
        engine = open_engine(self.world.addresses.app, size=2)
        before = work._engine
        work.connect(engine)
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        try:
            yield self.world
        finally:
            engine.dispose()
            if before is not None:
                work.connect(before)

    def clear(self) -> None:
        """Forget all messages, stays and what hangs on them; people and facilities stay."""
        with psycopg.connect(self.world.addresses.owner, autocommit=True) as owner:
            owner.execute("set session_replication_role = replica")  # audited tables refuse to be emptied in one stroke
            owner.execute(
                "truncate patient, adt_fact, inbound_message, audit_event, row_change, phi_access"
                " restart identity cascade"
            )


def built(addresses: Addresses) -> House:
    """The world in a database of its own."""
    house = House(World.__new__(World))
    house.world.addresses = addresses
    with house.entered():
        house.world = World(addresses)
    return house


def told(batches: Iterable[tuple[datetime, list[Known]]]) -> None:
    """Apply facts batch by batch, each batch at the instant beside it."""
    for at, batch in batches:
        with begin(FEED, at=at) as writing:
            apply_facts(writing, [one.fact for one in batch], {one.fact.sequence: one.at for one in batch})


def told_by(moment: datetime, news: list[Known]) -> None:
    """Tell the house what became known up to this instant, and let it look at its clock as it does every hour."""
    told((moment, news[place : place + MOST_AT_ONCE]) for place in range(0, len(news), MOST_AT_ONCE))
    sweep(moment)


def shown(world: World, *, as_of: datetime | None = None, at: datetime | None = None) -> dict[str, Any]:
    """All lists as several people see them, row by row, and all stays and persons with what hangs on them.

    Keys of rows differ from one database to the other and are left out; stays are named by their numbers.
    """
    found: dict[str, Any] = {}
    with reading(FEED, as_of=as_of, at=at) as view:
        house = stored_house(view)
        found["stays"] = {key: msgspec.to_builtins(stay) for key, stay in sorted(house.encounters.items())}
        found["persons"] = {key: msgspec.to_builtins(one) for key, one in sorted(house.patients.items())}
    for name in READERS:
        viewer = world.viewer(name)
        with reading(viewer, as_of=as_of, at=at) as view:
            for one in REGISTRY.lists:
                found[f"{name} {one}"] = _rows(view, one, viewer)
    return found


def _rows(view: Reading, name: str, viewer: Any) -> dict[str, Any]:
    numbers = dict(view.connection.execute("select id::text, visit_number from encounter").fetchall())
    shown_rows = {}
    for row in rows(Ask(REGISTRY, REGISTRY.lists[name], View(name), view, viewer)):
        values = msgspec.to_builtins(row)
        number = numbers[values.pop("id")]
        for key in ("patient_id", "serial"):
            values.pop(key)
        shown_rows[number] = values
    return shown_rows
