"""Who charts and records for one stay, and when they sit down to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from app.demo.longterm.subjects import Subject
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.hours import Shift, following
from app.kernel.days import instant_of

MANAGER, NURSE, FEED = "lena", "nadia", "adt"


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all stays: seed, begin and end of the history, the agenda, since when a departure is recent."""

    seed: int
    start: datetime
    until: datetime
    recent: datetime
    agenda: Agenda


@dataclass(frozen=True, slots=True)
class Desk:
    """One stay with the people who chart for it."""

    subject: Subject
    house: House

    @property
    def begins(self) -> datetime:
        """From when on anybody charts: the admission, or the day on which the program was put in use."""
        return max(self.subject.row.began_at, self.house.start)

    @property
    def ends(self) -> datetime:
        """The departure, or the end of the history."""
        return min(self.subject.row.left_at or self.house.until, self.house.until)

    @property
    def recent(self) -> bool:
        """Whether the stay is open or ended lately."""
        left = self.subject.row.left_at
        return left is None or left > self.house.recent

    def luck(self, what: str) -> Random:
        """Chances of one matter of the stay."""
        return self.subject.luck(self.house.seed, what)

    def slot(self, after: datetime) -> datetime:
        """The next time at which somebody sits down after an instant."""
        return following(Shift.NURSE, after, self.subject.zone)

    def end_of_shift(self, day: date) -> datetime:
        """The last time of a day at which somebody sits down."""
        return instant_of(day, Shift.NURSE.of(day)[-1], self.subject.zone)

    def add(self, at: datetime, person: str, deed: Callable[..., object]) -> None:
        """Note what somebody does at an instant."""
        if at >= self.house.start:
            self.house.agenda.add(at, person, self.subject.id, deed)

    def while_here(self, at: datetime, person: str, deed: Callable[..., object]) -> None:
        """The same, unless the patient is away or has left by then."""
        if self.subject.here(at):
            self.add(at, person, deed)
