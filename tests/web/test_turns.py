"""What open pages ask for by themselves waits for each other, and lets go first what people ask for."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
import pytest
from litestar import Litestar

from app.web.operation import turns
from tests.support.faults.site import until
from tests.support.serving import serving
from tests.support.world import World

ROWS = "/worklists/inpatient/rows?id=0198c0de-0000-7000-8000-000000000001"
PATIENCE = 60.0
Ask = Callable[[str], httpx.Response]
Asking = Callable[[str], "Future[httpx.Response]"]


def at_work(world: World) -> int:
    """How many requests have come as far as the stays, and wait there."""
    found = world.owner.execute(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    ).fetchone()
    assert found is not None
    return int(found[0])


@contextmanager
def held_stays(world: World) -> Iterator[None]:
    """Nobody comes to the stays meanwhile."""
    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute("lock table encounter in access exclusive mode")
        yield


@contextmanager
def asking(app: Litestar, world: World) -> Iterator[tuple[Ask, Asking]]:
    """How somebody asks for an address, and how their pages do so by themselves."""
    cookies = {"daybook": world.cookie("dana")}
    with serving(app) as base, ThreadPoolExecutor() as others:

        def ask(path: str) -> httpx.Response:
            return httpx.get(base + path, cookies=cookies, timeout=PATIENCE)

        yield ask, lambda path: others.submit(ask, path)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's turn comes by waiting, however slow the machine is."""
    monkeypatch.setattr(turns, "LONGEST", PATIENCE)


def test_pages_ask_one_after_the_other_while_people_are_answered(app: Litestar, world: World) -> None:
    with asking(app, world) as (ask, by_itself):
        with held_stays(world):
            rows = [by_itself(ROWS) for _ in range(4)]
            until(lambda: at_work(world) > 0, "nothing was asked")

            assert ask("/account").status_code == 200
            assert at_work(world) == 1, "the others wait for their turn"
        assert [one.result(PATIENCE).status_code for one in rows] == [200] * 4


def test_a_page_that_has_waited_long_goes_in_line_with_everybody(
    app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LONGEST", 0.2)
    with asking(app, world) as (ask, by_itself):
        with held_stays(world):
            rows = [by_itself(ROWS) for _ in range(3)]
            until(lambda: at_work(world) == 3, "somebody still waits for a turn")
        assert [one.result(PATIENCE).status_code for one in rows] == [200] * 3
        assert ask(ROWS).status_code == 200, "the turn was given back"


def test_who_left_the_page_while_it_waited_costs_no_answer(
    app: Litestar, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.web.operation.watch")

    def answered() -> list[int]:
        return sorted(one.status for one in caplog.records if getattr(one, "route", "").endswith("/rows"))

    with serving(app) as base, ThreadPoolExecutor() as others:
        cookies = {"daybook": world.cookie("dana")}
        with held_stays(world):
            first = others.submit(httpx.get, base + ROWS, cookies=cookies, timeout=PATIENCE)
            until(lambda: at_work(world) > 0, "nothing was asked")
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(base + ROWS, cookies=cookies, timeout=0.5)
        assert first.result(PATIENCE).status_code == 200
        until(lambda: len(answered()) == 2, "the second was not ended")

    assert answered() == [200, 204]


def test_a_refused_request_gives_its_turn_back(app: Litestar, world: World) -> None:
    with asking(app, world) as (ask, _by_itself):
        for _ in range(3):
            assert ask("/worklists/no-such-list/rows").status_code == 404
        assert ask(ROWS).status_code == 200
