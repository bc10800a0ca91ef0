"""What happens to messages on their way in; every event counts, none says anything about a patient."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesReceived(Event):
    """Messages of one connection or file were stored together and are about to be acknowledged.

    Attributes:
        accepted: new ones that wait to be applied.
        repeated: the same bytes from the same sender, stored before.
        refused: stored, but can never work as they are.
        parked: accepted for a facility that nobody has set up yet.
    """

    name: ClassVar[str] = "messages.received"
    facility_id: int | None
    source: str
    accepted: int
    repeated: int
    refused: int
    parked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesApplied(Event):
    """Waiting messages reached the census. `set_aside` of them failed and became problems of the interface."""

    name: ClassVar[str] = "messages.applied"
    applied: int
    set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReplayed(Event):
    """A person or the program sent a stored message into the pipeline once more."""

    name: ClassVar[str] = "message.replayed"
    message_id: int
    facility_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedMessagesReleased(Event):
    """The facility of parked messages is known now; they wait to be applied."""

    name: ClassVar[str] = "messages.released"
    facility_id: int
    count: int
