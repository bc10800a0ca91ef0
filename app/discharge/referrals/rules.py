"""The life of a referral and of the need behind it, when a packet may go out, when an answer is late. Pure."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from app.census.terms import DIED
from app.discharge.referrals.terms import (
    ClosedBecause,
    ConsentFor,
    DeclineReason,
    ReferralAction,
    ReferralState,
    RequestAction,
    RequestState,
)
from app.discharge.terms import CareType
from app.kernel.refusal import Refused

_S, _A = ReferralState, ReferralAction
_WAITING = (_S.SENT, _S.OPENED, _S.QUESTION)
LIFE: dict[tuple[ReferralState, ReferralAction], ReferralState] = {
    (_S.DRAFT, _A.SEND): _S.SENT,
    (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
    (_S.DRAFT, _A.CLOSE): _S.CLOSED,
    (_S.SENT, _A.OPEN): _S.OPENED,
    **{(state, _A.ASK): _S.QUESTION for state in _WAITING},
    (_S.QUESTION, _A.REPLY): _S.OPENED,
    **{(state, _A.ACCEPT): _S.ACCEPTED for state in _WAITING},
    **{(state, _A.DECLINE): _S.DECLINED for state in _WAITING},
    **{(state, _A.REMIND): state for state in _WAITING},
    **{(state, _A.EXPIRE): _S.EXPIRED for state in _WAITING},
    **{(state, _A.CANCEL): _S.CANCELLED for state in _WAITING},
    **{(state, _A.CLOSE): _S.CLOSED for state in _WAITING},
    (_S.ACCEPTED, _A.ASK): _S.ACCEPTED,
    (_S.ACCEPTED, _A.REPLY): _S.ACCEPTED,
    (_S.ACCEPTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _A.TAKE_BACK): _S.OPENED,
    (_S.ACCEPTED, _A.CANCEL): _S.CANCELLED,
    (_S.ACCEPTED, _A.CLOSE): _S.CLOSED,
    (_S.DECLINED, _A.TAKE_BACK): _S.OPENED,
    (_S.DECLINED, _A.SEND): _S.SENT,
    (_S.WITHDRAWN, _A.SEND): _S.SENT,
    (_S.WITHDRAWN, _A.TAKE_BACK): _S.ACCEPTED,
    (_S.EXPIRED, _A.SEND): _S.SENT,
    (_S.EXPIRED, _A.ACCEPT): _S.ACCEPTED,
    (_S.EXPIRED, _A.DECLINE): _S.DECLINED,
    (_S.CANCELLED, _A.SEND): _S.SENT,
    (_S.CLOSED, _A.SEND): _S.SENT,
    (_S.CLOSED, _A.REOPEN): _S.SENT,
    (_S.CLOSED, _A.REOPEN_OPENED): _S.OPENED,
    (_S.CLOSED, _A.REOPEN_QUESTION): _S.QUESTION,
    (_S.CLOSED, _A.REOPEN_ACCEPTED): _S.ACCEPTED,
}
"""An answer closes the question of that vendor: a second one is refused, whoever gives it. What was recorded by mistake
is taken back; a vendor that would not is asked anew. An expired link takes no answer, a telephone does."""

REOPENING: dict[ReferralState, ReferralAction] = {
    _S.SENT: _A.REOPEN,
    _S.OPENED: _A.REOPEN_OPENED,
    _S.QUESTION: _A.REOPEN_QUESTION,
    _S.ACCEPTED: _A.REOPEN_ACCEPTED,
}
"""How a closed referral comes back to where it was. A proposal that was never sent stays closed."""

WAITING = frozenset(_WAITING)
"""The vendor owes an answer, or the hospital owes the vendor one."""

STANDING = frozenset({*_WAITING, _S.ACCEPTED})
"""What a placement, a departure or a death closes; a link works only here."""

_Q, _R = RequestState, RequestAction
REQUEST_LIFE: dict[tuple[RequestState, RequestAction], RequestState] = {
    (_Q.OPEN, _R.CHANGE): _Q.OPEN,
    (_Q.OPEN, _R.PLACE): _Q.PLACED,
    (_Q.OPEN, _R.CLOSE): _Q.CLOSED,
    (_Q.PLACED, _R.UNPLACE): _Q.OPEN,
    (_Q.PLACED, _R.CLOSE): _Q.CLOSED,
    (_Q.CLOSED, _R.REOPEN): _Q.OPEN,
}

MINIMUM = frozenset({"stay", "plan", "assessment", "medicines", "teaching"})
"""Sections that a vendor needs to say whether it can take a patient: the minimum necessary of 45 CFR 164.502(b)."""

WITHHELD = frozenset({
    "reviews", "opinions", "attending", "denials", "determinations", "status_changes", "midnights", "payers",
    "appeals", "referrals", "choice", "notices", "departure", "actions",
})  # fmt: skip
"""Sections about the hospital's own dealings with payers and vendors: no vendor is ever offered them."""

