"""What is recorded about reviews. Own words stay in the record; the trail keeps kinds, days and outcomes."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraftSaved(Event):
    """What is written of a review so far was kept. Nothing counts yet."""

    name: ClassVar[str] = "review.draft_saved"
    facility_id: int
    kind: str
    for_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraftDiscarded(Event):
    """A draft was thrown away."""

    name: ClassVar[str] = "review.draft_discarded"
    facility_id: int
    kind: str
    for_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSigned(Event):
    """A review was signed."""

    name: ClassVar[str] = "review.signed"
    facility_id: int
    review_id: uuid.UUID
    kind: str
    for_day: date
    outcome: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAmended(Event):
    """Another version stands in the place of a review; the earlier one stays readable.

    `referred` says whether it still asks a physician.
    """

    name: ClassVar[str] = "review.amended"
    facility_id: int
    review_id: uuid.UUID
    kind: str
    for_day: date
    outcome: str
    referred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStruckOut(Event):
    """A review does not count any more. `because` is a code; the reason stays in the record."""

    name: ClassVar[str] = "review.struck_out"
    facility_id: int
    review_id: uuid.UUID
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReferred(Event):
    """A review asks a physician. `reason` is `not_met`, `reviewer` or `again`.

    The question is own words: the trail omits it.
    """

    name: ClassVar[str] = "review.referred"
    facility_id: int
    review_id: uuid.UUID
    question: str
    reason: str

    def facts(self) -> dict[str, Any]:
        """Without the question, which stands in the record."""
        return {name: value for name, value in Event.facts(self).items() if name != "question"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StayCertified(Event):
    """A certification of a physician was recorded, at its true time."""

    name: ClassVar[str] = "review.certified"
    facility_id: int
    certification_id: uuid.UUID
    kind: str
    certified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationStruckOut(Event):
    """A certification was recorded by mistake."""

    name: ClassVar[str] = "review.certification_struck_out"
    facility_id: int
    certification_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionsChanged(Event):
    """The list of policies by which a review that is not met need not go to a physician was changed."""

    name: ClassVar[str] = "review.exemptions_changed"
    facility_id: int
    code: str
    how: str
