"""What happened to screens and assessments."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningEvent(Event):
    """Base of what happens to a screen or a request."""

    facility_id: int
    screening_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayScreened(ScreeningEvent):
    """A stay was screened for discharge planning, or somebody asked for an evaluation."""

    name: ClassVar[str] = "screening.recorded"
    positive: bool
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenChanged(ScreeningEvent):
    """A screen was overridden, corrected or struck out."""

    name: ClassVar[str] = "screening.changed"
    action: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentEvent(Event):
    """Base of what happens to an assessment."""

    facility_id: int
    assessment_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDraftKept(AssessmentEvent):
    """A draft was kept."""

    name: ClassVar[str] = "assessment.draft_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentDraftDiscarded(AssessmentEvent):
    """A draft was thrown away."""

    name: ClassVar[str] = "assessment.draft_discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentSigned(AssessmentEvent):
    """An assessment was signed; `points` are what it found, `social_codes` what a coder may use of it."""

    name: ClassVar[str] = "assessment.signed"
    signed_at: datetime
    points: tuple[str, ...]
    services: tuple[str, ...]
    social_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentAmended(AssessmentEvent):
    """A signed assessment was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "assessment.amended"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentStruckOut(AssessmentEvent):
    """A signed assessment was a mistake."""

    name: ClassVar[str] = "assessment.struck_out"
    because: str
