"""Census files of the tests: rows in words, taken into the database at an instant."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import select

from app.census.storage.stored import stored_house
from app.census.terms import EncounterState
from app.interop.census_file.comparing import compare, file_of
from app.interop.census_file.events import CensusFileSettingsChanged
from app.interop.census_file.models import CensusFileSetting
from app.interop.census_file.repairs import AskRepair, repair
from app.interop.census_file.storing import TakeFile, Taken, take_file
from app.interop.census_file.taking.uploading import AskUpload, upload
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import NOW, World

ACTOR = everywhere("test")
SIX = NOW.replace(hour=12, minute=0)  # 06:00 in Chicago
HEADER = ("mrn", "visit_number", "last_name", "first_name", "patient_class", "unit", "room", "bed", "attending_id",
          "admit_at")  # fmt: skip


def line(visit: str, place: str = "4W^401^A", **more: str) -> dict[str, str]:
    """A row for a visit; its patient's number is that of the visit with an M before it."""
    unit, room, bed = place.split("^")
    usual = {"mrn": f"M{visit}", "visit_number": visit, "last_name": f"PERSON{visit}", "first_name": "TEST",
             "patient_class": "I", "unit": unit, "room": room, "bed": bed, "attending_id": "1001",
             "admit_at": "2026-03-01 08:00"}  # fmt: skip
    return usual | more


def written(rows: Iterable[Mapping[str, str]], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    """The rows as a file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    for row in rows:
        writer.writerow([row.get(name, "") for name in header])
    return out.getvalue().encode()


def take(world: World, rows: Iterable[Mapping[str, str]], *, hours: float = 0, code: str = "NORTH") -> Taken:
    """Take a file of these rows, as of 06:00 and so many hours later."""
    at = SIX + timedelta(hours=hours)
    return take_bytes(world, written(rows), taken_at=at, code=code)


def take_bytes(world: World, data: bytes, *, taken_at: datetime = SIX, code: str = "NORTH") -> Taken:
    """Take a file of these bytes; the day is that of the tests."""
    ask = TakeFile(world.facility[code], "census.csv", data, taken_at)
    return take_file(ask, at=max(NOW, taken_at + timedelta(minutes=5)))


def setting(world: World, code: str = "NORTH", **values: object) -> None:
    """Set what the files of a facility are for, or how they are read."""
    facility_id = world.facility[code]
    with begin(ACTOR, at=NOW) as work:
        found = work.session.exec(select(CensusFileSetting).where(CensusFileSetting.facility_id == facility_id)).first()
        row = found or CensusFileSetting(facility_id=facility_id)
        for name, value in values.items():
            setattr(row, name, value)
        work.add(row)
        work.record(CensusFileSettingsChanged(facility_id=facility_id, use=row.use, absent_after=row.absent_after))


def stays() -> dict[str, EncounterState]:
    """The stays by their visit number without authority."""
    with reading(ACTOR) as view:
        return {key.partition("|")[2]: state for key, state in stored_house(view).encounters.items()}


def here() -> dict[str, str]:
    """Who is in the census, and where."""
    return {
        number: state.location.text if state.location else ""
        for number, state in stays().items()
        if state.status.in_census
    }


def open_absences() -> set[str]:
    """Visit numbers of stays that files lack, as the queue of exceptions names them."""
    with reading(ACTOR) as view:
        query = "select subject from census_exception where kind = 'ABSENT_FROM_CENSUS' and closed_at is null"
        return set(view.values(query))


def reconciliation(world: World) -> dict[str, str]:
    """A file of the first hospital, a repair and an upload of its lead; their keys by name of route parameter."""
    lee = world.viewer("lee").acting(Permission.CENSUS_REPAIR)
    rows = [line("SIX1"), line("SIX2", "4W^402^A", unit="4W", bed="B")]
    file_id = take(world, rows).file_id
    with reading(ACTOR) as view:
        differing = compare(view, file_of(view, file_id, [world.facility["NORTH"]]), lee).items
    done = repair(lee, file_id, AskRepair(kind=differing[0].kind, reason="looked on the unit"))
    key = upload(lee, AskUpload(facility="NORTH", taken_at=SIX), "census.csv", written(rows))
    return {"file_id": str(file_id), "batch_id": str(done.batch_id), "upload_id": str(key)}
