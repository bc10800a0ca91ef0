"""What is recorded about questions, answers, talks and messages. Words stay in the records; the trail keeps kinds."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationEvent(Event):
    """Base of what happens to one question."""

    facility_id: int
    escalation_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(EscalationEvent):
    """A question was put. `subject` is the review or the denial that it came from, as text, or empty."""

    name: ClassVar[str] = "escalation.asked"
    kind: str
    subject: str
    rung: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationMoved(EscalationEvent):
    """It rose, was taken, handed over, returned, answered back, withdrawn or struck out. `action` says which."""

    name: ClassVar[str] = "escalation.moved"
    action: str
    state: str
    rung: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationDecided(EscalationEvent):
    """It was answered and signed; `decision` is the outcome. Answers on the way (more information) are no decisions."""

    name: ClassVar[str] = "escalation.decided"
    review_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAmended(EscalationEvent):
    """A signed answer was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "escalation.amended"
    review_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    decision: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionStruckOut(EscalationEvent):
    """A signed answer was a mistake; the question is open again."""

    name: ClassVar[str] = "escalation.decision_struck_out"
    review_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderSet(Event):
    """A facility set who has how long, from a day on."""

    name: ClassVar[str] = "escalation_ladder.set"
    facility_id: int
    begins: date
    minutes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerTalkDescribed(EscalationEvent):
    """Something was recorded about a talk with a payer's physician: deadline, number, name, or a slot."""

    name: ClassVar[str] = "peer_talk.described"
    slot_at: datetime | None
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerToPeerHeld(EscalationEvent):
    """How a talk ended: overturned, partly, upheld, or not_held. Said again when its answer is amended."""

    name: ClassVar[str] = "peer_talk.held"
    denial_id: uuid.UUID | None
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """Base of what happens to a message to the attending physician."""

    facility_id: int
    message_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingAsked(MessageEvent):
    """A message was put to the attending physician."""

    name: ClassVar[str] = "attending_message.asked"
    escalation_id: uuid.UUID | None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingAnswered(MessageEvent):
    """The attending physician answered: agree, will_document, will_discharge, disagree."""

    name: ClassVar[str] = "attending_message.answered"
    escalation_id: uuid.UUID | None
    answer: str
    channel: str
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingAnswerStruckOut(MessageEvent):
    """An answer was recorded by mistake."""

    name: ClassVar[str] = "attending_message.answer_struck_out"
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingMessageWithdrawn(MessageEvent):
    """The message needs no answer any more; its links are closed."""

    name: ClassVar[str] = "attending_message.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingLinkMade(MessageEvent):
    """A link to one message was made, to be sent by the hospital's own secure messaging."""

    name: ClassVar[str] = "attending_link.made"
    link_id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendingLinkRevoked(MessageEvent):
    """A link was closed before its time."""

    name: ClassVar[str] = "attending_link.revoked"
    link_id: uuid.UUID
