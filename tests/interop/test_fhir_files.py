"""FHIR files: every kind of bundle, NDJSON and export, every kind of reference, and what is broken in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.interop.fhir import bundles
from app.interop.fhir.bundles import Found, read_files
from app.interop.fhir.facts.course import Impossible
from app.interop.fhir.links import Links
from app.interop.fhir.references import Ambiguous, Held, Pool
from tests.support.fhir import Json, bundle, encounter, identifier, patient, save, updated


def pool_of(*resources: Json, urls: tuple[str, ...] = ()) -> tuple[Pool, list[Held]]:
    """A pool of the resources, with full addresses for the first ones."""
    found = [
        Found("here", one["resourceType"], one.get("id", ""), json.dumps(one).encode(),
              urls[place] if place < len(urls) else "")
        for place, one in enumerate(resources)
    ]  # fmt: skip
    return Pool(found), [Held(one) for one in found]


def found_by(reference: Json, *resources: Json, urls: tuple[str, ...] = (), source: int = 0) -> str | None:
    pool, held = pool_of(*resources, urls=urls)
    found = pool.follow(reference, held[source], "Patient")
    return found.body["birthDate"] if found else None


def someone(year: int, key: str = "p1", **more: Any) -> Json:
    return patient(key, birthDate=str(year), **more)


# --- references ------------------------------------------------------------------------------------------------------


def test_relative_and_versioned_references() -> None:
    assert found_by({"reference": "Patient/p1"}, encounter(), someone(1950)) == "1950"
    assert found_by({"reference": "Patient/p1/_history/3"}, encounter(), someone(1950)) == "1950"
    assert found_by({"reference": "Patient/p2"}, encounter(), someone(1950)) is None


def test_a_relative_reference_means_the_server_of_its_own_resource() -> None:
    urls = ("http://b/fhir/Encounter/e1", "http://a/fhir/Patient/p1", "http://b/fhir/Patient/p1")

    assert found_by({"reference": "Patient/p1"}, encounter(), someone(1950), someone(1960), urls=urls) == "1960"


def test_absolute_references_and_addresses_of_another_file() -> None:
    urls = ("", "http://a/fhir/Patient/p1")

    assert found_by({"reference": "http://a/fhir/Patient/p1"}, encounter(), someone(1950), urls=urls) == "1950"
    assert found_by({"reference": "http://a/fhir/Patient/p1"}, encounter(), someone(1950)) == "1950"


def test_the_same_id_on_another_server_is_somebody_else() -> None:
    urls = ("http://b/fhir/Encounter/e1", "http://a/fhir/Patient/p1")

    assert found_by({"reference": "http://b/fhir/Patient/p1"}, encounter(), someone(1950), urls=urls) is None
    assert found_by({"reference": "Patient/p1"}, encounter(), someone(1950), urls=urls) is None


def test_urn_uuid_by_full_url() -> None:
    urn = "urn:uuid:0b6f3d1e-0000-4000-8000-000000000001"
    bare = someone(1950)
    del bare["id"]

    assert found_by({"reference": urn}, encounter(), bare, urls=("", urn)) == "1950"


def test_contained_and_what_a_contained_one_refers_to() -> None:
    inside = {**someone(1950), "id": "in"}
    assert found_by({"reference": "#in"}, encounter(contained=[inside])) == "1950"
    assert found_by({"reference": "#other"}, encounter(contained=[inside])) is None

    rooms = [{"resourceType": "Location", "id": "room", "name": "401", "partOf": {"reference": "#ward"}},
             {"resourceType": "Location", "id": "ward", "name": "4W"}]  # fmt: skip
    pool, [held] = pool_of(encounter(contained=[*rooms, inside], subject={"reference": "#in"},
                                     location=[{"location": {"reference": "#room"}}]))  # fmt: skip
    linked = Links(pool).of(held)
    assert [[one["name"] for one in chain] for _, chain in linked.places] == [["401", "4W"]]
    assert len(linked.used) == 1, "what is contained travels in its container"


def test_conditional_and_logical_references() -> None:
    known = someone(1950, identifier=[identifier("M1", "MR", "urn:a"), identifier("77", "", "urn:b")])

    assert found_by({"reference": "Patient?identifier=urn:a|M1"}, encounter(), known) == "1950"
    assert found_by({"reference": "Patient?identifier=M1"}, encounter(), known) == "1950"
    assert found_by({"reference": "Patient?identifier=urn%3Aa%7CM1"}, encounter(), known) == "1950"
    assert found_by({"identifier": {"system": "urn:b", "value": "77"}}, encounter(), known) == "1950"
    assert found_by({"reference": "Patient?identifier=urn:b|M1"}, encounter(), known) is None


def test_an_identifier_of_two_patients_is_not_guessed() -> None:
    twice = [someone(1950, "p1", identifier=[identifier("M1")]), someone(1960, "p2", identifier=[identifier("M1")])]
    with pytest.raises(Ambiguous):
        found_by({"reference": "Patient?identifier=M1"}, encounter(), *twice)

    pool, [held, *_] = pool_of(encounter(subject={"reference": "Patient?identifier=M1"}), *twice)
    with pytest.raises(Impossible, match="several patients"):
        Links(pool).of(held)


def test_of_several_versions_the_last_updated_is_meant_in_any_order() -> None:
    versions = [updated(someone(1950), "2026-03-10T10:00:00Z"), updated(someone(1960), "2026-03-10T09:30:00-04:00")]

    assert found_by({"reference": "Patient/p1"}, encounter(), *versions) == "1960"
    assert found_by({"reference": "Patient/p1"}, encounter(), *reversed(versions)) == "1960"


@pytest.mark.parametrize("reference", [None, {}, {"reference": 7}, {"reference": ""}, {"reference": "Practitioner/p1"},
                                       {"display": "Carmen"}, {"identifier": {}}])  # fmt: skip
def test_a_patient_who_cannot_be_found_refuses_the_encounter(reference: object) -> None:
    pool, [held, *_] = pool_of(encounter(subject=reference), patient())
    with pytest.raises(Impossible, match="patient"):
        Links(pool).of(held)


def test_a_patient_known_by_number_alone_is_enough() -> None:
    pool, [held] = pool_of(encounter(subject={"identifier": {"system": "urn:a", "value": "M1"}}))

    assert Links(pool).of(held).patient is None


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "batch", "message", "document", "history"])
def test_bundles_of_every_type(tmp_path: Path, kind: str) -> None:
    path = save(tmp_path, "b.json", bundle(encounter(), patient(), kind=kind))

    files = read_files([path])

    assert [(one.type, one.place) for one in files.found] == [("Encounter", "b.json, entry 1"),
                                                              ("Patient", "b.json, entry 2")]  # fmt: skip
    assert files.faults == []


def test_a_bundle_in_a_bundle_and_a_single_resource(tmp_path: Path) -> None:
    alone = json.dumps(patient(), indent=2)
    paths = [save(tmp_path, "b.json", bundle(bundle(encounter()))), save(tmp_path, "p.json", alone)]

    assert [one.name for one in read_files(paths).found] == ["Encounter/e1", "Patient/p1"]


def test_ndjson_goes_on_after_a_bad_line(tmp_path: Path) -> None:
    lines = [json.dumps(encounter()), "{broken", "", '"text"', '{"id": "x"}', json.dumps(patient())]
    path = save(tmp_path, "all.ndjson", "\ufeff" + "\r\n".join(lines) + "\r\n")

    files = read_files([path])

    assert [one.place for one in files.found] == ["all.ndjson, line 1", "all.ndjson, line 6"]
    assert [one.text for one in files.faults] == [
        "all.ndjson, line 2: this is not the JSON of a FHIR resource.",
        "all.ndjson, line 4: this is not the JSON of a FHIR resource.",
        "all.ndjson, line 5: the resource has no resourceType.",
    ]


def test_a_search_goes_on_in_the_page_that_its_link_names(tmp_path: Path) -> None:
    def page(here: str, after: str, resource: Json) -> Json:
        links = [{"relation": "self", "url": here}] + ([{"relation": "next", "url": after}] if after else [])
        return bundle(resource, kind="searchset", link=links)

    first = save(tmp_path, "1.json", page("http://a/Encounter?name=Rivera", "http://a?page=2", encounter()))
    second = save(tmp_path, "2.json", page("http://a?page=2", "", patient()))

    assert read_files([first, second]).faults == []
    [fault] = read_files([first]).faults
    assert fault.text == "1.json: the search goes on with a page that is not among the given files."


def test_the_manifest_of_an_export_gives_the_clock_and_names_what_is_missing(tmp_path: Path) -> None:
    gone = {"resourceType": "Bundle", "type": "transaction",
            "entry": [{"request": {"method": "DELETE", "url": "Encounter/e9"}}]}  # fmt: skip
    wrong = {"resourceType": "OperationOutcome",
             "issue": [{"severity": "error", "code": "exception", "diagnostics": "Rivera"}]}  # fmt: skip
    manifest = {
        "transactionTime": "2026-03-10T14:00:00Z",
        "output": [{"type": "Encounter", "url": "http://a/x/Encounter.ndjson"},
                   {"type": "Patient", "url": "http://a/x/Patient.ndjson"}],
        "deleted": [{"type": "Bundle", "url": "http://a/x/deleted.ndjson"}],
        "error": [{"type": "OperationOutcome", "url": "http://a/x/errors.ndjson"}],
    }  # fmt: skip
    paths = [
        save(tmp_path, "Encounter.ndjson", [encounter()]), save(tmp_path, "deleted.ndjson", [gone]),
        save(tmp_path, "errors.ndjson", [wrong]), save(tmp_path, "manifest.json", manifest),
    ]  # fmt: skip

    files = read_files(paths)

    assert [(one.name, one.deleted, one.clock) for one in files.found] == [
        ("Encounter/e1", False, "2026-03-10T14:00:00Z"), ("Encounter/e9", True, "2026-03-10T14:00:00Z"),
    ]  # fmt: skip
    assert sorted(one.text for one in files.faults) == [
        "errors.ndjson, line 1: the sender reports a fault of its own: error exception.",
        "manifest.json: the export names a file Patient.ndjson that is not among the given ones.",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", None),
        ("[]", "neither JSON nor NDJSON"),
        ("MSH|^~\\&|EHR", "neither JSON nor NDJSON"),
        ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Pat', "broken or cut off"),
        ('{"name": "x"}', "no FHIR resource"),
        ('{"resourceType": "Bundle", "entry": 7}', "no list"),
        ('{"resourceType": "Bundle", "entry": [7]}', "not an object"),
        ('{"resourceType": "Bundle", "entry": [{"resource": 7}]}', "not the JSON of a FHIR resource"),
        ('{"resourceType": "Bundle", "entry": [{"resource": null}, {}]}', None),
        (b"\xff\xfe\x00", "neither JSON nor NDJSON"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, content: str | bytes, words: str | None) -> None:
    files = read_files([save(tmp_path, "x.json", content)])

    assert files.found == []
    assert [words in one.text and one.place.startswith("x.json") for one in files.faults if words] == (
        [True] if words else []
    )


def test_a_file_and_a_line_that_are_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "LONGEST_FILE", 4000)
    monkeypatch.setattr(bundles, "LIMIT", 2000)
    one = json.dumps(encounter())
    many = save(tmp_path, "many.json", json.dumps(bundle(*[encounter()] * 20), indent=1))
    lines = save(tmp_path, "lines.ndjson", f"{one}\n{json.dumps(encounter(note='x' * 9000))}\n{one}\n")

    assert "export NDJSON instead" in read_files([many]).faults[0].text
    files = read_files([lines])
    assert [found.place for found in files.found] == ["lines.ndjson, line 1", "lines.ndjson, line 3"]
    assert files.faults[0].place == "lines.ndjson, line 2"


def test_bundles_that_lie_in_one_another_without_end(tmp_path: Path) -> None:
    deep = bundle(encounter())
    for _ in range(6):
        deep = bundle(deep)

    [fault] = read_files([save(tmp_path, "deep.json", deep)]).faults
    assert "too deeply" in fault.text


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ({"resourceType": "Coverage", "id": "c", "status": "active", "payor": [{"display": "x"}]}, "no beneficiary"),
        ({"resourceType": "Coverage", "id": "c", "beneficiary": {"reference": "Patient/p1"}}, "no payer"),
        ({"resourceType": "Condition", "id": "c"}, "no patient"),
        ({"resourceType": "Condition", "code": {}}, "no patient"),
    ],
)
def test_invalid_coverages_and_conditions_are_named(resource: Json, words: str) -> None:
    links = Links(pool_of(encounter(), patient(), resource)[0])
    links.check()

    [fault] = links.faults
    assert words in fault.text and fault.resource.startswith(resource["resourceType"])
