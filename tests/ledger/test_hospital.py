"""The ledger of a whole simulated hospital: units hold whom the feed put there; the doctor finds what does not fit."""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.demo import run
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.interop.inbox import drain
from app.kernel.days import start_of_day
from app.ledger.checking import check
from app.ledger.exporting import ledgers
from app.ledger.rules import LedgerDay, adds_up, sums, unit_census
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere, reading

NOW = datetime(2026, 3, 12, 22, 41, tzinfo=UTC)  # four days after clocks went forward
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture(scope="module")
def hospital(lasting_database: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Played once: the tests only read, and what one breaks it takes back."""
    plan = Plan(seed=17, beds=24, ltch_beds=4, days=12, now=NOW)
    simulation = simulate(plan)
    run.furnish(simulation)
    history = list(simulation.history_by_stay())
    run.feed_open_stays(simulation, Memory(tmp_path_factory.mktemp("h")), Progress(plan), lambda *_: None)
    run.receive([one.raw for one in history], run._SOURCE, at=[one.at for one in history])
    while drain():
        pass
    yield lasting_database


def all_ledgers() -> dict[uuid.UUID, list[LedgerDay]]:
    with reading(everywhere("test"), at=NOW) as view:
        keys = view.values("select id from encounter where gone_at is null and status not in ('preadmit', 'cancelled')")
        return dict(ledgers(view, keys))


def census_at(midnight: datetime) -> Counter[str]:
    """Who lay where at an instant, by nothing but the movements of stays that were not gone."""
    query = """
      select m.value from movement m join encounter e on e.id = m.encounter_id
      where m.lane = 1 and m.since < %(at)s and (m.until is null or m.until >= %(at)s) and e.gone_at is null
        and e.status not in ('preadmit', 'cancelled')
        and (e.status <> 'discharged' or e.discharge_at is null or e.discharge_at >= %(at)s)
        and not exists (select from movement l where l.encounter_id = e.id and l.lane = 5 and l.since < %(at)s
          and (l.until is null or l.until >= %(at)s))
    """
    with reading(everywhere("test"), at=NOW) as view:
        return Counter(place.split("^")[0] for place in view.values(query, {"at": midnight}))


def test_the_parts_of_every_stay_and_of_the_house_add_up(hospital: Addresses) -> None:
    found = all_ledgers()
    assert len(found) > 60
    assert all(adds_up(sums(days)) for days in found.values())
    everything = [one for days in found.values() for one in days]
    assert adds_up(sums(everything))
    assert {one.occupied for one in everything} >= {"I", "O", "C", "E"}


def test_patient_days_of_each_unit_and_date_are_its_midnight_census(hospital: Addresses) -> None:
    by_day: dict[date, Counter[str]] = {}
    for days in all_ledgers().values():
        for (unit, day), count in unit_census(days).items():
            by_day.setdefault(day, Counter())[unit] += count
    last = NOW.astimezone(CHICAGO).date() - timedelta(days=1)
    assert max(by_day) == last
    for day, counted in by_day.items():
        assert counted == census_at(start_of_day(day + timedelta(days=1), CHICAGO)), day


def test_the_doctor_counts_every_midnight_again_and_finds_nothing(hospital: Addresses) -> None:
    with reading(everywhere("test"), at=NOW) as view:
        found = check(view)
    assert found.broken == []
    assert found.midnights == sum(len(days) for days in all_ledgers().values()) > 200


A_SECOND_PLACE = """
insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until)
select encounter_id, stay_serial, facility_id, 1, 'ATTIC^1^A', since - interval '2 days', coalesce(until, %(now)s)
from movement where encounter_id = %(stay)s and lane = 1 order by since limit 1
"""


def test_the_doctor_names_the_stay_with_a_planted_break(hospital: Addresses) -> None:
    key = max(all_ledgers().items(), key=lambda one: len(one[1]))[0]
    with pytest.raises(Undo), begin(everywhere("test"), at=NOW) as work:
        work.connection.execute(A_SECOND_PLACE, {"stay": key, "now": NOW})
        found = check(work)
        assert {one.encounter_id for one in found.broken} == {key}
        assert "midnight census" in found.broken[-1].what
        raise Undo
    with reading(everywhere("test"), at=NOW) as view:
        assert check(view).broken == []


class Undo(Exception):
    """Takes back what was planted."""
