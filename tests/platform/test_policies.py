"""What the row policies let through, asked with raw SQL: no page, no route, no filter that somebody remembered."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from app.census.events import EncounterUpdated, PatientUpdated
from app.platform.work import Disclosure, Scope, System, UnauditedWrite, Who, begin, disclose, everywhere, reading
from app.security.permissions import Permission, Role
from app.security.viewer import Grant, Viewer
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

EMPTY = System("nobody in particular", Scope())


def lister(world: World, name: str) -> Viewer:
    return world.viewer(name).acting(Permission.STAY_LIST)


def patient_of(stay: uuid.UUID) -> uuid.UUID:
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select patient_id from encounter where id = %s", [stay])
        return found


def counted(who: Who, query: str, parameters: Any = None) -> int:
    with reading(who) as view:
        return int(view.value(query, parameters))


def write_raw(who: Who, statement: str, parameters: Any = None) -> None:
    """A statement as a person's transaction would send it, past all commands."""
    with begin(who) as work:
        work.connection.execute(statement, parameters)


def about(world: World, stay: uuid.UUID, facility: str | None) -> None:
    with begin(everywhere("test")) as work:
        code = world.facility[facility] if facility else None
        work.record(
            EncounterUpdated(encounter_id=stay, patient_id=patient_of(stay), facility_id=code, changed=("unit",))
        )


@pytest.mark.parametrize("facility", ["NORTH", None])
def test_history_of_a_stay_stays_in_its_facility_even_when_the_event_names_none(
    world: World, facility: str | None
) -> None:
    stay = add_stay(world)
    about(world, stay, facility)
    query = "select count(*) from audit_event where encounter_id = %s and name = 'encounter.updated'"

    assert counted(lister(world, "dana"), query, [stay]) == 1
    assert counted(lister(world, "stan"), query, [stay]) == 0


def test_event_without_a_facility_is_kept_under_the_facility_of_its_stay(world: World) -> None:
    stay = add_stay(world)

    about(world, stay, None)

    query = "select facility_id from audit_event where encounter_id = %s and name = 'encounter.updated'"
    with reading(everywhere("test")) as view:
        assert view.values(query, [stay]) == [world.facility["NORTH"]]


def test_event_about_a_patient_is_for_those_who_may_know_the_patient(world: World) -> None:
    known, hidden = add_stay(world), add_stay(world, StaySpec(sensitivity="vip"))
    for stay in (known, hidden):
        with begin(everywhere("test")) as work:
            work.record(PatientUpdated(patient_id=patient_of(stay), changed=("family",)))
    query = "select array_agg(patient_id) from audit_event where name = 'patient.updated'"

    with reading(lister(world, "stan")) as view:
        assert view.value(query) is None
    with reading(lister(world, "dana")) as view:
        assert view.value(query) == [patient_of(known)]
    with reading(lister(world, "carla")) as view:
        assert set(view.value(query)) == {patient_of(known), patient_of(hidden)}


@pytest.mark.parametrize("table", ["audit_event", "phi_access", "row_change", "patient", "encounter", "stay_access"])
def test_without_a_scope_there_are_no_rows(world: World, table: str) -> None:
    stay = add_stay(world)
    disclose(everywhere("export"), Disclosure("export census", [patient_of(stay)]))
    with psycopg.connect(world.addresses.app) as connection:
        assert connection.execute(f"select count(*) from {table}").fetchone() == (0,)

    assert counted(EMPTY, f"select count(*) from {table}") == 0


def test_disclosure_by_the_program_is_known_in_every_facility(world: World) -> None:
    disclose(everywhere("export"), Disclosure("export census", [uuid.uuid4()]))

    for name in ("priya", "stan"):
        assert counted(lister(world, name), "select count(*) from phi_access where route = 'export census'") == 1


@pytest.mark.parametrize("table", ["note", "assignment", "movement", "sensitive_mark"])
def test_row_cannot_be_hung_on_a_stay_of_another_facility(world: World, table: str) -> None:
    """With one's own facility written beside it, the row would pass a policy that looks at the facility only."""
    stay = add_stay(world, StaySpec(facility="SOUTH"))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        insert(world, table, stay, "dana")


