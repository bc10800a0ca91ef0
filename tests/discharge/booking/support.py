"""Stays for which something is booked, and what has to be on record before."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from app.clocks.events import ClocksSwept
from app.discharge.booking import payer
from app.discharge.booking.asks import AskPayer, Book, Buy, Decide, GiveAnswer, Step
from app.discharge.booking.commands import book, make_booking, take_step
from app.discharge.booking.conditions.answers import record_answer
from app.discharge.booking.models import Booking, EligibilityAnswer, PostAcuteAuthorization
from app.discharge.booking.purchases import buy
from app.discharge.booking.queries import Booked, bookings
from app.discharge.booking.terms import BookingAction, Purchase
from app.discharge.choice.models import Choice, ChoiceList
from app.discharge.eligibility.terms import Question
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.feed import Telling
from tests.support.world import NOW, World

ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins BAYSHORE ADVANTAGE\n"
GONE = "A03 | rec 03-05 08:30 | occ 03-05 08:00 | bed 4W^401^A | ins BAYSHORE ADVANTAGE\n"
BACK = "A13 | rec 03-05 09:00 | occ 03-05 09:00 | bed 4W^401^A | ins BAYSHORE ADVANTAGE\n"
DAY = date(2026, 3, 6)


def tell(world: World, story: str = ADMITTED) -> uuid.UUID:
    """A story of messages; the key of its stay."""
    Telling(world).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter where gone_at is null order by serial desc limit 1")
    return found


def doing(world: World, at: datetime = NOW) -> Any:
    """A transaction of the case manager."""
    return begin(world.viewer("dana").acting(Permission.REFERRAL_WRITE), at=at)


def booked(world: World, stay: uuid.UUID, when: datetime = NOW, **said: Any) -> Booking:
    """Something is booked for the stay."""
    ask = {"care_type": "dme", "vendor_name": "Alder Supply", "starts_on": DAY, "what": "Walker"} | said
    with doing(world, when) as work:
        return make_booking(work, stay, Book.model_validate(ask))


def again(world: World, key: uuid.UUID, when: datetime = NOW, **said: Any) -> Booking:
    """The same is booked for another day."""
    with doing(world, when) as work:
        return book(work, key, Book.model_validate({"starts_on": DAY + timedelta(days=1)} | said))


def step(world: World, key: uuid.UUID, action: BookingAction, when: datetime = NOW, **said: Any) -> Booking:
    """One step."""
    with doing(world, when) as work:
        return take_step(work, key, action, Step.model_validate({"note": "as agreed"} | said))


def asked(world: World, stay: uuid.UUID, when: datetime = NOW, **said: Any) -> PostAcuteAuthorization:
    """The payer is asked."""
    with doing(world, when) as work:
        return payer.ask_payer(work, stay, AskPayer.model_validate({"care_type": "dme"} | said))


def decided(world: World, key: uuid.UUID, when: datetime = NOW, **said: Any) -> PostAcuteAuthorization:
    """The payer answered."""
    with doing(world, when) as work:
        return payer.decide(work, key, Decide.model_validate({"state": "approved"} | said))


def told(world: World, stay: uuid.UUID, question: Question, when: datetime = NOW, **said: Any) -> EligibilityAnswer:
    """A condition is answered."""
    with doing(world, when) as work:
        return record_answer(work, stay, question, GiveAnswer.model_validate(said))


def chose(world: World, stay: uuid.UUID, care: str, vendors: list[uuid.UUID], at: datetime = NOW) -> None:
    """The patient chose from a list, in the order of preference; without vendors the hospital may."""
    with begin(everywhere("test"), at=at) as work:
        facility = world.facility["NORTH"]
        shown = work.add(
            ChoiceList(facility_id=facility, encounter_id=stay, care_type=care, content={}, digest="x", made_at=at)
        )
        work.add(
            Choice(
                facility_id=facility, choice_id=uuid.uuid4(), list_id=shown.id, encounter_id=stay, given_to="patient",
                given_how="screen", outcome="chosen" if vendors else "no_preference", vendors=vendors,
                evidence="drawn", chosen_at=at, made_at=at,
            )
        )  # fmt: skip
        work.record(ClocksSwept(stays=1, changed=0))


def standing(stay: uuid.UUID) -> list[Booked]:
    """What is booked, as it stands."""
    with reading(everywhere("test")) as db:
        return bookings(db, [stay])


def ended() -> dict[uuid.UUID, str]:
    """Every version that stands no more, with all its values."""
    tables = ("booking", "post_acute_authorization", "purchased_service", "eligibility_answer")
    with reading(everywhere("test")) as db:
        queries = [f"select x.id, x::text from {name} x where ended_at is not null" for name in tables]
        return {row[0]: row[1] for query in queries for row in db.rows(lambda *row: row, query)}


def arranged(world: World, stay: uuid.UUID, mark: str, at: datetime = NOW) -> dict[str, str]:
    """One of each record for a stay, with words by which they are known; the keys of their addresses."""
    key = booked(world, stay, at, what=mark or "Walker", starts_on=(at + timedelta(days=2)).date()).booking_id
    request = asked(world, stay, at, care_type="home_health", reason=mark).authorization_id
    told(world, stay, Question.HH_HOMEBOUND, at, answer="yes", detail=mark)
    with doing(world, at) as work:
        bought = buy(
            work, stay, Buy(kind=Purchase.FOOD, what=mark, price="12", approved_by="Lee", reason=mark or "No food")
        )
    return {
        "booking_id": str(key), "authorization_id": str(request), "purchase_id": str(bought.purchase_id),
        "question": "hh_homebound",
    }  # fmt: skip
