"""What follows for bookings from what others record: a cancelled discharge, a withdrawn acceptance."""

import uuid
from collections.abc import Sequence
from typing import Protocol

from app.discharge.booking import queries
from app.discharge.booking.commands import doubt
from app.platform.work import Work


class OfStay(Protocol):
    """Anything that happened to a stay."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...


class OfReferral(Protocol):
    """Anything that a vendor did with a referral of a stay."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def referral_id(self) -> uuid.UUID: ...


def doubt_after_cancelled_discharge(work: Work, event: OfStay) -> None:
    """The patient stays: what is booked is kept, and whoever holds it has to say again that it stands."""
    words = "The discharge was cancelled. Ask the vendor whether the booking stands, and for which day."
    doubt(work, [one.booking_id for one in _standing(work, event.encounter_id)], words, "discharge_cancelled")


def doubt_after_withdrawal(work: Work, event: OfReferral) -> None:
    """The vendor took its acceptance back after it was booked."""
    words = "The vendor withdrew its acceptance. Ask again, or book another one."
    found = [one.booking_id for one in _standing(work, event.encounter_id) if one.referral_id == event.referral_id]
    doubt(work, found, words, "vendor_withdrew")


def _standing(work: Work, encounter_id: uuid.UUID | None) -> Sequence[queries.Booked]:
    assert encounter_id is not None, "what happens to a stay names it"
    return [one for one in queries.bookings(work, [encounter_id]) if one.stands]