@pytest.mark.parametrize("table", ["note", "assignment", "movement", "sensitive_mark"])
def test_row_cannot_be_hung_on_a_hidden_stay(world: World, table: str) -> None:
    """A mark of a hidden stay that says `not sensitive` would bring it to light with the next message."""
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        insert(world, table, stay, "dana")


@pytest.mark.parametrize("table", ["note", "assignment", "movement"])
def test_row_can_be_hung_on_a_stay_in_view(world: World, table: str) -> None:
    stay = add_stay(world)

    with pytest.raises(UnauditedWrite):
        insert(world, table, stay, "dana")


def insert(world: World, table: str, stay: uuid.UUID, name: str) -> None:
    values: dict[str, str] = {
        "note": "(encounter_id, facility_id, text, written_at, written_by) values (%(s)s, %(f)s, 'x', %(t)s, %(u)s)",
        "assignment": "(encounter_id, facility_id, user_id, assigned_at) values (%(s)s, %(f)s, %(u)s, %(t)s)",
        "movement": "(encounter_id, stay_serial, facility_id, lane, since) values (%(s)s, 99999, %(f)s, 1, %(t)s)",
        "sensitive_mark": "(encounter_id, facility_id, sensitivity, marked_at) values (%(s)s, %(f)s, '', %(t)s)",
    }
    write_raw(
        lister(world, name),
        f"insert into {table} {values[table]}",
        {"s": stay, "f": world.facility["NORTH"], "t": NOW, "u": world.user[name]},
    )


