"""The life of a booking and of a request to the payer, and when something may be booked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.discharge.booking.terms import BookingAction, BookingKind, BookingState, DecisionAction, DecisionState
from app.discharge.eligibility.facts import Answer
from app.discharge.eligibility.rules.pasrr import NURSING_FACILITIES, in_the_way
from app.discharge.eligibility.terms import Question
from app.discharge.terms import CareType
from app.kernel.refusal import Refused
from app.kernel.transitions import Table

_S, _A = BookingState, BookingAction
_STANDING = (_S.BOOKED, _S.CONFIRMED, _S.AGAIN)
LIFE: Table[BookingState, BookingAction] = {
    (_S.NONE, _A.REQUEST): _S.REQUESTED,
    (_S.NONE, _A.BOOK): _S.BOOKED,
    (_S.REQUESTED, _A.BOOK): _S.BOOKED,
    (_S.REQUESTED, _A.AUTHORIZE): _S.AUTHORIZED,
    (_S.REQUESTED, _A.DENY): _S.DENIED,
    (_S.AUTHORIZED, _A.BOOK): _S.BOOKED,
    (_S.AUTHORIZED, _A.DENY): _S.DENIED,
    (_S.AUTHORIZED, _A.REQUEST): _S.REQUESTED,
    (_S.DENIED, _A.REQUEST): _S.REQUESTED,
    (_S.DENIED, _A.AUTHORIZE): _S.AUTHORIZED,
    (_S.DENIED, _A.BOOK): _S.BOOKED,
    **{(state, _A.BOOK): _S.BOOKED for state in _STANDING},
    (_S.BOOKED, _A.CONFIRM): _S.CONFIRMED,
    (_S.AGAIN, _A.CONFIRM): _S.CONFIRMED,
    **{(state, _A.ASK_AGAIN): _S.AGAIN for state in (_S.BOOKED, _S.CONFIRMED)},
    **{(state, _A.ARRIVE): _S.ARRIVED for state in _STANDING},
    **{(state, _A.CANCEL): _S.CANCELLED for state in (_S.REQUESTED, _S.AUTHORIZED, _S.DENIED, *_STANDING)},
    (_S.CANCELLED, _A.REQUEST): _S.REQUESTED,
    **{(state, _A.STRIKE_OUT): _S.STRUCK_OUT for state in (
        _S.REQUESTED, _S.AUTHORIZED, _S.DENIED, *_STANDING, _S.ARRIVED, _S.CANCELLED)},
}  # fmt: skip
"""A booking that stands may be booked for another day; one that is called off is asked for anew."""

STANDING = frozenset(_STANDING)
"""States in which a vendor holds something for the patient."""
LIVING = frozenset({_S.REQUESTED, _S.AUTHORIZED, _S.DENIED, *_STANDING})
"""States in which somebody still has to do something."""

_D, _B = DecisionState, DecisionAction
_OPEN = (_D.REQUESTED, _D.APPROVED, _D.DENIED, _D.NOT_REQUIRED)
DECISION_LIFE: Table[DecisionState, DecisionAction] = {
    **{(state, _B.APPROVE): _D.APPROVED for state in (_D.REQUESTED, _D.DENIED)},
    **{(state, _B.DENY): _D.DENIED for state in (_D.REQUESTED, _D.APPROVED)},
    **{(state, _B.SAY_NOT_REQUIRED): _D.NOT_REQUIRED for state in (_D.REQUESTED, _D.DENIED)},
    (_D.DENIED, _B.ASK_AGAIN): _D.REQUESTED,
    (_D.REQUESTED, _B.WITHDRAW): _D.WITHDRAWN,
    **{(state, _B.STRIKE_OUT): _D.STRUCK_OUT for state in (*_OPEN, _D.WITHDRAWN)},
}
"""A payer may change its mind either way; a request that was withdrawn is made anew as another one."""

DECIDING: Mapping[DecisionState, BookingAction] = {_D.APPROVED: _A.AUTHORIZE, _D.DENIED: _A.DENY}
"""What an answer of the payer does to the booking that waits for it."""

CHOSEN_BY_PATIENT = frozenset({
    CareType.HOME_HEALTH, CareType.SNF, CareType.NF, CareType.IRF, CareType.LTCH, CareType.HOSPICE_HOME,
    CareType.HOSPICE_FACILITY,
})  # fmt: skip
"""Care whose provider the patient chooses freely: 42 CFR 482.43(c); hospice and nursing facilities: 42 U.S.C. 1395a."""

FARTHEST = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known when something is to be booked.

    Attributes:
        chosen: the patient's choice is recorded for this type of care.
        another: the patient chose other providers than this one.
        undecided: the payer was asked about this type of care and has not answered.
        denied: the payer does not agree, and nobody has asked again.
        answers: what is recorded about eligibility.
    """

    care_type: CareType
    chosen: bool
    another: bool = False
    undecided: bool = False
    denied: bool = False
    answers: Mapping[Question, Answer]


