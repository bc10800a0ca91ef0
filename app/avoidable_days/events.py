"""What is recorded about avoidable days. Own words and names stay in the record; the trail keeps days and codes."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidableDayRecorded(Event):
    """A reason was recorded for a patient day, by hand or by confirming a draft."""

    name: ClassVar[str] = "avoidable_day.recorded"
    facility_id: int
    entry_id: uuid.UUID
    day: date
    code: str
    weight: str
    origin: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidableDayAmended(Event):
    """What was recorded for a day was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "avoidable_day.amended"
    facility_id: int
    entry_id: uuid.UUID
    day: date
    code: str
    code_before: str
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidableDayStruckOut(Event):
    """An entry counts no more: it was recorded by mistake, or taken back."""

    name: ClassVar[str] = "avoidable_day.struck_out"
    facility_id: int
    entry_id: uuid.UUID
    day: date
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftConfirmed(Event):
    """A proposal was confirmed, as it was or changed."""

    name: ClassVar[str] = "avoidable_draft.confirmed"
    facility_id: int
    entry_id: uuid.UUID
    rule: str
    day: date
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRejected(Event):
    """A proposal was rejected with a reason."""

    name: ClassVar[str] = "avoidable_draft.rejected"
    facility_id: int
    rejection_id: uuid.UUID
    rule: str
    day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionTakenBack(Event):
    """A rejection was taken back; the rule may propose again."""

    name: ClassVar[str] = "avoidable_draft.rejection_taken_back"
    facility_id: int
    rejection_id: uuid.UUID
    rule: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsComputed(Event):
    """The drafts of many stays were computed anew."""

    name: ClassVar[str] = "avoidable_draft.computed"
    stays: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayRecorded(Event):
    """A delay of hours was recorded that costs no midnight."""

    name: ClassVar[str] = "avoidable_delay.recorded"
    facility_id: int
    delay_id: uuid.UUID
    code: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayStruckOut(Event):
    """A delay of hours was recorded by mistake."""

    name: ClassVar[str] = "avoidable_delay.struck_out"
    facility_id: int
    delay_id: uuid.UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonSet(Event):
    """A reason of the dictionary got another wording, was added or retired, from a day on."""

    name: ClassVar[str] = "avoidable_reason.set"
    facility_id: int
    code: str
    begins: date
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCostSet(Event):
    """What a day costs was set for a setting, from a day on."""

    name: ClassVar[str] = "avoidable_cost.set"
    facility_id: int
    setting: str
    key: str
    cents: int
    convention: str
    begins: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCostEnded(Event):
    """A cost of a day was set by mistake and holds no more."""

    name: ClassVar[str] = "avoidable_cost.ended"
    facility_id: int
    cost_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPolicySet(Event):
    """Whether half days are counted, and who owns the hospital, was set."""

    name: ClassVar[str] = "avoidable_policy.set"
    facility_id: int
    half_days: bool
    ownership: str
