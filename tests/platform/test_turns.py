"""Several people in one transaction: each turn with its actor and instant, all of it or nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from app.census.facilities import FacilityChanged
from app.census.places import Facility
from app.platform.work import Scope, System, Turn, UnauditedWrite, everywhere, in_turns, reading
from tests.support.world import World

FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
ONE, OTHER = System("one", Scope(everywhere=True)), System("other", Scope(everywhere=True))


def rename(world: World, turn: Turn, who: System, at: datetime, name: str) -> None:
    with turn(who, at) as work:
        assert work.now == at and work.who is who
        work.get(Facility, world.facility["NORTH"]).name = name
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))


def name_now() -> str:
    with reading(everywhere("test")) as view:
        return str(view.value("select name from facility where code = 'NORTH'"))


def test_each_turn_has_its_actor_and_instant_and_nobody_sees_a_part(world: World) -> None:
    before = name_now()
    with in_turns() as turn:
        rename(world, turn, ONE, FIRST, "North Haven")
        rename(world, turn, OTHER, LATER, "North Quay")
        assert name_now() == before, "from outside nothing has happened yet"

    assert name_now() == "North Quay"
    with reading(everywhere("test")) as view:
        events = view.connection.execute(
            "select actor, at from audit_event where actor in ('one', 'other') order by at"
        ).fetchall()
        copies = view.connection.execute(
            "select new ->> 'name', actor from row_change where table_name = 'facility' and operation = 'update'"
            " and actor in ('one', 'other') order by id"
        ).fetchall()
    assert events == [("one", FIRST), ("other", LATER)]
    assert copies == [("North Haven", "one"), ("North Quay", "other")]


def test_a_turn_that_fails_takes_back_those_before_it(world: World) -> None:
    before = name_now()
    with pytest.raises(UnauditedWrite, match="facility"), in_turns() as turn:
        rename(world, turn, ONE, FIRST, "North Haven")
        with turn(OTHER, LATER) as work:
            work.get(Facility, world.facility["NORTH"]).name = "Changed in silence"
    assert name_now() == before
