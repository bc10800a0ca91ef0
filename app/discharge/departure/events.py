"""What is recorded about departures and packets. Words and names stay in the record."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureItemSaid(Event):
    """Somebody said of an item that it is done, not needed, or left out."""

    name: ClassVar[str] = "departure.item_said"
    facility_id: int
    item: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureItemTakenBack(Event):
    """What was said of an item does not count any more."""

    name: ClassVar[str] = "departure.item_taken_back"
    facility_id: int
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPacketMade(Event):
    """A hand-off packet was made and kept."""

    name: ClassVar[str] = "handoff.made"
    facility_id: int
    packet_id: uuid.UUID
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPacketMoved(Event):
    """A hand-off packet was released, received, withdrawn, or its last step taken back. `consent_id` is the recorded
    consent on which it left; empty where none was needed or the release itself says that there is one."""

    name: ClassVar[str] = "handoff.moved"
    facility_id: int
    packet_id: uuid.UUID
    action: str
    state: str
    consent_id: uuid.UUID | None = None
