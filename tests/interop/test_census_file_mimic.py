"""A public table of hospital admissions as census files: the census that they give is counted independently.

MIMIC-III Clinical Database Demo, Open Data Commons Open Database License; its dates are shifted into the future.
"""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.interop.census_file.storing import TakeFile, take_file
from app.platform.work import reading
from tests.support.census_files import ACTOR, here, setting
from tests.support.world import World

ZONE = ZoneInfo("America/Chicago")
HEADERS = {"subject_id": "mrn", "hadm_id": "visit_number", "admittime": "admit_at", "dischtime": "discharge_at"}
AFTER_ALL = datetime(2260, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def admissions(shared: Path) -> bytes:
    return (shared / "data" / "samples" / "mimic3_demo" / "ADMISSIONS.csv").read_bytes()


def plainly(data: bytes) -> list[tuple[str, datetime, datetime]]:
    """Number, beginning and end of every admission, read without the program."""
    found = []
    for row in csv.DictReader(io.StringIO(data.decode())):
        times = [datetime.fromisoformat(row[name]).replace(tzinfo=ZONE) for name in ("admittime", "dischtime")]
        found.append((row["hadm_id"], times[0], times[1]))
    return found


def present(stays: list[tuple[str, datetime, datetime]], at: datetime) -> set[str]:
    return {number for number, begins, ends in stays if begins <= at < ends}


def take(world: World, data: bytes, taken_at: datetime) -> int:
    taken = take_file(TakeFile(world.facility["NORTH"], "ADMISSIONS.csv", data, taken_at), at=AFTER_ALL)
    return len(taken.contents.rows)


def test_the_table_of_admissions_gives_the_census_of_every_instant(world: World, admissions: bytes) -> None:
    setting(world, headers=HEADERS)
    stays = plainly(admissions)

    assert take(world, admissions, AFTER_ALL) == len(stays) == 129

    instants = [begins + (ends - begins) * part for _, begins, ends in stays for part in (0, 0.5, 1)]
    counted = [present(stays, at) for at in instants]
    assert max(map(len, counted)) >= 2
    with reading(ACTOR) as view:
        for at, expected in zip(instants, counted, strict=True):
            query = "select visit_number from encounter where start_at <= %s and discharge_at > %s"
            assert set(view.values(query, (at, at))) == expected


def test_files_of_single_instants_give_the_census_of_the_last_one(world: World, admissions: bytes) -> None:
    setting(world, headers=HEADERS | {"dischtime": "-"}, absent_after=1)
    stays = plainly(admissions)
    busy = max((begins for _, begins, _ in stays), key=lambda at: len(present(stays, at)))
    header, *lines = admissions.decode().splitlines()
    for step in range(6):
        at = busy + timedelta(days=step * 3)
        expected = present(stays, at)
        rows = [line for line in lines if line.split(",")[2] in expected]

        take(world, "\n".join([header, *rows]).encode(), at)

        assert set(here()) == expected
