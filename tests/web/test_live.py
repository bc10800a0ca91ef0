"""Live updates reach every open page of the facility and no other, and come back after a lost connection."""

import queue
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest
from litestar import Litestar
from litestar.channels import ChannelsPlugin

from app.census.facilities import FacilityChanged
from app.platform.work import begin, everywhere
from app.web import live
from tests.support.asynchronous import run_async
from tests.support.faults.site import until
from tests.support.serving import serving
from tests.support.world import World

Event = tuple[str, str]
PATIENCE = 20.0  # seconds; a busy machine is no fault


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
            heard.put(("closed", ""))
        except httpx.HTTPError:
            heard.put(("closed", ""))

    threading.Thread(target=read, daemon=True).start()
    try:
        assert heard.get(timeout=PATIENCE) == ("resync", ""), "a stream begins by loading the list again"
        yield heard
    finally:
        client.close()


def waiting_for_sessions(world: World) -> int:
    """How many connections for sessions wait for a lock."""
    found = world.owner.execute(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and application_name = 'daybook sessions' and wait_event_type = 'Lock'"
    ).fetchone()
    assert found is not None
    return int(found[0])


def change(world: World, code: str, stay: uuid.UUID) -> None:
    with begin(everywhere("test")) as work:
        work.changed(world.facility[code], stay)
        work.record(FacilityChanged(facility_id=world.facility[code], code=code))


def test_change_reaches_pages_of_its_facility_only(app: Litestar, world: World) -> None:
    stay = uuid.uuid4()
    with serving(app) as base, stream(base, world.cookie("dana")) as north, stream(base, world.cookie("stan")) as south:
        change(world, "NORTH", stay)
        change(world, "SOUTH", uuid.UUID(int=7))

        assert north.get(timeout=PATIENCE) == ("changed", str(stay))
        assert south.get(timeout=PATIENCE) == ("changed", str(uuid.UUID(int=7)))
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

        assert heard.get(timeout=PATIENCE) == ("changed", str(uuid.UUID(int=2)))


def test_lost_connection_comes_back_and_pages_load_again(app: Litestar, world: World) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
            owner.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                          " where query ilike 'listen%' and datname = current_database()")  # fmt: skip

        assert heard.get(timeout=PATIENCE) == ("resync", "")
        time.sleep(0.05)
        change(world, "NORTH", uuid.UUID(int=3))
        assert heard.get(timeout=PATIENCE) == ("changed", str(uuid.UUID(int=3)))


def test_many_changes_at_once_ask_for_the_list_instead(app: Litestar, world: World) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with begin(everywhere("test")) as work:
            for number in range(live.MANY + 20):
                work.changed(world.facility["NORTH"], uuid.UUID(int=number + 1))
            work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))

        assert heard.get(timeout=PATIENCE) == ("resync", "")


def test_slow_browser_is_told_to_load_again_instead_of_missing_a_change() -> None:
    plugin = ChannelsPlugin(live.PostgresChannels(), arbitrary_channels_allowed=True, subscriber_class=live.Reader)

    async def read_late() -> list[bytes]:
        reader = await plugin.subscribe([live.EVERYBODY])
        for number in range(live.MOST_WAITING * 3 + 5):
            reader.put_nowait(b"changed %d" % number)
        await plugin.unsubscribe(reader)
        return [item async for item in reader.iter_events()]

    found = run_async(read_late())

    assert found[0] == b"resync" and len(found) <= live.MOST_WAITING
    assert found[-1] == b"changed %d" % (live.MOST_WAITING * 3 + 4)


@pytest.mark.parametrize("payload", ["", "x", "1 yesterday", "x 2026-03-05T00:00:00+00:00", "1"])
def test_notification_that_is_not_ours_does_not_end_live_updates(app: Litestar, world: World, payload: str) -> None:
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with psycopg.connect(world.addresses.app, autocommit=True) as connection:
            connection.execute(
                "select pg_notify('daybook_feed', %s), pg_notify('daybook_stay', %s)", (payload, payload)
            )
        change(world, "NORTH", uuid.UUID(int=5))

        told = heard.get(timeout=PATIENCE)
        while told[0] != "changed" or str(uuid.UUID(int=5)) not in told[1]:
            told = heard.get(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update user_session set ended_at = now(), ended_because = 'signed out'", ("signed-out", "")),
        ("delete from role_grant where user_id = (select id from app_user where name = 'dana')", ("closed", "")),
    ],
)
def test_stream_ends_with_the_session_or_the_role(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch, statement: str, told: Event
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    with serving(app) as base, stream(base, world.cookie("dana")) as heard:
        with psycopg.connect(world.addresses.owner) as owner:
            owner.execute("select set_config('app.actor', 'test', true), set_config('app.now', now()::text, true)")
            owner.execute(statement)

        change(world, "NORTH", uuid.UUID(int=6))

        assert heard.get(timeout=PATIENCE) == told


def test_what_could_not_be_told_in_a_busy_moment_makes_the_page_load_again(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests hold all connections for sessions, so that nobody knows whether this person may still hear of it."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    with serving(app) as base, stream(base, world.cookie("dana")) as heard, ThreadPoolExecutor() as others:
        pool, cookies = app.state.session_pool, {"daybook": world.cookie("paul")}
        with psycopg.connect(world.addresses.owner) as owner:
            owner.execute("lock table user_session in access exclusive mode")
            for _ in range(pool.max_size):
                others.submit(httpx.get, f"{base}/account", cookies=cookies, timeout=PATIENCE)
            until(lambda: waiting_for_sessions(world) == pool.max_size, "the connections are not held")
            pool.timeout = 0.5
            change(world, "NORTH", uuid.UUID(int=8))
            until(lambda: pool.get_stats().get("requests_errors", 0) > 0, "the stream did not wait in vain")
        until(lambda: pool.get_stats()["pool_available"], "the connections do not come back")
        change(world, "NORTH", uuid.UUID(int=9))

        assert [heard.get(timeout=PATIENCE) for _ in range(2)] == [("resync", ""), ("changed", str(uuid.UUID(int=9)))]


def test_stream_needs_a_session(app: Litestar, world: World) -> None:
    with serving(app) as base:
        answer = httpx.get(f"{base}/events", follow_redirects=False)

    assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
