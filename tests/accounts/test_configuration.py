"""The configuration page: every setting with its source, no secret, and what really runs."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from litestar.testing import TestClient

from app.cli import run
from app.jobs import DUTIES
from app.main import create_app
from app.platform.postgres import Addresses
from app.platform.queue import run_worker
from app.settings import Settings, described
from tests.support.client import Browser
from tests.support.world import World

ADDRESS = "postgresql://owner:opensesame@db.example:5433/daybook?sslmode=require"


def test_every_setting_has_a_variable_a_meaning_and_a_source():
    given = {"DATABASE_URL": ADDRESS, "DAYBOOK_METRICS_TOKEN": "opensesame", "DAYBOOK_IDLE_MINUTES": "20"}
    shown = described(Settings.from_environment(given), given)

    assert len(shown) == len(fields(Settings)) == len({one.variable for one in shown})
    assert all(one.meaning[0].isupper() and one.meaning.endswith(".") for one in shown)
    found = {one.variable: (one.value, one.origin) for one in shown}
    assert found["DAYBOOK_IDLE_MINUTES"] == ("20", "environment")
    assert found["DAYBOOK_SESSION_HOURS"] == ("12", "default")
    assert found["DATABASE_URL"] == ("postgresql://…@db.example/daybook", "environment")
    assert "opensesame" not in str(shown)


def test_what_a_command_decides_is_said_to_be_its_own():
    settings = replace(Settings.from_environment({}), secure_cookies=False)

    found = {one.variable: (one.value, one.origin) for one in described(settings, {})}

    assert found["DAYBOOK_INSECURE_COOKIES"] == ("not secure", "this command")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("DAYBOOK_LOG", "xml"), ("DAYBOOK_METRICS_FROM", "the office"), ("DAYBOOK_IDLE_MINUTES", "0")],
)
def test_a_setting_that_cannot_be_understood_is_named(variable: str, value: str):
    with pytest.raises(ValueError, match=variable):
        Settings.from_environment({variable: value})


def test_the_page_is_for_administrators(browser_for: Callable[..., Browser]):
    page = browser_for("adam").get("/configuration").text

    assert "DAYBOOK_METRICS_FROM" in page and "drg.refresh" in page and "audit.seal" in page
    assert "No worker has signed on" in page and "nobody does it" in page and "not yet" in page
    assert browser_for("dora").get("/configuration").status_code == 403


def test_the_page_sees_a_worker_and_its_duties(world: World, settings: Settings):
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    worker = threading.Thread(target=lambda: loop.run_until_complete(run_worker(world.addresses.app, DUTIES, stop)))
    app = create_app(settings, world.addresses)
    with TestClient(app, base_url="http://testserver.local") as client:
        worker.start()
        try:
            for _again in range(400):
                if client.get("/readyz").status_code == 200:
                    break
            page = Browser(client, world, "adam").get("/configuration").text
        finally:
            loop.call_soon_threadsafe(stop.set)
            worker.join(15)
            loop.close()

    assert ">alive<" in page and "being done" in page and "nobody does it" not in page
    assert "No worker has signed on" not in page


def test_doctor_says_the_same_in_short(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATABASE_URL", addresses.owner)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", addresses.app)
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path))

    assert run(["doctor"]) == 0

    said = capsys.readouterr().out
    assert "settings: DAYBOOK_HOME, DATABASE_URL, DAYBOOK_APP_DATABASE_URL set by the environment." in said
    assert "background work: No worker is alive at this moment, 0 jobs have failed." in said
