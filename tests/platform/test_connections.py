"""A server that restarts costs no page once it is back, and a fault in one transaction leaves nothing behind."""

from typing import Any

import psycopg
import pytest
from litestar import Litestar, Request, Response, get

from app.census.facilities import FacilityChanged
from app.census.places import Facility
from app.main import create_app
from app.platform.postgres import Addresses
from app.platform.work import Disclosure, begin, disclose, engine, everywhere, reading
from app.security.permissions import Permission
from app.settings import Settings
from app.web.render import NO_PHI, page
from tests.support.world import World


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    """An application of its own: tests here add routes to it."""
    return create_app(settings, database)


def end_all_connections(world: World) -> None:
    """What a restart does to those who are idle. The test's own connection leaves before."""
    world.close()
    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )


def test_lost_connections_are_replaced_before_anybody_uses_one(world: World) -> None:
    with engine().connect(), engine().connect(), engine().connect():
        pass  # three connections lie in the pool

    end_all_connections(world)

    for _ in range(4):
        with reading(everywhere("test")) as view:
            assert view.value("select 1") == 1
        with begin(everywhere("test")) as work:
            work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))
        disclose(everywhere("test"), Disclosure("GET /x", []))


def test_pages_are_served_at_once_after_the_database_was_lost(app: Litestar, world: World, browser_for: Any) -> None:
    @get("/try/page", permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
    def shown(request: Request[Any, Any, Any]) -> Response[bytes]:
        with reading(request.user) as view:
            view.value("select 1")
        return page(request, "error.html", discloses=NO_PHI, title="x", error={"heading": "x", "sentence": "",
                    "code": "", "at": "", "retry": ""})  # fmt: skip

    app.register(shown)
    dana = browser_for("dana")
    assert dana.get("/try/page").status_code == 200

    end_all_connections(world)

    assert [dana.get("/try/page").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("statement", ["select 1/0", "select nothing", "update facility set code = null"])
def test_fault_in_a_block_leaves_its_connection_sound(world: World, statement: str) -> None:
    for open_block in (reading, begin):
        with pytest.raises(psycopg.Error), open_block(everywhere("test")) as block:
            block.connection.execute(statement)

    with reading(everywhere("test")) as view:
        assert view.value("select name from facility where code = 'NORTH'") == "North Harbor Hospital"
        waiting = view.value(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and state like 'idle in transaction%'"
        )
    assert waiting == 0


def test_scope_of_one_reader_is_gone_with_the_block(world: World) -> None:
    with reading(world.viewer("dana")):
        pass

    with engine().connect() as connection:
        kept = connection.exec_driver_sql(
            "select concat(current_setting('app.facilities', true), current_setting('app.actor_id', true))"
        ).scalar()
    assert kept == ""


def test_stay_that_changes_its_facility_is_told_to_both(world: World) -> None:
    stay = world.user["dana"]  # any key will do
    with psycopg.connect(world.addresses.app, autocommit=True) as listener:
        listener.execute("listen daybook_stay")
        with begin(everywhere("test")) as work:
            for code in ("NORTH", "SOUTH"):
                work.changed(world.facility[code], stay)
            work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))

        told = {note.payload for note in listener.notifies(timeout=20, stop_after=2)}

    assert told == {f"{world.facility[code]} {stay}" for code in ("NORTH", "SOUTH")}


def test_command_reads_what_it_has_just_changed(world: World) -> None:
    with begin(everywhere("test")) as work:
        work.get(Facility, world.facility["NORTH"]).name = "North Haven"

        assert work.values("select name from facility where code = 'NORTH'") == ["North Haven"]
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))


def test_write_that_changed_no_row_needs_no_event(world: World) -> None:
    with begin(everywhere("test")) as work:
        assert work.write("facility", "update facility set name = 'x' where code = 'NOWHERE'") == 0
        work.write_many("facility", "update facility set name = 'x' where code = %s", [["NOWHERE"]])
