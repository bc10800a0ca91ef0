"""Bookings, requests to payers, purchases and answers of stays as they stand; several stays are read at once."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from app.census.united import with_former
from app.discharge.booking.rules import STANDING
from app.discharge.booking.terms import BookingState, DecisionState, Purchase
from app.discharge.eligibility.facts import Answer
from app.discharge.eligibility.terms import Question
from app.discharge.terms import CareType
from app.platform.work import Reading

T = TypeVar("T")


class Booked(msgspec.Struct, frozen=True):
    """A version of a booking; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    booking_id: uuid.UUID
    encounter_id: uuid.UUID
    care_type: CareType
    vendor_id: uuid.UUID | None
    vendor_name: str
    referral_id: uuid.UUID | None
    state: BookingState
    action: str
    starts_on: date | None
    pick_up_at: datetime | None
    mode: str
    what: str
    place: str
    confirmation: str
    agreed_with: str
    override_reason: str
    doubt: str
    note: str
    at: datetime
    made_at: datetime
    by: str
    ended_at: datetime | None

    @property
    def stands(self) -> bool:
        """Whether a vendor holds something."""
        return self.state in STANDING


class Request(msgspec.Struct, frozen=True):
    """A version of a request to a payer."""

    id: uuid.UUID
    authorization_id: uuid.UUID
    encounter_id: uuid.UUID
    booking_id: uuid.UUID | None
    care_type: CareType
    payer_name: str
    expedited: bool
    asked_at: datetime
    due_at: datetime | None
    state: DecisionState
    decided_at: datetime | None
    decided_by: str
    payer_number: str
    first_day: date | None
    days: int | None
    reason: str
    made_at: datetime
    by: str
    ended_at: datetime | None


class Bought(msgspec.Struct, frozen=True):
    """A purchase."""

    id: uuid.UUID
    purchase_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: Purchase
    what: str
    vendor_name: str
    bought_on: date
    units: int
    unit_cents: int
    approved_by: str
    reason: str
    budget_line: str
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_reason: str

    @property
    def cents(self) -> int:
        """What all units cost."""
        return self.units * self.unit_cents


class Told(msgspec.Struct, frozen=True):
    """An answer about a condition."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    question: Question
    answer: str
    on_day: date | None
    detail: str
    made_at: datetime
    by: str


_BOOKINGS = """
select b.id, b.booking_id, b.encounter_id, b.care_type, b.vendor_id, b.vendor_name, b.referral_id, b.state, b.action,
  b.starts_on, b.pick_up_at, b.mode, b.what, b.place, b.confirmation, b.agreed_with, b.override_reason, b.doubt, b.note,
  b.at, b.made_at, coalesce(u.display_name, ''), b.ended_at
from booking b left join app_user u on u.id = b.made_by
where b.encounter_id = any(%s) {} order by b.made_at, b.id
"""
_REQUESTS = """
select a.id, a.authorization_id, a.encounter_id, a.booking_id, a.care_type, a.payer_name, a.expedited, a.asked_at,
  a.due_at, a.state, a.decided_at, a.decided_by, a.payer_number, a.first_day, a.days, a.reason, a.made_at,
  coalesce(u.display_name, ''), a.ended_at
from post_acute_authorization a left join app_user u on u.id = a.made_by
where a.encounter_id = any(%s) {} order by a.asked_at, a.made_at, a.id
"""
_PURCHASES = """
select p.id, p.purchase_id, p.encounter_id, p.kind, p.what, p.vendor_name, p.bought_on, p.units, p.unit_cents,
  p.approved_by, p.reason, p.budget_line, p.made_at, coalesce(u.display_name, ''), p.ended_at,
  case when p.ended_at is null then '' else p.ended_reason end
