"""The referrals of one stay in words: needs with their vendors, conversations, packets, consents."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.census.united import Subject, subject
from app.discharge.referrals import queries
from app.discharge.referrals.following.closing import is_over
from app.discharge.referrals.mail.office import office
from app.discharge.referrals.mail.sending import Sent, last_mails
from app.discharge.referrals.packets.consents import consents, is_sensitive
from app.discharge.referrals.queries import Asked, Message, Need, PacketRow
from app.discharge.referrals.rules import LIFE, STANDING, Consent, wanted
from app.discharge.referrals.stay.distances import miles_of
from app.discharge.referrals.terms import (
    Channel,
    ClosedBecause,
    ConsentFor,
    DeclineReason,
    MailState,
    ReferralAction,
    ReferralState,
    RequestState,
)
from app.discharge.referrals.widening.searching import payer_of
from app.discharge.vendors.queries import Listed, vendor_brief
from app.discharge.vendors.terms import NetworkStanding
from app.kernel.transitions import actions
from app.kernel.wording import brief_text, dated_text, day_text, duration_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

_TONES = {
    ReferralState.DRAFT: ("proposed", "gray", "ask"), ReferralState.SENT: ("not opened", "gray", "mail"),
    ReferralState.OPENED: ("opened, no answer", "amber", "hour"), ReferralState.QUESTION: ("asks you", "blue", "ask"),
    ReferralState.ACCEPTED: ("accepted", "green", "check"), ReferralState.DECLINED: ("declined", "red", "x"),
    ReferralState.WITHDRAWN: ("withdrew", "red", "x"), ReferralState.EXPIRED: ("no answer, ended", "gray", "clock"),
    ReferralState.CANCELLED: ("cancelled", "gray", "x"), ReferralState.CLOSED: ("closed", "gray", "x"),
}  # fmt: skip
_NEEDS = {
    "accepted": ("accepted, choice open", "green"), "question": ("a question waits", "blue"),
    "waiting": ("waiting for answers", "amber"), "nobody": ("nobody left", "red"), "placed": ("placed", "green"),
    "closed": ("closed", "gray"),
}  # fmt: skip
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the rows of a stay are drawn with."""

    stay: Subject
    db: Reading
    may: bool
    said: dict[uuid.UUID, list[Message]]
    mails: dict[uuid.UUID, Sent]
    vendors: dict[uuid.UUID, Listed]
    miles: dict[uuid.UUID, float]
    over: bool


