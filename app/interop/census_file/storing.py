"""Taking a census file: it is kept as it came, its rows beside it, and they become facts where the facility says so."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.interop.census_file.absence import settle_absences
from app.interop.census_file.events import CensusFileTaken
from app.interop.census_file.facts import of_row, of_striking
from app.interop.census_file.messages import keep
from app.interop.census_file.models import CensusFile
from app.interop.census_file.reading.rows import Contents, Habits, numbers_in, read, refused_lines
from app.interop.census_file.settings import applies, digest_of, habits_of, settings_of
from app.interop.inbox import drain
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work, begin, everywhere

ACTOR = everywhere("census file")
LARGEST = 20 * 1024 * 1024
SETTLE = "census_file.settle"


@dataclass(frozen=True, slots=True)
class TakeFile:
    """A file to be taken for one facility. `taken_at` is the instant whose census it tells."""

    facility_id: int
    name: str
    data: bytes
    taken_at: datetime
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `new` is false for one that was taken before and is read in the same way."""

    file_id: int
    new: bool
    applied: bool
    contents: Contents


def understood(view: Reading, ask: TakeFile) -> tuple[Contents, Habits]:
    """What a file says when it is read in the way of its facility. Raises Unreadable, and Refused for one too large."""
    if len(ask.data) > LARGEST:
        raise Refused(f"The file is larger than {LARGEST // 1024 // 1024} MiB. A census is a few hundred lines long.")
    habits = habits_of(view, ask.facility_id)
    contents = read(ask.data, habits, ask.taken_at)
    habits = habits_of(view, ask.facility_id, numbers_in(contents))
    return (read(ask.data, habits, ask.taken_at) if habits.padded else contents), habits


def take_file(ask: TakeFile, *, at: datetime | None = None) -> Taken:
    """Keep a file, apply its rows where files are a source, and settle which stays are absent from files.

    Raises Unreadable for a file that cannot be read as a whole: nothing is kept of it.
    """
    with begin(ACTOR, at=at) as work:
        taken = _keep_file(work, ask)
    if taken.new:
        settle(ask.facility_id, at=at)
    return taken


def settle(facility_id: int, *, at: datetime | None = None) -> None:
    """Apply what waits, then say which stays the last files lack. Also the body of a job: what died is done again."""
    while drain(at=at):
        pass
    with begin(ACTOR, at=at) as work:
        settle_absences(work, facility_id)


def _keep_file(work: Work, ask: TakeFile) -> Taken:
    contents, habits = understood(work, ask)
    work.connection.execute("select pg_advisory_xact_lock(hashtext('census.file'))")
    digest, way = hashlib.sha256(ask.data).digest(), digest_of(habits)
    applied = applies(work, ask.facility_id, settings_of(work, ask.facility_id))
    way = hashlib.sha256(way + bytes([applied])).digest()
    known = work.value(
        "select id from census_file where facility_id = %s and digest = %s and taken_at = %s and habits = %s",
        (ask.facility_id, digest, ask.taken_at, way),
    )
    if known is not None:
        return Taken(known, False, applied, contents)
    row = work.add(CensusFile(
        facility_id=ask.facility_id, name=ask.name[:200], taken_at=ask.taken_at, received_at=work.now,
        received_by=ask.person, digest=digest, habits=way, raw=ask.data, encoding=contents.encoding,
        delimiter=contents.delimiter,
        headers={"texts": dict(contents.headers.texts), "ignored": list(contents.headers.ignored)},
        problems=msgspec.to_builtins(contents.problems), row_count=len(contents.rows),
        refused_count=refused_lines(contents.problems), whole=contents.whole, applied=applied,
    ))  # fmt: skip
    keys: list[int | None] = [None] * len(contents.rows)
    if applied:
        keys = _say_rows(work, row, contents)
    _insert_rows(work, row, contents, keys)
    work.record(CensusFileTaken(facility_id=ask.facility_id, file_id=row.id, rows=row.row_count,
                                refused=row.refused_count, applied=applied))  # fmt: skip
    work.later(SETTLE, once=f"{SETTLE} {ask.facility_id}", facility_id=ask.facility_id)
    return Taken(row.id, True, applied, contents)


def _say_rows(work: Work, file: CensusFile, contents: Contents) -> list[int | None]:
    """Rows become messages. What an earlier way of reading this very file said otherwise is struck out."""
    sayings = [of_row(row, file.taken_at) for row in contents.rows]
    keys = keep(work, file.facility_id, file.name, sayings, queue=True)
    earlier = work.rows(
        lambda key, patient, visit: (key, patient, visit),
        "select r.message_id, r.patient, r.visit from census_file_row r join census_file f on f.id = r.file_id"
        " where f.facility_id = %s and f.digest = %s and f.taken_at = %s and f.id <> %s and r.message_id is not null"
        " and not r.message_id = any(%s)",
        (file.facility_id, file.digest, file.taken_at, file.id, keys),
    )
    strikes = [of_striking("census", key, [(patient, visit)], work.now) for key, patient, visit in earlier]
    keep(work, file.facility_id, file.name, strikes, queue=True)
    return list(keys)


def _insert_rows(work: Work, file: CensusFile, contents: Contents, keys: list[int | None]) -> None:
    own = f"{_authority(work, file.facility_id)}|"
    rows: list[tuple[object, ...]] = [
        (file.id, file.facility_id, row.line, row.visit, row.patient, msgspec.json.encode(row).decode(), key)
        for row, key in zip(contents.rows, keys, strict=True)
    ]
    rows += [
        (file.id, file.facility_id, one.line, f"{own}{one.visit[:200]}", f"{own}{one.patient[:200]}", None, None)
        for one in contents.refused
    ]
    if rows:
        work.write_many(
            "census_file_row",
            "insert into census_file_row (file_id, facility_id, line, visit, patient, content, message_id)"
            " values (%s, %s, %s, %s, %s, %s::jsonb, %s)",
            rows,
        )


def _authority(view: Reading, facility_id: int) -> str:
    return str(view.value("select authority from feed where facility_id = %s", (facility_id,)))
