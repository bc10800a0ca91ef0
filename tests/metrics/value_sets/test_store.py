"""Value sets and final codings in the database: versions, refusals, what a figure is made with."""

import json
import uuid
from datetime import date
from pathlib import Path

import pytest

from app.clocks.events import ClocksSwept
from app.kernel.refusal import NotFound, Refused
from app.metrics.readmissions.value_sets import Level
from app.metrics.value_sets.coded import codes_of, procedures_of
from app.metrics.value_sets.coded_files import read
from app.metrics.value_sets.coded_import import TakeCoded, TakenCoded, import_coded
from app.metrics.value_sets.commands import TakenVintage, import_folder
from app.metrics.value_sets.maps import published_maps
from app.metrics.value_sets.queries import InForce, in_force, in_use, value_sets, vintages
from app.platform.work import begin, everywhere, reading
from tests.metrics.value_sets.test_files import folder
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

HEAD = "visit_number,principal_dx,coded_on,ms_drg,disposition,procedures"


def take(tmp_path: Path, vintage: str = "site-2026", **changed: str) -> TakenVintage:
    return import_folder(folder(tmp_path, **changed), vintage, published_maps())


def visit_of(world: World, stay: uuid.UUID) -> str:
    found: str = world.owner.execute("select visit_number from encounter where id = %s", (stay,)).fetchone()[0]  # type: ignore[index]
    return found


def code(*lines: str, name: str = "coded.csv", facility: str = "NORTH", head: str = HEAD) -> TakenCoded:
    return import_coded(facility, TakeCoded(name, "\n".join((head, *lines)).encode()))


# --- vintages --------------------------------------------------------------------------------------------------------


def test_a_vintage_is_taken_in_once_and_a_corrected_one_takes_its_place(world: World, tmp_path: Path):
    first = take(tmp_path)
    again = take(tmp_path)
    other = take(tmp_path, acute_diagnosis_ccs="ccs_diagnosis_category\n2\n3\n")

    assert [one.state for one in (first, again, other)] == ["imported", "unchanged", "replaced"]
    assert first.lists["pr3_ccs"] == 2 and first.lists["surgery_ccs"] == 1
    rows = world.owner.execute(
        "select ended_at is null, codes from value_set_vintage order by imported_at, id"
    ).fetchall()
    assert sorted(rows) == [(False, first.codes), (True, first.codes + 1)]
    events = world.owner.execute("select count(*) from audit_event where name = 'value_sets.imported'").fetchone()
    assert events == (2,)


def test_figures_are_made_with_the_newest_imported_vintage_else_with_the_shipped_one(world: World, tmp_path: Path):
    with reading(everywhere("test")) as db:
        assert in_use(db) == "cms2021"
        assert in_force(db) == InForce("cms2021", Level.CATEGORY)
        assert value_sets(db, published_maps()).level is Level.CATEGORY
    take(tmp_path, "site-2026")
    with reading(everywhere("test")) as db:
        found = value_sets(db, published_maps())
        assert (found.vintage, found.level, found.pr4_cm) == ("site-2026", Level.CODE, {"A150"})
        assert [one.vintage for one in vintages(db)] == ["site-2026"]
        assert in_force(db) == InForce(found.vintage, found.level)
        assert value_sets(db, published_maps(), "cms2019").level is Level.CATEGORY
        with pytest.raises(Refused, match="comes with no lists cms1999"):
            value_sets(db, published_maps(), "cms1999")


def test_both_published_vintages_are_stored_whole(world: World, shared: Path):
    for vintage, codes in (("cms2021", 17_007), ("cms2019", 14_846)):
        taken = import_folder(shared / "data" / "value_sets", vintage, published_maps())
        assert (taken.state, "dx_ccs" in taken.lists) == ("imported", False), "the map is shipped already"
        assert taken.codes == sum(taken.lists.values())
        assert abs(taken.codes - codes) < 400
    with reading(everywhere("test")) as db:
        assert in_use(db) == "cms2021"
        assert len(value_sets(db, published_maps(), "cms2019").pr3_pcs) == 1187


def test_nothing_is_taken_of_a_folder_with_a_faulty_line(world: World, tmp_path: Path):
    with pytest.raises(Refused, match="line 3"):
        take(tmp_path, acute_diagnosis_ccs="ccs_diagnosis_category\n2\nx\n")

    assert world.owner.execute("select count(*) from value_set_vintage").fetchone() == (0,)


# --- final codings ---------------------------------------------------------------------------------------------------


def test_a_final_coding_goes_before_what_the_feed_said(world: World):
    stay, plain = add_stay(world), add_stay(world)
    with begin(everywhere("test")) as work:
        for key, diagnoses in ((stay, [("I50.9", "A")]), (plain, [("R07.9", "A"), ("I21.4", "W")])):
            for rank, (text, kind) in enumerate(diagnoses, 1):
                work.connection.execute(
                    "insert into diagnosis (encounter_id, facility_id, rank, code, kind) values (%s, %s, %s, %s, %s)",
                    (key, world.facility["NORTH"], rank, text, kind),
                )
        work.record(ClocksSwept(stays=0, changed=0))

    taken = code(f"{visit_of(world, stay)},I50.23,2026-03-04,91,1,0BTC0ZZ; 0dtf0zz")

    assert (taken.added, taken.changed, taken.refused) == (1, 0, [])
    with reading(everywhere("test")) as db:
        found = {row["encounter_id"]: row for row in codes_of(db, [stay, plain]).to_dicts()}
        done = procedures_of(db, [stay, plain]).to_dicts()
    assert found[str(stay)] == {
        "encounter_id": str(stay), "principal_dx": "I5023", "ms_drg": "091", "disposition": "01", "final": True,
    }  # fmt: skip
    assert (found[str(plain)]["principal_dx"], found[str(plain)]["final"]) == ("I214", False)
    assert [(one["seq"], one["px"]) for one in done] == [(1, "0BTC0ZZ"), (2, "0DTF0ZZ")]


