"""What forms say about bookings, requests to payers, purchases and answers. Times are the facility's."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.discharge.booking.terms import DecisionState, Purchase, RideMode
from app.discharge.terms import CareType
from app.web.fields import Clock, Day, Key, Name, Reason, Words, empty_is_none

_Care = Annotated[CareType | None, BeforeValidator(empty_is_none)]
_Count = Annotated[Annotated[int, Field(ge=1, le=400)] | None, BeforeValidator(empty_is_none)]


class Book(BaseModel):
    """A booking. With a referral the vendor and the type of care are the referral's."""

    referral_id: Key = None
    care_type: _Care = None
    vendor_id: Key = None
    vendor_name: Name = ""
    starts_on: Day = None
    pick_up_on: Day = None
    pick_up: Clock = None
    mode: Annotated[RideMode | None, BeforeValidator(empty_is_none)] = None
    what: Words = ""
    place: Name = ""
    confirmation: Name = ""
    agreed_with: Name = ""
    override_reason: Name = ""
    note: Words = ""


class Step(BaseModel):
    """A step of a booking. Without day and time it happened now."""

    on: Day = None
    at: Clock = None
    confirmation: Name = ""
    agreed_with: Name = ""
    note: Words = ""


class AskPayer(BaseModel):
    """A request to a payer to authorize care after the hospital."""

    care_type: CareType
    payer: Name = ""
    expedited: bool = False
    on: Day = None
    at: Clock = None
    due_on: Day = None
    due_at: Clock = None
    reason: Words = ""


class Decide(BaseModel):
    """What the payer answered."""

    state: DecisionState
    on: Day = None
    at: Clock = None
    decided_by: Name = ""
    payer_number: Name = ""
    first_day: Day = None
    days: _Count = None
    reason: Words = ""


class Buy(BaseModel):
    """Something the hospital pays for. The price is dollars and cents of one unit."""

    kind: Purchase
    what: Words = ""
    vendor_id: Key = None
    vendor_name: Name = ""
    bought_on: Day = None
    units: Annotated[int, Field(ge=1, le=10_000)] = 1
    price: Annotated[str, Field(pattern=r"^\d{1,7}([.,]\d{1,2})?$")]
    approved_by: Annotated[str, Field(min_length=2, max_length=120)]
    reason: Reason
    budget_line: Name = ""

    @property
    def unit_cents(self) -> int:
        """The price in cents."""
        dollars, _, cents = self.price.replace(",", ".").partition(".")
        return int(dollars) * 100 + int(cents.ljust(2, "0") or 0)


class GiveAnswer(BaseModel):
    """What is known about one condition."""

    answer: Name = ""
    on_day: Day = None
    detail: Name = ""
