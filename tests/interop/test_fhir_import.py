"""FHIR files in the database: stored before they are applied, one end whatever the order, beside HL7 and replayed."""

import itertools
import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from app.census.commands import refold_all
from app.census.facilities import FacilityChanged
from app.census.places import Feed
from app.cli import run
from app.interop.fhir.importing import Imported, import_files
from app.interop.inbox import Source, drain, receive, replay_message
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.fhir import RECORDS, VISITS, Json, bundle, encounter, identifier, patient, placed, save, updated
from tests.support.hl7 import Sender
from tests.support.world import NOW, World

At = Callable[[str], Browser]
END = {"start": "2026-03-10T08:00:00-04:00", "end": "2026-03-12T11:00:00-04:00"}


def rows(query: str) -> list[Any]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(query).fetchall()  # type: ignore[arg-type]


def census() -> list[Any]:
    return rows(
        "select e.authority, e.visit_number, p.number, e.status, e.patient_class, e.location, e.discharge_at,"
        " e.attending_name, p.family, (select array_agg(d.code order by d.code) from diagnosis d"
        " where d.encounter_id = e.id) from encounter e join patient p on p.id = e.patient_id"
        " where e.gone_at is null order by 1, 2"
    )


def take(*paths: Path, code: str = "NORTH") -> list[Imported]:
    outcome = import_files(code, paths)
    assert outcome.faults == []
    return outcome.lines


def number_like_the_feed(world: World) -> None:
    """Systems of identifiers that mean the numbers of the HL7 feed."""
    with begin(everywhere("test"), at=NOW) as work:
        row = work.session.exec(select(Feed).where(Feed.facility_id == world.facility["NORTH"])).one()
        row.aliases = [VISITS, RECORDS]
        work.add(row)
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    number_like_the_feed(world)
    return tmp_path


def test_an_encounter_is_stored_then_applied(folder: Path) -> None:
    path = save(folder, "a.json", bundle(encounter(location=[placed("4W")]), patient()))

    [line] = take(path)

    assert (line.ack, line.error, line.repeated, line.encounter) == ("AA", None, False, "V-e1")
    assert [one[:6] for one in census()] == [("NORTH", "V-e1", "M-p1", "admitted", "IP", "4W^^")]
    [(source, origin, event, ack, raw)] = rows("select source, origin, event, ack, raw from inbound_message")
    assert (source, origin, event, ack) == ("fhir", "a.json", "Encounter", "AA")
    assert {one["resource"]["resourceType"] for one in json.loads(raw)["entry"]} == {"Encounter", "Patient"}
    assert rows("select count(*) from inbound_pending") == [(0,)]


def test_the_same_file_twice_changes_nothing(folder: Path) -> None:
    path = save(folder, "a.json", bundle(encounter(), patient()))
    take(path)
    before = census(), rows("select count(*) from inbound_message"), rows("select count(*) from row_change")

    [line] = take(path)

    assert (line.repeated, line.encounter) == (True, "V-e1")
    assert (census(), rows("select count(*) from inbound_message"), rows("select count(*) from row_change")) == before


def test_an_encounter_in_two_files_of_one_call_is_stored_once(folder: Path) -> None:
    lines = take(save(folder, "1.json", bundle(encounter(), patient())), save(folder, "2.json", bundle(encounter())))

    assert [(line.repeated, line.encounter) for line in lines] == [(False, "V-e1"), (True, "V-e1")]
    assert rows("select count(*) from inbound_message") == [(1,)]


def test_invalid_resources_are_named_and_the_rest_goes_on(folder: Path) -> None:
    path = save(folder, "mix.ndjson", [
        encounter("e1"), encounter("e2", subject={"reference": "Patient/nobody"}), encounter("e3", status="gone"),
        {"resourceType": "Coverage", "id": "c1"}, patient(),
    ])  # fmt: skip
    with path.open("a") as more:
        more.write("{cut off\n")

    outcome = import_files("NORTH", [path])

    assert [(line.place, line.resource, line.ack, line.error) for line in outcome.lines] == [
        ("mix.ndjson, line 1", "Encounter/e1", "AA", None),
        ("mix.ndjson, line 2", "Encounter/e2", "AE", "The encounter refers to a patient who is not in the files."),
        ("mix.ndjson, line 3", "Encounter/e3", "AE", "The status of the encounter is missing or none of FHIR R4."),
    ]
    assert [fault.text for fault in outcome.faults] == [
        "mix.ndjson, line 6: this is not the JSON of a FHIR resource.",
        "mix.ndjson, line 4, Coverage/c1: the coverage names no beneficiary and is left out.",
    ]
    assert [one[1] for one in census()] == ["V-e1"]


