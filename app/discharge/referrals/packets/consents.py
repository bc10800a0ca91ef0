"""Consents that protected records leave, for all ways out. 42 CFR 2.31 says what one holds, 2.33 what it allows."""

import uuid
from datetime import date

from app.census.united import held_subject, subject, with_former
from app.discharge.referrals.asks import RecordConsent, Why
from app.discharge.referrals.events import ConsentEnded, ConsentRecorded
from app.discharge.referrals.models import ReferralConsent
from app.discharge.referrals.rules import Consent, standing_consent
from app.discharge.referrals.steps import patient_of
from app.discharge.referrals.terms import ConsentFor
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work
from app.web.packets import Leaving, Permit, Recipient

NO_CONSENT = "There is no such consent, or it lies outside what you may see."
_FOR = {Recipient.PAYER: ConsentFor.PAYERS, Recipient.CAREGIVER: ConsentFor.VENDORS}
_CONSENTS = """
select c.id, c.given_by, c.given_on, c.ends_on, c.covers, c.scope, coalesce(u.display_name, ''), c.ended_at is not null,
  c.ended_reason
from referral_consent c left join app_user u on u.id = c.made_by where c.encounter_id = any(%s)
order by c.made_at desc
"""


def consents(db: Reading, encounter_id: uuid.UUID) -> list[Consent]:
    """All of a stay, the latest first."""
    return db.rows(Consent, _CONSENTS, (list(with_former(db, [encounter_id])),))


def consent_today(db: Reading, encounter_id: uuid.UUID, today: date) -> uuid.UUID | None:
    """The consent that lets records go to vendors today, if any."""
    found = standing_consent(consents(db, encounter_id), ConsentFor.VENDORS, today)
    return found.id if found is not None else None


def leaving(db: Reading, encounter_id: uuid.UUID, recipient: Recipient, today: date) -> Leaving:
    """What stands between records of the stay and a recipient, as all ways out of the house ask it.

    The mark is asked of the database itself: a reader who may not see a part of the stay must not send it for that.
    """
    stay = subject(db, encounter_id)
    if not db.value("select stay_is_part2(%s)", (stay.encounter_id,)):
        return Leaving(False)
    one = standing_consent(consents(db, stay.encounter_id), _FOR[recipient], today)
    if one is None:
        return Leaving(True)
    return Leaving(True, Permit(one.id, one.recipients, one.scope, one.given_on, one.ends_on))


def is_sensitive(db: Reading, encounter_id: uuid.UUID) -> bool:
    """Whether the stay is marked: addiction treatment (42 CFR Part 2), or protected for another reason."""
    query = "select exists (select from encounter where id = any(%s) and sensitivity <> '')"
    return bool(db.value(query, (list(with_former(db, [encounter_id])),)))


def may_leave(db: Reading, encounter_id: uuid.UUID, today: date) -> bool:
    """Whether records of the stay may be shown outside today: a mark may come, and a consent may end, after a packet
    was sent."""
    return not is_sensitive(db, encounter_id) or consent_today(db, encounter_id, today) is not None


def record_consent(work: Work, encounter_id: uuid.UUID, ask: RecordConsent) -> ReferralConsent:
    """Record a consent. Refused for one that is given in the future or has ended."""
    stay = held_subject(work, encounter_id)
    today = stay.day(work.now)
    if ask.given_on > today:
        raise Refused("This day lies in the future. Write when the consent was given.", field="given_on")
    if ask.ends_on is not None and ask.ends_on < max(ask.given_on, today):
        raise Refused("A consent that has ended allows nothing. Write a later last day.", field="ends_on")
    made = work.add(
        ReferralConsent(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, **ask.model_dump(), made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        ConsentRecorded(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=stay.patient_id,
            consent_id=made.id, covers=ask.covers.value,
        )
    )  # fmt: skip
    return made


def end_consent(work: Work, consent_id: uuid.UUID, ask: Why) -> ReferralConsent:
    """Say that a consent was revoked or never given: nothing more goes out on it."""
    found = work.lock(ReferralConsent, consent_id, NO_CONSENT)
    if found.ended_at is not None:
        raise Refused("This consent has ended already.")
    found.ended_at, found.ended_by, found.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        ConsentEnded(
            facility_id=found.facility_id, encounter_id=found.encounter_id, consent_id=found.id,
            patient_id=patient_of(work, found.encounter_id),
        )
    )  # fmt: skip
    return found
