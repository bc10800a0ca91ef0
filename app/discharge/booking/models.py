"""The tables of booking. A version is ended, never rewritten; `..._id` is the same in all versions."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.discharge.booking.terms import (
    BookingAction,
    BookingState,
    DecisionState,
    Ending,
    Purchase,
    RideMode,
)
from app.discharge.eligibility.terms import Question
from app.discharge.terms import CareType
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
STAYS = "encounter.id"


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _or_empty(column: str, among: type[Any]) -> CheckConstraint:
    allowed = ", ".join(f"'{one.value}'" for one in among)
    return CheckConstraint(f"{column} in ('', {allowed})", name=column)


class Booking(SQLModel, table=True):
    """One version of a booking: a bed or the start of care, a ride, a thing that is delivered.

    `starts_on` is the day of the bed, of the first visit or of the delivery; `pick_up_at` the instant of a ride.
    """

    __tablename__ = "booking"
    __table_args__ = (
        enum_check("care_type", CareType),
        enum_check("state", BookingState),
        enum_check("action", BookingAction),
        _or_empty("mode", RideMode),
        CheckConstraint("vendor_name <> ''", name="vendor_name"),
        CheckConstraint(
            "(state in ('booked', 'confirmed')) <= (starts_on is not null or pick_up_at is not null)", name="booked"
        ),
        CheckConstraint("(state = 'again') <= (doubt <> '')", name="doubt"),
        Index("uq_booking_current", "booking_id", unique=True, postgresql_where=CURRENT),
        Index("ix_booking_stay", "encounter_id", "made_at"),
        Index("ix_booking_vendor", "vendor_id", "made_at"),
        Index("ix_booking_versions", "booking_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    booking_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    care_type: str = words(Holds.CLINICAL)
    vendor_id: uuid.UUID | None = link("vendor.id", null=True, index=False)
    vendor_name: str = words(Holds.OPERATION)
    referral_id: uuid.UUID | None = number()
    choice_id: uuid.UUID | None = number()
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    starts_on: date | None = number(Holds.CLINICAL)
    pick_up_at: datetime | None = instant(Holds.CLINICAL, null=True)
    mode: str = words(Holds.CLINICAL)
    what: str = words(Holds.CLINICAL)
    place: str = words(Holds.PERSON)  # where it is delivered, or where the ride goes
    confirmation: str = words(Holds.OPERATION)
    agreed_with: str = words(Holds.STAFF)  # name and telephone of who agreed for the vendor
    override_reason: str = words(Holds.CLINICAL)
    doubt: str = words(Holds.CLINICAL)  # why it has to be confirmed again
    note: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)  # the true time of this step
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)


class PostAcuteAuthorization(SQLModel, table=True):
    """One version of a request to the payer of the stay to authorize care after the hospital."""

    __tablename__ = "post_acute_authorization"
    __table_args__ = (
        enum_check("care_type", CareType),
        enum_check("state", DecisionState),
        CheckConstraint(
            "(state in ('approved', 'denied', 'not_required')) <= (decided_at is not null)", name="decided"
        ),
        CheckConstraint("decided_at is null or decided_at >= asked_at", name="order"),
        CheckConstraint("days is null or days between 1 and 400", name="days"),
        Index("uq_post_acute_authorization_current", "authorization_id", unique=True, postgresql_where=CURRENT),
        Index("ix_post_acute_authorization_stay", "encounter_id", "made_at"),
        Index("ix_post_acute_authorization_versions", "authorization_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    authorization_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    booking_id: uuid.UUID | None = number()
    care_type: str = words(Holds.CLINICAL)
    payer_code: str = words(Holds.OPERATION)
    payer_name: str = words(Holds.OPERATION)
    expedited: bool = number(Holds.CLINICAL, null=False, default=False)
    asked_at: datetime = instant(Holds.CLINICAL)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)  # as the payer said it; None: the usual time
    state: str = words(Holds.CLINICAL)
    decided_at: datetime | None = instant(Holds.CLINICAL, null=True)
    decided_by: str = words(Holds.STAFF)  # who said it for the payer
    payer_number: str = words(Holds.OPERATION)
    first_day: date | None = number(Holds.CLINICAL)
    days: int | None = number(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)


class PurchasedService(SQLModel, table=True):
    """One version of something the hospital itself pays for a patient. Amounts are cents of a dollar."""

    __tablename__ = "purchased_service"
    __table_args__ = (
        enum_check("kind", Purchase),
        _or_empty("ended_because", Ending),
        CheckConstraint("units between 1 and 10000 and unit_cents between 0 and 100000000", name="amount"),
        CheckConstraint("approved_by <> '' and reason <> ''", name="approved"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_purchased_service_current", "purchase_id", unique=True, postgresql_where=CURRENT),
        Index("ix_purchased_service_stay", "encounter_id", "made_at"),
        Index("ix_purchased_service_day", "facility_id", "bought_on", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    purchase_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    kind: str = words(Holds.CLINICAL)
    what: str = words(Holds.CLINICAL)
    vendor_id: uuid.UUID | None = link("vendor.id", null=True, index=False)
    vendor_name: str = words(Holds.OPERATION)
    bought_on: date = number(Holds.CLINICAL, null=False)
    units: int = number(null=False)
    unit_cents: int = number(null=False)
    approved_by: str = words(Holds.STAFF)
    reason: str = words(Holds.CLINICAL)
    budget_line: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class EligibilityAnswer(SQLModel, table=True):
    """What somebody recorded about one condition of care after the hospital."""

    __tablename__ = "eligibility_answer"
    __table_args__ = (
        enum_check("question", Question),
        _or_empty("ended_because", Ending),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_eligibility_answer_current", "encounter_id", "question", unique=True, postgresql_where=CURRENT),
        Index("ix_eligibility_answer_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    question: str = words(Holds.CLINICAL)
    answer: str = words(Holds.CLINICAL)
    on_day: date | None = number(Holds.CLINICAL)
    detail: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)