def files_of_a_stay(folder: Path) -> list[Path]:
    """Three versions of a stay, another stay of the patient, and who the patient became."""
    here = encounter(location=[placed("4W")])
    moved = updated(encounter(location=[placed("ICU")]), "2026-03-11T13:00:00Z")
    ended = updated(encounter(status="finished", period=END, location=[placed("ICU")]), "2026-03-12T16:00:00Z")
    again = encounter("e2", subject={"reference": "Patient/p2"}, period={"start": "2026-03-20T10:00:00Z"})
    merged = updated(
        patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]), "2026-03-21T00:00:00Z"
    )
    other = patient("p2", name=[{"family": "Rivera-Ortiz"}])
    return [
        save(folder, "1.json", bundle(here, patient())), save(folder, "2.json", bundle(moved, patient())),
        save(folder, "3.json", bundle(ended, patient())), save(folder, "4.ndjson", [again, other]),
        save(folder, "5.json", bundle(merged, other)),
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_the_order_of_files_makes_no_difference(folder: Path, order: tuple[int, ...]) -> None:
    paths = files_of_a_stay(folder)
    for place in order:
        take(paths[place])

    assert [(one[1], one[2], one[3], one[8]) for one in census()] == [
        ("V-e1", "M-p2", "discharged", "Rivera-Ortiz"), ("V-e2", "M-p2", "admitted", "Rivera-Ortiz"),
    ]  # fmt: skip
    with reading(everywhere("test")) as view:
        assert list(refold_all(view)) == []


def test_all_files_in_one_call_are_as_one_after_the_other(folder: Path) -> None:
    take(*reversed(files_of_a_stay(folder)))

    assert [(one[1], one[2], one[3]) for one in census()] == [
        ("V-e1", "M-p2", "discharged"), ("V-e2", "M-p2", "admitted"),
    ]  # fmt: skip


@pytest.mark.parametrize("hl7_first", [True, False])
def test_beside_hl7_the_feed_has_the_bed_and_the_record_the_diagnoses(
    folder: Path, world: World, hl7_first: bool
) -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"},
                 "encounter": {"reference": "Encounter/e1"},
                 "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.33"}]}}  # fmt: skip
    ended = encounter(status="finished", period=END, location=[placed("Elsewhere")])
    path = save(folder, "a.json", bundle(ended, patient(), condition))
    source = Source("file", facility_id=world.facility["NORTH"])

    def hear() -> None:
        receive([Sender().admit("V-e1", "M-p1", "4W^401^A", at="20260310080000")], source)
        while drain():
            pass

    steps = [hear, lambda: take(path)]
    for step in steps if hl7_first else reversed(steps):
        step()

    [stay] = census()
    assert stay[3:6] == ("admitted", "IP", "4W^401^A")
    assert stay[9] == ["I50.33"]
    with reading(everywhere("test")) as view:
        assert list(refold_all(view)) == []


def test_a_merge_without_an_encounter_in_the_files_is_taken(folder: Path) -> None:
    take(save(folder, "1.json", bundle(encounter(), patient())))
    link = [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]

    lines = take(save(folder, "2.ndjson", [updated(patient(link=link), "2026-03-21T00:00:00Z"), patient("p2")]))

    assert lines == []
    assert [one[2] for one in census()] == ["M-p2"]


def test_a_deletion_of_an_export_takes_the_stay_back(folder: Path) -> None:
    take(save(folder, "1.json", bundle(encounter(), patient())))
    gone = {"resourceType": "Bundle", "type": "transaction", "timestamp": "2026-03-11T00:00:00Z",
            "entry": [{"request": {"method": "DELETE", "url": "Encounter/e1"}}]}  # fmt: skip

    [line] = take(save(folder, "2.ndjson", [gone]))

    assert (line.resource, line.encounter) == ("Encounter/e1", "V-e1")
    assert [one[3] for one in census()] == ["cancelled"]


