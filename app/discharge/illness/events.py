"""What happened in the serious-illness lane."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IllnessEvent(Event):
    """Base of what happens in the lane."""

    facility_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignsChanged(IllnessEvent):
    """Signs were found, or the facts do not show them any more."""

    name: ClassVar[str] = "illness_sign.changed"
    found: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerFound(IllnessEvent):
    """The signs of a stay wait for an answer."""

    name: ClassVar[str] = "illness_case.found"
    case_id: uuid.UUID
    again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerAnswered(IllnessEvent):
    """Somebody answered the signs, or something followed from the answer; `state` is where it stands."""

    name: ClassVar[str] = "illness_case.answered"
    case_id: uuid.UUID
    action: str
    state: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCareRecorded(IllnessEvent):
    """What is known of documents, code status, surrogate and goals."""

    name: ClassVar[str] = "advance_care.recorded"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPlanned(IllnessEvent):
    """A family meeting was given a time, or is not held."""

    name: ClassVar[str] = "illness_meeting.planned"
    meeting_id: uuid.UUID
    state: str
    planned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingHeld(IllnessEvent):
    """A family meeting was held: what came out of it, where the patient may go, what was agreed on goals.

    Said again when the record is corrected.
    """

    name: ClassVar[str] = "illness_meeting.held"
    meeting_id: uuid.UUID
    held_at: datetime
    outcome: str
    disposition: str
    agreed: str
    hospice_considered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingStruckOut(IllnessEvent):
    """The record of a family meeting was a mistake."""

    name: ClassVar[str] = "illness_meeting.struck_out"
    meeting_id: uuid.UUID
    because: str
