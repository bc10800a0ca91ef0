"""Notes of a stay as pages show them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.wording import full_text, iso_text, moment_text
from app.platform.work import Reading


class _Line(msgspec.Struct):
    id: uuid.UUID
    first: uuid.UUID
    text: str
    pinned: bool
    current: bool
    version: int
    written_at: datetime
    author_id: uuid.UUID
    author: str
    struck: bool
    struck_reason: str


class Version(msgspec.Struct):
    """An older text of a note, still readable."""

    text: str
    when: str


class NoteShown(msgspec.Struct):
    """One note: its newest text, who wrote it when, and what it read before."""

    id: str
    text: str
    pinned: bool
    when: str
    iso: str
    full: str
    author: str
    mine: bool
    struck: str
    before: list[Version]


_QUERY = (
    "select n.id, coalesce(n.first_id, n.id), n.text, n.pinned, n.current, n.version, n.written_at, n.written_by,"
    " u.display_name, n.struck_at is not null, n.struck_reason from note n join app_user u on u.id = n.written_by"
    " where n.encounter_id = %s order by n.written_at desc, n.id desc"
)


def notes_of(db: Reading, encounter_id: uuid.UUID, zone: ZoneInfo) -> list[NoteShown]:
    """Every note, pinned ones first, then the newest; struck-out ones last."""
    lines = db.rows(_Line, _QUERY, (encounter_id,))
    shown = [_shown(line, lines, db, zone) for line in lines if line.current]
    return sorted(shown, key=lambda note: (bool(note.struck), not note.pinned))


def _shown(line: _Line, lines: Sequence[_Line], db: Reading, zone: ZoneInfo) -> NoteShown:
    older = [one for one in lines if one.first == line.first and not one.current]
    return NoteShown(
        str(line.id),
        line.text,
        line.pinned,
        moment_text(line.written_at, zone, db.now),
        iso_text(line.written_at, zone),
        full_text(line.written_at, zone),
        line.author,
        line.author_id == db.who.actor_id,
        line.struck_reason if line.struck else "",
        [Version(one.text, moment_text(one.written_at, zone, db.now)) for one in older],
    )


class StayPlace(msgspec.Struct):
    """What a page of notes must know of the stay."""

    patient_id: uuid.UUID
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def stay_place(db: Reading, encounter_id: uuid.UUID) -> StayPlace:
    """Whose stay it is and in which time zone; NotFound outside the reader's scope."""
    query = "select e.patient_id, f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = %s"
    return db.one(
        StayPlace, query, (encounter_id,), missing="There is no such stay, or it lies outside what you may see."
    )
