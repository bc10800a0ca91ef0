"""What a vendor does with a referral, through its link or told to the hospital: opens, asks, accepts, declines."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.census.united import subject
from app.discharge.referrals.asks import Accept, Decline, Question, Told
from app.discharge.referrals.events import (
    AcceptanceWithdrawn,
    ReferralAnswered,
    ReferralOpened,
    ReferralQuestioned,
)
from app.discharge.referrals.following.closing import reopen_need
from app.discharge.referrals.models import Referral, ReferralMessage
from app.discharge.referrals.portal.access import end_links
from app.discharge.referrals.rules import check_decline, check_offer
from app.discharge.referrals.steps import Step, about, held, held_need, step
from app.discharge.referrals.terms import Channel, ReferralAction, ReferralState, RequestState
from app.discharge.referrals.widening.policy import CHOICE, limit
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.web.fields import past_instant


@dataclass(frozen=True, slots=True)
class How:
    """By which way and when an answer came."""

    channel: Channel = Channel.PORTAL
    at: datetime | None = None


def open_referral(work: Work, referral_id: uuid.UUID) -> Referral:
    """The vendor reads the referral. Only the first time changes anything."""
    before = held(work, referral_id)
    if before.state != ReferralState.SENT:
        return before
    made = step(work, before, Step(ReferralAction.OPEN, "", {"opened_at": before.opened_at or work.now}))
    work.record(ReferralOpened(**about(work, made)))
    return made


def ask_hospital(work: Work, referral_id: uuid.UUID, ask: Question) -> Referral:
    """The vendor asks something before it answers, or after it accepted."""
    made = step(work, held(work, referral_id), Step(ReferralAction.ASK))
    work.add(
        ReferralMessage(
            facility_id=made.facility_id, referral_id=made.referral_id, encounter_id=made.encounter_id,
            from_vendor=True, said=ask.said, said_by=ask.answered_by or made.vendor_name, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReferralQuestioned(**about(work, made)))
    return made


def accept(work: Work, referral_id: uuid.UUID, ask: Accept, how: How | None = None) -> Referral:
    """The vendor takes the patient from a day on. Others may accept too: the patient chooses."""
    how = how or How()
    before = held(work, referral_id)
    stay = subject(work, before.encounter_id)
    check_offer(ask.offered_on, stay.day(work.now))
    changes = {
        "offered_on": ask.offered_on, "offered_after": ask.offered_after, "said": ask.said,
        "choose_by": limit(work, before.facility_id, CHOICE, stay.zone),
    }  # fmt: skip
    made = _answer(work, before, (ReferralAction.ACCEPT, how, ask.answered_by), changes)
    need = held_need(work, made.request_id)
    if need.state == RequestState.CLOSED:
        raise Refused("The hospital does not need this any more. Call it if you think that this is wrong.")
    return made


def decline(work: Work, referral_id: uuid.UUID, ask: Decline, how: How | None = None) -> Referral:
    """The vendor does not take the patient, for a reason that can be counted. Its links end."""
    check_decline(ask.decline_reason, ask.said)
    assert ask.decline_reason is not None, "checked above"
    changes = {"decline_reason": ask.decline_reason.value, "free_on": ask.free_on, "said": ask.said}
    by = (ReferralAction.DECLINE, how or How(), ask.answered_by)
    return _answer(work, held(work, referral_id), by, changes)


def withdraw(work: Work, referral_id: uuid.UUID, ask: Decline, how: How | None = None) -> Referral:
    """The vendor takes its acceptance back. Was it booked, the need is open again."""
    how = how or How()
    if len(ask.said) < 3:
        raise Refused("Say in a few words why.", field="said")
    before = held(work, referral_id)
    changes = {"said": ask.said, "channel": how.channel.value, "answered_by": ask.answered_by or before.answered_by}
    made = step(work, before, Step(ReferralAction.WITHDRAW, "", changes))
    end_links(work, made)
    need = held_need(work, made.request_id)
    if need.state == RequestState.PLACED and need.placed_id == made.referral_id:
        reopen_need(work, need, "The vendor that was booked withdrew.")
    work.record(AcceptanceWithdrawn(**about(work, made), vendor_name=made.vendor_name, care_type=made.care_type))
    return made


def record_told(work: Work, referral_id: uuid.UUID, ask: Told) -> Referral:
    """Record what a vendor answered by telephone or on paper, with the true time."""
    before = held(work, referral_id)
    stay = subject(work, before.encounter_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    if before.sent_at is not None and at < before.sent_at:
        raise Refused("This is before the referral was sent. Write when the vendor answered.", field="at")
    how = How(ask.channel, at)
    said: dict[str, Any] = {"said": ask.said, "answered_by": ask.answered_by}
    if ask.answer == "accept":
        offer = Accept(offered_on=ask.offered_on, offered_after=ask.offered_after, **said)
        return accept(work, referral_id, offer, how)
    return decline(work, referral_id, Decline(decline_reason=ask.decline_reason, free_on=ask.free_on, **said), how)


def _answer(work: Work, before: Referral, by: tuple[ReferralAction, How, str], changes: dict[str, Any]) -> Referral:
    action, how, name = by
    at = how.at or work.now
    values = changes | {
        "answered_at": at, "answered_by": name, "channel": how.channel.value, "opened_at": before.opened_at or at,
    }  # fmt: skip
    made = step(work, before, Step(action, "", values))
    if made.state == ReferralState.DECLINED:
        end_links(work, made)
    work.record(ReferralAnswered(**about(work, made), answer=made.state, channel=made.channel))
    return made
