"""Who plans for a stay, and how its days go: when the patient is ready, when the order is written, where to (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from app.demo.nurses.staff import ELSEWHERE, LEAD
from app.demo.planners.subjects import LTCH, Subject
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.hours import Shift, following
from app.discharge.terms import CareType
from app.kernel.days import ONE_DAY

SOCIAL_WORKER, DRAFTS = "piet", "drafts"
_SOON = timedelta(hours=2)
_WAITS = {
    CareType.HOME: (78, 16, 5, 1),
    CareType.HOME_HEALTH: (62, 25, 10, 3),
    CareType.SNF: (34, 28, 17, 11, 6, 4),
    CareType.NF: (20, 25, 20, 15, 10, 10),
    CareType.IRF: (40, 30, 18, 8, 4),
    CareType.LTCH: (38, 28, 18, 10, 6),
}
_OTHERS_WAIT = (55, 27, 13, 5)
"""Nights between ready and departure, in percent, from none upwards."""
_OPEN_READY = 0.16
"""Share of the present stays that wait and need no hospital any more."""
_GOES_TO = (
    (CareType.HOME, 52), (CareType.HOME_HEALTH, 20), (CareType.SNF, 17), (CareType.IRF, 5), (CareType.LTCH, 2),
    (CareType.HOSPICE_HOME, 2), (CareType.HOSPICE_FACILITY, 1), (CareType.NF, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class House:
    """What holds for all stays: seed, begin and end of the history, the case manager of each unit, the agenda."""

    seed: int
    start: datetime
    until: datetime
    units: dict[str, str]
    agenda: Agenda
    recent: datetime
    """Stays that ended before get no papers: making them takes long."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One stay with the people who plan for it."""

    subject: Subject
    house: House

    def luck(self, what: str) -> Random:
        """Chances of one matter of the stay."""
        return self.subject.luck(self.house.seed, f"plan {what}")

    @property
    def manager(self) -> str:
        """The case manager of the unit."""
        unit = self.subject.row.unit
        return self.house.units.get(unit) or ELSEWHERE.get(unit, LEAD)

    @property
    def recent(self) -> bool:
        """Whether the stay is open or ended lately."""
        left = self.subject.row.left_at
        return left is None or left > self.house.recent

    def slot(self, after: datetime) -> datetime:
        """The next time at which somebody sits down after an instant."""
        return following(Shift.NURSE, after, self.subject.zone)

    def add(self, at: datetime, person: str, deed: Callable[..., object]) -> None:
        """Note what somebody does at an instant."""
        self.house.agenda.add(at, person, self.subject.id, deed)

    def while_here(self, at: datetime, person: str, deed: Callable[..., object]) -> None:
        """The same, unless the patient has left by then."""
        if self.subject.here(at):
            self.add(at, person, deed)


@dataclass(frozen=True, slots=True)
class Course:
    """How a stay goes. Nobody in the house knows `ends` ahead; of a present stay it is what will be thought of it.

    Attributes:
        begins: from when on somebody plans.
        ends: the last day, the true one of a stay that is over.
        ready_at, ordered_at: when the physician says that the hospital is not needed any more, and orders to discharge.
    """

    begins: datetime
    ends: date
    goes_to: CareType
    ready_at: datetime | None
    ordered_at: datetime | None


def course_of(desk: Desk) -> Course | None:
    """The course of a stay; None for one that is over before anybody could plan."""
    subject, luck = desk.subject, desk.luck("course")
    begins = desk.slot(max(subject.row.began_at, desk.house.start) + _SOON)
    if not subject.here(begins) or begins > desk.house.until:
        return None
    left = subject.row.left_at
    if left is None:
        return _present(desk, begins, luck)
    goes_to = CareType.HOME if subject.died else subject.went_to
    if subject.died:
        return Course(begins, subject.day(left) + timedelta(days=luck.randint(0, 4)), CareType.HOME, None, None)
    shares = _WAITS.get(goes_to, _OTHERS_WAIT)
    nights = luck.choices(range(len(shares)), shares)[0]
    ready = max(desk.slot(left - timedelta(days=nights, hours=luck.randint(3, 9))), begins)
    if ready >= left:
        return Course(begins, subject.day(left), goes_to, None, None)
    ordered = _ordered(desk, ready, left, luck)
    return Course(begins, subject.day(left), goes_to, ready, ordered)


def _ordered(desk: Desk, ready: datetime, left: datetime, luck: Random) -> datetime | None:
    """The order comes with the word, or later, at last in the morning of the departure."""
    if luck.random() < 0.55:
        return ready
    found = max(ready, desk.slot(left - timedelta(hours=luck.randint(4, 20))))
    return found if found < left else ready


def _present(desk: Desk, begins: datetime, luck: Random) -> Course:
    subject, until = desk.subject, desk.house.until
    today = subject.day(until)
    shares = [share for _, share in _GOES_TO]
    if subject.age(until) < 60:
        shares = [90, 8, 1, 1, 0, 0, 0, 0]
    goes_to = luck.choices([place for place, _ in _GOES_TO], shares)[0]
    ready: datetime | None = None
    long_here = until - begins > timedelta(days=3)
    share = _OPEN_READY / 3 if subject.row.kind == LTCH else _OPEN_READY
    if long_here and luck.random() < share:
        nights = luck.choices((0, 1, 2, 3, 5, 8), (25, 28, 20, 14, 8, 5))[0]
        ready = desk.slot(max(begins, until - timedelta(days=nights, hours=luck.randint(4, 9))))
        ready = ready if ready < until else None
    expected = subject.row.expected_at
    ends = today + timedelta(days=luck.randint(1, 5))
    if expected is not None and subject.row.pending == "discharge":
        ends = max(subject.day(expected), today)
    elif expected is not None and subject.day(expected) > today + ONE_DAY:
        ends = subject.day(expected)
    ordered = ready if ready is not None and luck.random() < 0.3 else None
    return Course(begins, ends, goes_to, ready, ordered)
