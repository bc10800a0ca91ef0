"""Who asks too often waits, and is told how long; nobody else does."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from litestar import Litestar

from app.main import create_app
from app.platform.postgres import Addresses
from app.settings import Settings
from app.web import frame, live
from app.web.operation import limits
from app.web.operation.limits import Buckets, is_costly
from tests.support.client import Browser
from tests.support.serving import serving
from tests.support.world import World
from tests.web.test_live import stream

EACH = 20


@pytest.fixture
def app(database: Addresses, settings: Settings) -> Litestar:
    return create_app(replace(settings, requests_per_minute=EACH), database)


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a slow machine would ask no oftener than it may."""
    monkeypatch.setattr(limits, "monotonic", lambda: 1_000.0)


def asked(browser: Browser, path: str, times: int) -> list[int]:
    return [browser.client.get(path, follow_redirects=False).status_code for _ in range(times)]


def test_a_minute_of_requests_is_held_and_comes_back_evenly() -> None:
    buckets = Buckets()
    assert [buckets.wait("dana", 60, 100.0) for _ in range(60)] == [0.0] * 60
    assert buckets.wait("dana", 60, 100.0) == pytest.approx(1.0)
    assert buckets.wait("dana", 60, 100.5) == pytest.approx(0.5), "who asks in vain loses nothing by it"
    assert buckets.wait("dana", 60, 101.0) == 0.0
    assert buckets.wait("uma", 60, 100.0) == 0.0
    assert [buckets.wait("dana", 60, 10_000.0) for _ in range(61)][-1] > 0, "a pause saves up no more than a minute"


def test_buckets_of_many_take_a_bounded_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_HELD", 3)
    buckets = Buckets()
    for who in range(10):
        buckets.wait(who, 60, 1.0)
    assert len(buckets._held) == 3


def test_who_asks_too_often_waits_and_a_colleague_does_not(browser_for: Any) -> None:
    dana, uma = browser_for("dana"), browser_for("uma")

    assert asked(dana, "/account", EACH) == [200] * EACH
    refused = dana.get("/account")

    assert refused.status_code == 429 and int(refused.headers["retry-after"]) == 60 / EACH + 1
    assert "asked for too often" in refused.text and "Nothing was stored" in refused.text
    assert uma.get("/account").status_code == 200


def test_a_form_that_comes_too_often_gets_a_sentence_for_the_page_and_stores_nothing(
    browser_for: Any, world: World
) -> None:
    dana = browser_for("dana")
    asked(dana, "/account", EACH)

    refused = dana.post("/account/keys", {"single_keys": ""}, htmx=True)

    # The page puts what is marked so beside the form and leaves the form alone: static/daybook.js, onFailure.
    assert refused.status_code == 429 and "data-error" in refused.text
    kept = world.owner.execute("select single_keys from app_user where name = 'dana'").fetchone()
    assert kept == (True,)


def test_addresses_without_a_session_have_a_measure_of_their_own(browser_for: Any) -> None:
    nobody = browser_for()

    found = asked(nobody, "/sign-in", EACH * limits.ADDRESS_SHARE + 1)

    assert found == [200] * EACH * limits.ADDRESS_SHARE + [429]
    assert browser_for("dana").get("/account").status_code == 200


def test_health_and_static_files_are_not_counted(browser_for: Any) -> None:
    nobody = browser_for()
    asked(nobody, "/sign-in", EACH * limits.ADDRESS_SHARE + 1)

    assert nobody.client.get("/healthz").status_code == 200
    assert nobody.client.get(f"{frame.static_prefix()}/tokens.css").status_code == 200


def test_searches_and_files_come_more_seldom(browser_for: Any) -> None:
    dana = browser_for("dana")

    searches = [dana.post("/find", {"q": "x"}).status_code for _ in range(EACH // limits.COSTLY_SHARE + 1)]

    assert searches[-1] == 429 and set(searches[:-1]) == {200}
    assert dana.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("route", "costly"),
    [
        ("/find", True),
        ("/worklists/{name:str}/out/{kind:str}", True),
        ("/measures/{measure:str}/cases.parquet", True),
        ("/reports/{report_id:uuid}/report.pdf", True),
        ("/worklists/{name:str}", False),
        ("/account/second-factor/qr.svg", False),
    ],
)
def test_what_costs_much(route: str, costly: bool) -> None:
    assert is_costly(route) is costly


def test_open_pages_of_one_person_are_bounded(
    database: Addresses, settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_STREAMS", 2)
    cookie, other = world.cookie("dana"), world.cookie("uma")
    with serving(create_app(settings, database)) as base, stream(base, cookie), stream(base, cookie):
        refused = httpx.get(f"{base}/events", cookies={"daybook": cookie}, timeout=30)
        assert refused.status_code == 429 and "retry-after" in refused.headers
        with stream(base, other):
            assert live._open_streams[world.user["uma"]] == 1
