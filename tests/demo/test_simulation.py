"""The simulated feed: the same plan gives the same bytes, and the true course behind it is possible and plausible."""

import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from app.census.facilities import AddFacility, DescribeUnit
from app.demo.hospital import ACUTE, LTCH, facilities, npi
from app.demo.plan import Plan
from app.demo.simulation import Simulation, simulate
from app.demo.stays import Stay
from app.interop import hl7
from app.kernel.identifiers import Npi

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
SMALL = Plan(now=NOW, seed=7, beds=60, ltch_beds=12, days=30)


@pytest.fixture(scope="module")
def small() -> Simulation:
    return simulate(SMALL)


@pytest.fixture(scope="module")
def whole() -> Simulation:
    return simulate(Plan(now=NOW, seed=3))


def test_the_same_plan_gives_the_same_bytes(small: Simulation) -> None:
    again = simulate(SMALL)
    assert [(one.at, one.raw) for one in small] == [(one.at, one.raw) for one in again]


def test_a_new_process_gives_the_same_bytes_too() -> None:
    """A later start of the program must find the hospital where it left it: no order of sets or hashes may show."""
    script = (
        "import hashlib, datetime as d; from app.demo.plan import Plan; from app.demo.simulation import simulate;"
        "now = d.datetime(2026, 11, 22, 15, 30, tzinfo=d.UTC); digest = hashlib.sha256();"
        "[digest.update(one.raw) for one in simulate(Plan(now=now, seed=7, beds=40, ltch_beds=6, days=5))];"
        "print(digest.hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_people(small: Simulation) -> None:
    other = simulate(Plan(now=NOW, seed=8, beds=60, ltch_beds=12, days=30))
    assert {one.raw for one in small}.isdisjoint(one.raw for one in other)


def test_every_message_parses_and_says_what_it_must(small: Simulation) -> None:
    for one in small:
        message = hl7.parse(one.raw)
        assert message.message_type == "ADT"
        assert message.event and message.control_id and message.processing_id == "P"
        assert message.sending_facility == one.facility
        patient = message.first("PID")
        assert patient is not None and patient.text(3) and patient.text(5)
        visit = message.first("PV1")
        if message.event in ("A28", "A31", "A40"):
            assert visit is None
        else:
            assert visit is not None
            assert (visit.text(19), visit.text(19, 4)) == (one.visit, one.facility)


def test_history_is_sent_in_order_and_ends_now(small: Simulation) -> None:
    times = [one.at for one in small]
    assert times == sorted(times)
    assert times[-1] <= NOW
    for one in small:
        recorded = hl7.parse(one.raw).first("EVN")
        assert recorded is not None
        stamp = datetime.strptime(recorded.text(2)[:12], "%Y%m%d%H%M").replace(tzinfo=SMALL.zone)
        assert stamp <= NOW


def test_every_kind_of_message_occurs(whole: Simulation) -> None:
    kinds = Counter(one.raw.split(b"|", 9)[8].split(b"^")[1].decode() for one in whole)
    wanted = {f"A{number:02}" for number in (*range(1, 14), 15, 16, 17, 21, 22, 23, 25, 26, 28, 31, 38, 40, 54, 55)}
    wanted -= {"A14"}
    assert wanted <= set(kinds)
    assert 60_000 <= kinds.total() <= 100_000


def test_messages_are_also_late_repeated_and_sent_again(whole: Simulation) -> None:
    contents, controls, delays = Counter(), set(), []
    for one in whole:
        contents[one.raw] += 1
        controls.add(one.raw.split(b"|", 10)[9])
    for sent in whole._history:
        delays.append(sent.at - sent.recorded)
    repeated = sum(count - 1 for count in contents.values())
    assert 0.003 < repeated / len(whole) < 0.012
    assert len(controls) == len(contents), "a control number stands for one content"
    assert 0.008 < sum(delay > timedelta(minutes=3) for delay in delays) / len(delays) < 0.04
    assert max(delays) > timedelta(hours=8)


def test_open_stays_come_first_and_nothing_is_lost(small: Simulation) -> None:
    reordered = list(small.open_first())
    front = small.open_count()
    assert all(one.open_now for one in reordered[:front])
    assert not any(one.open_now for one in reordered[front:])
    assert Counter(one.raw for one in reordered) == Counter(one.raw for one in small)
    opened = {(stay.facility, stay.visit) for stay in small.truth.open_stays()}
    assert {(one.facility, one.visit) for one in reordered[:front]} >= opened


@pytest.mark.parametrize("which", ["small", "whole"])
def test_nobody_shares_a_bed(which: str, request: pytest.FixtureRequest) -> None:
    simulation: Simulation = request.getfixturevalue(which)
    held = defaultdict(list)
    for stay in simulation.truth.stays.values():
        if stay.status in ("cancelled", "preadmit"):
            continue
        end = stay.state.discharged or NOW + timedelta(days=1)
        for (bed, since), until in zip(stay.beds, [*(since for _, since in stay.beds[1:]), end], strict=True):
            if bed.bed:
                held[bed].append((since, until, stay.visit))
    assert len(held) > simulation.plan.beds * 0.9
    for spans in held.values():
        spans.sort()
        for (_, until, visit), (since, _, other) in pairwise(spans):
            assert until <= since or visit == other


def test_nobody_has_two_stays_at_once(whole: Simulation) -> None:
    by_patient = defaultdict(list)
    for stay in whole.truth.stays.values():
        if stay.started is not None and stay.status != "cancelled":
            who = stay.patient.enterprise or stay.visit
            by_patient[who].append((stay.started, stay.state.discharged or NOW, stay.visit))
    for spans in by_patient.values():
        spans.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_census_is_plausible(whole: Simulation) -> None:
    truth = whole.truth
    assert len(truth.open_stays()) <= 400
    for facility in whole.facilities:
        shares = []
        for day in range(whole.plan.days):
            beds = [
                bed for bed in truth.occupants(NOW - timedelta(days=day)) if bed.facility == facility.code and bed.bed
            ]
            shares.append(len(beds) / facility.licensed_beds)
        assert 0.85 <= sum(shares) / len(shares) <= 0.93
        assert min(shares) >= 0.70 and max(shares) <= 1.0
        assert 0.80 <= shares[0] <= 0.97


def test_lengths_of_stay_follow_the_groups(whole: Simulation) -> None:
    truth = whole.truth
    acute = [truth.length_of_stay(stay) for stay in truth.discharges(ACUTE)]
    assert 38 <= len(acute) / whole.plan.days <= 52
    assert 4.0 <= sum(acute) / len(acute) <= 5.6
    long_term = [truth.length_of_stay(stay) for stay in truth.discharges(LTCH)]
    assert 23 <= sum(long_term) / len(long_term) <= 33
    sepsis = sorted(truth.length_of_stay(stay) for stay in truth.discharges(ACUTE) if stay.state.drg == "871")
    assert 4 <= sepsis[len(sepsis) // 2] <= 6, "GMLOS of 871 is 4.8 days"


def test_dispositions_weekdays_and_returns_are_plausible(whole: Simulation) -> None:
    truth = whole.truth
    ended = truth.discharges(ACUTE)
    share = {code: count / len(ended) for code, count in truth.dispositions(ACUTE).items()}
    assert 0.45 < share["01"] < 0.70 and 0.12 < share["06"] < 0.25 and 0.06 < share["03"] < 0.18
    assert 0.01 < share["20"] < 0.05 and 0.008 < share["63"] < 0.03
    assert {"02", "07", "50", "51", "62"} <= set(share)
    weekdays = Counter(truth.local_day(stay.state.discharged).weekday() for stay in ended if stay.state.discharged)
    assert weekdays[6] < 0.75 * weekdays[4]
    assert 0.08 <= _returned(ended) <= 0.13
    assert len(truth.discharges(ACUTE, "OBS")) > 600


def _returned(ended: list[Stay]) -> float:
    stays = defaultdict(list)
    for stay in ended:
        assert stay.inpatient_since is not None and stay.state.discharged is not None
        stays[stay.patient.enterprise].append((stay.inpatient_since, stay.state.discharged))
    returns = 0
    for spans in stays.values():
        returns += sum(second[0] - first[1] <= timedelta(days=30) for first, second in pairwise(sorted(spans)))
    return returns / len(ended)


def test_the_two_facilities_reuse_the_same_numbers(whole: Simulation) -> None:
    visits = defaultdict(set)
    for facility, visit in whole.truth.stays:
        visits[visit].add(facility)
    assert any(len(found) == 2 for found in visits.values())


def test_live_goes_on_where_the_history_ends() -> None:
    simulation = simulate(SMALL)
    history = list(simulation)
    live = list(islice(simulation.continue_from(NOW), 300))
    assert all(one.at > NOW for one in live)
    assert [one.at for one in live] == sorted(one.at for one in live)
    numbers = {hl7.parse(one.raw).control_id for one in history}
    assert sum(hl7.parse(one.raw).control_id in numbers for one in live) < 5, "only late messages and repetitions"
    longer = simulate(Plan(now=NOW, seed=7, beds=60, ltch_beds=12, days=30))
    assert [one.raw for one in islice(longer.continue_from(NOW), 300)] == [one.raw for one in live]


def test_a_simulation_is_continued_once() -> None:
    simulation = simulate(Plan(now=NOW, beds=20, ltch_beds=4, days=1))
    simulation.continue_from(NOW)
    with pytest.raises(RuntimeError, match="simulate the plan again"):
        simulation.continue_from(NOW)


def test_bad_plans_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Plan(now=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="at least one day"):
        Plan(now=NOW, days=0)
    with pytest.raises(ValueError, match="at least 20 acute beds"):
        simulate(Plan(now=NOW, beds=5))


@pytest.mark.parametrize(("beds", "ltch_beds"), [(20, 4), (53, 7), (250, 40)])
def test_the_houses_have_exactly_the_beds_of_the_plan(beds: int, ltch_beds: int) -> None:
    acute, long_term = facilities(beds, ltch_beds, "America/Chicago")
    assert (acute.licensed_beds, long_term.licensed_beds) == (beds, ltch_beds)
    places = [bed for facility in (acute, long_term) for unit in facility.units for bed in unit.beds]
    assert len(places) == len(set(places))


def test_the_houses_can_be_set_up_by_the_ordinary_commands(small: Simulation) -> None:
    for facility in small.facilities:
        AddFacility.model_validate(
            {
                "code": facility.code,
                "name": facility.name,
                "timezone": facility.time_zone,
                "kind": facility.kind,
                "authority": facility.authority,
            }
        )
        for unit in facility.units:
            beds = len(unit.beds)
            described = {"code": unit.code, "name": unit.name, "kind": unit.kind.value, "service": unit.service}
            assert DescribeUnit.model_validate(described | {"beds": beds}).kind == unit.kind


def test_physicians_have_wellformed_identifiers(small: Simulation) -> None:
    assert npi(123456789) == "1234567893", "the example of the NPI standard"
    for one in small.physicians:
        Npi(one.npi)
