"""The referral as its vendor reads it: who is sought a place for, the packet as sent, the conversation, the answer."""

import uuid
from typing import Any

from app.census.united import subject
from app.discharge.referrals import queries
from app.discharge.referrals.models import ReferralPacket
from app.discharge.referrals.packets.commands import described
from app.discharge.referrals.packets.consents import may_leave
from app.discharge.referrals.portal.reached import Reached
from app.discharge.referrals.terms import DeclineReason, ReferralState
from app.kernel.wording import dated_text, day_text, duration_text
from app.platform.work import Reading, Work

_LATEST = "select id from referral_packet where request_id = %s order by version desc limit 1"


def latest_packet(work: Work, request_id: uuid.UUID) -> ReferralPacket:
    """The packet that vendors read now."""
    return work.get(ReferralPacket, work.value(_LATEST, (request_id,)))


def is_withheld(db: Reading, one: Reached, packet: ReferralPacket) -> bool:
    """Whether the packet may not be shown any more: it has records in it that need a consent, and none holds today."""
    stay = subject(db, one.encounter_id)
    return bool(packet.sections) and not may_leave(db, stay.encounter_id, stay.day(db.now))


def shown(work: Work, one: Reached) -> dict[str, Any]:
    """Everything on the opened page."""
    referral = queries.referral(work, one.referral_id)
    need = queries.need(work, one.request_id)
    packet = latest_packet(work, one.request_id)
    today = subject(work, one.encounter_id).day(work.now)
    said = queries.messages(work, [one.referral_id]).get(one.referral_id, [])
    who = described(work, one.encounter_id, today)
    withheld = is_withheld(work, one, packet)
    facts = [
        ("Sought", need.care.label), ("Ready", day_text(need.ready_on, today) if need.ready_on else ""),
        ("Payer", who.payers), ("Message", need.message),
    ]  # fmt: skip
    return {
        "person": f"{who.person}, {who.initials}",
        "facts": [{"name": name, "text": text} for name, text in facts if text],
        "needs": [word.replace("_", " ") for word in need.needs],
        "packet": {
            "version": packet.version, "sections": [] if withheld else packet.texts,
            "left_out": len(packet.left_out) + (len(packet.sections) if withheld else 0), "withheld": withheld,
            "made": dated_text(packet.made_at, one.zone, work.now), "kilobytes": max(1, len(packet.content) // 1024),
        },
        "thread": [
            {"mine": message.from_vendor, "text": message.said,
             "by": f"{message.said_by}, {dated_text(message.made_at, one.zone, work.now)}"}
            for message in said
        ],
        "answer": _answer(referral, one, work),
        "today": today.isoformat(),
        "reasons": [{"value": reason.value, "label": reason.label} for reason in DeclineReason],
    }  # fmt: skip


def _answer(referral: queries.Asked, one: Reached, db: Reading) -> str:
    if referral.standing is not ReferralState.ACCEPTED or referral.answered_at is None:
        return ""
    today = db.now.astimezone(one.zone).date()
    after = f" after {referral.offered_after:%H:%M}" if referral.offered_after else ""
    day = day_text(referral.offered_on, today) if referral.offered_on else "a day to be agreed"
    when = dated_text(referral.answered_at, one.zone, db.now)
    return f"{referral.answered_by or referral.vendor_name} accepted {when}, from {day}{after}."


def deadline(one: Reached, db: Reading) -> dict[str, str]:
    """Until when the vendor has to answer, and how long that is."""
    if one.due_at is None:
        return {"text": "", "left": "", "tone": "gray"}
    late = one.due_at <= db.now
    apart = duration_text(abs(one.due_at - db.now))
    return {
        "text": dated_text(one.due_at, one.zone, db.now), "left": f"{apart} late" if late else f"{apart} left",
        "tone": "red" if late else "amber",
    }  # fmt: skip
