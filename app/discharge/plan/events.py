"""What is recorded about a plan. Words stay in the records; the trail keeps kinds, days and keys."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEvent(Event):
    """Base of what happens to the plan of a stay."""

    facility_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDateSet(PlanEvent):
    """The expected day of departure was set, moved, or (empty) taken back. `earlier_on` is what stood before."""

    name: ClassVar[str] = "plan.expected_date_set"
    on: date | None
    earlier_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionSet(PlanEvent):
    """Where the patient is to go was set, changed, or (`to` is empty) taken back."""

    name: ClassVar[str] = "plan.disposition_set"
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierEvent(PlanEvent):
    """Base of what happens to one barrier."""

    barrier_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierRaised(BarrierEvent):
    """Something stands in the way; said again when a resolved barrier is open again."""

    name: ClassVar[str] = "plan.barrier_raised"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierChanged(BarrierEvent):
    """Its words, owner or due day were corrected, or it waits for somebody else, or is taken up again."""

    name: ClassVar[str] = "plan.barrier_changed"
    action: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierResolved(BarrierEvent):
    """It does not stand in the way any more."""

    name: ClassVar[str] = "plan.barrier_resolved"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierStruckOut(BarrierEvent):
    """It was recorded by mistake."""

    name: ClassVar[str] = "plan.barrier_struck_out"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItemChanged(PlanEvent):
    """A goal, a milestone or a task was added, corrected, reached, set aside, reopened or struck out."""

    name: ClassVar[str] = "plan.item_changed"
    item_id: uuid.UUID
    part: str
    action: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLookedAt(PlanEvent):
    """Somebody looked at the whole plan again: 42 CFR 482.43(a)(6)."""

    name: ClassVar[str] = "plan.looked_at"
    look_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLookTakenBack(PlanEvent):
    """It was recorded by mistake that somebody had looked."""

    name: ClassVar[str] = "plan.look_taken_back"
    look_id: uuid.UUID
