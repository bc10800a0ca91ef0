"""Figures of operation: for the collector only, true over several processes, and without a word about patients."""

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.interop.inbox import Source, drain, receive
from app.main import create_app
from app.platform import seal
from app.platform.metrics.meters import Meters, memory, shared_folder
from app.platform.postgres import Addresses
from app.settings import Settings, metrics_folder
from tests.support.hl7 import Sender
from tests.support.serving import serving
from tests.support.world import World

TOKEN = {"Authorization": "Bearer a collector's token"}


@pytest.fixture
def watched(world: World, settings: Settings) -> Litestar:
    return create_app(replace(settings, metrics_token="a collector's token"), world.addresses)


@pytest.fixture
def client(watched: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(watched, base_url="http://testserver.local", raise_server_exceptions=False) as found:
        yield found


def figure(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not among the figures"
    return float(found[1])


def figures(client: TestClient[Litestar]) -> str:
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def test_requests_are_counted_by_route_and_status(client: TestClient[Litestar]):
    for path in ("/sign-in", "/sign-in", "/nowhere/at/all", "/encounters/0198c0de-0000-7000-8000-000000000001"):
        client.get(path, follow_redirects=False)

    text = figures(client)

    assert figure(text, 'daybook_requests_total{method="GET",route="/sign-in",status="200"}') == 2
    assert figure(text, 'daybook_requests_total{method="GET",route="none",status="404"}') == 1
    assert figure(text, 'daybook_requests_total{method="GET",route="/encounters/{encounter_id}",status="303"}') == 1
    assert figure(text, 'daybook_request_seconds_count{method="GET",route="/sign-in"}') == 2
    assert "0198c0de" not in text and "nowhere" not in text


def test_messages_jobs_and_the_trail_are_told(client: TestClient[Litestar]):
    feed = Sender()
    receive([feed.admit("V1", "M1"), feed.admit("V2", "M2"), b"MSH|no message"], Source("mllp", "test"))
    waiting = figures(client)
    while drain():
        pass
    seal.seal_what_is_final()
    done = figures(client)

    assert figure(waiting, "daybook_messages_waiting") == 2 and figure(waiting, "daybook_messages_oldest_seconds") > 0
    assert figure(done, "daybook_messages_waiting") == 0 and figure(done, "daybook_messages_oldest_seconds") == 0
    assert figure(done, 'daybook_messages_received_total{ack="AA"}') == 2
    assert figure(done, "daybook_messages_applied_total") == 2
    assert figure(waiting, "daybook_audit_unsealed_rows") > 0 and figure(waiting, "daybook_audit_seal_lag_seconds") > 0
    assert figure(done, "daybook_audit_unsealed_rows") == 0
    assert figure(done, "daybook_worker_alive") == 0 and figure(done, "daybook_database_up") == 1
    assert figure(done, 'daybook_memory_bytes{part="web"}') > 10_000_000
    assert figure(done, 'daybook_pool_connections{state="open"}') >= 1
    assert "RIVERA" not in done and "M1" not in done


@pytest.mark.parametrize(
    ("allowed", "headers", "status"),
    [
        ("", {}, 404),
        ("", {"Authorization": "Bearer wrong"}, 404),
        ("", {"Authorization": "Basic a collector's token"}, 404),
        ("", TOKEN, 200),
        ("127.0.0.0/8", {}, 200),
        ("127.0.0.0/8", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("10.0.0.0/8", {}, 404),
    ],
)
def test_only_the_collector_gets_an_answer(
    allowed: str,
    headers: dict[str, str],
    status: int,
    world: World,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    networks = (ip_network(allowed),) if allowed else ()
    app = create_app(replace(settings, metrics_token="a collector's token", metrics_from=networks), world.addresses)
    peer = ("127.0.0.1" if allowed.startswith("127") else "192.0.2.9", 4711)
    inner = app.asgi_handler

    async def from_peer(scope: Any, receive: Any, send: Any) -> None:
        await inner({**scope, "client": peer}, receive, send)

    app.asgi_handler = from_peer
    with TestClient(app) as client:
        answer = client.get("/metrics", headers=headers)

    assert answer.status_code == status
    assert ("daybook_requests" in answer.text) is (status == 200)


def test_this_machine_may_ask_but_not_through_a_proxy(app: Litestar, database: Addresses):
    with serving(app) as address:
        direct = httpx.get(f"{address}/metrics", timeout=30)
        through = httpx.get(f"{address}/metrics", headers={"X-Forwarded-For": "198.51.100.7"}, timeout=30)

    assert direct.status_code == 200 and "daybook_database_up 1.0" in direct.text
    assert through.status_code == 404


def test_open_streams_are_counted_while_they_are_open(app: Litestar, world: World):
    with serving(app) as address:
        cookies = {"daybook": world.cookie("dana")}
        with httpx.stream("GET", f"{address}/events", cookies=cookies) as stream:
            lines = stream.iter_lines()  # held: its end would close the stream
            next(lines)
            during = httpx.get(f"{address}/metrics", timeout=30).text
        after = httpx.get(f"{address}/metrics", timeout=30).text
        for _again in range(100):
            if figure(after, "daybook_open_streams") == 0:
                break
            after = httpx.get(f"{address}/metrics", timeout=30).text

    assert figure(during, "daybook_open_streams") == 1
    assert figure(after, "daybook_open_streams") == 0


def test_processes_count_together_and_the_dead_hold_nothing(tmp_path: Path):
    absent = tmp_path / "absent" / "memory"
    with shared_folder(tmp_path, absent) as folder:
        (tmp_path / "metrics" / "999999999").mkdir()
        here = Meters(metrics_folder())
        here.answered("GET", "/find", 200, 0.02)
        here.stream(1)
        dead = next(folder.glob("gauge_livesum_*.db"))
        (folder / "gauge_livesum_999999998.db").write_bytes(dead.read_bytes())
        counted = next(folder.glob("counter_*.db"))
        (folder / "counter_999999998.db").write_bytes(counted.read_bytes())
        text = here.text().decode()
        with shared_folder(tmp_path / "other", absent):
            pass

    assert figure(text, 'daybook_requests_total{method="GET",route="/find",status="200"}') == 2
    assert figure(text, "daybook_open_streams") == 1
    assert metrics_folder() is None and not folder.exists()
    assert list(memory(None)) == ["web"]


def test_the_shared_folder_lies_in_memory_and_is_read_by_its_user_only(tmp_path: Path):
    """On a disk that is full, writing to a mapped file would kill each process anew."""
    home, memory_disk = tmp_path / "home", tmp_path / "memory"
    memory_disk.mkdir()

    with shared_folder(home, memory_disk) as folder:
        assert folder.is_relative_to(memory_disk)
        assert folder.parent.stat().st_mode & 0o077 == 0
    assert not home.exists()
