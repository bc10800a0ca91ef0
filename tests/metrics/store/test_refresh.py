"""Cases follow the census: those of touched patients are the same as those of a full computation, whatever happened."""

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.census.facilities import DescribeUnit, FacilityChanged, describe_unit
from app.census.places import Facility
from app.clocks.commands import shown_rules
from app.metrics.store.agreement import compare
from app.metrics.store.days import differing
from app.metrics.store.refresh import bring_up_to_date, recompute, waiting
from app.metrics.store.touching import RECOMPUTE, touch, touch_at_midnight
from app.platform.work import begin, everywhere, reading
from tests.support.feed import Telling
from tests.support.world import NOW, World

ACTOR = everywhere("test")
PATIENT = "patient M1 | dob 19500101 | dx I50.9"
STAY = f"""
A01 | id C1 | rec 02-01 10:00 | {PATIENT} | visit V1 | bed 4W^1^A | class I
A03 | id C2 | rec 02-04 12:00 | {PATIENT} | visit V1 | bed 4W^1^A | class I | discharge 02-04 11:30 | disp 01
"""
RETURN = f"""
A01 | id C3 | rec 02-14 10:00 | {PATIENT} | visit V2 | bed 4W^1^A | class I
"""


def settle(at: datetime = NOW) -> None:
    while bring_up_to_date(at=at):
        pass


def of(measure: str, columns: str = "counted, excluded, numerator, value, detail") -> list[tuple[Any, ...]]:
    with reading(ACTOR, at=NOW) as db:
        query = f"select {columns} from measure_case where measure = %s order by day, encounter_id"
        return db.rows(lambda *row: row, query, (measure,))


def agrees(at: datetime = NOW) -> bool:
    with reading(ACTOR, at=at) as db:
        return compare(db).sound


@pytest.mark.usefixtures("database")
def test_a_discharge_is_counted_after_the_next_turn_of_the_duty(world: World) -> None:
    Telling(world).tell(STAY)
    assert of("los") == []

    settle()

    assert of("los", "value") == [(3.0,)]
    assert waiting().patients == 0
    assert agrees()


@pytest.mark.usefixtures("database")
def test_a_return_counts_for_the_stay_before_and_a_cancelled_one_does_not(world: World) -> None:
    feed = Telling(world)
    feed.tell(STAY + RETURN)
    settle()
    [(counted, excluded, hit, _, detail)] = of("readmission")
    assert (counted, excluded, hit) == (True, "", 1.0)
    assert (detail["days"], detail["planned"], detail["still_there"]) == (10, False, True)

    feed.tell(f"A11 | id C9 | rec 02-14 11:00 | {PATIENT} | visit V2 | bed 4W^1^A | class I")
    settle()

    assert of("readmission", "numerator") == [(0.0,)]
    assert agrees()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("diagnosis", "lengths", "short"),
    [
        ("I50.9", [("merged_into_stay", None), ("", 7.0)], [None, 0.0]),  # one stay from 1 to 8 February
        ("J18.9", [("", 3.0), ("", 4.0)], [0.0, 0.0]),
    ],
)
def test_a_return_on_the_day_of_departure_for_the_same_is_one_stay_in_every_measure(
    world: World, diagnosis: str, lengths: list[tuple[str, float | None]], short: list[float | None]
) -> None:
    again = f"patient M1 | dob 19500101 | dx {diagnosis} | visit V2 | bed 4W^1^A | class I"
    Telling(world).tell(f"""{STAY}
A01 | id C3 | rec 02-04 22:00 | {again}
A03 | id C4 | rec 02-08 12:00 | {again} | discharge 02-08 11:30 | disp 01
""")
    settle()

    assert of("los", "excluded, value") == lengths
    assert of("one_midnight", "numerator") == [(one,) for one in short]
    merged = [excluded for excluded, _ in lengths if excluded]
    assert [one for (one,) in of("readmission", "excluded") if one] == merged
    assert [one for (one,) in of("excess_days", "excluded") if one == "merged_into_stay"] == merged
    assert agrees()


@pytest.mark.usefixtures("database")
def test_a_return_to_another_hospital_of_the_installation_counts(world: World) -> None:
    Telling(world).tell(STAY)
    south = Telling(world, "SOUTH", first=50)
    south.policy = msgspec.structs.replace(south.policy, default_authority="NORTH")
    south.tell(RETURN)
    settle()

    [(numerator, detail)] = of("readmission", "numerator, detail")
    assert numerator == 1.0
    assert detail["returned_to"] == world.facility["SOUTH"]


@pytest.mark.usefixtures("database")
def test_whoever_loses_a_stay_in_a_reversed_merge_is_reckoned_too(world: World) -> None:
    feed = Telling(world)
    other = "patient M2 | dob 19500101 | dx I50.9"
    feed.tell(STAY + RETURN.replace(PATIENT, other))
    settle()
    assert of("readmission", "numerator") == [(0.0,)]

    feed.tell("A40 | id C5 | rec 02-15 10:00 | patient M1 | mrg M2")
    settle()
    assert of("readmission", "numerator") == [(1.0,)]
    assert agrees()

    feed.tell("A37 | id C6 | rec 02-16 10:00 | patient M1 | and | patient M2")
    settle()
    assert agrees()


@pytest.mark.usefixtures("database")
def test_a_refresh_writes_only_what_differs(world: World) -> None:
    Telling(world).tell(STAY)
    settle()
    before = of("los", "id, computed_at")

    with begin(ACTOR, at=NOW) as work:
        touch(work, patients=[work.value("select id from patient")])
    settle(NOW + timedelta(minutes=1))
    found = recompute(at=NOW + timedelta(minutes=2))

    assert of("los", "id, computed_at") == before
    assert (found.made, found.removed, found.differing) == (0, 0, 0)


