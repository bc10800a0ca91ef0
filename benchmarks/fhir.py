"""FHIR files into the census: `python -m benchmarks.fhir [--encounters N] [FILES ...]`.

Measured: encounters a second from files on disk to the census, read, resolved, stored, applied and reported. Without
FILES, N invented encounters of N/10 patients are written as NDJSON, each with a condition, two places and a physician.
Floor: decoding the same files as JSON, nothing else.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from app.census.facilities import AddFacility, FacilityKind, add_facility
from app.interop.fhir.importing import import_files
from app.platform.work import begin, everywhere
from benchmarks.ingest import connect, database

VISITS_OF_A_PATIENT = 10
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def resources(count: int) -> Iterator[dict[str, Any]]:
    """Invented patients with their encounters and conditions."""
    for number in range(count):
        who, start = number // VISITS_OF_A_PATIENT, BEGIN + timedelta(hours=number)
        moved, end = start + timedelta(hours=20), start + timedelta(days=3)
        if number % VISITS_OF_A_PATIENT == 0:
            yield {"resourceType": "Patient", "id": f"p{who}", "birthDate": "1950-01-01", "gender": "female",
                   "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": f"M{who}"}],
                   "name": [{"family": f"Family{who}", "given": ["Given"]}]}  # fmt: skip
        yield {
            "resourceType": "Encounter", "id": f"e{number}", "status": "finished", "class": {"code": "IMP"},
            "meta": {"lastUpdated": end.isoformat()}, "subject": {"reference": f"Patient/p{who}"},
            "identifier": [{"type": {"coding": [{"code": "VN"}]}, "value": f"V{number}"}],
            "period": {"start": start.isoformat(), "end": end.isoformat()},
            "location": [
                {"location": {"display": "4W"}, "period": {"start": start.isoformat(), "end": moved.isoformat()}},
                {"location": {"display": "ICU"}, "period": {"start": moved.isoformat(), "end": end.isoformat()}},
            ],
            "participant": [{"type": [{"coding": [{"code": "ATND"}]}], "individual": {"display": "Dr. Invented"}}],
        }  # fmt: skip
        yield {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{who}"},
               "encounter": {"reference": f"Encounter/e{number}"},
               "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.33"}]}}  # fmt: skip


def decoding(paths: list[Path]) -> float:
    """Seconds for which the files are decoded, line by line where they are NDJSON."""
    begun = time.perf_counter()
    for path in paths:
        for text in path.read_bytes().splitlines() if path.suffix == ".ndjson" else [path.read_bytes()]:
            if text:
                msgspec.json.decode(text)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encounters", type=int, default=4000)
    parser.add_argument("files", nargs="*", type=Path)
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder, database(Path(folder)) as addresses:
        connect(addresses)
        with begin(everywhere("bench")) as work:
            ask = AddFacility(code="ACUTE", name="Acute", timezone="America/New_York", kind=FacilityKind.ACUTE,
                              authority="ACUTE")  # fmt: skip
            add_facility(work, ask)
        paths = wishes.files
        if not paths:
            paths = [Path(folder) / "all.ndjson"]
            with paths[0].open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(one) + "\n" for one in resources(wishes.encounters))
        floor = decoding(paths)
        begun = time.perf_counter()
        outcome = import_files("ACUTE", paths)
        took = time.perf_counter() - begun
        taken = len(outcome.lines) - outcome.refused
        print(f"encounters taken, refused     {taken:8} {outcome.refused:6}")
        print(f"stored, applied and reported  {taken / took:8.0f} encounters/s")
        print(f"of that, decoding the JSON    {100 * floor / took:8.1f} %")


if __name__ == "__main__":
    main()
