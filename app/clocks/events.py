"""What the clocks record about themselves."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksSwept(Event):
    """The clocks of many stays were computed anew."""

    name: ClassVar[str] = "clocks.swept"
    stays: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTaken(Event):
    """A version of the program with other rules began to work; all clocks are computed anew."""

    name: ClassVar[str] = "clocks.rules_taken"
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet(Event):
    """A facility or payer got a term of its own for a rule, from a day on."""

    name: ClassVar[str] = "policy.set"
    facility_id: int
    rule: str
    payer_code: str
    allowance: str
    asked: bool
    begins: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEnded(Event):
    """A term of a facility or payer does not hold any more."""

    name: ClassVar[str] = "policy.ended"
    facility_id: int
    rule: str
    payer_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerLineSet(Event):
    """Somebody said which line of business a payer or plan belongs to."""

    name: ClassVar[str] = "payer_line.set"
    facility_id: int
    payer_code: str
    plan_code: str
    line: str
