"""Time alone changes what is owed: the sweep finds it, in jobs that can be done again and do not hold each other up."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.clocks import commands
from app.clocks.events import ClocksSwept, PolicySet, RulesTaken
from app.clocks.registry import RULES
from app.clocks.upkeep import sweeping
from app.jobs import DUTIES
from app.platform.work import begin, everywhere, reading
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
LEAVES = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE | expected 20260306120000\n"
OTHER = LEAVES.replace("A01", "A01 | visit V200 | patient M200").replace("401^A", "402^A")


@pytest.fixture(autouse=True)
def every_rule_shown() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(RULES)
    yield
    commands.show(before)


def value(query: str, parameters: Any = None) -> Any:
    with reading(ME) as view:
        return view.value(query, parameters)


def waiting(job: str) -> int:
    return int(value("select count(*) from procrastinate_jobs where task_name = %s and status = 'todo'", (job,)))


def test_a_sweep_that_finds_nothing_new_writes_nothing(world: World):
    Telling(world).tell(LEAVES)
    before = value("select count(*) from obligation"), value("select count(*) from audit_event")

    assert sweeping.sweep(NOW) == 1

    assert (value("select count(*) from obligation"), value("select count(*) from audit_event")) == before


def test_a_departure_that_was_planned_and_passed_is_seen_by_the_sweep(world: World, monkeypatch: pytest.MonkeyPatch):
    """Whatever differs by the hour is stored, and said to be the sweep's doing."""
    Telling(world).tell(LEAVES)
    with begin(ME, at=NOW) as work:
        work.connection.execute("update obligation set because = 'as of another hour' where rule = 'N-IM1'")
        work.record(ClocksSwept(stays=0, changed=0))

    sweeping.sweep(NOW + timedelta(hours=1))

    assert value("select because from obligation where rule = 'N-IM1' and ended_at is null") != "as of another hour"
    assert value("select (facts ->> 'changed')::int from audit_event where name = 'clocks.swept' order by id desc") == 1


def test_the_plan_puts_each_batch_into_the_queue_once(world: World, monkeypatch: pytest.MonkeyPatch):
    Telling(world).tell(LEAVES + OTHER)
    monkeypatch.setattr(sweeping, "BATCH", 1)

    sweeping.plan_sweep()
    sweeping.plan_sweep()

    assert waiting(sweeping.SWEEP_BATCH) == 2
    arguments = value("select array_agg(args -> 'stays' ->> 0) from procrastinate_jobs where task_name = %s",
                      (sweeping.SWEEP_BATCH,))  # fmt: skip
    assert len(set(arguments)) == 2
    for stay in arguments:
        DUTIES.jobs[sweeping.SWEEP_BATCH](stays=[stay])


def test_a_facility_is_swept_without_its_neighbour(world: World):
    Telling(world).tell(LEAVES)

    sweeping.plan_sweep(world.facility["SOUTH"])
    assert waiting(sweeping.SWEEP_BATCH) == 0

    sweeping.plan_sweep(facility_id=world.facility["NORTH"])
    assert waiting(sweeping.SWEEP_BATCH) == 1


def test_a_term_that_is_set_has_its_facility_swept(world: World):
    for _ in range(2):
        with begin(ME, at=NOW) as work:
            work.record(
                PolicySet(facility_id=world.facility["NORTH"], rule="UR-2ND", payer_code="", allowance="4 hours",
                          asked=True, begins=NOW.date())
            )  # fmt: skip

    assert waiting(sweeping.SWEEP) == 1
    assert sweeping.SWEEP in DUTIES.jobs and sweeping.SWEEP in {one.job for one in DUTIES.schedules}


def test_other_rules_have_everything_swept_once(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeping, "_followed", set())
    sweeping.follow_rules()
    sweeping.follow_rules()
    assert waiting(sweeping.SWEEP) == 1
    with begin(ME) as work:
        work.connection.execute("update procrastinate_jobs set status = 'succeeded'")

    sweeping._followed.clear()
    sweeping.follow_rules()
    assert waiting(sweeping.SWEEP) == 0

    sweeping._followed.clear()
    commands.show(["N-IM1"])
    sweeping.follow_rules()
    assert waiting(sweeping.SWEEP) == 1
    assert value("select count(*) from audit_event where name = %s", (RulesTaken.name,)) == 2
