"""What is recorded about status. Words and names stay in the records; the trail keeps kinds, findings and times."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterminationEvent(Event):
    """Base of what happens to one determination."""

    facility_id: int
    determination_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterminationOpened(DeterminationEvent):
    """The committee was asked."""

    name: ClassVar[str] = "determination.opened"
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerConsulted(DeterminationEvent):
    """An attempt to hear a practitioner was recorded."""

    name: ClassVar[str] = "determination.consulted"
    part: str
    answer: str
    attempted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(DeterminationEvent):
    """A member of the committee said what they find."""

    name: ClassVar[str] = "determination.opinion"
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Determined(DeterminationEvent):
    """The committee determined. `outcome` is the finding."""

    name: ClassVar[str] = "determination.made"
    question: str
    outcome: str
    members_needed: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterminationTold(DeterminationEvent):
    """One of the three was told in writing, at its true time."""

    name: ClassVar[str] = "determination.told"
    told: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterminationMoved(DeterminationEvent):
    """It was closed, amended, withdrawn or struck out. `action` says which, `excepted` that not all were told."""

    name: ClassVar[str] = "determination.moved"
    action: str
    state: str
    excepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRecordStruckOut(Event):
    """A record of status was a mistake; `kind` is the kind of record."""

    name: ClassVar[str] = "status.record_struck_out"
    facility_id: int
    record_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationWritten(Event):
    """It was recorded what the physician documented of the stay to be expected."""

    name: ClassVar[str] = "status.expectation_written"
    facility_id: int
    basis: str
    cut_short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeamNamed(Event):
    """Somebody was recorded to take part in the care of a patient."""

    name: ClassVar[str] = "status.care_team_named"
    facility_id: int
    entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSpokenOf(Event):
    """Somebody said whether the claim was sent."""

    name: ClassVar[str] = "status.claim_statement"
    facility_id: int
    statement: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeEvent(Event):
    """Base of what happens to one change of status."""

    facility_id: int
    case_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeBegun(StatusChangeEvent):
    """A change of status is worked towards."""

    name: ClassVar[str] = "status_change.begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeCompleted(StatusChangeEvent):
    """All conditions of a change held, and it was completed. The class itself changes by registration's message."""

    name: ClassVar[str] = "status_change.completed"
    effective_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChangeEnded(StatusChangeEvent):
    """A change was given up, or its completion struck out. `action` says which."""

    name: ClassVar[str] = "status_change.ended"
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeChanged(Event):
    """A seat on the committee was given, changed or ended. `how` says which."""

    name: ClassVar[str] = "committee.changed"
    facility_id: int
    user_id: uuid.UUID
    how: str
    financial_interest: bool
