"""What happens to bookings, requests to payers, purchases and answers; the words themselves stay in the records."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEvent(Event):
    """Base: one booking of a stay."""

    facility_id: int
    booking_id: uuid.UUID
    referral_id: uuid.UUID | None
    care_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequested(BookingEvent):
    """Something was asked for, and not promised yet."""

    name: ClassVar[str] = "booking.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorBooked(BookingEvent):
    """A vendor holds it, for the first time or for another day."""

    name: ClassVar[str] = "booking.booked"
    overridden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingMoved(BookingEvent):
    """Another step of a booking: `action` is authorize, deny, confirm or arrive."""

    name: ClassVar[str] = "booking.moved"
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDoubted(BookingEvent):
    """It has to be confirmed again; `because` is discharge_cancelled, vendor_withdrew or pasrr_open."""

    name: ClassVar[str] = "booking.doubted"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCancelled(BookingEvent):
    """It was called off, or struck out; `held` says whether a vendor held it until then."""

    name: ClassVar[str] = "booking.cancelled"
    held: bool
    struck_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAcuteAsked(Event):
    """A payer was asked to authorize care after the hospital."""

    name: ClassVar[str] = "post_acute.asked"
    facility_id: int
    authorization_id: uuid.UUID
    care_type: str
    expedited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAcuteDecided(Event):
    """The payer answered, or the request was withdrawn or struck out; `state` is where it stands."""

    name: ClassVar[str] = "post_acute.decided"
    facility_id: int
    authorization_id: uuid.UUID
    care_type: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePurchased(Event):
    """The hospital pays for something itself."""

    name: ClassVar[str] = "purchase.recorded"
    facility_id: int
    purchase_id: uuid.UUID
    kind: str
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseStruckOut(Event):
    """A purchase was recorded by mistake."""

    name: ClassVar[str] = "purchase.struck_out"
    facility_id: int
    purchase_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityAnswered(Event):
    """A condition of care after the hospital was answered, or its answer taken back."""

    name: ClassVar[str] = "eligibility.answered"
    facility_id: int
    question: str
    taken_back: bool
