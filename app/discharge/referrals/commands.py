"""Asking vendors and following their answers. Every step ends a version and writes another; nothing is rewritten."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from app.census.united import Subject, held_subject, subject, with_former
from app.discharge.referrals.asks import CloseNeed, Say, SendReferrals, Why
from app.discharge.referrals.events import (
    AnswerTakenBack,
    NeedAsked,
    NeedWidened,
    ReferralReminded,
    ReferralReplied,
    ReferralSent,
)
from app.discharge.referrals.following.closing import check_not_booked, check_open, close_need, close_one, is_over
from app.discharge.referrals.mail.sending import post
from app.discharge.referrals.models import Referral, ReferralMessage, ReferralRequest
from app.discharge.referrals.packets.commands import freeze
from app.discharge.referrals.portal.access import end_links, make_link
from app.discharge.referrals.rules import CHOSEN_BY_PATIENT, check_deadline, check_vendors, link_ends
from app.discharge.referrals.steps import FRESH, Step, about, about_need, held, held_need, need_step, step
from app.discharge.referrals.terms import (
    MailKind,
    ReferralAction,
    ReferralState,
    RequestAction,
    RequestState,
)
from app.discharge.referrals.widening.policy import ANSWER, limit, terms_of
from app.discharge.vendors.queries import Listed, vendor_brief
from app.kernel.entered import true_time
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work

NO_VENDOR = "One of these vendors is not in the registry any more. Search again."

_OPEN_NEED = (
    "select request_id from referral_request where encounter_id = any(%s) and care_type = %s and state = 'open'"
    " and ended_at is null order by due_at desc limit 1"
)
_ASKED = "select vendor_id, referral_id, state from referral where request_id = %s and ended_at is null"
_LISTED = "select exists (select from choice_list where encounter_id = any(%s) and care_type = %s and ended_at is null)"
_WAITS = frozenset({"sent", "opened", "question", "accepted"})


@dataclass(slots=True)
class Outcome:
    """What became of a sending: the referrals, keys of links that nobody was mailed, sections that were kept back."""

    request_id: uuid.UUID
    sent: list[Referral] = field(default_factory=list)
    keys: dict[uuid.UUID, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    mailed: int = 0


def send(work: Work, encounter_id: uuid.UUID, ask: SendReferrals, by: str) -> Outcome:
    """Ask vendors about one need, with one packet; vendors of an open need of the same care join it."""
    stay = held_subject(work, encounter_id)
    _check_stay(work, stay)
    need, asked = _need_of(work, stay, ask)
    check_vendors(ask.vendors, [vendor for vendor, (_, state) in asked.items() if state in _WAITS])
    _check_alone(work, stay, ask, need)
    due = _answer_by(work, stay, ask)
    need = _ask(work, stay, need, ask, due)
    found = Outcome(need.request_id)
    found.left_out = freeze(work, need, by).left_out
    known = _known(work, stay, ask.vendors)
    for vendor_id in dict.fromkeys(ask.vendors):
        before = held(work, asked[vendor_id][0]) if vendor_id in asked else None
        made = _send_one(work, need, (vendor_id, known[vendor_id].name), before)
        _tell(work, made, MailKind.INVITATION, found)
    return found


def send_again(work: Work, referral_id: uuid.UUID, by: str) -> Outcome:
    """Send a proposal, or ask a vendor anew that declined, withdrew, never answered or was cancelled."""
    before = held(work, referral_id)
    need = held_need(work, before.request_id)
    check_open(need)
    stay = subject(work, need.encounter_id)
    due = max(need.due_at, limit(work, need.facility_id, ANSWER, stay.zone))
    if due != need.due_at:
        need = need_step(work, need, Step(RequestAction.CHANGE, "", {"due_at": due}))
    found = Outcome(need.request_id)
    if not work.value("select exists (select from referral_packet where request_id = %s)", (need.request_id,)):
        found.left_out = freeze(work, need, by).left_out
    made = _send_one(work, need, (before.vendor_id, before.vendor_name), before)
    _tell(work, made, MailKind.INVITATION, found)
    return found


def update_packet(work: Work, request_id: uuid.UUID, by: str) -> Outcome:
    """Freeze the packet anew, and write to the same vendors that there is a newer one."""
    need = held_need(work, request_id)
    if need.state != RequestState.OPEN:
        raise Refused("This need is closed. Nobody reads a newer packet.")
    found = Outcome(request_id)
    found.left_out = freeze(work, need, by).left_out
    query = "select referral_id from referral where request_id = %s and ended_at is null and state = any(%s)"
    for key in work.values(query, (request_id, list(_WAITS))):
        found.mailed += post(work, held(work, key), MailKind.UPDATE)
    return found


def remind(work: Work, referral_id: uuid.UUID) -> Outcome:
    """Ask a vendor again for its answer, by mail, or with a link to send by hand."""
    made = step(work, held(work, referral_id), Step(ReferralAction.REMIND))
    found = Outcome(made.request_id)
    _tell(work, made, MailKind.REMINDER, found)
    work.record(ReferralReminded(**about(work, made)))
    return found


def reply(work: Work, referral_id: uuid.UUID, ask: Say, by: str) -> Referral:
    """Answer a vendor's question."""
    made = step(work, held(work, referral_id), Step(ReferralAction.REPLY))
    work.add(
        ReferralMessage(
            facility_id=made.facility_id, referral_id=made.referral_id, encounter_id=made.encounter_id, said=ask.said,
            said_by=by, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReferralReplied(**about(work, made)))
    post(work, made, MailKind.REPLY)
    return made


def link_by_hand(work: Work, referral_id: uuid.UUID) -> Outcome:
    """A link, to be sent by telephone, fax or the hospital's own mail."""
    one = held(work, referral_id)
    return Outcome(one.request_id, [one], {one.referral_id: make_link(work, one)[1]})


def revoke_links(work: Work, referral_id: uuid.UUID) -> None:
    """Close every link of a referral. Refused where there is none."""
    if not end_links(work, held(work, referral_id)):
        raise Refused("This referral has no open link.")


def cancel(work: Work, referral_id: uuid.UUID, ask: Why) -> Referral:
    """Say that this vendor is not asked any more."""
    one = held(work, referral_id)
    check_not_booked(work, one)
    return close_one(work, one, Step(ReferralAction.CANCEL, ask.reason))


def take_back(work: Work, referral_id: uuid.UUID, ask: Why) -> Referral:
    """Say that an answer was recorded by mistake: the referral waits again, a withdrawn acceptance stands again."""
    before = held(work, referral_id)
    check_not_booked(work, before)
    check_open(held_need(work, before.request_id))
    kept = before.state == ReferralState.WITHDRAWN
    now_open = {"opened_at": before.opened_at or before.answered_at}
    made = step(work, before, Step(ReferralAction.TAKE_BACK, ask.reason, {} if kept else FRESH | now_open))
    work.record(AnswerTakenBack(**about(work, made), answer=before.state))
    return made


def close_by_hand(work: Work, request_id: uuid.UUID, ask: CloseNeed) -> ReferralRequest:
    """Close a need with everything that was asked about it."""
    return close_need(work, held_need(work, request_id), ask.because, ask.reason)


def _known(work: Work, stay: Subject, vendors: Sequence[uuid.UUID]) -> dict[uuid.UUID, Listed]:
    """The vendors of the hospital's own registry. Refused for one that has closed."""
    mine = set(work.values("select id from vendor where id = any(%s) and facility_id = %s",
                           (list(vendors), stay.facility_id)))  # fmt: skip
    known = {key: one for key, one in vendor_brief(work, vendors).items() if key in mine}
    if set(vendors) - set(known):
        raise NotFound(NO_VENDOR)
    gone = [one.name for one in known.values() if one.closed_on is not None and one.closed_on <= stay.day(work.now)]
    if gone:
        raise Refused(f"{gone[0]} has closed. Take it away.", field="vendors")
    return known


def _check_stay(work: Work, stay: Subject) -> None:
    if is_over(work, stay.encounter_id):
        raise Refused("Nobody is referred from this stay any more. Look at its state above.")


def _need_of(
    work: Work, stay: Subject, ask: SendReferrals
) -> tuple[ReferralRequest | None, dict[uuid.UUID, tuple[uuid.UUID, str]]]:
    key = work.value(_OPEN_NEED, (list(with_former(work, [stay.encounter_id])), ask.care_type.value))
    if key is None:
        return None, {}
    need = held_need(work, key)
    return need, {vendor: (one, state) for vendor, one, state in work.rows(lambda *row: row, _ASKED, (key,))}


def _check_alone(work: Work, stay: Subject, ask: SendReferrals, need: ReferralRequest | None) -> None:
    """A provider is not picked for the patient: one alone is asked with a list given, or with a reason."""
    free = ask.care_type not in CHOSEN_BY_PATIENT or need is not None or len(set(ask.vendors)) > 1 or len(ask.alone) > 2
    if not free and not work.value(_LISTED, (list(with_former(work, [stay.encounter_id])), ask.care_type.value)):
        raise Refused(
            "The patient has no list of such vendors yet. Ask several, make the list first, or say why only this one.",
            field="alone",
        )


def _answer_by(work: Work, stay: Subject, ask: SendReferrals) -> datetime:
    if ask.answer_on is None and ask.answer_at is None:
        return limit(work, stay.facility_id, ANSWER, stay.zone)
    try:
        due = true_time(ask.answer_on or stay.day(work.now), ask.answer_at or time(17, 0), work.now, stay.zone)
    except Refused as refused:
        raise Refused(refused.sentence, field="answer_by") from None
    check_deadline(due, work.now)
    return due


def _ask(work: Work, stay: Subject, need: ReferralRequest | None, ask: SendReferrals, due: datetime) -> ReferralRequest:
    terms = terms_of(work, stay.facility_id)
    said: dict[str, Any] = {
        "needs": sorted(set(ask.needs)), "ready_on": ask.ready_on, "message": ask.message, "due_at": due,
        "sections": ask.sections, "search": {"radius": ask.radius}, "widen_by": terms.widen_by if ask.widen else 0,
    }  # fmt: skip
    if need is not None:
        made = need_step(work, need, Step(RequestAction.CHANGE, ask.alone, said | {"waves": need.waves + 1}))
        work.record(NeedWidened(**about_need(work, made), vendors=len(set(ask.vendors)), sent=True))
        return made
    made = work.add(
        ReferralRequest(
            request_id=uuid.uuid4(), facility_id=stay.facility_id, encounter_id=stay.encounter_id,
            care_type=ask.care_type.value, **said, state=RequestState.OPEN.value, action=RequestAction.ASK.value,
            note=ask.alone, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(NeedAsked(**about_need(work, made), vendors=len(set(ask.vendors)), due_at=due))
    return made


def _send_one(work: Work, need: ReferralRequest, vendor: tuple[uuid.UUID, str], before: Referral | None) -> Referral:
    ends = link_ends(work.now, terms_of(work, need.facility_id).link_days, need.due_at)
    asked = FRESH | {"sent_at": work.now, "due_at": need.due_at, "ends_at": ends, "wave": need.waves}
    if before is not None:
        end_links(work, before)
        made = step(work, before, Step(ReferralAction.SEND, "", asked))
    else:
        made = work.add(
            Referral(
                referral_id=uuid.uuid4(), request_id=need.request_id, facility_id=need.facility_id,
                encounter_id=need.encounter_id, vendor_id=vendor[0], vendor_name=vendor[1], care_type=need.care_type,
                **asked, state=ReferralState.SENT.value, action=ReferralAction.SEND.value, made_at=work.now,
                made_by=work.who.actor_id,
            )
        )  # fmt: skip
        work.changed(made.facility_id, made.encounter_id)
    work.record(ReferralSent(**about(work, made), care_type=made.care_type, due_at=need.due_at))
    return made


def _tell(work: Work, made: Referral, kind: MailKind, found: Outcome) -> None:
    """By mail where that is set and the vendor has an address; else a link, shown once to be sent by hand."""
    found.sent.append(made)
    if post(work, made, kind):
        found.mailed += 1
    else:
        found.keys[made.referral_id] = make_link(work, made)[1]
