"""What is recorded about teaching. The words themselves stay in the record; the trail keeps kinds."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingRecorded(Event):
    """Something was taught, listed or handed over."""

    name: ClassVar[str] = "teaching.recorded"
    facility_id: int
    record_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingAmended(Event):
    """A record of teaching was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "teaching.amended"
    facility_id: int
    record_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingStruckOut(Event):
    """A record of teaching does not count any more."""

    name: ClassVar[str] = "teaching.struck_out"
    facility_id: int
    record_id: uuid.UUID
    kind: str
