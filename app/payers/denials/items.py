"""Denials that are open with one payer, for whoever has that payer on the telephone."""

import uuid
from datetime import datetime
from decimal import Decimal

import msgspec

from app.kernel.wording import dated_text
from app.payers.contacts.items import PERSON, PayerItem, Wanted
from app.payers.denials.rules import money_text
from app.payers.denials.terms import DenialState
from app.platform.work import Reading


class _Row(msgspec.Struct):
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    denial_id: uuid.UUID
    state: str
    amount: Decimal | None
    reference: str
    notice_at: datetime


_OPEN = f"""
select {PERSON}, d.denial_id, d.state, d.amount, d.reference, d.notice_at
from denial d join encounter e on e.id = d.encounter_id join patient p on p.id = e.patient_id
where d.facility_id = %(facility)s and d.ended_at is null and d.state in ('open', 'talk', 'appealed')
  and e.gone_at is null and d.payer_code = %(code)s and (d.payer_code <> '' or d.payer_name = %(name)s)
"""


def open_denials(db: Reading, wanted: Wanted) -> list[PayerItem]:
    """Denials that somebody works on, with the payer's reference."""
    values = {"facility": wanted.facility_id, "code": wanted.payer_code, "name": wanted.payer_name}
    return [
        PayerItem(
            encounter_id=one.encounter_id, patient_id=one.patient_id, name=one.name, place=one.place,
            what=" ".join(part for part in (
                "Denial", DenialState(one.state).label, money_text(one.amount),
                f"reference {one.reference}" if one.reference else "") if part),
            tone="blue" if one.state == DenialState.APPEALED else "amber", at=one.notice_at,
            when="since " + dated_text(one.notice_at, wanted.zone, db.now), href=f"/denials/{one.denial_id}",
        )
        for one in db.rows(_Row, _OPEN, values)
    ]  # fmt: skip
