"""Clocks of processes that are wrong, or that pass the end of summer time: what is stored stays in order and agrees."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.platform.now import now
from tests.faults.conftest import make_world
from tests.support.faults.invariants import addresses_of, applied, everything_agrees, nothing_lost
from tests.support.faults.load import Feed, Watcher, going_on
from tests.support.faults.server import Server, own_server
from tests.support.faults.site import until
from tests.support.ports import free_port
from tests.support.processes import Nursery

SKEWS = (600.0, -600.0, 0.0)
SUMMER_TIME_ENDS = datetime(2026, 11, 1, 7, 0, tzinfo=UTC)  # 2:00 in Chicago, which becomes 1:00


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own with the named hospital."""
    with own_server() as made:
        make_world(made.url)
        yield made


def test_a_worker_whose_clock_is_wrong_harms_nothing_and_is_followed_by_one_whose_clock_is_right(
    server: Server,
) -> None:
    url, port = addresses_of(server.url).app, free_port()
    feed, watcher = Feed(0, [("127.0.0.1", port)]), Watcher(server.url)
    with Nursery() as nursery:
        nursery.start("listener", url, port)
        with going_on(feed, watcher):
            for skew in SKEWS:
                child = nursery.start("applier", url, skew)
                goal = len(feed.acknowledged) + 40
                until(lambda goal=goal: len(feed.acknowledged) >= goal, "no message is accepted")  # type: ignore[misc]
                applied_by(server, goal)
                if skew != SKEWS[-1]:
                    nursery.kill(child)
        applied(server.url)
        until(lambda: _sealed(server), "the audit trail is not sealed")
    assert nothing_lost(server.url, feed.acknowledged) >= 120
    everything_agrees(server.url)
    assert watcher.halves == []


def applied_by(server: Server, goal: int) -> None:
    """Wait until so many messages are applied: the worker of this clock did some of it."""
    with psycopg.connect(server.url, autocommit=True) as owner:
        until(lambda: owner.execute("select count(*) >= %s from adt_fact", (goal,)).fetchone() == (True,),
              "messages are not applied")  # fmt: skip


def _sealed(server: Server) -> bool:
    with psycopg.connect(server.url) as owner:
        return owner.execute("select count(*) > 0 from audit_seal").fetchone() == (True,)


def test_the_hour_that_comes_twice_is_passed_without_a_difference(server: Server) -> None:
    url, port = addresses_of(server.url).app, free_port()
    ends = now() + timedelta(seconds=8)
    skew = (SUMMER_TIME_ENDS - ends).total_seconds()
    feed = Feed(0, [("127.0.0.1", port)], begins=SUMMER_TIME_ENDS - timedelta(minutes=90))
    with Nursery() as nursery:
        nursery.start("listener", url, port, skew)
        nursery.start("applier", url, skew)
        with going_on(feed):
            until(lambda: now() > ends + timedelta(seconds=4) and len(feed.acknowledged) > 60, "no message is accepted")
        applied(server.url)
        until(lambda: _sealed(server), "the audit trail is not sealed")
    assert nothing_lost(server.url, feed.acknowledged) > 60
    everything_agrees(server.url, at=now() + timedelta(seconds=skew))
