"""What is recorded about the review of openings. The words of a judgement stand in its record, not here.

The events name the patient and not the stay: a stay's own history is read by those who are judged.
"""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningJudged(Event):
    """The privacy officer judged an opening of a restricted stay, or judged it anew."""

    name: ClassVar[str] = "glass.judged"
    facility_id: int
    access_id: uuid.UUID
    user_id: uuid.UUID
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningJudgementTakenBack(Event):
    """A judgement was made by mistake; the opening waits again."""

    name: ClassVar[str] = "glass.judgement_taken_back"
    facility_id: int
    access_id: uuid.UUID
    user_id: uuid.UUID
    verdict: str
