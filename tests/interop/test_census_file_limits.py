"""Files that are no census: far too long, too wide, from another age. They are refused at once, in a sentence."""

import resource
from collections.abc import Callable

import psycopg
import pytest

from app.interop.census_file.reading.decoding import Unreadable
from app.interop.census_file.reading.rows import Habits, read
from app.interop.census_file.storing import LARGEST
from app.interop.census_file.taking.uploading import KEPT, forget_old_uploads
from app.jobs import DUTIES
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
HABITS = Habits("NORTH", "America/Chicago")
HEAD = b"mrn,visit_number\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"a\n" * (LARGEST // 2), "more than"),
        (HEAD + b"1,\n" * (LARGEST // 4), "more than"),
        (HEAD[:-1] + b"," * (LARGEST - 100) + b"\n", "columns"),
        (HEAD + b"," * (LARGEST - 100), "more than"),
        (HEAD + b'"' * (LARGEST - 100), ""),
    ],
    ids=["short lines", "bad rows", "wide header", "wide row", "quotation marks"],
)
def test_what_is_far_too_long_takes_little_memory(data: bytes, sentence: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        contents = read(data, HABITS, NOW)
    except Unreadable as error:
        assert sentence in error.sentence
    else:
        assert not contents.rows and len(contents.problems) < 10
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 500 * 1024, f"{grown // 1024} MiB"


def upload(browser: Browser, taken_at: str, name: str = "census.csv"):  # type: ignore[no-untyped-def]
    return browser.post("/reconciliation/uploads", {"facility": "NORTH", "taken_at": taken_at},
                        files={"census": (name, HEAD + b"1,2\n", "text/csv")})  # fmt: skip


@pytest.mark.parametrize("taken_at", ["0001-01-01T00:00", "0026-03-05T06:00", "9999-12-31T23:59"])
def test_a_file_of_another_age_is_a_slip_of_the_pen(world: World, browser_for: BrowserFor, taken_at: str) -> None:
    answer = upload(browser_for("lee"), taken_at)
    assert answer.status_code == 422 and ("older than" in answer.text or "future" in answer.text)


@pytest.mark.parametrize("name", ["a\x00b.csv", "", "\ud800.csv".encode("utf-8", "replace").decode(), "x" * 5000])
def test_a_file_may_bear_any_name(world: World, browser_for: BrowserFor, name: str) -> None:
    assert upload(browser_for("lee"), "2026-03-05T06:00", name).status_code < 500


def test_an_upload_that_nobody_took_is_forgotten(world: World, browser_for: BrowserFor) -> None:
    where = upload(browser_for("lee"), "2026-03-05T06:00").headers["location"]
    forget_old_uploads()
    assert browser_for("lee").get(where).status_code == 200, "it is kept for half a day"
    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute("alter table census_upload disable trigger audit_row")
        owner.execute("update census_upload set uploaded_at = uploaded_at - %s", (KEPT,))

    forget_old_uploads()

    assert browser_for("lee").get(where).status_code == 404
    assert "census_file.forget" in DUTIES.jobs and any(one.job == "census_file.forget" for one in DUTIES.schedules)
