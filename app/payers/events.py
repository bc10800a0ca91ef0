"""What is recorded about payers. Own words, names and numbers stay in the record; the trail keeps kinds and times."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequested(Event):
    """A request was sent to a payer."""

    name: ClassVar[str] = "authorization.requested"
    facility_id: int
    authorization_id: uuid.UUID
    request_id: uuid.UUID
    kind: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDecided(Event):
    """A payer answered. `fewer`: the answer decides, and days that were asked are not authorized by it."""

    name: ClassVar[str] = "authorization.decided"
    facility_id: int
    authorization_id: uuid.UUID
    decision_id: uuid.UUID
    action: str
    fewer: bool
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationAmended(Event):
    """A request or an answer was corrected; the earlier version stays readable. `what` is request or decision."""

    name: ClassVar[str] = "authorization.amended"
    facility_id: int
    authorization_id: uuid.UUID
    what: str
    record_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChanged(AuthorizationAmended):
    """An answer was corrected so that it denies what it had not denied, or the other way round (`fewer` is False)."""

    name: ClassVar[str] = "authorization.answer_changed"
    decision_id: uuid.UUID
    action: str
    fewer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationStruckOut(Event):
    """A request, an answer, or the whole authorization was recorded by mistake and does not count."""

    name: ClassVar[str] = "authorization.struck_out"
    facility_id: int
    authorization_id: uuid.UUID
    what: str
    record_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerContacted(Event):
    """Somebody spoke or wrote with a payer about a stay."""

    name: ClassVar[str] = "payer.contacted"
    facility_id: int
    contact_id: uuid.UUID
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAmended(Event):
    """The record of a contact was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "payer_contact.amended"
    facility_id: int
    contact_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactStruckOut(Event):
    """A contact was recorded by mistake and does not count."""

    name: ClassVar[str] = "payer_contact.struck_out"
    facility_id: int
    contact_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerCardSet(Event):
    """What a payer's contract says was set or changed, from a day on."""

    name: ClassVar[str] = "payer_card.set"
    facility_id: int
    payer_code: str
    begins: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerCardEnded(Event):
    """A card does not stand any more."""

    name: ClassVar[str] = "payer_card.ended"
    facility_id: int
    payer_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerChannelAdded(Event):
    """A way to reach a payer was added."""

    name: ClassVar[str] = "payer_channel.added"
    facility_id: int
    payer_code: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerChannelEnded(Event):
    """A way to reach a payer holds no more."""

    name: ClassVar[str] = "payer_channel.ended"
    facility_id: int
    payer_code: str
    kind: str
