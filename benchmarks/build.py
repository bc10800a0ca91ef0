"""The daily build of a large facility: `python -m benchmarks.build [stays] [people]`.

All stays are without an owner; forty rules, one for each unit, give each to the least laden of five people; then the
sheet of the day is written. Printed is processor time, of this process and of the server's, because that is what a busy
machine has less of; the second figure builds the same day again, when every stay has its owner.
"""

import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil
import psycopg

from app import reactions
from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import Work, begin, everywhere
from app.security.permissions import Role
from app.worklists.days.commands import Edition, build_day, facilities, write_sheet
from benchmarks._machine import machine
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import World

UNITS = 40
MORNING = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
WHO = everywhere("bench")


@dataclass(frozen=True)
class Cost:
    """What a piece of work took, in seconds."""

    wall: float
    own: float
    server: float

    def __str__(self) -> str:
        both = self.own + self.server
        return f"{both:5.2f} s CPU ({self.own:.2f} here, {self.server:.2f} PostgreSQL), {self.wall:.2f} s on the clock"


def fill(world: World, stays: int, people: int) -> None:
    """Stays over the units, and the rules that bind each unit to its people."""
    facility = world.facility["NORTH"]
    with begin(WHO) as writing:
        for number in range(stays):
            insert_stay(
                writing,
                world,
                StaySpec(
                    family=f"Sample{number}",
                    unit=f"U{number % UNITS}",
                    room=str(100 + number // UNITS),
                    start=MORNING - timedelta(days=number % 11, hours=number % 24),
                    gmlos=3.1 + number % 5,
                    expected=MORNING + timedelta(days=number % 6 - 1),
                    pending="discharge" if number % 15 == 0 else "",
                    patient_class="OBS" if number % 9 == 0 else "IP",
                ),
            )
    with begin(WHO) as writing:
        team = [_hire(writing, facility, number) for number in range(people)]
        for unit in range(UNITS):
            query = (
                "insert into assignment_rule (facility_id, place, name, units, people, made_at)"
                " values (%s, %s, %s, %s, %s::uuid[], %s)"
            )
            values = (facility, unit + 1, f"Unit {unit}", [f"U{unit}"], team[unit::UNITS], MORNING - timedelta(days=9))
            writing.write("assignment_rule", query, values)
    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute("analyze")


def _hire(writing: Work, facility: int, number: int) -> uuid.UUID:
    person = add_user(writing, AddUser(name=f"person{number}", display_name=f"Person {number}"))
    grant_role(writing, GrantRole(user_id=person.id, role=Role.CASE_MANAGER, facility_id=facility))
    return person.id


def measured(step: Callable[[Work], object]) -> Cost:
    """One transaction, with the processor time of this process and of its backend."""
    began, own = time.perf_counter(), time.process_time()
    with begin(WHO, at=MORNING) as writing:
        backend = psutil.Process(writing.value("select pg_backend_pid()"))
        before = sum(backend.cpu_times()[:2])
        step(writing)
        server = sum(backend.cpu_times()[:2]) - before
    return Cost(time.perf_counter() - began, time.process_time() - own, server)


def main(stays: int = 5000, people: int = 200) -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o755)
        with postgres.embedded(home / "pg", {}) as url:
            postgres.ensure_database(url, "bench")
            postgres.ensure_role(url, password=None)
            owner = postgres.in_database(url, "bench")
            schema.upgrade(owner)
            addresses = Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)
            engine = open_engine(addresses.app, size=2)
            work.connect(engine)
            work.install(reactions.REACTIONS, reactions.LAST_STEPS)
            world = World(addresses)
            fill(world, stays, people)
            report(world, stays, people)
            engine.dispose()


def report(world: World, stays: int, people: int) -> None:
    """Build a day for the first time, then again, then write its sheet alone."""
    facility, day = world.facility["NORTH"], date(2026, 3, 5)
    print(f"{stays} stays, {people} people, {UNITS} rules")
    print(f"first build: {measured(lambda work: build_day(work, facility, day))}")
    print(f"built again: {measured(lambda work: build_day(work, facility, day, again=True))}")
    with work.reading(WHO) as view:
        place = next(one for one in facilities(view) if one.id == facility)
        owned = view.value("select count(distinct user_id) from assignment where ended_at is null")
    print(f"sheet alone: {measured(lambda work: write_sheet(work, place, Edition(day, 3)))}")
    assert owned == people, f"only {owned} people were given stays"


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]))
