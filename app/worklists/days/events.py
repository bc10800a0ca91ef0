"""What is recorded about the days of a facility."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBuilt(Event):
    """The sheet of a day was written; `late` when the program was not running at its time."""

    name: ClassVar[str] = "day.built"
    facility_id: int
    sheet_id: uuid.UUID
    day: date
    edition: int
    stays: int
    assigned: int
    late: bool
