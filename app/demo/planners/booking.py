"""What follows a choice: the payer is asked, the bed is booked, the ride too; equipment for those who go home."""

import uuid
from collections.abc import Callable
from datetime import date, time, timedelta
from random import Random

from app.demo.planners.desk import Course, Desk
from app.discharge.booking.asks import AskPayer, Book, Buy, Decide, GiveAnswer, Step
from app.discharge.booking.commands import make_booking, take_step
from app.discharge.booking.conditions.answers import record_answer
from app.discharge.booking.payer import ask_again, ask_payer, decide
from app.discharge.booking.purchases import buy
from app.discharge.booking.terms import BookingAction, DecisionState, Purchase, RideMode
from app.discharge.eligibility.rules.pasrr import NURSING_FACILITIES
from app.discharge.eligibility.terms import LevelOne, Question
from app.discharge.terms import CareType
from app.platform.work import Work

_ASKS_NOBODY = frozenset({"", "CMS", "SELF", "MEDICD"})
"""Payers that authorize no care after the hospital."""
_ASKED_FOR = frozenset({CareType.SNF, CareType.IRF, CareType.LTCH})
_DENIED, _CONFIRMED, _ARRIVED, _EQUIPPED, _BOUGHT = 0.12, 0.6, 0.7, 0.10, 0.02
_RIDDEN = frozenset({CareType.SNF, CareType.NF, CareType.IRF, CareType.LTCH, CareType.HOSPICE_FACILITY})
_MODES = (RideMode.WHEELCHAIR, RideMode.WHEELCHAIR, RideMode.STRETCHER, RideMode.BASIC)
_STATE = "select state from referral where referral_id = %s and ended_at is null"
_VENDORS = """
select v.vendor_id from vendor_version v join encounter e on e.facility_id = v.facility_id
where e.id = %s and v.care_type = %s and v.ended_at is null order by v.name
"""


class Booking:
    """Whoever makes the departure of one patient possible."""

    def __init__(self, desk: Desk, course: Course, luck: Random) -> None:
        self._desk, self._course, self._luck = desk, course, luck

    def begin(self, work: Work, referral: uuid.UUID) -> None:
        """The patient has chosen: ask the payer where one has to be asked, else book."""
        row = self._desk.subject.row
        if row.payer in _ASKS_NOBODY or self._course.goes_to not in _ASKED_FOR:
            self._later(work, 1, lambda work: self._book(work, referral))
            return
        made = ask_payer(work, self._desk.subject.id, AskPayer(care_type=self._course.goes_to, expedited=True))
        key = made.authorization_id
        hours = self._luck.choice((4, 8, 20, 26, 44) if row.left_at is None else (2, 4, 8, 20))
        self._later(work, hours, lambda work: self._decide(work, key, referral))

    def _later(self, work: Work, hours: int, deed: Callable[[Work], object]) -> None:
        self._desk.while_here(self._desk.slot(work.now + timedelta(hours=hours)), self._desk.manager, deed)

    def _decide(self, work: Work, key: uuid.UUID, referral: uuid.UUID) -> None:
        if self._luck.random() < _DENIED:
            decide(work, key, Decide(state=DecisionState.DENIED, decided_by="Plan", reason="Lower level would do."))
            self._later(work, 4, lambda work: self._insist(work, key, referral))
            return
        number = f"PA{self._luck.randint(100_000, 999_999)}"
        decide(work, key, Decide(state=DecisionState.APPROVED, decided_by="Plan", payer_number=number, days=7))
        self._later(work, 1, lambda work: self._book(work, referral))

    def _insist(self, work: Work, key: uuid.UUID, referral: uuid.UUID) -> None:
        ask_again(work, key, "Therapy notes of two days show the need.")
        self._later(work, 20, lambda work: self._decide(work, key, referral))

    def _day(self, work: Work) -> date:
        return max(self._course.ends, self._desk.subject.day(work.now))

    def _book(self, work: Work, referral: uuid.UUID) -> None:
        if work.value(_STATE, (referral,)) != "accepted":
            return
        stay = self._desk.subject.id
        if self._course.goes_to in NURSING_FACILITIES:
            record_answer(work, stay, Question.PASRR_LEVEL_ONE, GiveAnswer(answer=LevelOne.NEGATIVE.value))
        made = make_booking(work, stay, Book(referral_id=referral, starts_on=self._day(work))).booking_id
        if self._luck.random() < _CONFIRMED:
            confirmed = Step(confirmation="Intake desk")
            self._later(work, 3, lambda work: take_step(work, made, BookingAction.CONFIRM, confirmed))
        left = self._desk.subject.row.left_at
        if left is not None and self._luck.random() < _ARRIVED:
            self._desk.add(self._desk.slot(left + timedelta(hours=2)), self._desk.manager,
                           lambda work: take_step(work, made, BookingAction.ARRIVE, Step()))  # fmt: skip
        if self._course.goes_to in _RIDDEN:
            self._ride(work)

    def _ride(self, work: Work) -> None:
        """The carrier comes an hour after it was asked for at the earliest."""
        left, zone = self._desk.subject.row.left_at, self._desk.subject.zone
        day, clock = self._day(work), time(14, 0)
        if left is not None:
            local = left.astimezone(zone)
            day, clock = local.date(), local.time().replace(second=0, microsecond=0)
        elif day == self._desk.subject.day(work.now):
            day += timedelta(days=1)
        carriers = work.values(_VENDORS, (self._desk.subject.id, CareType.TRANSPORT.value))
        ask = Book(care_type=CareType.TRANSPORT, vendor_id=self._luck.choice(carriers), pick_up_on=day, pick_up=clock,
                   mode=self._luck.choice(_MODES))  # fmt: skip
        make_booking(work, self._desk.subject.id, ask)

    def begin_home(self) -> None:
        """Those who go home get equipment now and then; a few the hospital pays a ride."""
        if self._course.goes_to not in (CareType.HOME, CareType.HOME_HEALTH) or self._desk.subject.died:
            return
        at = self._desk.slot(self._course.begins + timedelta(hours=26))
        if self._luck.random() < _EQUIPPED:
            self._desk.while_here(at, self._desk.manager, self._equip)
        if self._luck.random() < _BOUGHT:
            self._desk.while_here(at, self._desk.manager, self._buy)

    def _equip(self, work: Work) -> None:
        vendor = self._luck.choice(work.values(_VENDORS, (self._desk.subject.id, CareType.DME.value)))
        what = self._luck.choice(("Walker", "Hospital bed", "Oxygen concentrator", "Commode"))
        make_booking(work, self._desk.subject.id, Book(care_type=CareType.DME, vendor_id=vendor, what=what,
                                                       starts_on=self._day(work)))  # fmt: skip

    def _buy(self, work: Work) -> None:
        ask = Buy(kind=Purchase.RIDE, vendor_name="Lakeshore Medical Rides", price=f"{self._luck.randint(24, 96)}.00",
                  approved_by="Ruth Engstrom", reason="No other way to get home")  # fmt: skip
        buy(work, self._desk.subject.id, ask)
