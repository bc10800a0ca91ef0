"""Stored clocks given out as data, compared with a fresh computation, and their faults shown to who can act."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from app.census.exports import Form
from app.clocks import commands
from app.clocks.events import ClocksSwept
from app.clocks.facts import StayFacts
from app.clocks.registry import RULES
from app.clocks.upkeep.agreement import differences
from app.clocks.upkeep.exporting import COLUMNS, AskObligations, export_obligations
from app.clocks.upkeep.sweeping import sweep
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
WATCHED = "A07 | rec 03-05 08:00 | occ 03-05 08:00 | bed 4W^401^A | class O | type OBS | ins MEDICARE\n"


@pytest.fixture(autouse=True)
def every_rule_shown() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(RULES)
    yield
    commands.show(before)


def exported(**ask: Any) -> dict[str, dict[str, Any]]:
    return {line["rule"]: line for line in json.loads(export_obligations(AskObligations("NORTH", **ask)))}


def test_the_export_says_what_was_known_at_an_instant(world: World):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - timedelta(days=1))
    feed.tell(WATCHED)

    assert exported()["N-MCSN"]["standing"] in ("due", "overdue")
    before = exported(as_of=NOW - timedelta(hours=1))
    assert "N-MCSN" not in before
    assert before["N-IM1"] | {"because": ""} == {
        "visit": "V100", "mrn": "M100", "family": "", "given": "", "location": "4W^401^A", "rule": "N-IM1",
        "subject": "", "title": RULES["N-IM1"].title, "standing": "due", "severity": RULES["N-IM1"].severity.value,
        "actor": "case manager", "start": "2026-03-04T09:00:00-06:00", "earliest": before["N-IM1"]["earliest"],
        "due": "2026-03-06T23:59:59-06:00", "closed": None, "because": "",
        "citation": before["N-IM1"]["citation"], "confidence": "V", "version": before["N-IM1"]["version"],
    }  # fmt: skip


def test_all_forms_hold_the_same_and_are_disclosed(world: World, tmp_path: Any):
    Telling(world).tell(ADMITTED)

    (tmp_path / "x.csv").write_bytes(export_obligations(AskObligations("NORTH", Form.CSV)))
    (tmp_path / "x.parquet").write_bytes(export_obligations(AskObligations("NORTH", Form.PARQUET)))

    csv = pl.read_csv(tmp_path / "x.csv", infer_schema=False)
    assert csv.columns == pl.read_parquet(tmp_path / "x.parquet").columns == list(COLUMNS)
    assert csv["rule"].to_list() == list(exported())
    assert exported()
    with reading(ME) as view:
        seen = view.values("select cardinality(patients) from phi_access where route = 'export obligations'")
    assert set(seen) == {1} and len(seen) == 4
    with pytest.raises(Refused):
        export_obligations(AskObligations("NOWHERE"))


def test_what_differs_from_a_fresh_computation_is_found_and_the_sweep_heals_it(world: World):
    Telling(world).tell(ADMITTED)
    with reading(ME, at=NOW) as view:
        assert list(differences(view)) == []
    with begin(ME, at=NOW) as work:
        work.connection.execute("update obligation set due_at = due_at + interval '1 hour' where rule = 'N-IM1'")
        work.record(ClocksSwept(stays=0, changed=0))

    with reading(ME, at=NOW) as view:
        assert [one.rules for one in differences(view)] == [("N-IM1",)]
    sweep(NOW)
    with reading(ME, at=NOW) as view:
        assert list(differences(view)) == []


def test_a_fault_is_shown_on_the_monitor(
    world: World, browser_for: Callable[[str], Browser], monkeypatch: pytest.MonkeyPatch
):
    Telling(world).tell(ADMITTED)
    assert "Stays without deadlines" not in browser_for("lee").get("/interfaces").text

    def broken(facts: StayFacts) -> list[Any]:
        raise LookupError("Rivera")

    monkeypatch.setattr(commands, "obligations", broken)
    sweep(NOW)

    page = browser_for("lee").get("/interfaces").text
    assert "Stays without deadlines" in page and "LookupError at test_upkeep.py" in page and "Rivera" not in page
    other = browser_for("stan").get("/interfaces")
    assert other.status_code == 403 or "Stays without deadlines" not in other.text
