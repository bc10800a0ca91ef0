"""What is recorded about readiness and the discharge order."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessEvent(Event):
    """Base: `at` is the true time of what was said."""

    facility_id: int
    statement_id: uuid.UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicallyReady(ReadinessEvent):
    """A physician said that this level of care is not needed any more, or a word against it is struck out."""

    name: ClassVar[str] = "discharge.medically_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLongerReady(ReadinessEvent):
    """The patient needs it again (`because` cleared), or the earlier statement was a mistake (`because` struck_out)."""

    name: ClassVar[str] = "discharge.no_longer_ready"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeOrdered(ReadinessEvent):
    """The discharge order was written, or its withdrawal is struck out."""

    name: ClassVar[str] = "discharge.ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeOrderWithdrawn(ReadinessEvent):
    """The order was taken back, or had been recorded by mistake."""

    name: ClassVar[str] = "discharge.order_withdrawn"
