"""What the rules may know about one stay: events, records, coverage, policy, zone, and the instant of looking.

Everything that does not stand any more (a struck-out record, a cancelled discharge) is left out by whoever gathers the
facts. Order does not matter.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.terms import Copy, EventKind, Line, NoticeKind, RecordKind
from app.kernel.days import BusinessCalendar


class Coverage(msgspec.Struct, frozen=True):
    """One payer of the stay. `payer` is its code in the facility; policies of a payer are found by it.

    `told` is False where neither its names nor anybody has said which line it is, so that `line` is an assumption.
    """

    line: Line
    part_b: bool = True
    payer: str = ""
    begins: date | None = None
    ends: date | None = None
    told: bool = True


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. `to` is where a patient went; `subject` names the thing that started a clock.

    `until` is an instant that somebody or a contract has set: a deadline, the begin of a talk, the end of what was
    approved. Unlike `at` it may lie ahead. `through` is the last day that an authorization covers. `code` is the reason
    of avoidable days that the event would cost, empty for none; `party` is who could act on it, such as a provider.
    """

    kind: EventKind
    at: datetime
    to: str = ""
    expedited: bool = False
    received_on: date | None = None
    subject: str = ""
    until: datetime | None = None
    through: date | None = None
    code: str = ""
    party: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record that closes an obligation, with the true time of what it records. `subject` as in Event."""

    kind: RecordKind
    at: datetime
    notice: NoticeKind | None = None
    copy: Copy | None = None
    subject: str = ""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A term of a facility or of a payer's contract instead of a default: its allowance, and whether it is asked.

    `closed_days` are added to the calendar of business days. Days are local and included.
    """

    rule: str
    allowance: str
    asked: bool = True
    payer: str = ""
    begins: date
    ends: date | None = None
    closed_days: tuple[date, ...] = ()
    source: str = ""


class StayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known about one stay, in the facility's zone, at `as_of`."""

    id: str
    zone: ZoneInfo
    facility_kind: str
    as_of: datetime
    coverage: tuple[Coverage, ...] = ()
    events: tuple[Event, ...] = ()
    records: tuple[Record, ...] = ()
    policies: tuple[Policy, ...] = ()
    gmlos: float | None = None
    calendar: BusinessCalendar = BusinessCalendar()