def test_nobody_opens_a_hidden_stay_for_a_colleague(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    statement = (
        "insert into stay_access (user_id, encounter_id, facility_id, kind, reason, opened_at)"
        " values (%s, %s, %s, 'glass', 'for a friend', %s)"
    )

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        write_raw(lister(world, "dana"), statement, (world.user["uma"], stay, world.facility["NORTH"], NOW))


def test_reason_for_opening_a_hidden_stay_is_read_by_its_writer_and_by_those_who_see_the_stay(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    with begin(everywhere("test")) as work:
        work.write(
            "stay_access",
            "insert into stay_access (user_id, encounter_id, facility_id, kind, reason, opened_at)"
            " values (%s, %s, %s, 'glass', 'covering tonight', %s)",
            (world.user["uma"], stay, world.facility["NORTH"], NOW),
        )
        work.record(EncounterUpdated(encounter_id=stay, facility_id=world.facility["NORTH"], changed=()))
    query = "select count(*) from stay_access where encounter_id = %s"

    seen = {name: counted(lister(world, name), query, [stay]) for name in ("uma", "dana", "priya", "stan")}

    assert seen == {"uma": 1, "dana": 0, "priya": 1, "stan": 0}


def test_audit_event_carries_the_actor_of_its_transaction(world: World) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        write_raw(
            lister(world, "dana"),
            "insert into audit_event (at, actor, name, facts) values (%s, 'lee', 'note.written', '{}')",
            [NOW],
        )


def test_attending_here_and_case_manager_there_sees_own_patients_only_here(world: World) -> None:
    own = add_stay(world, StaySpec(attending="1001"))
    add_stay(world, StaySpec(attending="1002"))
    south = [add_stay(world, StaySpec(facility="SOUTH", attending=number)) for number in ("1001", "7")]
    grants = (Grant(Role.ATTENDING, world.facility["NORTH"]), Grant(Role.CASE_MANAGER, world.facility["SOUTH"]))
    ann = replace(lister(world, "ann"), grants=grants, places=tuple(world.place.values()))

    with reading(ann) as view:
        stays = set(view.values("select id from encounter"))
        patients = set(view.values("select id from patient"))
        moved = set(view.values("select encounter_id from movement"))

    assert stays == moved == {own, *south}
    assert patients == {patient_of(stay) for stay in stays}


def test_same_number_of_another_hospitals_physician_opens_no_protected_stay(world: World) -> None:
    """Each hospital numbers its physicians: 1001 in South is somebody else."""
    own = add_stay(world, StaySpec(attending="1001", sensitivity="vip"))
    add_stay(world, StaySpec(facility="SOUTH", attending="1001", sensitivity="vip"))
    grants = (Grant(Role.ATTENDING, world.facility["NORTH"]), Grant(Role.CASE_MANAGER, world.facility["SOUTH"]))
    ann = replace(lister(world, "ann"), grants=grants, places=tuple(world.place.values()))

    with reading(ann) as view:
        assert view.values("select id from encounter") == [own]
        assert view.values("select encounter_id from movement group by 1") == [own]
    colleague = replace(lister(world, "dana"), attending_number="1001")
    assert counted(colleague, "select count(*) from encounter") == 0


@pytest.mark.parametrize("number", ["", "?"])
def test_attending_without_a_number_sees_no_stay(world: World, number: str) -> None:
    """Feeds do send empty and odd numbers of attending physicians."""
    add_stay(world, StaySpec(attending=number))

    assert counted(replace(lister(world, "ann"), attending_number=""), "select count(*) from encounter") == 0


def test_copy_of_a_problem_of_the_feed_is_as_closed_as_the_problem(world: World) -> None:
    with begin(everywhere("test")) as work:
        work.write(
            "inbound_problem",
            "insert into inbound_problem (message_id, facility_id, kind, sentence, opened_at)"
            " values (1, %s, 'x', 'y', %s)",
            (world.facility["NORTH"], NOW),
        )
        work.record(EncounterUpdated(facility_id=world.facility["NORTH"], changed=()))
    query = "select count(*) from row_change where table_name = 'inbound_problem'"

    assert counted(lister(world, "dora"), query) == 0
    assert counted(world.viewer("dora").acting(Permission.INTERFACE_SEE), query) == 1


def test_raw_change_of_an_audited_table_without_an_event_is_not_committed(world: World) -> None:
    with pytest.raises(UnauditedWrite):
        write_raw(everywhere("test"), "update facility set name = 'Changed in silence'")

    assert counted(everywhere("test"), "select count(*) from facility where name = 'Changed in silence'") == 0


@pytest.mark.parametrize("table", ["encounter", "audit_event", "row_change", "phi_access", "audit_seal"])
def test_no_table_is_emptied_in_one_stroke(world: World, table: str) -> None:
    with psycopg.connect(world.addresses.owner) as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute(f"truncate {table} cascade")


def test_other_hospitals_patients_are_out_of_reach_in_every_table(world: World) -> None:
    stay = add_stay(world, StaySpec(start=NOW - timedelta(days=1)))
    about(world, stay, "NORTH")
    disclose(lister(world, "dana"), Disclosure("GET /x", [patient_of(stay)]))
    with psycopg.connect(world.addresses.owner) as owner:
        tables: Any = owner.execute(
            "select table_name, string_agg(column_name || ' is not null', ' or ') from information_schema.columns"
            " where table_schema = 'public' and (table_name, column_name) in (('encounter', 'id'), ('patient', 'id'))"
            " or table_schema = 'public' and column_name in ('encounter_id', 'patient_id', 'patients') group by 1"
        ).fetchall()

    with reading(lister(world, "stan")) as view:
        seen = {table: view.value(f"select count(*) from {table} where {about}") for table, about in tables}

    assert len(seen) > 10
    assert set(seen.values()) == {0}, seen


def test_attending_sees_an_own_patient_who_is_protected_and_no_other(world: World) -> None:
    own, other = (
        add_stay(world, StaySpec(sensitivity="vip")),
        add_stay(world, StaySpec(sensitivity="vip", attending="2")),
    )
    ann = world.viewer("ann").acting(Permission.STAY_SEE)

    with reading(ann) as view:
        assert view.values("select id from encounter") == [own]
        assert view.values("select id from patient") == [patient_of(own)]
    assert other != own


def test_program_sees_a_protected_person_whose_number_was_merged_away(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    with begin(everywhere("test")) as work:
        work.connection.execute(
            "insert into patient (authority, number, facility_ids, status, sensitivity, merged_into_id)"
            " select authority, 'OLD1', facility_ids, 'merged', sensitivity, id from patient where id = %s",
            [patient_of(stay)],
        )
        work.record(PatientUpdated(patient_id=patient_of(stay), changed=("status",)))

    query = "select count(*) from patient where number = 'OLD1'"
    assert counted(everywhere("test"), query) == 1
    assert counted(lister(world, "dana"), query) == 0
