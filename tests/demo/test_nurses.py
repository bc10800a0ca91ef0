"""The simulated nurses: what they did by their own record is what the tables and the engine say."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.demo import run
from app.demo.nurses.deeds import Deed
from app.demo.nurses.working import Nurses
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import Simulation, simulate
from app.interop.inbox import drain
from app.notices.terms import Receipt
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading

NOW = datetime(2026, 3, 5, 22, 41, tzinfo=UTC)  # a Thursday, 16:41 in Chicago
CHICAGO = ZoneInfo("America/Chicago")
ACTOR = everywhere("test")
RULES = {"IM first": "N-IM1", "IM followup": "N-IM2", "MOON ": "N-MOON", "MCSN ": "N-MCSN", "DND ": "N-DND"}
EARLIEST = {"N-IM1", "N-IM2"}


class Played:
    """A small hospital of ten days, and what its nurses did."""

    def __init__(self, folder: Path) -> None:
        self.simulation: Simulation = simulate(Plan(seed=11, beds=40, ltch_beds=20, days=10, now=NOW))
        run.furnish(self.simulation)
        run.feed_open_stays(self.simulation, Memory(folder), Progress(self.simulation.plan), lambda *_: None)
        history = list(self.simulation.history_by_stay())
        run.receive([one.raw for one in history], run._SOURCE, at=[one.at for one in history])
        while drain():
            pass
        run.name_lines(self.simulation)
        self.nurses = Nurses(self.simulation)
        with reading(ACTOR) as db:
            self.stays = db.values("select id from encounter order by id")
        self.deeds = self.nurses.work_on(self.stays)
        struck = Counter((one.stay, name(one), one.at) for one in self.deeds if one.strike)
        self.standing = [one for one in self.given if not struck[one.stay, name(one), one.at]]

    @property
    def given(self) -> list[Deed]:
        """The deliveries, struck out or not."""
        return [one for one in self.deeds if one.give is not None]


@pytest.fixture(scope="module")
def played(lasting_database: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Played once: the tests only read, or do what must change nothing."""
    return Played(tmp_path_factory.mktemp("played"))


def name(deed: Deed) -> str:
    return f"{deed.kind} {deed.copy or ''}"


def rows(query: str, parameters: Any = None, *, at: datetime | None = None) -> list[Any]:
    with reading(ACTOR, as_of=at) as db:
        return db.connection.execute(db.worded(query), parameters).fetchall()


def test_the_tables_count_what_the_nurses_did(played: Played):
    stand = Counter((name(one), str(one.give.receipt if one.give else "")) for one in played.standing)
    stored = rows(
        "select kind || ' ' || which_copy, receipt, count(*) from notice_delivery where ended_at is null group by 1, 2"
    )
    assert {(what, receipt): count for what, receipt, count in stored} == stand
    assert sum(count for (what, _), count in stand.items() if what.startswith("IM")) > 30
    assert stand["IM first", Receipt.PAPER] > stand["IM first", Receipt.REFUSED]

    struck = rows("select count(*) from notice_delivery where ended_because = 'struck_out'")[0][0]
    assert struck == sum(1 for one in played.deeds if one.strike) == len(played.given) - len(played.standing)
    steps = dict(rows("select step, count(*) from qio_appeal_step group by 1"))
    assert steps == Counter(one.step.value for one in played.deeds if one.step)

    late = [one for one in played.given if one.late]
    assert 0 < len(late) < len(played.given) / 4, "most in time, some late"
    _some_work_is_left()


def _some_work_is_left() -> None:
    left = rows(
        "select o.due_at from obligation o join encounter e on e.id = o.encounter_id where o.ended_at is null"
        " and o.required and o.closed_at is null and e.status in ('admitted', 'on_leave') and o.due_at is not null"
    )
    assert any(due > NOW for (due,) in left), "a day without work would be no demonstration"


def test_the_engine_says_the_same_of_every_delivery(played: Played):
    """The obligation as it stood once the delivery was recorded: closed at its true time, in time or late."""
    query = (
        "select due_at, closed_at from obligation"
        " where encounter_id = %s and rule = %s and ended_at is null and required"
    )
    moved = (
        "select count(distinct (status, patient_class, expected_discharge_at, pending_kind, pending_at)) > 1"
        " from encounter_known where encounter_id = %s and known_until > %s and known_from <= %s"
    )
    soon = [one for one in played.standing if one.entered - one.at < timedelta(hours=5)]
    settled = [one for one in soon if not rows(moved, (one.stay, one.at, one.entered))[0][0]]
    assert len(settled) > 0.8 * len(soon), "seldom is a departure moved while the nurse still goes round"
    for one in settled:
        found = rows(query, (one.stay, RULES[name(one)]), at=one.entered)
        assert (one.at, one.late) in [(closed, due is not None and closed > due) for due, closed in found], one.kind


def test_nothing_was_given_before_it_was_owed(played: Played):
    """By what had been recorded until then; a detailed notice follows a call that is recorded with it."""
    query = (
        "select earliest_at from obligation where encounter_id = %s and rule = %s and ended_at is null"
        " and required and closed_at is null"
    )
    for one in played.given:
        rule = RULES[name(one)]
        if rule == "N-DND":
            continue
        [(earliest,)] = rows(query, (one.stay, rule), at=one.at)
        assert earliest is None or earliest <= one.at
        assert (earliest is not None) is (rule in EARLIEST)


def test_work_is_done_on_rounds_and_by_who_has_the_unit(played: Played):
    for one in played.given:
        local = one.at.astimezone(CHICAGO)
        assert (8, 10) <= (local.hour, local.minute) <= (16, 5)
        assert local.weekday() < 5 or local.hour < 12, "one round at weekends"
        assert one.at <= one.entered <= NOW
    names = {one.name: one.units for one in run.cast(played.simulation.physicians) if one.units}
    units = {
        (stay, person): unit
        for stay, person, unit in rows(
            "select d.encounter_id, u.name, k.unit from notice_delivery d join app_user u on u.id = d.made_by"
            " join encounter_known k on k.encounter_id = d.encounter_id and k.known_from <= d.delivered_at"
            " and k.known_until > d.delivered_at"
        )
    }
    for (_, person), unit in units.items():
        own = next((one for one, theirs in names.items() if unit in theirs), None)
        assert own is None or own == person


def test_the_same_history_gives_the_same_deeds_once(played: Played):
    before = rows("select count(*), count(ended_at) from notice_delivery")
    current = (
        "select encounter_id, rule, subject, due_at, closed_at from obligation where ended_at is null order by 1, 2, 3"
    )
    owed = rows(current)

    again = played.nurses.work_on(played.stays)  # a run that was cut off

    assert [(one.stay, one.at, one.kind) for one in again] == [(one.stay, one.at, one.kind) for one in played.deeds]
    assert rows("select count(*), count(ended_at) from notice_delivery") == before
    assert rows(current) == owed
