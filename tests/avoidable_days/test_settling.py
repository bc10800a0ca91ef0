"""What is recorded for a day follows the facts: the phase until the day is locked, and that no date counts twice."""

import uuid
from datetime import date, timedelta

import pytest

from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.queries import entries_frame
from app.avoidable_days.stay import days_context
from app.clocks.facts import Event
from app.clocks.terms import EventKind
from app.discharge.ready.commands import State, StrikeStatement, state, strike_out
from app.discharge.ready.terms import StatementKind
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.worklists.registry import REGISTRY
from tests.avoidable_days.stories import local
from tests.avoidable_days.support import READY, Planted, admitted, history, record
from tests.support.feed import Telling
from tests.support.world import NOW, World

MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    return Planted(monkeypatch)


def phases(stay: uuid.UUID) -> dict[date, str]:
    return {one.day: one.phase for one in history(stay) if one.ended_at is None}


def test_readiness_that_is_written_down_afterwards_moves_the_days_to_their_phase(world: World):
    stay = admitted(world)
    first = record(world, stay, day=MON, code="HS-02")
    record(world, stay, day=WED, code="HS-02")
    doctor = world.viewer("dana").acting(Permission.PLAN_WRITE)
    ask = State(kind=StatementKind.READY, on=date(2026, 3, 4), at="09:00", physician="Dr. Vale")

    with begin(doctor, at=NOW + timedelta(minutes=5)) as work:
        said = state(work, stay, ask, own=False)
    assert phases(stay) == {MON: "pre_ready", WED: "post_ready"}
    kept = [one for one in history(stay) if one.day == WED]
    assert [(one.phase, one.ended_because, one.amount) for one in kept] == [
        ("post_ready", "", 1.0), ("pre_ready", "amended", 1.0),
    ]  # fmt: skip
    assert kept[0].made_because == kept[1].ended_reason != "" and kept[0].recorded_at == kept[1].recorded_at
    assert [one.id for one in history(stay) if one.day == MON] == [first.id], "its phase is what it was"

    with begin(doctor, at=NOW + timedelta(minutes=6)) as work:
        strike_out(work, said.id, StrikeStatement(reason="Another patient"), own=False)
    assert phases(stay) == {MON: "pre_ready", WED: "pre_ready"}


def test_the_phase_of_a_locked_day_stays(world: World, planted: Planted):
    stay = admitted(world)
    record(world, stay, day=MON, code="HS-02")
    planted.events[stay] = [READY]
    sweep(at=NOW + timedelta(days=40))
    assert phases(stay) == {MON: "pre_ready"}
    planted.events[stay] = [Event(kind=EventKind.MEDICALLY_READY, at=local("2026-03-02 14:00"))]
    sweep(at=NOW)
    assert phases(stay) == {MON: "post_ready"}


def test_two_numbers_that_are_one_stay_count_a_date_once(world: World, planted: Planted):
    feed = Telling(world)
    for number in ("V100", "V200"):
        feed.tell(f"A01 | patient M1 | visit {number} | rec 02-25 10:00 | occ 02-25 10:00 | bed 4W^401^A\n")
    with reading(world.viewer("dora")) as db:
        known = {}
        for number in ("V100", "V200"):
            known[number] = db.value("select id from encounter where visit_number = %s", (number,))
    record(world, known["V100"], day=MON, code="HS-02")
    record(world, known["V100"], day=TUE, code="HS-02")
    record(world, known["V200"], day=MON, code="HS-03")
    feed.tell("A50 | patient M1 | visit V200 | mrg-visit V100 | rec 03-05 09:30\n")

    with reading(world.viewer("dora"), at=NOW) as db:
        shown = days_context(db, world.viewer("dora"), known["V200"])
        frame = entries_frame(db, [world.facility["NORTH"]], MON, WED)
        lost = REGISTRY.source(["avoidable_lost"], patient=False)
        listed = db.value(f"select avl.days {lost} where e.id = %s", (known["V200"],))
    assert shown["sums"]["total"] == "2"
    assert listed == 2, "the chip of the list says what the stay says"
    assert frame.select("day", "code", "amount").rows() == [
        (MON, "HS-03", 1.0), (MON, "HS-02", 0.0), (TUE, "HS-02", 1.0),
    ]  # fmt: skip
    assert set(frame["encounter_id"]) == {str(known["V200"])}


def test_a_day_on_which_the_patient_turns_out_not_to_have_been_here_counts_nowhere(world: World, planted: Planted):
    stay, cancelled = admitted(world, 1), admitted(world, 2)
    for day in (MON, TUE):
        record(world, stay, day=day, code="HS-02")
    record(world, cancelled, day=MON, code="HS-02")
    feed = Telling(world, first=70)
    feed.tell("A03 | patient M1 | visit V1 | rec 03-05 09:00 | occ 03-03 12:00\n")
    feed.tell("A11 | patient M2 | visit V2 | rec 03-05 09:00 | occ 03-05 09:00\n")

    with reading(world.viewer("dora"), at=NOW) as db:
        frame = entries_frame(db, [world.facility["NORTH"]], MON, WED)
        shown = days_context(db, world.viewer("dora"), stay)
    assert frame.select("encounter_id", "day").rows() == [(str(stay), MON)]
    assert shown["sums"]["total"] == "1"
    assert [one["counts"] for one in shown["entries"]] == ["counts 0: the patient was not here", "1 day"]
