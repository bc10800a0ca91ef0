"""What the worklists record: whose a stay became, and what was written on it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StayAssigned(Event):
    """A stay became somebody's. `before_id` is whose it was."""

    name: ClassVar[str] = "stay.assigned"
    facility_id: int
    user_id: uuid.UUID
    before_id: uuid.UUID | None = None
    undone: bool = False
    why: str = "hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaysDistributed(Event):
    """Several stays changed their owner in one deed."""

    name: ClassVar[str] = "stays.distributed"
    facility_id: int
    distribution_id: uuid.UUID
    why: str
    stays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionUndone(Event):
    """A deed was undone; `left` stays had another owner since and were not touched."""

    name: ClassVar[str] = "stays.distribution_undone"
    facility_id: int
    distribution_id: uuid.UUID
    stays: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayGivenBack(Event):
    """A stay is nobody's any more."""

    name: ClassVar[str] = "stay.given_back"
    facility_id: int
    user_id: uuid.UUID
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Event):
    """A note on a stay, its first version."""

    name: ClassVar[str] = "note.written"
    facility_id: int
    note_id: uuid.UUID
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAmended(Event):
    """A new version of a note; the one before stays readable."""

    name: ClassVar[str] = "note.amended"
    facility_id: int
    note_id: uuid.UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePinned(Event):
    """A note was pinned to the row of its stay, or taken down."""

    name: ClassVar[str] = "note.pinned"
    facility_id: int
    note_id: uuid.UUID
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStruckOut(Event):
    """A note was struck out with a reason; it stays readable as struck out."""

    name: ClassVar[str] = "note.struck_out"
    facility_id: int
    note_id: uuid.UUID
