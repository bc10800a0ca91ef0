"""What is recorded about stays put aside."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StaySnoozed(Event):
    """A person put a stay aside. Own words stay in the record; the trail keeps the kind of reason."""

    name: ClassVar[str] = "stay.snoozed"
    facility_id: int
    user_id: uuid.UUID
    snooze_id: uuid.UUID
    kind: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayReturned(Event):
    """A stay that was put aside is back on that person's list."""

    name: ClassVar[str] = "stay.returned"
    facility_id: int
    user_id: uuid.UUID
    snooze_id: uuid.UUID
    because: str
