"""Who looks after which unit, from when until when, and what makes a run of the simulation repeatable."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ELSEWHERE = {"OBS": "nadia", "ED": "nadia", "BHU": "piet"}
"""Units without a case manager of their own."""
LEAD = "ruth"


@dataclass(frozen=True, slots=True)
class Staff:
    """The people who give notices.

    Attributes:
        units: the name of the case manager of each unit.
        start: when the program was put in use; `until` when the history ends.
        numbers: what stays are called in the feed: it is the same in every run, their keys are not.
    """

    seed: int
    start: datetime
    until: datetime
    units: Mapping[str, str]
    numbers: dict[uuid.UUID, str] = field(default_factory=dict)

    def of_unit(self, unit: str) -> str:
        """Who goes round there."""
        return self.units.get(unit) or ELSEWHERE.get(unit, LEAD)

    def number_of(self, stay: uuid.UUID) -> str:
        """What the stay is called in the feed."""
        return self.numbers[stay]
