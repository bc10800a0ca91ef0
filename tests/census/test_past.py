"""The past through the doors: who may see it, what was decided when, and that nobody's present is disturbed."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from app.census.commands import remember_waiting
from app.census.stay.marks import MarkStay, mark_stay
from app.census.storage.comparing import Discrepancy
from app.census.terms import Sensitivity
from app.kernel.refusal import NotFound
from app.platform.work import Scope, System, begin, engine, everywhere, reading
from app.worklists.assignment.commands import AssignStay, assign
from app.worklists.notes.commands import WriteNote, pin_note, write_note
from tests.census.stories import ADMITTED, DISCHARGED
from tests.support.feed import Telling, discrepancies
from tests.support.world import NOW, World

MOVED = "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\n"
HOUR = timedelta(hours=1)
ADMITTED_AT = datetime.fromisoformat("2026-03-10T08:15-04:00")
MOVED_AT = datetime.fromisoformat("2026-03-11T14:05-04:00")
ALL = everywhere("test")
UNITS = "select unit from encounter where status = 'admitted'"


def asked(who: Any, query: str, as_of: datetime | None = None) -> list[Any]:
    with reading(who, as_of=as_of) as view:
        return view.values(query)


def stay_of(world: World) -> uuid.UUID:
    [found] = asked(ALL, "select id from encounter")
    assert isinstance(found, uuid.UUID)
    return found


def protect(world: World, stay: uuid.UUID, at: datetime) -> None:
    who = System("privacy", Scope(everywhere=True), actor_id=world.user["priya"])
    with begin(who, at=at) as work:
        mark_stay(work, stay, MarkStay(sensitivity=Sensitivity.VIP, reason="Known in town"))


def test_statements_about_now_and_then_take_turns_on_one_connection(world: World) -> None:
    Telling(world).tell(ADMITTED + MOVED + DISCHARGED)
    dana = world.viewer("dana")
    engine().dispose()

    for _ in range(8):  # from the fourth time on the driver uses prepared statements
        assert asked(dana, UNITS) == []
        assert asked(dana, UNITS, MOVED_AT - HOUR) == ["4W"]
        assert asked(dana, UNITS, MOVED_AT) == ["ICU"]
        assert asked(dana, UNITS, ADMITTED_AT - HOUR) == []


def test_a_plan_made_for_now_is_not_used_for_then(world: World) -> None:
    Telling(world).tell(ADMITTED + MOVED + DISCHARGED)
    query = "select count(*) from encounter where status = 'admitted'"

    for as_of, expected in ((None, 0), (MOVED_AT, 1)) * 4:
        with reading(ALL, as_of=as_of) as view:  # past the door: the same text in both cases
            assert view.connection.execute(query, prepare=True).fetchone() == (expected,)


def test_reading_the_past_leaves_nothing_on_the_connection(world: World) -> None:
    with reading(world.viewer("dana"), as_of=NOW) as view:
        assert view.value("show search_path") == "as_of, public"

    with reading(world.viewer("dana")) as view:
        assert view.value("select current_setting('app.as_of', true)") in (None, "")
        assert "as_of" not in view.value("show search_path")


def test_the_past_cannot_be_written(world: World) -> None:
    Telling(world).tell(ADMITTED)

    with pytest.raises(psycopg.Error), reading(ALL, as_of=MOVED_AT) as view:
        view.connection.execute("update encounter set unit = 'XX'")


def test_another_facility_has_no_past_for_a_stranger(world: World) -> None:
    Telling(world).tell(ADMITTED)
    tables = ("encounter", "patient", "movement", "coverage", "diagnosis", "encounter_known", "patient_known")

    for table in tables:
        assert asked(world.viewer("stan"), f"select count(*) from {table}", MOVED_AT) == [0]
    assert asked(world.viewer("dana"), "select count(*) from movement", MOVED_AT) == [2]


def test_a_stay_that_is_protected_today_is_protected_in_its_past(world: World) -> None:
    Telling(world).tell(ADMITTED)
    dana, stay = world.viewer("dana"), stay_of(world)
    assert asked(dana, UNITS, MOVED_AT) == ["4W"]

    protect(world, stay, MOVED_AT + HOUR)

    assert asked(dana, UNITS, MOVED_AT) == []
    assert asked(dana, "select bed from restricted_stays()", MOVED_AT) == ["A"]
    assert asked(dana, "select bed from restricted_stays()", ADMITTED_AT - HOUR) == []
    assert asked(dana, "select family from patient", MOVED_AT) == []


def test_a_mark_is_known_from_its_own_instant_on(world: World) -> None:
    Telling(world).tell(ADMITTED)
    protect(world, stay_of(world), MOVED_AT + HOUR)
    query = "select sensitivity from encounter"

    assert asked(ALL, query, MOVED_AT) == [""]
    assert asked(ALL, query, MOVED_AT + HOUR) == ["vip"]
    assert discrepancies() == []


def test_attending_sees_the_past_of_own_stays_only(world: World) -> None:
    telling = Telling(world)
    telling.tell("A01 | rec 03-10 08:15 | bed 4W^401^A | attending 1001^Tending\n")
    telling.tell("A01 | rec 03-10 08:15 | patient M2 | visit V2 | bed 4W^402^A | attending 2002^Other\n")

    assert asked(world.viewer("ann"), "select visit_number from encounter", MOVED_AT) == ["V100"]


def test_an_older_installation_makes_up_for_its_versions(world: World) -> None:
    Telling(world).tell(ADMITTED + MOVED + DISCHARGED)
    with psycopg.connect(world.addresses.owner) as owner:  # as the step leaves a database that was there before it
        owner.execute("delete from encounter_known")
        owner.execute("delete from patient_known")
        owner.execute("insert into unremembered (message_id, facility_id) select message_id, facility_id from adt_fact")
    assert {one.table for one in discrepancies()} == {"encounter_known", "patient_known"}  # type: ignore[attr-defined]

    while remember_waiting():
        pass

    assert asked(ALL, UNITS, MOVED_AT - HOUR) == ["4W"]
    assert asked(ALL, UNITS, MOVED_AT) == ["ICU"]
    assert asked(ALL, "select count(*) from unremembered") == [0]
    assert discrepancies() == []


def test_a_stay_that_nobody_knew_then_is_not_there(world: World) -> None:
    Telling(world).tell(ADMITTED)

    with pytest.raises(NotFound), reading(ALL, as_of=ADMITTED_AT - HOUR) as view:
        view.one(str, "select visit_number from encounter where id = %s", (stay_of(world),))


def test_before_two_stays_were_united_each_had_its_owner_and_its_notes(world: World) -> None:
    telling, lee = Telling(world), world.viewer("lee")
    telling.tell(ADMITTED + "A01 | visit V200 | rec 03-10 08:20 | bed 4W^402^A\n", at=MOVED_AT - 3 * HOUR)
    with begin(lee, at=MOVED_AT - 2 * HOUR) as work:
        former = work.value("select id from encounter where visit_number = 'V200'")
        assign(work, former, AssignStay(to=world.user["dana"]))
        write_note(work, former, WriteNote(text="Daughter decides", pinned=True))
    telling.tell("A42 | visit V100 | mrg-visit V200 | rec 03-11 14:05\n", at=MOVED_AT)
    query = (
        "select e.visit_number from encounter e join assignment a on a.encounter_id = e.id and a.ended_at is null"
        " join note n on n.encounter_id = e.id and n.pinned"
    )

    assert asked(ALL, query, MOVED_AT - HOUR) == ["V200"]
    assert asked(ALL, query, MOVED_AT) == asked(ALL, query) == ["V100"]


def test_pin_that_was_taken_down_is_up_in_the_past(world: World) -> None:
    Telling(world).tell(ADMITTED)
    for hour, pinned in ((1, None), (2, False), (3, True)):
        with begin(world.viewer("dana"), at=ADMITTED_AT + hour * HOUR) as work:
            if pinned is None:
                note = write_note(work, stay_of(world), WriteNote(text="Daughter decides", pinned=True)).id
            else:
                pin_note(work, note, pinned=pinned)
    query = "select pinned from note"

    assert [asked(ALL, query, ADMITTED_AT + hour * HOUR) for hour in range(4)] == [[], [True], [False], [True]]


def test_a_stay_whose_patient_is_unknown_at_some_instant_is_found(world: World) -> None:
    Telling(world).tell(ADMITTED + MOVED + DISCHARGED)
    assert discrepancies() == []

    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update patient_known set known_from = %s", (MOVED_AT,))

    found = [one for one in discrepancies() if isinstance(one, Discrepancy)]
    assert {(one.table, one.columns) for one in found} == {
        ("encounter_known", ("patient_id",)), ("encounter_known", ("home_patient_id",)),
    }  # fmt: skip


def test_what_was_to_check_in_the_feed_is_what_was_open_then(world: World) -> None:
    telling = Telling(world)
    cancelled, admitted = "A13 | rec 03-11 09:00\n", ADMITTED.replace("A01", "A01 | id X1")
    opened, closed = NOW, NOW + 2 * HOUR
    telling.tell(admitted + cancelled, at=opened)
    telling.tell("A03 | rec 03-11 08:00 | bed 4W^401^A\n", at=closed)
    query = "select kind from census_exception where closed_at is null"

    assert asked(ALL, query) == []
    assert asked(ALL, query, opened - HOUR) == []
    assert asked(ALL, query, opened + HOUR) == ["ORPHAN_CANCEL"]
    assert asked(ALL, query, closed) == []
