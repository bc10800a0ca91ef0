"""What ends needs and referrals, and what brings them back: placement, departure, death, a cancelled discharge."""

import uuid
from typing import Any

from app.census.terms import DIED
from app.census.united import subject
from app.discharge.referrals.events import (
    NeedClosed,
    NeedPlaced,
    NeedReopened,
    ReferralClosed,
    ReferralReopened,
)
from app.discharge.referrals.models import Referral, ReferralRequest
from app.discharge.referrals.portal.access import end_links
from app.discharge.referrals.rules import REOPENING, reopens
from app.discharge.referrals.steps import Step, about, about_need, held, held_need, need_step, step
from app.discharge.referrals.terms import (
    ClosedBecause,
    ReferralAction,
    ReferralState,
    RequestAction,
    RequestState,
)
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work

_STANDING = """
select referral_id from referral where request_id = %s and ended_at is null
  and state in ('draft', 'sent', 'opened', 'question', 'accepted') order by referral_id
"""
_CLOSED = """
select referral_id from referral where request_id = %s and ended_at is null and state = 'closed' and because = %s
order by referral_id
"""
_BEFORE = """
select state from referral where referral_id = %s and ended_at is not null order by made_at desc, id desc limit 1
"""
NEEDS = "select request_id from referral_request where encounter_id = any(%s) and ended_at is null and state = any(%s)"


def check_open(need: ReferralRequest) -> None:
    """Refused where nobody is sought any more: a referral that stood again would wait for ever."""
    if need.state != RequestState.OPEN:
        raise Refused("This need is closed. Open it again first.")


def check_not_booked(work: Work, one: Referral) -> None:
    """Refused for the vendor that is booked: a booking without its referral would hold a bed that nobody follows."""
    need = held_need(work, one.request_id)
    if need.state == RequestState.PLACED and need.placed_id == one.referral_id:
        raise Refused(f"{one.vendor_name} is booked. Cancel the booking first.")


def close_one(work: Work, before: Referral, what: Step) -> Referral:
    """End one referral and its links."""
    made = step(work, before, what)
    end_links(work, made)
    because = what.changes.get("because") or what.action.value
    work.record(ReferralClosed(**about(work, made), because={"cancel": "cancelled", "expire": "expired"}.get(
        because, because)))  # fmt: skip
    return made


def close_need(
    work: Work, need: ReferralRequest, because: ClosedBecause, note: str = "", spared: uuid.UUID | None = None
) -> ReferralRequest:
    """Close a need with its referrals; `spared` is the one that was booked."""
    for key in work.values(_STANDING, (need.request_id,)):
        if key != spared:
            close_one(work, held(work, key), Step(ReferralAction.CLOSE, note, {"because": because.value}))
    if because is ClosedBecause.PLACED and spared is not None:
        changes: dict[str, Any] = {"placed_id": spared, "because": because.value}
        made = need_step(work, need, Step(RequestAction.PLACE, note, changes))
        work.record(NeedPlaced(**about_need(work, made), referral_id=spared))
        return made
    made = need_step(work, need, Step(RequestAction.CLOSE, note, {"because": because.value}))
    work.record(NeedClosed(**about_need(work, made), because=because.value))
    return made


def reopen_need(work: Work, need: ReferralRequest, note: str = "") -> ReferralRequest:
    """Bring a closed or placed need back. What was closed with it stands again, but for what lost to a placement."""
    because = need.because
    action = RequestAction.UNPLACE if need.state == RequestState.PLACED else RequestAction.REOPEN
    made = need_step(work, need, Step(action, note, {"because": "", "placed_id": None}))
    work.record(NeedReopened(**about_need(work, made)))
    if because != ClosedBecause.PLACED:
        for key in work.values(_CLOSED, (made.request_id, because)):
            reopen_one(work, key)
    return made


def reopen_one(work: Work, referral_id: uuid.UUID) -> Referral | None:
    """A closed referral stands again as it did before; None for a proposal that was never sent."""
    before = held(work, referral_id)
    check_open(held_need(work, before.request_id))
    was = ReferralState(work.value(_BEFORE, (referral_id,)) or ReferralState.SENT)
    if before.state == ReferralState.CLOSED and was not in REOPENING:
        return None
    made = step(work, before, Step(REOPENING.get(was, ReferralAction.REOPEN), "", {"because": ""}))
    work.record(ReferralReopened(**about(work, made), state=made.state))
    return made


def reopen_by_hand(work: Work, request_id: uuid.UUID) -> ReferralRequest:
    """Bring a need back that was closed too early; also after a death that was recorded by mistake and taken back."""
    need = held_need(work, request_id)
    if is_over(work, subject(work, need.encounter_id).encounter_id):
        raise Refused("The patient has died, or the stay was cancelled. This need stays closed.")
    return reopen_need(work, need)


def is_over(db: Reading, encounter_id: uuid.UUID) -> bool:
    """Whether nobody is referred from a stay any more: the patient has died, or the stay never was."""
    query = "select status = 'cancelled' or disposition = any(%s) from encounter where id = %s"
    return bool(db.value(query, (sorted(DIED), encounter_id)))


def close_all(work: Work, stays: list[uuid.UUID], because: ClosedBecause) -> None:
    """Close everything that is open about a stay. A departure leaves a placement as it is; a death does not."""
    states = ["open"] if because is ClosedBecause.DISCHARGED else ["open", "placed"]
    for key in sorted(work.values(NEEDS, (stays, states))):
        close_need(work, held_need(work, key), because)


def reopen_all(work: Work, stays: list[uuid.UUID]) -> None:
    """A discharge was cancelled: what it had closed, and only that, stands again."""
    for key in sorted(work.values(NEEDS, (stays, ["closed"]))):
        need = held_need(work, key)
        if reopens(need.because):
            reopen_need(work, need)
