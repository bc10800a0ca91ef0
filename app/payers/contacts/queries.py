"""Contacts with payers: those of a stay with their versions, and the day that is proposed for a follow-up."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.facts import Policy
from app.clocks.gather import stored_policies
from app.kernel.days import end_of_day, instant_of, local_day
from app.kernel.deadlines import Allowance, due
from app.kernel.refusal import NotFound
from app.payers.authorizations.terms import EndReason
from app.payers.directory.rules import PayerCalendar
from app.platform.work import Reading
from app.regulations import history

NOT_THERE = "There is no such contact, or it lies outside what you may see."


class ContactVersion(msgspec.Struct):
    """One version of a contact."""

    id: uuid.UUID
    contact_id: uuid.UUID
    encounter_id: uuid.UUID
    payer_code: str
    payer_name: str
    channel: str
    direction: str
    at: datetime
    person: str
    reference: str
    said: str
    notified: bool
    follow_up_at: datetime | None
    authorization_id: uuid.UUID | None
    denial_id: uuid.UUID | None
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def payer(self) -> str:
        """What a page calls the payer."""
        return self.payer_name or self.payer_code

    @property
    def stands(self) -> bool:
        """Whether this version counts."""
        return self.ended_at is None


_CONTACTS = """
select c.id, c.contact_id, c.encounter_id, c.payer_code, c.payer_name, c.channel, c.direction, c.at, c.person,
  c.reference, c.said, c.notified, c.follow_up_at, c.authorization_id, c.denial_id, c.made_at,
  coalesce(m.display_name, ''), c.made_because, c.ended_at, coalesce(x.display_name, ''),
  case when c.ended_at is null then '' else c.ended_because end,
  case when c.ended_at is null then '' else c.ended_reason end
from payer_contact c left join app_user m on m.id = c.made_by left join app_user x on x.id = c.ended_by
"""


def contacts(db: Reading, encounter_id: uuid.UUID) -> list[ContactVersion]:
    """All versions of all contacts of a stay, the latest contact first."""
    stays = list(with_former(db, [encounter_id]))
    order = "order by c.at desc, c.made_at desc, c.id desc"
    return db.rows(ContactVersion, f"{_CONTACTS} where c.encounter_id = any(%s) {order}", (stays,))


def contact_version(db: Reading, contact_id: uuid.UUID) -> ContactVersion:
    """The version of a contact that stands, or the last one that did; NotFound outside the reader's scope."""
    order = f"order by (c.ended_at is null) desc, (c.ended_because <> '{EndReason.AMENDED}') desc, c.made_at desc"
    found = db.rows(ContactVersion, f"{_CONTACTS} where c.contact_id = %s {order} limit 1", (contact_id,))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def done_by(one: ContactVersion, all_contacts: Sequence[ContactVersion]) -> ContactVersion | None:
    """The contact by which the follow-up of another was done: the next one with the same payer."""
    later = [
        other
        for other in all_contacts
        if other.stands and other.at > one.at and (other.payer_code, other.payer) == (one.payer_code, one.payer)
    ]
    return min(later, key=lambda other: other.at, default=None)


def due_on(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """When a follow-up is due: at its time, else at the end of its day."""
    return end_of_day(day, zone) if at is None else instant_of(day, at, zone)


def proposed_follow_up(db: Reading, facility_id: int, payer_code: str, calendar: PayerCalendar, zone: ZoneInfo) -> date:
    """The day on which somebody should ask again: the payer's own term, else the facility's, else the default."""
    today = local_day(db.now, zone)
    standing = [
        one
        for one in stored_policies(db, {facility_id}).get(facility_id, [])
        if one.rule == "PY-FOLLOW" and one.asked and one.payer in ("", payer_code) and _holds(one, today)
    ]
    own = min(standing, key=lambda one: one.payer == "", default=None)
    allowance = Allowance.parse(own.allowance) if own is not None else history("PY-FOLLOW")[-1].allowance
    return local_day(due(db.now, allowance, zone, calendar.days), zone)


def _holds(one: Policy, on: date) -> bool:
    return one.begins <= on and (one.ends is None or on <= one.ends)
