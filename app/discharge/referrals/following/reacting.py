"""What follows here from what others record: departures, deaths, cancelled discharges, bookings, united stays."""

import uuid
from typing import Protocol

from app.census.united import subject, with_former
from app.discharge.plan.barriers.commands import RaiseBarrier, raise_barrier
from app.discharge.referrals.following.closing import close_all, close_need, reopen_all, reopen_need
from app.discharge.referrals.rules import closes_at_departure
from app.discharge.referrals.steps import held, held_need
from app.discharge.referrals.terms import DELAY_CODES, ClosedBecause, RequestState
from app.discharge.terms import BarrierKind, CareType
from app.platform.work import Work

_STILL_BOOKED = """
select exists (select from booking where referral_id = %s and ended_at is null
  and state in ('booked', 'confirmed', 'again', 'arrived'))
"""


class OfStay(Protocol):
    """Anything that happened to a stay."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...


class Departed(Protocol):
    """A patient left, or died."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def disposition(self) -> str | None: ...


class Booked(Protocol):
    """A vendor was booked, from a referral or without one."""

    @property
    def referral_id(self) -> uuid.UUID | None: ...


def close_at_departure(work: Work, event: Departed) -> None:
    """Who has left needs no answers; who has died needs nothing."""
    close_all(work, _parts(work, event.encounter_id), closes_at_departure(event.disposition))


def close_cancelled_stay(work: Work, event: OfStay) -> None:
    """The stay never was."""
    close_all(work, _parts(work, event.encounter_id), ClosedBecause.STAY_CANCELLED)


def reopen_after_cancelled_discharge(work: Work, event: OfStay) -> None:
    """What the discharge had closed, and only that, stands again."""
    reopen_all(work, _parts(work, event.encounter_id))


def close_siblings(work: Work, event: Booked) -> None:
    """A vendor is booked: the others asked about the same need are told that it is met."""
    if event.referral_id is None:
        return
    need = held_need(work, held(work, event.referral_id).request_id)
    if need.state == RequestState.OPEN:
        close_need(work, need, ClosedBecause.PLACED, spared=event.referral_id)


def open_after_cancelled_booking(work: Work, event: Booked) -> None:
    """A booking is gone: the need that it met is there again. Vendors that were told so are asked anew by a person.

    Another booking of the same referral that stands still meets it.
    """
    if event.referral_id is None:
        return
    need = held_need(work, held(work, event.referral_id).request_id)
    placed = need.state == RequestState.PLACED and need.placed_id == event.referral_id
    if placed and not work.value(_STILL_BOOKED, (event.referral_id,)):
        reopen_need(work, need, "The booking was cancelled.")


def _parts(work: Work, encounter_id: uuid.UUID | None) -> list[uuid.UUID]:
    assert encounter_id is not None, "what happens to a stay names it"
    return list(with_former(work, [encounter_id]))


class Withdrawn(Protocol):
    """A vendor took its acceptance back."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def vendor_name(self) -> str: ...
    @property
    def care_type(self) -> str: ...


def raise_barrier_after_withdrawal(work: Work, event: Withdrawn) -> None:
    """Who was promised a place has none: a barrier of the plan, for whoever plans the discharge.

    Nobody plans for who has left already; the booking in doubt says it there.
    """
    assert event.encounter_id is not None, "a referral belongs to a stay"
    stay = subject(work, event.encounter_id)
    if work.value("select status in ('discharged', 'cancelled') from encounter where id = %s", (stay.encounter_id,)):
        return
    code = DELAY_CODES.get(CareType(event.care_type), BarrierKind.OTHER.code)
    kind = next((one for one in BarrierKind if one.code == code), BarrierKind.OTHER)
    raise_barrier(work, event.encounter_id, RaiseBarrier(kind=kind, detail=f"{event.vendor_name} withdrew."))