def test_the_same_line_changes_nothing_and_a_corrected_one_ends_what_stood(world: World):
    stay = add_stay(world)
    visit = visit_of(world, stay)
    line = f"{visit},I5023,2026-03-04,291,01,0BTC0ZZ"

    outcomes = [code(line), code(line), code(f"{visit},I5033,2026-03-05,291,01,"), code(line)]

    assert [(one.added, one.changed, one.unchanged, len(one.refused)) for one in outcomes] == [
        (1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1),
    ]  # fmt: skip
    assert "a coding of 2026-03-05 stands already" in outcomes[3].refused[0]
    versions = world.owner.execute(
        "select principal_dx, ended_at is null from coded_stay order by made_at, id"
    ).fetchall()
    assert sorted(versions) == [("I5023", False), ("I5033", True)]
    with reading(everywhere("test")) as db:
        assert procedures_of(db, [stay]).height == 0


def test_what_a_coding_said_can_be_read_as_of_an_earlier_instant(world: World):
    stay = add_stay(world)
    visit = visit_of(world, stay)
    code(f"{visit},I5023,2026-03-04,,,")
    between = world.owner.execute("select made_at + interval '1 microsecond' from coded_stay").fetchone()
    assert between
    code(f"{visit},I5033,2026-03-05,,,")

    with reading(everywhere("test"), as_of=between[0]) as db:
        assert db.values("select principal_dx from coded_stay where ended_at is null") == ["I5023"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",I5023,2026-03-04,,,", "visit_number is empty"),
        ("{visit},5023,2026-03-04,,,", "principal_dx is no ICD-10-CM code"),
        ("{visit},I5023,04.03.2026,,,", "coded_on is no day"),
        ("{visit},I5023,2026-03-04,2911,,", "ms_drg is no group"),
        ("{visit},I5023,2026-03-04,,home,", "disposition is no discharge status"),
        ("{visit},I5023,2026-03-04,,,0BTC0Z", "procedures holds what is no ICD-10-PCS code"),
        ("{visit},I5023,2026-03-04,,," + " ".join(["0BTC0ZZ"] * 26), "more than 25"),
        ("NOBODY,I5023,2026-03-04,,,", "no stay of the facility has this visit_number"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named_and_the_others_are_taken(world: World, line: str, sentence: str):
    stay, other = add_stay(world), add_stay(world)

    taken = code(line.format(visit=visit_of(world, stay)), f"{visit_of(world, other)},I214,2026-03-04,,,")

    assert taken.added == 1
    assert len(taken.refused) == 1 and taken.refused[0].startswith("line 2: ") and sentence in taken.refused[0]
    assert visit_of(world, stay) not in taken.refused[0]


def test_a_stay_of_another_facility_is_not_found_under_its_number(world: World):
    stay = add_stay(world, StaySpec(facility="SOUTH"))

    assert "no stay of the facility" in code(f"{visit_of(world, stay)},I5023,2026-03-04,,,").refused[0]
    with pytest.raises(NotFound, match="There is no facility NOWHERE"):
        code("V1,I5023,2026-03-04,,,", facility="NOWHERE")


def test_a_number_that_became_part_of_another_stay_leads_to_that_stay(world: World):
    stay, part = add_stay(world), add_stay(world)
    with begin(everywhere("test")) as work:
        work.connection.execute(
            "update encounter set gone_at = %s, united_into_id = %s where id = %s", (work.now, stay, part)
        )
        work.record(ClocksSwept(stays=0, changed=0))

    taken = code(f"{visit_of(world, part)},I5023,2026-03-04,,,", f"{visit_of(world, stay)},I5023,2026-03-04,,,")

    assert (taken.added, len(taken.refused)) == (1, 1)
    assert "an earlier line codes the same stay" in taken.refused[0]
    assert world.owner.execute("select encounter_id from coded_stay").fetchall() == [(stay,)]


def test_a_file_that_is_none_of_the_kind_is_refused_whole():
    with pytest.raises(Refused, match="line 1: the column principal_dx is missing"):
        read("x.csv", b"visit_number,coded_on\nV1,2026-03-04\n")
    with pytest.raises(Refused, match="cannot be told apart"):
        read("x.csv", f"{HEAD}\nV1,I5023,2026-03-04,,,\n\rV2\n".encode())
    with pytest.raises(Refused, match="no CSV in UTF-8"):
        read("x.csv", b"\xff\xfe\x00")


def test_a_visit_twice_in_a_file_is_taken_once(world: World):
    visit = visit_of(world, add_stay(world))

    taken = code(f"{visit},I5023,2026-03-04,,,", f"{visit},I214,2026-03-04,,,")

    assert (taken.added, taken.refused) == (1, ["line 3: the visit stands in an earlier line; give each stay once"])


def test_the_day_of_coding_is_kept_as_written(world: World):
    code(f"{visit_of(world, add_stay(world))},I5023,2026-03-04,,,")

    assert world.owner.execute("select coded_on, source from coded_stay").fetchone() == (date(2026, 3, 4), "coded.csv")
    event = world.owner.execute("select facts from audit_event where name = 'coded_file.taken'").fetchone()
    assert event and json.loads(json.dumps(event[0]))["added"] == 1
