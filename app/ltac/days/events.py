"""What is recorded about payment days. The words themselves stay in the record; the trail keeps kinds."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDaysEvent(Event):
    """Base: which record of which kind."""

    facility_id: int
    entry_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDaysRecorded(PaymentDaysEvent):
    """Something was recorded about benefit days, the rate, or an absence; it takes the place of an earlier word."""

    name: ClassVar[str] = "payment_days.recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDaysStruckOut(PaymentDaysEvent):
    """A record does not count any more, nor do the words that it replaced."""

    name: ClassVar[str] = "payment_days.struck_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDaysTakenBack(PaymentDaysEvent):
    """A word was taken back right after it was recorded; what stood before it stands again."""

    name: ClassVar[str] = "payment_days.taken_back"
