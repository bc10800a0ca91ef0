"""What is recorded about the course of a long-term stay. Words stay in the records; the trail keeps kinds and days."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaningCharted(Event):
    """A day of weaning was charted, for the first time or anew."""

    name: ClassVar[str] = "long_term.weaning_charted"
    facility_id: int
    entry_id: uuid.UUID
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WeaningTakenBack(Event):
    """A charted day was taken back: it stands as before, or is not recorded."""

    name: ClassVar[str] = "long_term.weaning_taken_back"
    facility_id: int
    entry_id: uuid.UUID
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyCharted(Event):
    """Minutes of therapy of a day were charted, for the first time or anew."""

    name: ClassVar[str] = "long_term.therapy_charted"
    facility_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRecorded(Event):
    """Something of a long-term stay was recorded: a wound, a conference, a validation and the like."""

    name: ClassVar[str] = "long_term.recorded"
    facility_id: int
    record_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseAmended(Event):
    """Such a record was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "long_term.amended"
    facility_id: int
    record_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStruckOut(Event):
    """Such a record does not count any more."""

    name: ClassVar[str] = "long_term.struck_out"
    facility_id: int
    record_id: uuid.UUID
    kind: str
