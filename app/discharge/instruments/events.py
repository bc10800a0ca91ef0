"""What happened to answers and scores."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAnswered(Event):
    """Somebody answered what an instrument asks, or wrote down a score."""

    name: ClassVar[str] = "risk_answer.recorded"
    facility_id: int
    answer_id: uuid.UUID
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAnswerStruckOut(Event):
    """An answer was a mistake."""

    name: ClassVar[str] = "risk_answer.struck_out"
    facility_id: int
    answer_id: uuid.UUID
    question: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskComputed(Event):
    """Scores of a stay came to be others."""

    name: ClassVar[str] = "risk_score.computed"
    facility_id: int
    instruments: tuple[str, ...]
