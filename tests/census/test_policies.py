"""Row policies, asked by raw SQL as the application role: what is out of scope does not exist."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from app.census.events import EncounterUpdated
from app.platform.work import Scope, System, Who, begin, everywhere, reading
from tests.census.stories import ADMITTED
from tests.support.feed import Telling, apply
from tests.support.world import NOW, World

VIP = "A01 | visit V7 | patient M7 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^407^A | name FAMOUS^ANN | vip Y\n"
SCOPED = (
    "unit", "feed", "patient", "encounter", "movement", "coverage", "diagnosis", "census_exception", "sensitive_mark",
    "stay_access", "adt_fact", "assignment", "note", "inbound_message", "inbound_pending", "inbound_problem",
    "audit_event", "row_change", "phi_access",
)  # fmt: skip
OF_STAYS = ("movement", "coverage", "diagnosis", "assignment", "note", "sensitive_mark")


def told(world: World) -> UUID:
    """A plain stay with everything that can hang on one, in NORTH; returns its key."""
    feed = Telling(world)
    feed.tell(ADMITTED.replace("bed 4W", "dx J18.9 | ins MCARE | attending 1001^TENDING^ANN | bed 4W"))
    feed.tell("A12 | rec 03-11 15:00 | bed 4W^401^A")  # an exception
    [key] = ask(everywhere("test"), "select id from encounter where visit_number = 'V100'")
    assert isinstance(key, UUID)
    here, dana = world.facility["NORTH"], world.user["dana"]
    with begin(everywhere("test"), at=NOW) as work:
        for table, columns, values in (
            ("assignment", "encounter_id, facility_id, user_id, assigned_at", (key, here, dana, NOW)),
            ("note", "encounter_id, facility_id, text, written_at, written_by", (key, here, "Plan", NOW, dana)),
            ("sensitive_mark", "encounter_id, facility_id, sensitivity, marked_at", (key, here, "", NOW)),
            ("stay_access", "encounter_id, facility_id, user_id, kind, reason, opened_at",
             (key, here, dana, "glass", "asked", NOW)),
            ("inbound_message", "facility_id, source, digest, raw, received_at", (here, "file", b"1", b"MSH", NOW)),
            ("inbound_pending", "message_id, facility_id", (1, here)),
            ("inbound_problem", "message_id, facility_id, kind, sentence, opened_at", (1, here, "X", "Y.", NOW)),
        ):  # fmt: skip
            marks = ", ".join(["%s"] * len(values))
            work.write(table, f"insert into {table} ({columns}) values ({marks})", values)
        work.record(_something(key, here))
        work.write(
            "phi_access",
            "insert into phi_access (at, actor, route, kind, address, detail, patients, facilities)"
            " values (%s, 'dana', '/', 'view', '', '', %s, %s)", (NOW, [key], [here]),
        )  # fmt: skip
    return key


def _something(key: UUID, facility_id: int) -> EncounterUpdated:
    return EncounterUpdated(encounter_id=key, facility_id=facility_id, changed=("note",))


def ask(who: Who, query: str, *parameters: Any) -> list[Any]:
    with reading(who, at=NOW) as view:
        return view.values(query, parameters)


def of(world: World, name: str) -> Who:
    return world.viewer(name)


@pytest.fixture
def stranger(world: World) -> Iterator[System]:
    """All that any program could ask for on behalf of South alone."""
    south = world.facility["SOUTH"]
    yield System("stranger", Scope(facilities=(south,), sensitive=(south,), interface=True))


def test_another_facility_sees_no_row(world: World, stranger: System) -> None:
    told(world)
    north = world.facility["NORTH"]
    insider = System("insider", Scope(facilities=(north,), sensitive=(north,), interface=True))
    count = {table: f"select count(*) from {table} where {_of_north(table)}" for table in SCOPED}
    assert [table for table in SCOPED if ask(insider, count[table], north) == [0]] == [], "nothing there to be hidden"
    assert [table for table in SCOPED if ask(stranger, count[table], north) != [0]] == []


def _of_north(table: str) -> str:
    if table == "patient":
        return "%s = any(facility_ids)"
    return "%s = any(facilities)" if table == "phi_access" else "facility_id = %s"


def test_nothing_of_another_facility_can_be_changed(world: World, stranger: System) -> None:
    told(world)
    columns = {"encounter": "unit", "patient": "family", "movement": "value", "note": "text", "assignment": "reason"}
    with begin(stranger, at=NOW) as work:
        for table, column in columns.items():
            changed = work.connection.execute(f"update {table} set {column} = 'x'").rowcount
            removed = work.connection.execute(f"delete from {table}").rowcount
            assert (changed, removed) == (0, 0), table


def test_no_row_can_be_slipped_into_another_facility(world: World, stranger: System) -> None:
    key = told(world)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), begin(stranger, at=NOW) as work:
        work.write(
            "note",
            "insert into note (encounter_id, facility_id, text, written_at, written_by) values (%s, %s, 'x', %s, %s)",
            (key, world.facility["NORTH"], NOW, world.user["stan"]),
        )


def test_without_a_scope_there_are_no_rows(world: World) -> None:
    told(world)
    with psycopg.connect(world.addresses.app) as connection:
        visible = [
            table
            for table in SCOPED
            if table not in ("audit_event", "phi_access")
            if connection.execute(f"select from {table} limit 1").fetchone()
        ]
        assert visible == []
        assert connection.execute("select count(*) from audit_event where encounter_id is not null").fetchone() == (0,)
        assert connection.execute("select count(*) from phi_access where facilities <> '{}'").fetchone() == (0,)


def test_facts_are_closed_to_people(world: World) -> None:
    told(world)
    assert ask(of(world, "dana"), "select count(*) from adt_fact") == [0]
    assert ask(of(world, "dana"), "select count(*) from connected_facts(array['P:NORTH|M100']::varchar[])") == [0]


# --- stays that ask for discretion -----------------------------------------------------------------------------------


@pytest.fixture
def hidden(world: World) -> UUID:
    """A VIP stay in NORTH beside the plain one, with a note."""
    told(world)
    feed = Telling(world, first=200)
    facts = feed.facts(VIP.replace(" | vip Y", ""))
    [fact] = facts
    fact.groups[0].texts["vip"] = "Y"
    apply([fact])
    [key] = ask(everywhere("test"), "select id from encounter where visit_number = 'V7'")
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "note",
            "insert into note (encounter_id, facility_id, text, written_at, written_by) values (%s, %s, 'x', %s, %s)",
            (key, world.facility["NORTH"], NOW, world.user["dana"]),
        )
        work.record(_something(key, world.facility["NORTH"]))
    assert isinstance(key, UUID)
    return key


def test_a_vip_stay_is_hidden(world: World, hidden: UUID) -> None:
    dana = of(world, "dana")
    assert ask(dana, "select visit_number from encounter order by 1") == ["V100"]
    assert ask(dana, "select number from patient order by 1") == ["M100"]
    for table in OF_STAYS:
        assert ask(dana, f"select count(*) from {table} where encounter_id = %s", hidden) == [0], table
    for table in ("audit_event", "row_change"):
        assert ask(dana, f"select count(*) from {table} where encounter_id = %s", hidden) == [0], table


def test_an_opened_vip_stay_is_visible_and_no_other(world: World, hidden: UUID) -> None:
    north = world.facility["NORTH"]
    who = System("dana", Scope(facilities=(north,), opened=(hidden,)))
    assert ask(who, "select visit_number from encounter order by 1") == ["V100", "V7"]
    assert ask(who, "select number from patient order by 1") == ["M100", "M7"]
    assert ask(who, "select count(*) from note where encounter_id = %s", hidden) == [1]


def test_who_is_permitted_sees_vip_stays(world: World, hidden: UUID) -> None:
    permitted = [name for name in ("priya", "lee", "dora", "carla") if _sees_sensitive(world, name)]
    assert permitted, "some role must be able to see stays that ask for discretion"
    for name in permitted:
        assert "V7" in ask(of(world, name), "select visit_number from encounter"), name


def _sees_sensitive(world: World, name: str) -> bool:
    return bool(world.viewer(name).scope.sensitive)


def test_the_bed_of_a_hidden_stay_shows_without_identity(world: World, hidden: UUID) -> None:
    dana = of(world, "dana")
    with reading(dana, at=NOW) as view:
        cursor = view.connection.execute("select * from restricted_stays()")
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert [(row["unit"], row["room"], row["bed"]) for row in found] == [("4W", "407", "A")]
    assert "FAMOUS" not in str(found)
    assert ask(of(world, "stan"), "select count(*) from restricted_stays()") == [0]


def test_a_person_with_a_vip_stay_is_hidden_in_other_stays_too(world: World, hidden: UUID) -> None:
    [sensitivity] = ask(everywhere("test"), "select sensitivity from patient where number = 'M7'")
    assert sensitivity == "vip"


# --- attending physicians --------------------------------------------------------------------------------------------


def test_an_attending_sees_own_patients_only(world: World) -> None:
    own = told(world)
    Telling(world, first=100).tell(
        "A01 | visit V2 | patient M2 | rec 03-10 09:00 | bed 4W^402^A | attending 2002^OTHER^BEA"
    )
    ann = of(world, "ann")
    assert ask(ann, "select id from encounter") == [own]
    assert ask(ann, "select number from patient") == ["M100"]
    assert set(ask(ann, "select encounter_id from movement")) == {own}
    assert ask(ann, "select count(*) from restricted_stays()") == [0]
    assert ask(of(world, "dana"), "select count(*) from encounter") == [2]


def test_a_stay_leaves_the_attendings_sight_with_the_attending(world: World) -> None:
    told(world)
    Telling(world, first=100).tell("A54 | rec 03-12 09:00 | attending 2002^OTHER^BEA")
    assert ask(of(world, "ann"), "select count(*) from encounter") == [0]


# --- the audit trail -------------------------------------------------------------------------------------------------


def test_every_change_of_the_fold_is_copied_with_its_actor(world: World) -> None:
    told(world)
    tables = ask(everywhere("test"), "select distinct table_name from row_change where actor = 'feed' order by 1")
    assert tables == ["census_exception", "coverage", "diagnosis", "encounter", "movement", "patient"]
    assert ask(everywhere("test"), "select count(*) from row_change where at > %s", NOW + timedelta(days=1)) == [0]
