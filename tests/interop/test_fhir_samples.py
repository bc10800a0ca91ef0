"""Published FHIR files against a count made by reading their JSON plainly, without any of our code."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.interop.fhir.importing import import_files
from app.platform.work import everywhere, reading
from tests.support.world import World

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "fhir"
HERE = ("arrived", "triaged", "in-progress", "onleave")
BEDDED = ("IMP", "ACUTE", "NONAC", "OBSENC")
CLASSES = {"AMB": "OP", "EMER": "ED", "IMP": "IP"}

pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="../shared with the published files is not there")


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (SAMPLES / folder).iterdir())


def resources(paths: list[Path], kind: str) -> Iterator[dict[str, Any]]:
    for path in paths:
        text = path.read_text("utf-8")
        if path.suffix == ".ndjson":
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            document = json.loads(text)
            found = [entry["resource"] for entry in document.get("entry", [])] or [document]
        yield from (one for one in found if one["resourceType"] == kind)


def stored(query: str) -> list[Any]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(query).fetchall()  # type: ignore[arg-type]


@pytest.mark.parametrize("folder", ["pathling_import", "pathling_bundles", "synthea_r4_smart"])
def test_synthea_makes_the_stays_that_it_tells_of(world: World, folder: str) -> None:
    paths = files(folder)
    told = list(resources(paths, "Encounter"))
    expected = Counter(("discharged" if one["status"] == "finished" else one["status"], CLASSES[one["class"]["code"]])
                       for one in told)  # fmt: skip

    outcome = import_files("NORTH", paths)

    assert (len(outcome.lines), outcome.refused, outcome.faults) == (len(told), 0, [])
    found = stored("select status, patient_class, count(*) from encounter group by 1, 2")
    assert {(status, kind): count for status, kind, count in found} == expected
    times = {
        (datetime.fromisoformat(one["period"]["start"]), datetime.fromisoformat(one["period"]["end"])) for one in told
    }
    assert {(start, end) for start, end in stored("select start_at, discharge_at from encounter")} == times
    patients = {one["subject"]["reference"].split("/")[-1].removeprefix("urn:uuid:") for one in told}
    assert stored("select count(*) from patient") == [(len(patients),)]
    assert stored("select count(*) from census_exception where closed_at is null") == [(0,)]
    assert stored("select count(*) from encounter where status in ('admitted', 'on_leave')") == [(0,)]


def test_conditions_reach_the_stays_for_which_they_were_recorded(world: World) -> None:
    paths = files("pathling_bundles")
    wanted: dict[str, set[str]] = {}
    for one in resources(paths, "Condition"):
        stay = one["encounter"]["reference"].removeprefix("urn:uuid:")
        wanted.setdefault(stay, set()).add(one["code"]["coding"][0]["code"])

    import_files("NORTH", paths)

    found: dict[str, set[str]] = {}
    for number, code in stored(
        "select e.visit_number, d.code from diagnosis d join encounter e on e.id = d.encounter_id"
    ):
        found.setdefault(number, set()).add(code)
    assert found == wanted


def test_the_alerts_give_the_census_of_their_last_word(world: World) -> None:
    paths = files("davinci_alerts")
    last: dict[str, dict[str, Any]] = {}
    for one in sorted(resources(paths, "Encounter"), key=lambda one: one["meta"]["lastUpdated"]):
        last[one["id"]] = one
    here = {
        one["identifier"][0]["value"]: datetime.fromisoformat(one["period"]["start"])
        for one in last.values()
        if one["status"] in HERE and one["class"]["code"] in BEDDED
    }
    assert here, "the alerts tell of somebody who is in the house"

    outcome = import_files("NORTH", paths)

    assert (outcome.refused, outcome.faults) == (0, [])
    query = "select visit_number, start_at from encounter where status in ('admitted', 'on_leave')"
    assert dict(stored(query)) == here
    payers = {one["payor"][0]["display"] for one in resources(paths, "Coverage")}
    assert {name for (name,) in stored("select payer_name from encounter")} == payers


def test_authorization_bundles_are_read_for_what_they_say_of_stays(world: World) -> None:
    paths = files("pas_inferno", "pas_ri", "us_core", "pathling_lib")
    told = list(resources(paths, "Encounter"))

    outcome = import_files("NORTH", paths)

    assert len(outcome.lines) == len(told) and outcome.refused == 0
    assert {status for (status,) in stored("select status from encounter")} == {"preadmit"}
