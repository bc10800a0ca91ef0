"""What is recorded about a hospital's own criteria sets."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSetAdded(Event):
    """A version of an own set was put in use from a day on."""

    name: ClassVar[str] = "criteria_set.added"
    facility_id: int
    criteria_id: uuid.UUID
    set_id: str
    version: str
    begins: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSetEnded(Event):
    """A version of an own set was taken out of use after a day."""

    name: ClassVar[str] = "criteria_set.ended"
    facility_id: int
    criteria_id: uuid.UUID
    set_id: str
    version: str
    last_day: date
