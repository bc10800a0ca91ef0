"""What is recorded about the action log."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRecorded(Event):
    """Something is done, or to be done, about a reason."""

    name: ClassVar[str] = "avoidable_action.recorded"
    facility_id: int
    action_id: uuid.UUID
    code: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAmended(Event):
    """An action goes on or was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "avoidable_action.amended"
    facility_id: int
    action_id: uuid.UUID
    code: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStruckOut(Event):
    """An action counts no more: it was recorded by mistake."""

    name: ClassVar[str] = "avoidable_action.struck_out"
    facility_id: int
    action_id: uuid.UUID
    code: str
