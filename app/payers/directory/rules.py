"""The calendar of a payer: when a request counts as received, and when its answer is due at the latest. Pure.

A contract counts by the payer's clock: what comes in after the cut-off, or on a day on which nobody works there, counts
from the start of the next working day. The law counts from the receipt itself, at any hour of any day (42 CFR 422.568,
422.572, 438.210), and its days are those of the hospital, as the clocks of the stay count them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from app.kernel.days import ONE_DAY, BusinessCalendar, federal_holidays, instant_of, local_day, start_of_day
from app.kernel.deadlines import Allowance, due, earliest

WEEK = frozenset(range(5))
"""Monday to Friday."""


@dataclass(frozen=True, slots=True)
class WorkingDays(BusinessCalendar):
    """Business days of a house that may also work on a weekend, or not on some weekday (0 is Monday)."""

    weekdays: frozenset[int] = WEEK

    def is_business_day(self, day: date) -> bool:
        """Whether the payer works on that day."""
        if day.weekday() not in self.weekdays or day in self.closed:
            return False
        return not (self.keeps_federal_holidays and day in federal_holidays(day.year))


@dataclass(frozen=True, slots=True)
class PayerCalendar:
    """When a payer works. Without a cut-off the whole of a working day counts."""

    zone: tzinfo
    days: WorkingDays = WorkingDays()
    cutoff: time | None = None

    def closes(self, day: date) -> datetime:
        """The last instant at which something counts as received on that working day."""
        if self.cutoff is None:
            return start_of_day(day + ONE_DAY, self.zone)
        return instant_of(day, self.cutoff, self.zone)

    def received(self, sent_at: datetime) -> datetime:
        """When something that was sent then counts as received: at once, or when the payer works again."""
        day = local_day(sent_at, self.zone)
        if self.days.is_business_day(day) and sent_at <= self.closes(day):
            return sent_at
        return start_of_day(self.days.next_business_day(day), self.zone)

    def send_by(self, sent_at: datetime) -> datetime:
        """The last instant at which it would count as received on the same working day."""
        return self.closes(local_day(self.received(sent_at), self.zone))

    def ask_by(self, last_covered: date, known_at: datetime | None = None) -> datetime:
        """By when more days must be asked: the cut-off of the last working day up to the last covered day.

        Days that became known (`known_at`) after that cut-off leave time up to the next one.
        """
        day = last_covered
        while not self.days.is_business_day(day):
            day -= ONE_DAY
        by = self.closes(day)
        return by if known_at is None or known_at <= by else self.send_by(known_at)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a payer has: by law from receipt, and by its contract on its own calendar; either may be silent."""

    law: Allowance | None = None
    contract: Allowance | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What sending at an instant brings.

    Attributes:
        received_at: when it counts as received by the contract.
        due_at: the answer is due then at the latest; None where neither law nor contract says.
        send_by: sent until then, nothing changes by the contract.
    """

    received_at: datetime
    due_at: datetime | None
    send_by: datetime


def expected(sent_at: datetime, calendar: PayerCalendar, terms: Terms, zone: tzinfo) -> Expected:
    """When an answer is due to what is sent then; `zone` is the hospital's."""
    received = calendar.received(sent_at)
    by_law = due(sent_at, terms.law, zone) if terms.law is not None else None
    by_contract = due(received, terms.contract, calendar.zone, calendar.days) if terms.contract is not None else None
    return Expected(received, earliest(by_law, by_contract), calendar.send_by(sent_at))


def extension_in_time(asked_at: datetime, expires_at: datetime, lead: Allowance) -> bool:
    """Whether more days of urgent care were asked early enough for the short answer: 29 CFR 2560.503-1(f)(2)(ii)(B)."""
    return asked_at <= due(expires_at, lead, UTC)


def weekday_names(weekdays: Iterable[int]) -> str:
    """`Mon Tue Wed Thu Fri`."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return " ".join(names[number] for number in sorted(weekdays))
