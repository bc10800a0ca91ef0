"""A day with known patients, by every door and with every kind of failure; then nothing of them is in the log."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.census import commands as census_commands
from app.census.stay import pages as stay_pages
from app.interop.inbox import Source, drain, receive
from app.interop.intake.files import import_files
from app.platform import log
from app.platform.queue import Duties
from app.platform.work import begin, everywhere, reading
from tests.platform.test_queue import BellRung, soon, working
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.mllp import Wire, listening
from tests.support.world import World

NEEDLES = ("QUIGLEY", "HORATIO", "MRN77123", "VISIT88456", "19560412", "allergic to walnuts")
NAME = "QUIGLEY^HORATIO"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, in the form of a running process."""
    root, ours = logging.getLogger(), logging.getLogger("app")
    before = root.handlers[:], root.level, ours.level, sys.excepthook
    stream = io.StringIO()
    log.install(stream=stream)
    yield stream
    root.handlers[:], sys.excepthook = before[0], before[3]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logging.captureWarnings(False)


def clean(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines, each a JSON object, and none with a word about a patient."""
    text = stream.getvalue()
    assert [needle for needle in NEEDLES if needle.lower() in text.lower()] == []
    return [json.loads(line) for line in text.splitlines()]


def admit(feed: Sender, **more: str) -> bytes:
    return feed.admit("VISIT88456", "MRN77123", name=NAME, **more)


def break_with_the_name(*_anything: object, **_more: object) -> Any:
    """Fail as the database does: with the row in the text."""
    raise ValueError("Failing row contains (MRN77123, QUIGLEY, HORATIO)")


def test_messages_good_bad_and_failing(
    lines: io.StringIO, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    feed, source = Sender(), Source("mllp", "test")
    with listening() as running, Wire(running.port) as wire:
        for message in (admit(feed), admit(Sender(facility="NOWHERE")), b"MSH|^~\\&|QUIGLEY\r"):
            wire.send(message)
    receive([b"no message of MRN77123 QUIGLEY", admit(feed, at="notatime QUIGLEY")], source)
    file = tmp_path / "day.hl7"
    file.write_bytes(feed.move("VISIT88456", "MRN77123", "ICU^01^A", name=NAME) + b"\rgarbage|QUIGLEY\r")
    list(import_files("NORTH", [file]))
    monkeypatch.setattr(census_commands, "Difference", break_with_the_name)
    receive([feed.discharge("VISIT88456", "MRN77123", name=NAME)], source)
    while drain():
        pass

    found = clean(lines)
    assert any(line.get("kind") == "ValueError" or line.get("error") == "ValueError" for line in found)


def test_pages_searches_notes_and_a_fault(
    lines: io.StringIO, app: Litestar, world: World, monkeypatch: pytest.MonkeyPatch
):
    receive([admit(Sender())], Source("mllp", "test"))
    while drain():
        pass
    with reading(everywhere("test")) as view:
        stay = view.value("select id from encounter")
    with TestClient(app, base_url="http://testserver.local", raise_server_exceptions=False) as client:
        dana = Browser(client, world, "dana")
        assert "QUIGLEY" in dana.get(f"/encounters/{stay}").text.upper()
        dana.post("/find", {"q": "QUIGLEY HORATIO"})
        dana.get("/find?q=MRN77123")
        dana.get("/MRN77123/QUIGLEY?name=HORATIO")
        dana.get("/encounters/MRN77123")
        dana.post(f"/encounters/{stay}/notes", {"text": "allergic to walnuts"})
        dana.post(f"/encounters/{stay}/notes", {"text": "allergic to walnuts " * 2000})
        Browser(client, world).post("/sign-in", {"name": "HORATIO QUIGLEY", "password": "MRN77123"})
        monkeypatch.setattr(stay_pages, "the_viewer", break_with_the_name)
        failed = dana.client.get(f"/encounters/{stay}?name=QUIGLEY", follow_redirects=False)

    found = clean(lines)
    assert failed.status_code == 500
    requests = [line for line in found if line["message"] == "request"]
    assert {"GET /encounters/{encounter_id}", "POST /find", "GET none", "POST /sign-in"} <= {
        f"{line['method']} {line['route']}" for line in requests
    }
    mine = [line for line in requests if line.get("actor_id") == str(world.user["dana"])]
    assert len(mine) >= 6 and all(0 < line["seconds"] < 60 and line["request"] for line in mine)
    fault = next(line for line in found if line["message"] == "request failed")
    assert fault["kind"] == "ValueError" and fault["code"] in failed.text
    assert failed.headers["x-request-id"] == fault["code"]
    assert any(line["request"] == fault["code"] and line["status"] == 500 for line in requests)


def test_jobs_that_fail_and_rows_that_the_database_refuses(lines: io.StringIO, world: World):
    ran: list[int] = []

    def fail() -> None:
        ran.append(1)
        with begin(everywhere("test")) as work:
            work.write("patient", "insert into patient (id, authority, number) values ('QUIGLEY', '', 'MRN77123')")

    with working(world.addresses, Duties(jobs={"ring": fail})):
        with begin(everywhere("test")) as work:
            work.record(BellRung())
            work.later("ring")
        assert soon(lambda: bool(ran) and "job failed" in lines.getvalue())

    failed = next(line for line in clean(lines) if line["message"] == "job failed")
    assert failed["task_name"] == "ring" and failed["kind"] == "InvalidTextRepresentation"


def test_lines_for_people_hold_no_more_than_those_for_machines(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAYBOOK_LOG", "text")
    root = logging.getLogger()
    before, hook, level = root.handlers[:], sys.excepthook, root.level
    stream = io.StringIO()
    try:
        log.install(stream=stream)
        logging.getLogger("app.census").warning("no bed for %s", "QUIGLEY", extra={"count": 2, "patient": "QUIGLEY"})
    finally:
        root.handlers[:], sys.excepthook = before, hook
        root.setLevel(level)
        logging.captureWarnings(False)

    [line] = stream.getvalue().splitlines()
    assert line.endswith("warning app.census no bed for %s count=2")
