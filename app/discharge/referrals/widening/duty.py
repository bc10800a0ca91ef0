"""The timer of referrals: nobody answered in time, so the next vendors are proposed or asked; links that ended expire.

A standing duty, safe to run twice: what was widened has a later time, what has expired is not found again.
"""

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.discharge.referrals.commands import send_again
from app.discharge.referrals.events import NeedWidened, ReferralProposed
from app.discharge.referrals.following.closing import close_one
from app.discharge.referrals.mail.sending import is_reached
from app.discharge.referrals.models import Referral, ReferralRequest
from app.discharge.referrals.rules import unanswered
from app.discharge.referrals.steps import Step, about, about_need, held, held_need, need_step
from app.discharge.referrals.terms import ReferralAction, ReferralState, RequestAction, RequestState
from app.discharge.referrals.widening.policy import ANSWER, limit, terms_of
from app.discharge.referrals.widening.searching import next_vendors
from app.discharge.vendors.queries import Listed
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, everywhere, reading

WHO = everywhere("referrals")
BY = "Daybook, since nobody answered in time"
MOST_AT_ONCE = 50
_LATE = """
select request_id from referral_request where ended_at is null and state = 'open' and widen_by > 0 and due_at <= %s
  and (widened_at is null or widened_at < due_at) order by due_at
"""
_ENDED = """
select referral_id from referral where ended_at is null and state in ('sent', 'opened', 'question') and ends_at <= %s
order by ends_at
"""
_STATES = "select state from referral where request_id = %s and ended_at is null"


def go_on() -> bool:
    """Widen what is late, expire what has ended, each in a transaction of its own. True when there may be more."""
    with reading(WHO) as db:
        late = db.values(_LATE, (db.now,))
        ended = db.values(_ENDED, (db.now,))
    for key in late[:MOST_AT_ONCE]:
        _widen_one(key)
    for key in ended[:MOST_AT_ONCE]:
        _expire_one(key)
    return max(len(late), len(ended)) > MOST_AT_ONCE


def _widen_one(request_id: uuid.UUID) -> None:
    try:
        with begin(WHO) as work:
            need = held_need(work, request_id)
            states = [ReferralState(one) for one in work.values(_STATES, (request_id,))]
            done = need.widened_at is not None and need.widened_at >= need.due_at
            if need.state != RequestState.OPEN or need.due_at > work.now or done:
                return
            if unanswered(states, need.due_at, work.now):
                widen(work, need, BY)
            else:
                need_step(work, need, Step(RequestAction.CHANGE, "", {"widened_at": work.now}))
                work.record(NeedWidened(**about_need(work, need), vendors=0, sent=False))
    except (Refused, NotFound):
        return  # somebody was there first, and what is to be done is another thing now


def widen(work: Work, need: ReferralRequest, by: str) -> ReferralRequest:
    """Propose the next vendors of the same search, or ask them where the facility wants that. Said once for a need.

    The need says when it was widened also where nobody is left to be asked. A vendor without a mail address stays
    proposed: nobody would hand its link over.
    """
    terms = terms_of(work, need.facility_id)
    zone = ZoneInfo(work.value("select timezone from facility where id = %s", (need.facility_id,)))
    found = next_vendors(work, need, need.widen_by or terms.widen_by)
    changes = {"widened_at": work.now, "waves": need.waves + (1 if found else 0)}
    asked = {one.vendor_id for one in found if terms.widens and is_reached(work, one.vendor_id)}
    if asked:
        changes["due_at"] = limit(work, need.facility_id, ANSWER, zone)
    made = need_step(work, need, Step(RequestAction.CHANGE, "", changes))
    for one in _propose(work, made, found):
        if one.vendor_id in asked:
            send_again(work, one.referral_id, by)
    work.record(NeedWidened(**about_need(work, made), vendors=len(found), sent=bool(asked)))
    return made


def _propose(work: Work, need: ReferralRequest, found: Sequence[Listed]) -> list[Referral]:
    rows = [
        Referral(
            referral_id=uuid.uuid4(), request_id=need.request_id, facility_id=need.facility_id,
            encounter_id=need.encounter_id, vendor_id=one.vendor_id, vendor_name=one.name, care_type=need.care_type,
            wave=need.waves, state=ReferralState.DRAFT.value, action=ReferralAction.PREPARE.value,
            made_at=work.now, made_by=work.who.actor_id,
        )
        for one in found
    ]  # fmt: skip
    for row in rows:
        work.add(row)
        work.record(ReferralProposed(**about(work, row)))
    return rows


def _expire_one(referral_id: uuid.UUID) -> None:
    try:
        with begin(WHO) as work:
            one = held(work, referral_id)
            if one.ends_at is not None and one.ends_at <= work.now:
                close_one(work, one, Step(ReferralAction.EXPIRE))
    except (Refused, NotFound):
        return  # it was answered or closed meanwhile
