"""Who works on a stay, and where what comes next is noted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.demo.nurses.staff import ELSEWHERE, LEAD
from app.demo.reviewers.agenda import Agenda, Deed
from app.demo.reviewers.hours import Shift, following
from app.demo.reviewers.subjects import Subject

TIMER, REVIEWER, ADVISOR, CHIEF = "timer", "nadia", "adaeze", "castell"
_OWN_NURSE = 0.3
"""Share of stays that the case manager of the unit reviews beside everything else."""


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all stays: the seed, when the program was put in use, the case manager of each unit."""

    seed: int
    start: datetime
    units: dict[str, str]
    agenda: Agenda


@dataclass(frozen=True, slots=True)
class Desk:
    """One stay with the people who work on it."""

    subject: Subject
    house: House

    def luck(self, what: str) -> Random:
        """Chances of one matter of the stay."""
        return self.subject.luck(self.house.seed, what)

    @property
    def nurse(self) -> str:
        """Who reviews the stay and speaks with its payer."""
        unit = self.subject.row.unit
        own = self.house.units.get(unit) or ELSEWHERE.get(unit, LEAD)
        return own if own in self.house.units.values() and self.luck("nurse").random() < _OWN_NURSE else REVIEWER

    @property
    def physician(self) -> str:
        """Who answers questions: stays that are protected are not for everybody."""
        return CHIEF if self.subject.row.sensitive else ADVISOR

    def from_start(self, at: datetime) -> datetime:
        """An instant, or when the program was put in use, whichever is later."""
        return max(at, self.house.start)

    def next_for(self, shift: Shift, after: datetime) -> datetime:
        """The next instant of a shift."""
        return following(shift, after, self.subject.zone)

    def add(self, at: datetime, person: str, deed: Deed | Callable[..., None]) -> None:
        """Note what somebody does at an instant."""
        self.house.agenda.add(at, person, self.subject.id, deed)