from purchased_service p left join app_user u on u.id = p.made_by
where p.encounter_id = any(%s) {} order by p.bought_on, p.made_at, p.id
"""
_ANSWERS = """
select a.id, a.encounter_id, a.question, a.answer, a.on_day, a.detail, a.made_at, coalesce(u.display_name, '')
from eligibility_answer a left join app_user u on u.id = a.made_by
where a.encounter_id = any(%s) and a.ended_at is null order by a.made_at, a.id
"""
_STANDS = "and {}.ended_at is null"


def _typed(shape: type[T], belongs: Mapping[uuid.UUID, uuid.UUID], kinds: Mapping[str, Any]) -> Callable[..., T]:
    """A row as its struct, with words as members of their enumerations and the stay for which it counts."""

    def typed(*row: Any) -> T:
        given = dict(zip(shape.__struct_fields__, row, strict=True))  # type: ignore[attr-defined]
        given["encounter_id"] = belongs[given["encounter_id"]]
        for name, kind in kinds.items():
            given[name] = kind(given[name])
        return shape(**given)

    return typed


def bookings(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Booked]:
    """The version of each booking that stands, in the order of entry; with `ended` every version of all."""
    belongs = with_former(db, encounter_ids)
    query = _BOOKINGS.format("" if ended else _STANDS.format("b"))
    shape = _typed(Booked, belongs, {"care_type": CareType, "state": BookingState})
    return [one for one in db.rows(shape, query, (list(belongs),)) if ended or one.state is not BookingState.STRUCK_OUT]


def requests(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Request]:
    """Requests to payers as they stand, in the order of asking; with `ended` every version of all."""
    belongs = with_former(db, encounter_ids)
    query = _REQUESTS.format("" if ended else _STANDS.format("a"))
    shape = _typed(Request, belongs, {"care_type": CareType, "state": DecisionState})
    found = db.rows(shape, query, (list(belongs),))
    return [one for one in found if ended or one.state is not DecisionState.STRUCK_OUT]


def purchases(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Bought]:
    """Purchases that stand, by day; with `ended` those struck out too."""
    belongs = with_former(db, encounter_ids)
    query = _PURCHASES.format("" if ended else _STANDS.format("p"))
    return db.rows(_typed(Bought, belongs, {"kind": Purchase}), query, (list(belongs),))


def answers(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[Question, Told]]:
    """Answers that stand, by stay and question; of two numbers of one stay the later answer counts."""
    belongs = with_former(db, encounter_ids)
    found: dict[uuid.UUID, dict[Question, Told]] = {}
    for one in db.rows(_typed(Told, belongs, {"question": Question}), _ANSWERS, (list(belongs),)):
        found.setdefault(one.encounter_id, {})[one.question] = one
    return found


def as_answers(told: Mapping[Question, Told]) -> dict[Question, Answer]:
    """The same as the rules of eligibility take them."""
    return {question: Answer(one.answer, one.on_day, one.detail) for question, one in told.items()}


_CHOICE = """
select c.choice_id, c.vendors from choice c join choice_list l on l.id = c.list_id
where c.encounter_id = any(%s) and l.care_type = %s and c.ended_at is null
  and c.outcome in ('chosen', 'no_preference') order by c.chosen_at desc, c.made_at desc limit 1
"""


class Chosen(msgspec.Struct, frozen=True):
    """The patient's choice for a type of care; without vendors the patient left it to the hospital."""

    choice_id: uuid.UUID
    vendors: list[uuid.UUID]


def choice(db: Reading, encounter_id: uuid.UUID, care_type: CareType) -> Chosen | None:
    """The last choice that stands for this type of care."""
    parts = list(with_former(db, [encounter_id]))
    found = db.rows(Chosen, _CHOICE, (parts, care_type.value))
    return found[0] if found else None


class Accepted(msgspec.Struct, frozen=True):
    """A referral that a vendor accepted."""

    referral_id: uuid.UUID
    vendor_id: uuid.UUID
    vendor_name: str
    care_type: str
    offered_on: date | None


_ACCEPTED = """
select r.referral_id, r.vendor_id, r.vendor_name, r.care_type, r.offered_on from referral r
where r.encounter_id = any(%s) and r.ended_at is null and r.state = 'accepted' order by r.answered_at
"""


def accepted(db: Reading, encounter_id: uuid.UUID) -> list[Accepted]:
    """What vendors accepted and may be booked."""
    return db.rows(Accepted, _ACCEPTED, (list(with_former(db, [encounter_id])),))


class VendorName(msgspec.Struct, frozen=True):
    """A vendor of the registry."""

    vendor_id: uuid.UUID
    name: str


_VENDORS = """
select w.vendor_id, w.name from vendor_version w where w.facility_id = %s and w.care_type = any(%s)
  and w.ended_at is null and (w.closed_on is null or w.closed_on > %s) order by w.name limit 200
"""


def vendors(db: Reading, facility_id: int, care_types: Sequence[CareType], on: date) -> list[VendorName]:
    """Vendors of these types that are not closed, by name."""
    return db.rows(VendorName, _VENDORS, (facility_id, [one.value for one in care_types], on))


def vendor_name(db: Reading, vendor_id: uuid.UUID) -> str | None:
    """What a vendor is called now."""
    query = "select w.name from vendor_version w where w.vendor_id = %s and w.ended_at is null"
    found: str | None = db.value(query, (vendor_id,))
    return found
