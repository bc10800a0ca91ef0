"""Recording a contact with a payer, correcting it, striking it out. No version is ever rewritten."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from app.census.united import Subject, held_subject, with_former
from app.kernel.refusal import Refused
from app.payers.authorizations import queries as authorizations
from app.payers.authorizations.terms import Channel, EndReason
from app.payers.contacts.queries import NOT_THERE, contact_version, due_on
from app.payers.contacts.terms import Direction
from app.payers.directory.queries import PayerOf, payers_of
from app.payers.events import ContactAmended, ContactStruckOut, PayerContacted
from app.payers.models import Contact
from app.platform.work import Work
from app.web.fields import Clock, Day, Key, Name, Reason, StrikeOut, Words, past_instant

CHANGED = "Somebody changed this contact just now. Reload the page and look again."
ONE_CONTACT = timedelta(minutes=2)
"""Two records with the same words that lie nearer to each other are one contact, recorded twice."""
LONGEST = timedelta(days=366)
_OF_STAY = "select true from denial where denial_id = %s and encounter_id = any(%s) limit 1"


class LogContact(BaseModel):
    """A contact as somebody records it; day and time are the facility's, without them it took place now.

    `payer` names one of the stay's payers, without it the first. A follow-up without time is due at the end of the day.
    """

    payer: Name = ""
    channel: Channel = Channel.CALL
    direction: Direction = Direction.OUT
    on: Day = None
    at: Clock = None
    person: Name = ""
    reference: Name = ""
    said: Annotated[Words, Field(min_length=1)]
    notified: bool = False
    follow_on: Day = None
    follow_at: Clock = None
    authorization_id: Key = None
    denial_id: Key = None


class AmendContact(LogContact):
    """The contact as it should be recorded, and why the earlier version was wrong."""

    because: Reason


def log_contact(work: Work, encounter_id: uuid.UUID, ask: LogContact) -> Contact:
    """Record a contact. It does the follow-ups that were set for this payer and stay before."""
    stay = held_subject(work, encounter_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    payer = _payer(work, stay, ask.payer)
    _check(work, stay, ask, at)
    _check_twice(work, stay, ask, at)
    made = _store(work, stay, ask, _Version(uuid.uuid4(), at, payer))
    work.record(
        PayerContacted(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            contact_id=made.contact_id, channel=made.channel, at=at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_contact(work: Work, contact_id: uuid.UUID, ask: AmendContact) -> Contact:
    """Record another version of a contact in the place of the one that stands."""
    before, stay = _standing(work, contact_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, before.at)
    payer = _payer(work, stay, ask.payer or before.payer_code or before.payer_name)
    _check(work, stay, ask, at)
    _end(work, before, EndReason.AMENDED, ask.because)
    made = _store(work, stay, ask, _Version(contact_id, at, payer, ask.because))
    work.record(
        ContactAmended(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            contact_id=contact_id,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_contact(work: Work, contact_id: uuid.UUID, ask: StrikeOut) -> Contact:
    """Say that a contact was recorded by mistake; what it had done is open again."""
    before, stay = _standing(work, contact_id)
    _end(work, before, EndReason.STRUCK_OUT, ask.reason)
    work.record(
        ContactStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            contact_id=contact_id,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return before


@dataclass(frozen=True, slots=True)
class _Version:
    """Which contact a version belongs to, its true time, with whom, and why it stands in the place of another."""

    key: uuid.UUID
    at: datetime
    payer: PayerOf
    because: str = ""


def _payer(work: Work, stay: Subject, named: str) -> PayerOf:
    found = payers_of(work, [stay.encounter_id]).get(stay.encounter_id, [])
    if not found:
        raise Refused("No payer of this stay is known. Write a note instead.", field="payer")
    chosen = next((one for one in found if named in ("", one.key)), None)
    if chosen is None:
        raise Refused("The stay has no such payer. Choose one of the list.", field="payer")
    return chosen


def _follow_up(stay: Subject, ask: LogContact) -> datetime | None:
    """The instant of the follow-up, if one is set."""
    if ask.follow_on is None:
        if ask.follow_at is not None:
            raise Refused("Write the day of the follow-up too.", field="follow_on")
        return None
    return due_on(ask.follow_on, ask.follow_at, stay.zone)


def _check(work: Work, stay: Subject, ask: LogContact, at: datetime) -> None:
    if ask.channel is Channel.FILE:
        raise Refused("Choose one of the list.", field="channel")
    follow = _follow_up(stay, ask)
    if follow is not None and follow <= at:
        raise Refused("The follow-up lies before the contact. Write a later day or time.", field="follow_on")
    if follow is not None and follow > at + LONGEST:
        raise Refused("The follow-up lies more than a year ahead. Write an earlier day.", field="follow_on")
    if ask.authorization_id is not None:
        own = {one.id for one in authorizations.authorizations(work, stay.encounter_id)}
        if ask.authorization_id not in own:
            raise Refused("This authorization belongs to another stay. Choose one of the list.",
                          field="authorization_id")  # fmt: skip
    parts = list(with_former(work, [stay.encounter_id]))
    if ask.denial_id is not None and not work.value(_OF_STAY, (ask.denial_id, parts)):
        raise Refused("This denial belongs to another stay. Open the contact from its own stay.", field="denial_id")


def _check_twice(work: Work, stay: Subject, ask: LogContact, at: datetime) -> None:
    same = work.value(
        "select true from payer_contact where encounter_id = %s and ended_at is null and channel = %s and said = %s"
        " and person = %s and at between %s and %s",
        (stay.encounter_id, ask.channel.value, ask.said, ask.person, at - ONE_CONTACT, at + ONE_CONTACT),
    )
    if same:
        raise Refused("This contact is recorded already. Correct it there if it is wrong.")


def _store(work: Work, stay: Subject, ask: LogContact, version: _Version) -> Contact:
    return work.add(
        Contact(
            contact_id=version.key, encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            payer_code=version.payer.payer_code, payer_name=version.payer.payer_name, channel=ask.channel.value,
            direction=ask.direction.value, at=version.at, person=ask.person, reference=ask.reference, said=ask.said,
            notified=ask.notified, follow_up_at=_follow_up(stay, ask), authorization_id=ask.authorization_id,
            denial_id=ask.denial_id, made_at=work.now, made_by=work.who.actor_id, made_because=version.because,
        )
    )  # fmt: skip


def _standing(work: Work, contact_id: uuid.UUID) -> tuple[Contact, Subject]:
    """The version that stands, locked after its stay; Refused when none does any more."""
    found = contact_version(work, contact_id)
    stay = held_subject(work, found.encounter_id)
    held = work.lock(Contact, contact_version(work, contact_id).id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    return held, stay


def _end(work: Work, held: Contact, how: EndReason, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()