def check_ground(ground: Ground, override: str) -> None:
    """Refused without a choice where the patient has one, before the payer's answer, and where PASRR is open.

    The first two give way to a reason; PASRR does not: 42 CFR 483.106(a).
    """
    check_pasrr(ground.care_type, ground.answers, "care_type")
    if override:
        return
    if ground.care_type in CHOSEN_BY_PATIENT and not ground.chosen:
        raise Refused(
            "No choice is recorded (42 CFR 482.43(c)). Record it first, or say why it is booked without.",
            field="override_reason",
        )
    if ground.another:
        raise Refused(
            "The patient chose another provider. Record the new choice first, or say why this one is booked.",
            field="override_reason",
        )
    if ground.denied:
        raise Refused(
            "The payer does not agree. Ask again, or say why it is booked all the same.", field="override_reason"
        )
    if ground.undecided:
        raise Refused(
            "The payer has not decided yet. Wait for the answer, or say why it is booked before.",
            field="override_reason",
        )


def check_pasrr(care_type: CareType, answers: Mapping[Question, Answer], field: str) -> None:
    """Refused for a nursing facility while PASRR is open: it is neither booked nor confirmed then. 42 CFR 483.106."""
    if care_type in NURSING_FACILITIES and (why := in_the_way(answers)):
        raise Refused(f"{why} Record it below under eligibility.", field=field)


@dataclass(frozen=True, slots=True)
class When:
    """For when something is booked, as a form says it."""

    starts_on: date | None
    pick_up_at: datetime | None


def check_when(care_type: CareType, when: When, now: datetime, today: date) -> None:
    """Refused without a day (for a ride: without day and time), for a time that is over, and one too far ahead."""
    if BookingKind.of(care_type) is BookingKind.RIDE:
        if when.pick_up_at is None:
            raise Refused("Write day and time at which the patient is picked up.", field="pick_up")
        if when.pick_up_at < now:
            raise Refused("This time is over. Write when the patient will be picked up.", field="pick_up")
        if when.pick_up_at > now + FARTHEST:
            raise Refused("This is more than half a year away. Write an earlier time.", field="pick_up")
        return
    if when.starts_on is None:
        raise Refused("Write for which day it is booked.", field="starts_on")
    if when.starts_on < today:
        raise Refused("This day is over. Write today or a later day.", field="starts_on")
    if when.starts_on > today + FARTHEST:
        raise Refused("This is more than half a year away. Write an earlier day.", field="starts_on")


def check_decision(days: int | None, reason: str, state: DecisionState) -> None:
    """Refused for a denial without its reason, and days that come with a denial."""
    if state is DecisionState.DENIED and len(reason) < 3:
        raise Refused("Write the payer's reason for the denial.", field="reason")
    if days is not None and state is not DecisionState.APPROVED:
        raise Refused("Days belong to an approval. Take them away.", field="days")