def tab(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """What the tab shows; at an earlier instant nothing can be done."""
    stay = subject(db, encounter_id)
    may = db.as_of is None and stay.facility_id in viewer.facilities_with(Permission.REFERRAL_WRITE)
    needs, rows = queries.needs(db, [stay.encounter_id]), queries.asked(db, [stay.encounter_id])
    keys, vendors = [one.referral_id for one in rows], sorted({one.vendor_id for one in rows})
    around = _Around(
        stay, db, may, queries.messages(db, keys), last_mails(db, keys),
        vendor_brief(db, vendors, payer_code=payer_of(db, stay.encounter_id), on=stay.day(db.now)),
        miles_of(db, stay.facility_id, vendors), is_over(db, stay.encounter_id),
    )  # fmt: skip
    packets = queries.sent_packets(db, [one.request_id for one in needs])
    sensitive = is_sensitive(db, stay.encounter_id)
    return {
        "stay_id": str(stay.encounter_id), "may": may, "mailed": office() is not None, "sensitive": sensitive,
        "needs": [
            _need(one, [row for row in rows if row.request_id == one.request_id], packets.get(one.request_id, []),
                  around) for one in needs
        ],
        "consents": [_consent(one, around) for one in consents(db, stay.encounter_id)],
        "reasons": [{"value": one.value, "label": one.label} for one in DeclineReason],
        "channels": [{"value": one.value, "label": one.label} for one in (Channel.PHONE, Channel.FAX)],
        "closings": [{"value": one.value, "label": one.label.capitalize()} for one in
                     (ClosedBecause.NOT_NEEDED, ClosedBecause.DISCHARGED, ClosedBecause.PLACED)],
        "covers": [{"value": one.value, "label": one.label.capitalize()} for one in ConsentFor],
        "today": stay.day(db.now).isoformat(),
    }  # fmt: skip


def _need(one: Need, rows: Sequence[Asked], packets: Sequence[PacketRow], around: _Around) -> dict[str, Any]:
    stay, now = around.stay, around.db.now
    text, tone = _NEEDS[wanted([row.standing for row in rows], RequestState(one.state))]
    late = one.is_open and one.due_at <= now and text == "waiting for answers"
    yes = sum(row.standing is ReferralState.ACCEPTED for row in rows)
    because = ClosedBecause(one.because).label if one.because else ""
    return {
        "id": str(one.request_id), "care": one.care.label, "care_type": one.care_type, "open": one.is_open,
        "needs": [word.replace("_", " ") for word in one.needs], "message": one.message,
        "ready": day_text(one.ready_on, stay.day(now)) if one.ready_on else "",
        "state": f"{text}: {because}" if because and text == "closed" else text, "tone": "red" if late else tone,
        "yes": f"{yes} of {len([row for row in rows if row.sent_at])} yes",
        "due": brief_text(one.due_at, stay.zone, now), "late": late,
        "asked": f"{one.asked_by or 'the program'}, {dated_text(one.asked_at, stay.zone, now)}",
        "widened": dated_text(one.widened_at, stay.zone, now) if one.widened_at else "",
        "widens": f"widens to the next {one.widen_by}" if one.widen_by and one.is_open else "",
        "rows": [_row(row, one, around) for row in rows],
        "packets": [
            {"id": str(row.id), "text": f"version {row.version}, {dated_text(row.made_at, stay.zone, now)}",
             "left_out": len(row.left_out), "sections": len(row.sections)} for row in packets
        ],
        "may": around.may and one.is_open,
        "may_reopen": around.may and not one.is_open and not around.over,
    }  # fmt: skip


def _row(one: Asked, need: Need, around: _Around) -> dict[str, Any]:
    stay, now = around.stay, around.db.now
    text, tone, icon = _TONES[one.standing]
    vendor = around.vendors.get(one.vendor_id)
    miles = around.miles.get(one.vendor_id)
    mail = around.mails.get(one.referral_id)
    possible = set(actions(LIFE, one.standing)) if around.may else set()
    asks_again = need.is_open and ReferralAction.SEND in possible

    def at(moment: Any) -> str:
        return brief_text(moment, stay.zone, now) if moment else ""

    return {
        "id": str(one.referral_id), "vendor": one.vendor_name, "vendor_id": str(one.vendor_id), "text": text,
        "tone": tone, "icon": icon, "why": _why(one, around), "sent": at(one.sent_at), "opened": at(one.opened_at),
        "answered": at(one.answered_at), "waits": _waits(one, around), "offered": _offered(one, stay, now),
        "miles": "" if miles is None else f"{miles:.1f} mi",
        "network": NetworkStanding(vendor.network).label if vendor and vendor.network else "not known",
        "stars": str(vendor.stars_overall or "") if vendor else "", "phone": vendor.phone if vendor else "",
        "interest": bool(vendor and vendor.affiliated),
        "wave": one.wave, "mail": _mail(mail), "mail_failed": bool(mail and mail.state == MailState.FAILED),
        "mail_open": bool(mail and mail.state in (MailState.FAILED, MailState.SENDING)),
        "links": one.links,
        "thread": [
            {"mine": not message.from_vendor, "text": message.said,
             "by": f"{message.said_by}, {dated_text(message.made_at, stay.zone, now)}"}
            for message in around.said.get(one.referral_id, [])
        ],
        "may": {
            "reply": ReferralAction.REPLY in possible, "remind": ReferralAction.REMIND in possible,
            "tell": ReferralAction.ACCEPT in possible, "cancel": ReferralAction.CANCEL in possible,
            "take_back": ReferralAction.TAKE_BACK in possible, "send": asks_again,
            "withdraw": ReferralAction.WITHDRAW in possible,
            "reopen": need.is_open and ReferralAction.REOPEN in possible,
            "link": around.may and one.state in STANDING,
        },
    }  # fmt: skip


def _why(one: Asked, around: _Around) -> str:
    parts = [one.why_not, one.said if one.state in ("declined", "withdrawn", "accepted") else "", one.note]
    if one.standing is ReferralState.CLOSED:
        parts.insert(0, ClosedBecause(one.because).label)
    if one.free_on:
        parts.append(f"no bed until {day_text(one.free_on, around.stay.day(around.db.now))}")
    if one.answered_by and one.state in ("accepted", "declined", "withdrawn"):
        parts.append(f"{one.answered_by}, {Channel(one.channel).label}" if one.channel else one.answered_by)
    return " · ".join(part for part in parts if part)


def _waits(one: Asked, around: _Around) -> str:
    now = around.db.now
    if one.state not in ("sent", "opened") or one.due_at is None:
        return ""
    apart = duration_text(abs(now - one.due_at))
    return f"{apart} late" if one.due_at <= now else f"{apart} left"


def _offered(one: Asked, stay: Subject, now: Any) -> str:
    if one.offered_on is None or one.state != ReferralState.ACCEPTED:
        return ""
    after = f" {one.offered_after:%H:%M}" if one.offered_after else ""
    return day_text(one.offered_on, stay.day(now)) + after


def _mail(mail: Sent | None) -> str:
    if mail is None:
        return ""
    return f"{MailState(mail.state).label}: {mail.fault}" if mail.fault else MailState(mail.state).label


def _consent(one: Consent, around: _Around) -> dict[str, Any]:
    today = around.stay.day(around.db.now)
    until = f"through {day_text(one.ends_on, today)}" if one.ends_on else "until revoked"
    return {
        "id": str(one.id), "who": one.given_by, "scope": one.scope, "covers": one.recipients,
        "by": one.by or "the program", "ended": one.ended,
        "ended_reason": one.ended_reason, "span": f"{day_text(one.given_on, today)}, {until}",
        "holds": not one.ended and (one.ends_on is None or today <= one.ends_on),
    }  # fmt: skip
