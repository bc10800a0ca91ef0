"""Facts reach the tables once, stays keep their identity, and only what differs is written."""

from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.census.events import EncounterUpdated
from app.platform.work import begin, everywhere, reading
from tests.census.stories import ADMITTED, DISCHARGED
from tests.support.feed import Telling, apply, discrepancies
from tests.support.world import NOW, World

ME = everywhere("test")
MOVED = "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\n"
VISITOR = "A04 | visit E900 | class E | rec 03-10 02:15 | occ 03-10 02:10 | bed ED^12^\n"


def values(query: str, *parameters: Any) -> list[Any]:
    with reading(ME) as view:
        return view.values(query, parameters)


def rows(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with reading(ME) as view:
        return view.connection.execute(query, parameters).fetchall()


def events() -> list[str]:
    return values("select name from audit_event where actor = 'feed' and name <> 'census.folded' order by id")


def stay_of(visit: str) -> UUID:
    [key] = values("select id from encounter where visit_number = %s and gone_at is null", visit)
    assert isinstance(key, UUID)
    return key


def test_a_stay_becomes_rows_and_events(world: World) -> None:
    Telling(world).tell(ADMITTED + MOVED + DISCHARGED)
    assert rows("select status, patient_class, last_location, disposition from encounter") == [
        ("discharged", "IP", "ICU^03^A", "01")
    ]
    assert values("select value from movement where lane = 1 order by since") == ["4W^401^A", "ICU^03^A"]
    assert values("select value from movement where lane = 2") == ["IP"]
    assert events() == [
        "patient.updated", "encounter.admitted", "patient.moved", "encounter.discharged",
    ]  # fmt: skip
    assert discrepancies() == []


def test_the_same_facts_again_change_nothing(world: World) -> None:
    facts = Telling(world).facts(ADMITTED + MOVED)
    apply(facts)
    before = values("select count(*) from row_change"), len(events())
    apply(facts)
    assert (values("select count(*) from row_change"), len(events())) == before


def test_only_what_differs_is_written(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED + VISITOR.replace("V100", "V2"))
    before = values("select max(id) from row_change")[0]
    feed.tell("A08 | rec 03-10 10:00 | bed 4W^401^A | dx J18.9 | expected 03-13")
    changed = rows("select table_name, operation from row_change where id > %s order by id", before)
    assert changed == [("encounter", "update"), ("diagnosis", "insert")]


def test_a_backlog_and_single_messages_lead_to_the_same(world: World) -> None:
    story = ADMITTED + MOVED + DISCHARGED
    Telling(world).tell(story)
    Telling(world, "SOUTH", first=50).tell_at_once(story)
    columns = "status, patient_class, start_at, discharge_at, last_location, disposition"
    one, other = rows(f"select {columns} from encounter order by facility_id")
    assert one == other
    assert len(set(values("select count(*) from movement group by encounter_id"))) == 1


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_leaves_the_same_tables(world: World, seed: int) -> None:
    story = ADMITTED + MOVED + VISITOR + DISCHARGED + "A42 | mrg-visit E900 | rec 03-12 09:00\n"
    facts = Telling(world).facts(story)
    Random(seed).shuffle(facts)
    for fact in facts:
        apply([fact])
    assert discrepancies() == []
    assert rows("select visit_number, status from encounter where gone_at is null") == [("V100", "discharged")]


def test_a_stay_keeps_its_key_under_a_new_number(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED)
    key = stay_of("V100")
    feed.tell("A50 | visit V200 | mrg-visit V100 | rec 03-11 09:00")
    assert stay_of("V200") == key
    feed.tell("A08 | visit V100 | rec 03-12 09:00 | dx J18.9")  # a sender that has not heard of the new number
    assert values("select id from encounter") == [key]
    assert discrepancies() == []


def test_swapped_numbers_do_not_swap_stays(world: World) -> None:
    feed = Telling(world)
    feed.tell(
        "A01 | visit V1 | rec 03-10 08:00 | bed 4W^401^A\nA01 | visit V2 | patient M2 | rec 03-10 08:05 | bed 4W^402^A"
    )
    one, two = stay_of("V1"), stay_of("V2")
    feed.tell_at_once(
        "A50 | visit VX | mrg-visit V1 | rec 03-10 09:00\n"
        "A50 | visit V1 | patient M2 | mrg-visit V2 | rec 03-10 09:01\n"
        "A50 | visit V2 | mrg-visit VX | rec 03-10 09:02"
    )
    assert (stay_of("V2"), stay_of("V1")) == (one, two)
    assert rows("select visit_number, location from encounter order by visit_number") == [
        ("V1", "4W^402^A"), ("V2", "4W^401^A"),
    ]  # fmt: skip


def test_united_stays_leave_a_row_that_points_to_the_other(world: World) -> None:
    feed = Telling(world)
    feed.tell(VISITOR + ADMITTED)
    former, kept = stay_of("E900"), stay_of("V100")
    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-10 09:00")
    assert rows("select united_into_id, status, gone_at is not null from encounter where id = %s", former) == [
        (kept, "cancelled", True)
    ]
    assert values("select count(*) from movement where encounter_id = %s", former) == [0]
    assert "encounter.united" in events()
    assert discrepancies() == []


def test_what_people_wrote_follows_a_united_stay(world: World) -> None:
    feed = Telling(world)
    feed.tell(VISITOR + ADMITTED)
    former, kept, here, dana = stay_of("E900"), stay_of("V100"), world.facility["NORTH"], world.user["dana"]
    with begin(ME, at=NOW) as work:
        for table, columns, given in (
            ("note", "text, written_at, written_by", ("Plan", NOW, dana)),
            ("assignment", "user_id, assigned_at", (dana, NOW)),
            ("sensitive_mark", "sensitivity, marked_at", ("employee", NOW)),
        ):
            marks = ", ".join("%s" for _ in (former, here, *given))
            work.write(
                table,
                f"insert into {table} (encounter_id, facility_id, {columns}) values ({marks})",
                (former, here, *given),
            )
        work.record(_marked())
    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-10 09:00")
    for table, now_there in (("note", ""), ("assignment", "where ended_at is null"), ("sensitive_mark", "")):
        assert values(f"select encounter_id from {table} {now_there}") == [kept], table
    assert values("select encounter_id from assignment where ended_at is not null") == [former]
    assert values("select sensitivity from encounter where id = %s", kept) == ["employee"]


def test_a_merge_shows_the_stay_under_the_survivor(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED + "A40 | patient M1 | mrg M100 | rec 03-11 09:00 | name RIVERA^ANA")
    assert rows(
        "select p.number, h.number from encounter e join patient p on p.id = e.patient_id"
        " join patient h on h.id = e.home_patient_id"
    ) == [("M1", "M100")]
    assert rows("select number, status from patient order by number") == [("M1", "active"), ("M100", "merged")]
    assert {"patient.merged", "encounter.reassigned"} <= set(events())


def test_exceptions_open_and_close_themselves(world: World) -> None:
    feed = Telling(world)
    cancel, moved, admitted = feed.facts("A12 | rec 03-11 15:00 | bed 4W^401^A\n" + MOVED + ADMITTED)
    apply([admitted])
    apply([cancel])
    assert values("select kind from census_exception where closed_at is null") == ["ORPHAN_CANCEL"]
    apply([moved])
    assert values("select kind from census_exception where closed_at is null") == []
    assert values("select kind from census_exception where closed_at = %s", NOW) == ["ORPHAN_CANCEL"]


def test_two_patients_in_one_bed_until_one_leaves(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED + "A01 | visit V2 | patient M2 | rec 03-10 09:00 | bed 4W^401^A")
    query = "select subject from census_exception where kind = 'BED_CONFLICT' and closed_at is null"
    assert values(query) == ["4W^401^A"]
    assert discrepancies() == []
    feed.tell(MOVED)
    assert values(query) == []
    assert discrepancies() == []


def test_two_open_stays_of_one_patient(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED + "A01 | visit V2 | rec 03-12 09:00 | bed 4W^402^A")
    assert values("select subject from census_exception where closed_at is null") == ["NORTH|M100"]
    feed.tell(DISCHARGED)
    assert values("select subject from census_exception where closed_at is null") == []


def test_the_word_of_a_person_outranks_the_feed_on_discretion(world: World) -> None:
    feed = Telling(world)
    feed.tell(ADMITTED)
    with begin(ME, at=NOW) as work:
        work.write(
            "sensitive_mark",
            "insert into sensitive_mark (encounter_id, facility_id, sensitivity, reason, marked_at)"
            " values (%s, %s, 'vip', 'test', %s)",
            (stay_of("V100"), world.facility["NORTH"], NOW),
        )
        work.record(_marked())
    feed.tell(MOVED)
    assert values("select sensitivity from encounter") == ["vip"]
    assert values("select sensitivity from patient") == ["vip"]


def _marked() -> EncounterUpdated:
    return EncounterUpdated(changed=("sensitivity",))


def test_a_table_that_lies_is_found(world: World) -> None:
    Telling(world).tell(ADMITTED)
    with begin(ME, at=NOW) as work:
        work.write("encounter", "update encounter set unit = 'XX'")
        work.write("movement", "delete from movement where lane = 2")
        work.record(_marked())
    assert sorted(one.table for one in discrepancies()) == [
        "encounter",
        "encounter_known",
        "movement",
    ]  # type: ignore[attr-defined]
