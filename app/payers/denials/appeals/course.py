"""The course of a denial through its levels: which were appealed, which is next, and until when it may be filed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.clocks.terms import Line
from app.kernel.days import local_day
from app.payers.denials import queries
from app.payers.denials.appeals.rules import (
    AUTOMATIC_AFTER,
    FILED,
    UNDECIDED,
    Contract,
    Level,
    file_by,
    left,
    levels,
)
from app.payers.denials.appeals.terms import AppealOutcome, AppealState
from app.payers.denials.queries import AppealVersion, DenialVersion
from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Opening:
    """A level as it is open to this denial: since when, when what is appealed was received, until when to file."""

    level: Level
    at: datetime
    received_on: date | None
    until: datetime | None
    amount: Decimal | None

    @property
    def enough(self) -> bool:
        """Whether the amount reaches what the level asks."""
        return self.level.open_to(self.amount)


@dataclass(frozen=True, slots=True)
class Course:
    """A denial's way through the levels.

    Attributes:
        levels: all levels of its line, as the law stood on the day of the notice.
        openings: the levels that were opened so far, the last one perhaps not appealed.
        appeals: standing versions, struck-out ones left out, by level.
    """

    levels: Sequence[Level]
    openings: Sequence[Opening]
    appeals: Sequence[AppealVersion]

    @property
    def under_way(self) -> AppealVersion | None:
        """The appeal that is not decided."""
        return next((one for one in self.appeals if AppealState(one.state) in UNDECIDED), None)

    @property
    def opening(self) -> Opening | None:
        """The level that was opened last, unless an appeal at it was decided or is under way."""
        if not self.openings or self.under_way is not None:
            return None
        last = self.openings[-1]
        taken = any(one.level == last.level.number and AppealState(one.state) in FILED for one in self.appeals)
        return None if taken else last

    @property
    def next(self) -> Level | None:
        """The level that may be appealed to now."""
        return self.opening.level if self.opening is not None else None

    @property
    def opened_at(self) -> datetime | None:
        """Since when the last opened level is open."""
        return self.openings[-1].at if self.openings else None


def course_of(db: Reading, held: DenialVersion, stay: Subject) -> Course:
    """The course of one denial."""
    line = queries.line_of_denial(db, held)
    contract = queries.contract_of(db, held.facility_id, held.payer_code, stay.day(held.notice_at))
    return walked(held, Law(line, contract, stay.zone), queries.appeals(db, [held.denial_id]))


@dataclass(frozen=True, slots=True)
class Law:
    """What says how a denial is appealed, and where its days begin."""

    line: Line | None
    contract: Contract
    zone: ZoneInfo

    def on(self, at: datetime) -> list[Level]:
        """The levels as the law stood on the day of an instant."""
        return levels(self.line, self.contract, local_day(at, self.zone))


def walked(held: DenialVersion, law: Law, appeals: Sequence[AppealVersion]) -> Course:
    """The course out of what is known: each decision that leaves something denied opens the next level."""
    standing = [one for one in appeals if one.state != AppealState.STRUCK_OUT]
    found = law.on(held.notice_at)
    openings: list[Opening] = []
    at, received, amount = held.notice_at, held.received_on, held.amount
    for number in range(1, len(found) + 1):
        level = law.on(at)[number - 1]
        openings.append(Opening(level, at, received, file_by(level, at, received, law.zone), amount))
        decided = next((one for one in standing if one.level == number and one.decided_at is not None), None)
        if decided is None or decided.decided_at is None or decided.outcome == AppealOutcome.OVERTURNED:
            break
        following = found[number] if number < len(found) else None
        if following is not None and following.automatic and AppealOutcome(decided.outcome) not in AUTOMATIC_AFTER:
            break
        at, received = decided.decided_at, decided.decision_received_on
        amount = left(amount, decided.recovered_amount)
    return Course(found, openings, standing)
