"""The seals of the audit trail: what is final is sealed soon, what is not waits, and what was changed shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from app.census.events import EncounterUpdated
from app.census.facilities import FacilityChanged
from app.platform import seal
from app.platform.work import Disclosure, begin, disclose, everywhere
from tests.support.stays import add_stay
from tests.support.world import World


def something_happens(world: World) -> None:
    with begin(everywhere("test")) as work:
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))


def found(world: World) -> seal.Verdict:
    with psycopg.connect(world.addresses.owner) as owner:
        return seal.verify(owner)


@contextmanager
def open_transaction(url: str, *statements: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection


def test_long_reader_delays_no_seal(world: World) -> None:
    reading = ("set transaction isolation level repeatable read", "select count(*) from audit_event")
    with open_transaction(world.addresses.owner, *reading):
        something_happens(world)

        seal.seal_what_is_final(patience_seconds=0.2)

        assert found(world).unsealed == 0


def test_number_that_was_taken_but_not_committed_is_waited_for(world: World) -> None:
    seal.seal_what_is_final()
    late = (
        "select set_config('app.actor', 'late', true), set_config('app.facilities', '*', true)",
        "insert into audit_event (at, actor, name, facts) values (now(), 'late', 'test.happened', '{}')",
    )
    with open_transaction(world.addresses.app, *late) as connection:
        something_happens(world)

        assert seal.seal_what_is_final(patience_seconds=0.2) is False
        before = found(world)
        connection.commit()

    seal.seal_what_is_final()
    after = found(world)
    assert before.broken is None and before.unsealed == 1
    assert after.broken is None and after.unsealed == 0 and after.rows == before.rows + 2


def test_seal_never_covers_numbers_that_are_still_to_come(world: World) -> None:
    with psycopg.connect(world.addresses.app) as connection:
        connection.execute("select audit_seal_up_to(now(), 1000000, 1000000, 1000000)")
    something_happens(world)
    seal.seal_what_is_final()

    verdict = found(world)

    assert verdict.broken is None and verdict.unsealed == 0


@pytest.mark.parametrize(
    "tampering",
    [
        "update audit_event set patient_id = encounter_id, encounter_id = null where encounter_id is not null",
        "update phi_access set actor = 'dana|GET /a', route = ''",
        "update phi_access set actor = 'dana', route = 'GET /a|view', kind = ''",
        "update row_change set old = new, new = null where operation = 'insert'",
    ],
)
def test_value_moved_into_the_next_column_breaks_its_seal(world: World, tampering: str) -> None:
    stay = add_stay(world)
    with begin(everywhere("test")) as work:
        work.record(EncounterUpdated(encounter_id=stay, changed=()))
    disclose(world.viewer("dana"), Disclosure("GET /a", [stay]))
    seal.seal_what_is_final()
    assert found(world).broken is None

    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute(tampering)

    assert found(world).broken is not None
