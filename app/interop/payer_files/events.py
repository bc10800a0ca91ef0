"""What happens in the exchange with payers; nothing here says anything about a patient but whom it concerns."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSet(Event):
    """The settings of the exchange with a payer were made or changed."""

    name: ClassVar[str] = "exchange.set"
    facility_id: int
    payer_code: str
    usage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNumberTaken(Event):
    """A number for an interchange was given out; it is never given out again."""

    name: ClassVar[str] = "control_number.taken"
    receiver: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFileMade(Event):
    """Somebody had a file made for a payer."""

    name: ClassVar[str] = "payer_file.made"
    facility_id: int
    out_id: uuid.UUID
    authorization_id: uuid.UUID
    kind: str
    digest: str
    consent_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFileMoved(Event):
    """Something happened to a file for a payer. `consent_id`: on which consent it left, where it needed one."""

    name: ClassVar[str] = "payer_file.moved"
    facility_id: int
    out_id: uuid.UUID
    step: str
    consent_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFileReceived(Event):
    """A file of a payer was stored, before it was read."""

    name: ClassVar[str] = "payer_file.received"
    facility_id: int
    file_id: uuid.UUID
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFileRead(Event):
    """A stored file was read: it holds so many parts, which now wait."""

    name: ClassVar[str] = "payer_file.read"
    facility_id: int
    file_id: uuid.UUID
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAnswerTaken(Event):
    """A part of a file was applied, noted, or put before people."""

    name: ClassVar[str] = "payer_answer.taken"
    facility_id: int
    file_id: uuid.UUID
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAnswerSettled(Event):
    """A person said to what an answer belongs, put it aside, or had it looked at once more."""

    name: ClassVar[str] = "payer_answer.settled"
    facility_id: int
    file_id: uuid.UUID
    how: str
