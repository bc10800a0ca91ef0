"""What is recorded about denials and their appeals. Words, money and names stay in the record."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialEvent(Event):
    """Base of what happens to one denial. `kind` is what was denied, and when: see DenialKind."""

    facility_id: int
    denial_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialRecorded(DenialEvent):
    """A payer's denial was recorded, by a person or from the payer's answer."""

    name: ClassVar[str] = "denial.recorded"
    authorization_id: uuid.UUID | None
    notice_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialAmended(DenialEvent):
    """What is recorded of a denial was corrected, or somebody else has it now; the earlier version stays readable."""

    name: ClassVar[str] = "denial.amended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialMoved(DenialEvent):
    """A talk was asked for or ended, or its record was taken back. `action` says which."""

    name: ClassVar[str] = "denial.moved"
    action: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialClosed(DenialEvent):
    """Nothing more is done about a denial."""

    name: ClassVar[str] = "denial.closed"
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialReopened(DenialEvent):
    """A denial that was closed is taken up again."""

    name: ClassVar[str] = "denial.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialStruckOut(DenialEvent):
    """A denial was recorded by mistake and does not count."""

    name: ClassVar[str] = "denial.struck_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEvent(DenialEvent):
    """Base of what happens to one appeal."""

    appeal_id: uuid.UUID
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFiled(AppealEvent):
    """An appeal left the house."""

    name: ClassVar[str] = "denial_appeal.filed"
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealMoved(AppealEvent):
    """It was prepared, verified, withdrawn, taken back or struck out. `action` says which."""

    name: ClassVar[str] = "denial_appeal.moved"
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided(AppealEvent):
    """An appeal was decided."""

    name: ClassVar[str] = "denial_appeal.decided"
    outcome: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPacketMade(DenialEvent):
    """A packet was made and kept. `digest` is the hash that its cover shows; `consent_id` is the consent on which it
    may leave, where it needs one."""

    name: ClassVar[str] = "appeal_packet.made"
    packet_id: uuid.UUID
    digest: str
    consent_id: uuid.UUID | None = None
