"""What is recorded about second readings. What was found stays in the record; the trail keeps who did what, when."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleShareSet(Event):
    """A facility has another share of its signed reviews read twice. `percent` is per cent."""

    name: ClassVar[str] = "review.sample_share_set"
    facility_id: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDrawn(Event):
    """Reviews of a period were drawn: so many of so many, by a seed."""

    name: ClassVar[str] = "review.sample_drawn"
    facility_id: int
    sample_id: uuid.UUID
    first_day: date
    last_day: date
    percent: int
    seed: str
    eligible: int
    drawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStruckOut(Event):
    """A draw does not count: its reviews are neither read nor counted, and can be drawn again."""

    name: ClassVar[str] = "review.sample_struck_out"
    facility_id: int
    sample_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadingTaken(Event):
    """Somebody began to read a drawn review, and sees no review of the stay until the reading ends."""

    name: ClassVar[str] = "review.second_reading_taken"
    facility_id: int
    sampled_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadingGivenBack(Event):
    """A drawn review waits again for somebody who reads it."""

    name: ClassVar[str] = "review.second_reading_given_back"
    facility_id: int
    sampled_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadingSigned(Event):
    """A drawn review was read a second time."""

    name: ClassVar[str] = "review.second_reading_signed"
    facility_id: int
    sampled_id: uuid.UUID
    reading_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReadingStruckOut(Event):
    """A second reading does not count; the review waits for another reader."""

    name: ClassVar[str] = "review.second_reading_struck_out"
    facility_id: int
    sampled_id: uuid.UUID
    reading_id: uuid.UUID
