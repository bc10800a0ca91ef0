"""Every page that shows returns says which lists they were judged by, and how finely those look."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from app.metrics.reports.content import content
from app.metrics.reports.queries import report_of, shipped_key
from app.metrics.reports.showing import sections
from app.platform.now import now
from app.platform.work import reading
from tests.metrics.study.planted import plant
from tests.metrics.value_sets.test_store import take
from tests.support.client import Browser
from tests.support.world import World


def told_by_report(world: World) -> str:
    north = world.facility["NORTH"]
    with reading(world.viewer("dora")) as db:
        found = content(db, report_of(db, north, shipped_key(north)), world.place["NORTH"], now().date())
    [returns] = [one for one in sections(found) if one["key"] == "readmission"]
    [told] = [row["value"] for row in returns["definition"] if row["label"] == "Made with"]
    return str(told)


def test_the_vintage_stands_beside_the_figure(
    world: World, monkeypatch: pytest.MonkeyPatch, browser_for: Callable[..., Browser], tmp_path: Path
) -> None:
    plant(world, monkeypatch, 12)
    dora = browser_for("dora")
    assert "lists cms2021, categories alone" in dora.get("/control").text
    page = unescape(dora.get("/measures/readmission").text)
    assert "Code lists of vintage cms2021, categories alone" in page and "linked by dates" in page
    assert "Code lists of vintage" not in dora.get("/measures/los").text
    assert told_by_report(world) in page

    take(tmp_path, "site-2026")

    assert "lists site-2026 ·" in unescape(dora.get("/control").text)
    page = unescape(dora.get("/measures/readmission").text)
    assert "Code lists of vintage site-2026, categories and the single codes beside them." in page
    assert told_by_report(world) in page
