"""What referrals lend to others: the light of the destination, changes since an instant, parts of packets, consents."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.census.united import subject
from app.discharge.plan.lights.rules import Said
from app.discharge.referrals import queries
from app.discharge.referrals.packets.consents import leaving
from app.discharge.referrals.terms import ClosedBecause, ReferralState
from app.discharge.terms import LightName
from app.kernel.wording import day_text, full_text
from app.platform.work import Reading
from app.web.changes import Change
from app.web.packets import Block, Section, Table

__all__ = ["destination", "leaving", "replies_since", "sections"]
PLACE = 90
WITH_YEAR = date.min
_REPLIES = {
    ReferralState.ACCEPTED: "accepted", ReferralState.DECLINED: "declined", ReferralState.WITHDRAWN: "withdrew",
}  # fmt: skip


def destination(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Said]]:
    """What referrals say of whether there is a place that takes the patient."""
    found = queries.destination_lights(db, encounter_ids)
    return {stay: [Said(LightName.DESTINATION, light, why)] for stay, (light, why) in found.items()}


def replies_since(db: Reading, encounter_id: uuid.UUID, since: datetime) -> Sequence[Change]:
    """Answers and questions of vendors after an instant."""
    stay = subject(db, encounter_id)
    rows = queries.asked(db, [stay.encounter_id])
    names = {one.referral_id: one.vendor_name for one in rows}
    found = [
        Change("Referral", f"{one.vendor_name} {_REPLIES[one.standing]}"
               + (f", {one.why_not.lower()}" if one.why_not else ""), one.made_at)
        for one in rows if one.standing in _REPLIES and one.made_at > since
    ]  # fmt: skip
    for key, thread in queries.messages(db, list(names)).items():
        found += [
            Change("Referral", f"{names[key]} asks: {message.said}", message.made_at)
            for message in thread
            if message.from_vendor and message.made_at > since
        ]
    return found


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Who was asked and what they answered: evidence that a safe place was sought, day by day."""
    stay = subject(db, encounter_id)
    needs, rows = queries.needs(db, [stay.encounter_id]), queries.asked(db, [stay.encounter_id])
    blocks = []
    for need in needs:
        asked = [
            (one.vendor_name, full_text(one.sent_at, stay.zone), _answer(one),
             full_text(one.answered_at, stay.zone) if one.answered_at else "")
            for one in rows if one.request_id == need.request_id and one.sent_at is not None
        ]  # fmt: skip
        because = ClosedBecause(need.because).label if need.because else "open"
        facts = [("Sought since", full_text(need.asked_at, stay.zone)), ("Stands", because)]
        if need.ready_on:
            facts.append(("Ready", day_text(need.ready_on, WITH_YEAR)))
        if asked:
            table = Table(("Vendor", "Asked", "Answer", "Answered"), asked)
            blocks.append(Block(need.care.label, facts=facts, table=table))
    return [Section("referrals", "Referrals", PLACE, blocks)] if blocks else []


def _answer(one: queries.Asked) -> str:
    words = one.standing.label
    return f"{words}: {one.why_not.lower()}" if one.why_not else words