@pytest.mark.usefixtures("database")
def test_the_nightly_computation_repairs_and_reports_what_differs(world: World) -> None:
    Telling(world).tell(STAY)
    settle()
    world.owner.execute("update measure_case set value = 99 where measure = 'los'")
    world.owner.execute("update measure_day set total = 99 where measure = 'los'")
    with reading(ACTOR, at=NOW) as db:
        assert compare(db).measures == ("los",)

    found = recompute(at=NOW)

    assert (found.differing, found.measures) == (1, ("los",))
    assert of("los", "value") == [(3.0,)]
    assert agrees()


@pytest.mark.usefixtures("database")
def test_sums_that_do_not_add_up_are_found(world: World) -> None:
    Telling(world).tell(STAY)
    settle()
    world.owner.execute("update measure_day set cases = cases + 1 where measure = 'los'")

    with reading(ACTOR, at=NOW) as db:
        assert [one.measure for one in differing(db)] == ["los"]


@pytest.mark.usefixtures("database")
def test_a_midnight_that_passes_touches_whoever_is_here(world: World) -> None:
    Telling(world).tell(STAY + RETURN)
    settle()
    nights = len(of("avoidable_days"))
    midnight = datetime.fromisoformat("2026-03-06T00:03:00-06:00")

    touch_at_midnight(midnight - timedelta(hours=2))
    assert waiting().patients == 0
    touch_at_midnight(midnight)
    settle(midnight)

    assert len(of("avoidable_days")) > nights
    assert agrees(midnight)


@pytest.mark.usefixtures("database")
def test_what_is_touched_while_a_refresh_reads_waits_for_the_next(world: World) -> None:
    feed = Telling(world)
    feed.tell(STAY)
    with begin(ACTOR, at=NOW) as work:
        work.value("select pg_advisory_xact_lock(hashtext('measures.refresh'))")
        assert not bring_up_to_date(at=NOW)
        assert waiting().patients == 1
    settle()
    assert waiting().patients == 0


def awaited_jobs() -> int:
    with reading(ACTOR) as db:
        query = "select count(*) from procrastinate_jobs where task_name = %s and status = 'todo'"
        return int(db.value(query, (RECOMPUTE,)))


@pytest.mark.usefixtures("database")
def test_another_name_of_a_unit_and_another_zone_have_everything_reckoned_anew(world: World) -> None:
    Telling(world).tell(STAY)
    settle()
    with begin(ACTOR, at=NOW) as work:
        work.connection.execute("delete from procrastinate_jobs")
        describe_unit(work, world.facility["NORTH"], DescribeUnit(code="4W", name="Four West renamed"))
    assert awaited_jobs() == 1
    recompute(at=NOW)
    assert of("los", "unit") == [("Four West renamed",)]

    with begin(ACTOR, at=NOW) as work:
        work.connection.execute("delete from procrastinate_jobs")
        house = work.session.get_one(Facility, world.facility["NORTH"])
        house.timezone = "Pacific/Kiritimati"
        work.record(FacilityChanged(facility_id=house.id, code=house.code))
    assert awaited_jobs() == 1
    recompute(at=NOW)
    assert of("los", "day::text") == [("2026-02-05",)]


EVENTS = [
    "A01",
    "A01",
    "A02",
    "A03",
    "A03",
    "A03",
    "A06",
    "A07",
    "A08",
    "A11",
    "A12",
    "A13",
    "A40",
    "A37",
    "A45",
    "A50",
]


def sentence(dice: random.Random, number: int, house: str) -> str:
    """One message of a feed that is late, repeats itself, and takes things back."""
    day = dice.randrange(1, 27)
    parts = [
        dice.choice(EVENTS),
        f"id R{number}",
        f"rec 02-{day:02} {dice.randrange(24):02}:{dice.randrange(60):02}",
        f"patient M{dice.randrange(1, 4)}",
        f"visit {house}{dice.randrange(1, 6)}",
        f"bed {dice.choice(['4W^1^A', 'ICU^2^A', 'OBS^3^A'])}",
        f"class {dice.choice(['I', 'I', 'I', 'O', 'OBS', 'E'])}",
        f"dob {dice.choice(['19500101', '19600202', '20200101'])}",
        f"dx {dice.choice(['I50.9', 'J18.9', 'F32.9', 'C50.911', 'Z51.11'])}",
        f"disp {dice.choice(['01', '03', '07', '20', '30'])}",
        f"attending {dice.choice(['1001^A', '1002^B'])}",
        f"ins P{dice.randrange(1, 4)}",
    ]
    if parts[0] == "A03" or dice.random() < 0.2:
        parts.append(f"discharge 02-{min(27, day + dice.randrange(3)):02} {dice.randrange(24):02}:00")
    if parts[0] in ("A40", "A45", "A50", "A37"):
        parts += [f"mrg M{dice.randrange(1, 4)}", f"mrg-visit {house}{dice.randrange(1, 6)}"]
    return " | ".join(parts)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_feed_tells_step_by_step_is_the_same_as_all_at_once(world: World, seed: int) -> None:
    dice = random.Random(seed)
    feeds = {"N": Telling(world), "S": Telling(world, "SOUTH", first=500)}
    feeds["S"].policy = msgspec.structs.replace(feeds["S"].policy, default_authority="NORTH")
    for number in range(36):
        house = dice.choice("NS")
        feeds[house].tell(sentence(dice, number, house))
        if dice.random() < 0.3:
            bring_up_to_date(at=NOW)
            assert agrees()
    settle()

    assert agrees()
    found = recompute(at=NOW)
    assert (found.made, found.removed) == (0, 0)
    assert found.cases > 0 and shown_rules()
