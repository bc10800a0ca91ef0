"""Live updates reach every open page of the facility and no other, and come back after a lost connection."""

import queue
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
from litestar import Litestar

from app.census.facilities import FacilityChanged
from app.platform.work import begin, everywhere
from tests.support.serving import serving
from tests.support.world import World

Event = tuple[str, str]


@contextmanager
def stream(base: str, cookie: str) -> Iterator["queue.Queue[Event]"]:
    """An open page: what its stream says, as (event, data)."""
    heard: queue.Queue[Event] = queue.Queue()
    client = httpx.Client(base_url=base, cookies={"daybook": cookie}, timeout=30)

    def read() -> None:
        try:
            with client.stream("GET", "/events") as answer:
                kind = ""
                for line in answer.iter_lines():
                    if line.startswith("event:"):
                        kind = line.removeprefix("event:").strip()
                    elif line.startswith("data:"):
                        heard.put((kind, line.removeprefix("data:").strip()))
        except httpx.HTTPError:
            heard.put(("closed", ""))

    threading.Thread(target=read, daemon=True).start()
    try:
        assert heard.get(timeout=10) == ("resync", ""), "a stream begins by loading the list again"
        yield heard
    finally:
        client.close()


def change(world: World, code: str, stay: uuid.UUID) -> None:
    with begin(everywhere("test")) as work:
        work.changed(world.facility[code], stay)
        work.record(FacilityChanged(facility_id=world.facility[code], code=code))


def test_change_reaches_pages_of_its_facility_only(app: Litestar, world: World) -> None:
    stay = uuid.uuid4()
    with serving(app) as base, stream(base, world.cookie("dana")) as north, stream(base, world.cookie("stan")) as south:
        change(world, "NORTH", stay)
        change(world, "SOUTH", uuid.UUID(int=7))

        assert north.get(timeout=3) == ("changed", str(stay))
        assert south.get(timeout=3) == ("changed", str(uuid.UUID(int=7)))
        assert north.empty() and south.empty()


def test_undone_change_is_not_told(app: Litestar, world: World) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        try:
            with begin(everywhere("test")) as work:
                work.changed(world.facility["NORTH"], uuid.UUID(int=1))
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        change(world, "NORTH", uuid.UUID(int=2))

        assert heard.get(timeout=3) == ("changed", str(uuid.UUID(int=2)))


def test_lost_connection_comes_back_and_pages_load_again(app: Litestar, world: World) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
            owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%'")

        assert heard.get(timeout=10) == ("resync", "")
        time.sleep(0.05)
        change(world, "NORTH", uuid.UUID(int=3))
        assert heard.get(timeout=3) == ("changed", str(uuid.UUID(int=3)))


def test_many_changes_at_once_ask_for_the_list_instead(app: Litestar, world: World) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with begin(everywhere("test")) as work:
            for number in range(60):
                work.changed(world.facility["NORTH"], uuid.UUID(int=number + 1))
            work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))

        assert heard.get(timeout=3) == ("resync", "")


def test_stream_needs_a_session(app: Litestar, world: World) -> None:
    with serving(app) as base:
        answer = httpx.get(f"{base}/events", follow_redirects=False)

    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
