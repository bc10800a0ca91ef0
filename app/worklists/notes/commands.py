"""Notes on a stay: written, pinned, amended, struck out. Nothing is overwritten but the pin."""

import uuid
from typing import Annotated

import msgspec
from pydantic import AfterValidator, BaseModel, Field

from app.kernel.refusal import Refused
from app.platform.work import Work
from app.worklists.events import NoteAmended, NotePinned, NoteStruckOut, NoteWritten
from app.worklists.models import Note

NOT_THERE = "There is no such note, or it lies outside what you may see."
LONGEST = 2000


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("Fill in this field.")
    return text.strip()


NoteText = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_not_blank)]


class WriteNote(BaseModel):
    """A note in plain text; a pinned one stands in the row of its stay."""

    text: NoteText
    pinned: bool = False


class AmendNote(BaseModel):
    """The text as it should read from now on."""

    text: NoteText


class StrikeNote(BaseModel):
    """Why the note should not have been there."""

    reason: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_not_blank)]


class _Subject(msgspec.Struct):
    facility_id: int
    patient_id: uuid.UUID


def write_note(work: Work, encounter_id: uuid.UUID, ask: WriteNote) -> Note:
    """Write a note on a stay, also on one that is over."""
    stay = _stay(work, encounter_id)
    note = work.add(
        Note(
            encounter_id=encounter_id,
            facility_id=stay.facility_id,
            text=ask.text,
            pinned=ask.pinned,
            written_at=work.now,
            written_by=_person(work),
        )
    )
    work.record(
        NoteWritten(
            encounter_id=encounter_id,
            patient_id=stay.patient_id,
            facility_id=stay.facility_id,
            note_id=note.id,
            pinned=note.pinned,
        )
    )
    work.changed(stay.facility_id, encounter_id)
    return note


def amend_note(work: Work, note_id: uuid.UUID, ask: AmendNote) -> Note:
    """Add a new version of a note. Refused for another person's note, an older version, and one that is struck out."""
    note = _current(work, note_id)
    if note.written_by != work.who.actor_id:
        raise Refused("Only the person who wrote a note amends it. Write a note of your own beside it.")
    if note.text == ask.text:
        raise Refused("The text is the same as before.", field="text")
    note.current = False
    work.session.flush()
    version = work.add(
        Note(
            encounter_id=note.encounter_id,
            facility_id=note.facility_id,
            first_id=note.first_id or note.id,
            version=note.version + 1,
            text=ask.text,
            pinned=note.pinned,
            written_at=work.now,
            written_by=_person(work),
        )
    )
    stay = _stay(work, note.encounter_id)
    work.record(
        NoteAmended(
            encounter_id=note.encounter_id,
            patient_id=stay.patient_id,
            facility_id=note.facility_id,
            note_id=version.id,
            version=version.version,
        )
    )
    work.changed(note.facility_id, note.encounter_id)
    return version


def pin_note(work: Work, note_id: uuid.UUID, *, pinned: bool) -> Note:
    """Pin a note to the row of its stay, or take it down; the same again changes nothing."""
    note = _current(work, note_id)
    note.pinned = pinned
    stay = _stay(work, note.encounter_id)
    work.record(
        NotePinned(
            encounter_id=note.encounter_id,
            patient_id=stay.patient_id,
            facility_id=note.facility_id,
            note_id=note.id,
            pinned=pinned,
        )
    )
    work.changed(note.facility_id, note.encounter_id)
    return note


def strike_note(work: Work, note_id: uuid.UUID, ask: StrikeNote) -> Note:
    """Strike a note out; it stays readable with its reason. Refused for another person's note."""
    note = _current(work, note_id)
    if note.written_by != work.who.actor_id:
        raise Refused("Only the person who wrote a note strikes it out. Ask them, or write a note of your own.")
    note.struck_at, note.struck_by, note.struck_reason = work.now, _person(work), ask.reason
    stay = _stay(work, note.encounter_id)
    work.record(
        NoteStruckOut(
            encounter_id=note.encounter_id, patient_id=stay.patient_id, facility_id=note.facility_id, note_id=note.id
        )
    )
    work.changed(note.facility_id, note.encounter_id)
    return note


def _person(work: Work) -> uuid.UUID:
    assert work.who.actor_id is not None, "only a person writes notes"
    return work.who.actor_id


def _stay(work: Work, encounter_id: uuid.UUID) -> _Subject:
    return work.one(
        _Subject,
        "select facility_id, patient_id from encounter where id = %s",
        (encounter_id,),
        missing="There is no such stay, or it lies outside what you may see.",
    )


def _current(work: Work, note_id: uuid.UUID) -> Note:
    note = work.lock(Note, note_id, NOT_THERE)
    if not note.current:
        raise Refused("This version was amended already. Reload to see the newest one.")
    if note.struck_at is not None:
        raise Refused("This note is struck out.")
    return note
