"""What is owed follows the facts of a stay in the same transaction, in versions; one bad stay stops nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.clocks import commands, engine, gather
from app.clocks.events import ClocksSwept
from app.clocks.facts import Record, StayFacts
from app.clocks.gather import Lent
from app.clocks.registry import RULES
from app.clocks.terms import Copy, NoticeKind, RecordKind
from app.clocks.upkeep.sweeping import sweep
from app.platform.work import begin, everywhere, reading
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
WATCHED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | class O | type OBS | ins MEDICARE\n"
ORDERED = "A06 | rec 03-05 08:00 | occ 03-05 08:00 | bed 4W^401^A | class I | ins MEDICARE\n"
LEAVES = "A08 | rec 03-05 09:00 | bed 4W^401^A | expected 20260307120000 | ins MEDICARE\n"


@pytest.fixture(autouse=True)
def every_rule_shown() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(RULES)
    yield
    commands.show(before)


@pytest.fixture
def delivered() -> Iterator[list[Record]]:
    """Records that a feature lends for every stay."""
    records: list[Record] = []
    sources = list(gather._sources)
    gather.install([*sources, lambda view, stays: [Lent(stay, records=tuple(records)) for stay in stays]])
    yield records
    gather.install(sources)


def owed(at: datetime | None = None) -> dict[str, tuple[Any, ...]]:
    """What is stored as owed, by rule: required, due, closed."""
    with reading(ME, as_of=at) as view:
        rows = view.rows(
            lambda *row: row,
            "select rule, required, due_at, closed_at from obligation where ended_at is null order by rule",
        )
    return {row[0]: row[1:] for row in rows}


def versions() -> int:
    with reading(ME) as view:
        return int(view.value("select count(*) from obligation"))


def look_again(at: datetime) -> None:
    with begin(ME, at=at) as work:
        commands.refresh(work, work.values("select id from encounter"))
        work.record(ClocksSwept(stays=1, changed=0))


def test_an_admission_starts_its_clocks_in_the_same_transaction(world: World):
    Telling(world).tell(ADMITTED)

    found = owed()
    assert found["N-IM1"] == (True, datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC), None)
    assert found["DP-SCREEN"][1] == datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    assert "N-MOON" not in found


def test_the_same_facts_again_make_no_new_version(world: World):
    Telling(world).tell(ADMITTED)
    before = versions()

    look_again(NOW + timedelta(hours=5))

    assert versions() == before


def test_observation_that_becomes_an_admission_ends_one_clock_and_starts_another(world: World):
    feed = Telling(world, live=True)
    feed.tell(WATCHED, at=NOW - timedelta(days=1))
    assert owed()["N-MOON"][0] and not owed()["N-IM1"][0]

    feed.tell(ORDERED)

    assert owed()["N-MOON"][0] is False
    assert owed()["N-IM1"][0] is True
    as_it_was = owed(NOW - timedelta(hours=1))
    assert as_it_was["N-MOON"][0] and not as_it_was["N-IM1"][0]


def test_an_expected_date_moves_the_follow_up_copy(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED)
    assert owed()["N-IM2"] == (True, None, None)

    feed.tell(LEAVES)

    assert owed()["N-IM2"][1] == datetime(2026, 3, 7, 13, 0, tzinfo=UTC)  # four hours before eleven in Chicago


def test_evidence_closes_and_evidence_struck_out_reopens(world: World, delivered: list[Record]):
    Telling(world).tell(ADMITTED)
    given = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
    delivered.append(Record(kind=RecordKind.NOTICE, at=given, notice=NoticeKind.IM, copy=Copy.FIRST))
    look_again(NOW)
    assert owed()["N-IM1"][2] == given

    delivered.clear()
    look_again(NOW + timedelta(minutes=1))

    assert owed()["N-IM1"][2] is None
    assert owed(NOW + timedelta(seconds=30))["N-IM1"][2] == given


def test_one_stay_that_cannot_be_computed_is_kept_and_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01", "A01 | visit V200 | patient M200").replace("401^A", "402^A"))
    with reading(ME) as view:
        bad = view.value("select id from encounter where visit_number = 'V200'")

    def faulty(facts: StayFacts) -> list[Any]:
        if facts.id == str(bad):
            raise ValueError("Rivera")
        return engine.obligations(facts)

    monkeypatch.setattr(commands, "obligations", faulty)
    feed.tell(LEAVES)
    sweep(NOW)

    with reading(ME) as view:
        faults = view.connection.execute("select encounter_id, error, closed_at from clock_fault").fetchall()
    assert [(stay, closed) for stay, _, closed in faults] == [(bad, None)]
    assert "ValueError at test_refresh.py" in faults[0][1] and "Rivera" not in faults[0][1]

    monkeypatch.setattr(commands, "obligations", engine.obligations)
    sweep(NOW + timedelta(hours=1))

    with reading(ME) as view:
        assert view.value("select count(*) from clock_fault where closed_at is null") == 0


def test_a_sweep_after_a_change_of_policy_follows_it(world: World):
    Telling(world).tell(ADMITTED)
    with begin(ME, at=NOW) as work:
        work.write(
            "policy_rule",
            "insert into policy_rule (facility_id, rule, allowance, begins, made_at)"
            " values (%s, 'DP-SCREEN', '48 hours', '2026-01-01', %s)",
            (world.facility["NORTH"], NOW),
        )
        work.record(ClocksSwept(stays=0, changed=0))
    assert sweep(NOW) == 1

    assert owed()["DP-SCREEN"][1] == datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