def test_a_message_that_was_set_aside_is_replayed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.interop.intake import messages

    def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as now:
        now.setitem(messages.READERS, "fhir", broken)
        [line] = import_files("NORTH", [save(folder, "a.json", bundle(encounter(), patient()))]).lines
    assert line.error and line.encounter is None and census() == []

    [(key,)] = rows("select message_id from inbound_problem where closed_at is null")
    with begin(everywhere("test")) as work:
        replay_message(work, key)
    while drain():
        pass

    assert [one[1] for one in census()] == ["V-e1"]
    assert rows("select count(*) from inbound_problem where closed_at is null") == [(0,)]


def shown(browser: Browser) -> str:
    [(key,)] = rows("select id from inbound_message")
    return unescape(browser.get(f"/interfaces/messages/{key}").text)


def test_the_page_of_a_message_lays_the_resources_out_and_records_who_was_read(folder: Path, browser_for: At) -> None:
    take(save(folder, "a.json", bundle(encounter(), patient())))

    page = shown(browser_for("adam"))

    assert "<b>Patient.name.family</b>  Rivera" in page and "<b>Encounter.status</b>  in-progress" in page
    assert "by fhir" in page and "<b>Patient.name.given[2]</b>  Ana" in page
    [(patients,)] = rows("select patients from phi_access where actor = 'adam'")
    assert patients == [key for (key,) in rows("select id from patient")]


def test_a_message_about_a_protected_stay_keeps_its_text(folder: Path, browser_for: At) -> None:
    label = {"lastUpdated": "2026-03-10T13:00:00Z", "security": [{"code": "ETH"}]}
    take(save(folder, "a.json", bundle(encounter(meta=label), patient())))

    page = shown(browser_for("adam"))

    assert "Rivera" not in page and "protected stay" in page


def test_the_command_prints_a_line_for_each_encounter_and_names_what_was_refused(
    folder: Path, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", world.addresses.owner)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", world.addresses.app)
    monkeypatch.setenv("DAYBOOK_HOME", str(folder))
    good = str(save(folder, "good.json", bundle(encounter(), patient())))
    bad = str(save(folder, "bad.json", bundle(encounter("e2"))))

    assert run(["import", "fhir", "--facility", "NORTH", good]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"place": "good.json, entry 1", "resource": "Encounter/e1", "ack": "AA",
                                    "error": None, "repeated": False, "encounter": "V-e1"}  # fmt: skip
    assert said.err == "1 encounters taken, 0 refused; 0 other faults.\n"

    assert run(["import", "fhir", "--facility", "NORTH", bad]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["ack"] == "AE"
    assert said.err.startswith("bad.json, entry 1, Encounter/e2: The encounter refers to a patient")
    assert "Rivera" not in said.err + said.out

    assert run(["import", "fhir", "--facility", "NOWHERE", good]) == 1
    assert "NOWHERE" in capsys.readouterr().err


def test_no_stay_is_shared_by_two_facilities(folder: Path) -> None:
    path = save(folder, "a.json", bundle(encounter(identifier=[identifier("V1")]), patient(identifier=[])))

    take(path)
    take(path, code="SOUTH")

    assert [(one[0], one[1], one[2]) for one in census()] == [("NORTH", "V1", "p1"), ("SOUTH", "V1", "p1")]


def test_json_of_any_shape_never_breaks_an_import(folder: Path) -> None:
    odd: list[Json] = [
        encounter("e1", subject={"reference": ["x"]}),
        encounter("e2", identifier="x", period="x"),
        encounter("e3", identifier=[{"value": 7}], location={"a": 1}, participant=[[]]),
        patient(name="x", identifier=[None], telecom=3, address=[[]], deceasedDateTime=4),
    ]
    lines = take(save(folder, "odd.ndjson", odd))

    assert [line.ack for line in lines] == ["AE", "AE", "AA"]