CHOSEN_BY_PATIENT = frozenset({CareType.HOME_HEALTH, CareType.SNF, CareType.IRF, CareType.LTCH})
"""Care whose provider the patient chooses from a list: 42 CFR 482.43(c)."""

DUE_HOURS = 4
MOST_VENDORS = 25


@dataclass(frozen=True, slots=True)
class Leaving:
    """What of the chosen sections leaves the hospital, and what stays for want of a consent."""

    sections: tuple[str, ...]
    left_out: tuple[str, ...]


class Consent(msgspec.Struct):
    """A consent as it was recorded. `ends_on` is its last day; None: until it is revoked. `covers` is a ConsentFor."""

    id: uuid.UUID
    given_by: str
    given_on: date
    ends_on: date | None
    covers: str
    scope: str
    by: str = ""
    ended: bool = False
    ended_reason: str = ""

    @property
    def recipients(self) -> str:
        """To whom records may go, in words."""
        return ConsentFor(self.covers).label


def standing_consent(known: Iterable[Consent], recipient: ConsentFor, today: date) -> Consent | None:
    """The consent that lets records go to these recipients today, the first one of those given.

    The single consent of 42 CFR 2.31(a)(4) reaches vendors and payers alike; one for vendors tells a payer nothing.
    """
    return next(
        (
            one for one in known
            if not one.ended and one.covers in (recipient, ConsentFor.CARE_AND_PAYMENT)
            and one.given_on <= today and (one.ends_on is None or today <= one.ends_on)
        ),
        None,
    )  # fmt: skip


def may_disclose(chosen: Collection[str], offered: Sequence[str], *, sensitive: bool, consented: bool) -> Leaving:
    """Which sections go into a packet, in the order in which they are offered.

    Records of treatment under 42 CFR Part 2, and of a stay that is marked as sensitive for another reason, leave only
    with a recorded consent: 42 CFR 2.31, 2.33. Without one the vendor gets what was written into the referral.
    """
    wanted = tuple(key for key in offered if key in set(chosen))
    if sensitive and not consented:
        return Leaving((), wanted)
    return Leaving(wanted, ())


def check_vendors(vendors: Sequence[object], already: Collection[object]) -> None:
    """Refused without a vendor, with too many, or with one that is being asked."""
    if not vendors:
        raise Refused("Choose at least one vendor.", field="vendors")
    if len(set(vendors)) > MOST_VENDORS:
        raise Refused(f"At most {MOST_VENDORS} vendors are asked at once. Take some away.", field="vendors")
    if set(vendors) & set(already):
        raise Refused("One of these vendors is being asked about this need already. Take it away.", field="vendors")


def check_deadline(due: datetime, now: datetime) -> None:
    """Refused for a time that is over, or is further away than any vendor may take."""
    if due <= now:
        raise Refused("This time is over. Write until when the vendor has to answer.", field="answer_by")
    if due > now + timedelta(days=14):
        raise Refused("Vendors have at most 14 days. Write an earlier time.", field="answer_by")


def check_offer(offered_on: date | None, today: date) -> None:
    """Refused for an acceptance without a day, for a day that is over, and for one too far away to hold a bed."""
    if offered_on is None:
        raise Refused("Write from which day you can take the patient.", field="offered_on")
    if offered_on < today:
        raise Refused("This day is over. Write today or a later day.", field="offered_on")
    if offered_on > today + timedelta(days=180):
        raise Refused("This day is more than half a year away. Write an earlier one.", field="offered_on")


def check_decline(reason: DeclineReason | None, said: str) -> None:
    """Refused without a reason, and for another reason that is not said."""
    if reason is None:
        raise Refused("Choose the main reason.", field="decline_reason")
    if reason is DeclineReason.OTHER and len(said) < 3:
        raise Refused("Say in a few words why.", field="said")


def link_ends(now: datetime, days: int, due: datetime) -> datetime:
    """When a link stops working: after so many days, never before the answer is due."""
    return max(now + timedelta(days=days), due)


def closes_at_departure(disposition: str | None) -> ClosedBecause:
    """Why a departure closes what is open. UB-04 patient discharge status 20 and 40 to 42 are deaths."""
    return ClosedBecause.DIED if (disposition or "") in DIED else ClosedBecause.DISCHARGED


def reopens(because: str) -> bool:
    """Whether a cancelled discharge brings it back: only what the discharge had closed."""
    return because == ClosedBecause.DISCHARGED


def unanswered(states: Iterable[ReferralState], due: datetime, now: datetime) -> bool:
    """Whether more vendors should be asked: the time is over and nobody accepts or asks."""
    known = list(states)
    return now >= due and bool(known) and not set(known) & {_S.ACCEPTED, _S.QUESTION, _S.DRAFT}


def wanted(states: Sequence[ReferralState], state: RequestState) -> str:
    """What a need waits for, in a word that counts."""
    if state is not RequestState.OPEN:
        return state.value
    if ReferralState.ACCEPTED in states:
        return "accepted"
    if ReferralState.QUESTION in states:
        return "question"
    return "waiting" if set(states) & WAITING else "nobody"
