"""What is recorded about conferences and reviews of complex cases. Words stay in the record."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceBegun(Event):
    """A conference of a unit was opened."""

    name: ClassVar[str] = "conference.begun"
    facility_id: int
    conference_id: uuid.UUID
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceStruckOut(Event):
    """A conference was recorded by mistake."""

    name: ClassVar[str] = "conference.struck_out"
    facility_id: int
    conference_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceNoted(Event):
    """What a conference said about a stay was written, corrected or struck out."""

    name: ClassVar[str] = "conference.noted"
    facility_id: int
    conference_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceActionMoved(Event):
    """Something to do was set, changed, finished, dropped or reopened."""

    name: ClassVar[str] = "conference.action_moved"
    facility_id: int
    action_id: uuid.UUID
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReviewMoved(Event):
    """A complex case was put on the list, reviewed, closed, or its last step taken back."""

    name: ClassVar[str] = "case_review.moved"
    facility_id: int
    step: str
