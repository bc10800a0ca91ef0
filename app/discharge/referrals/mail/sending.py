"""Sending mail about referrals: written down first, sent by a job after the commit, at most once for each number.

The key of the link is made by the job that sends it, so that it rests nowhere. Killed between handing a mail over and
noting it, the job does not send it again: the mail stays "handed over, not confirmed", and a person decides.
"""

import uuid
from collections.abc import Sequence
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import msgspec

from app.discharge.referrals.events import ReferralMailed
from app.discharge.referrals.mail.office import Letter, NotSent, Office, hand_in, office, written
from app.discharge.referrals.models import Referral, ReferralMail
from app.discharge.referrals.portal.access import make_link
from app.discharge.referrals.rules import STANDING
from app.discharge.referrals.steps import about, held
from app.discharge.referrals.terms import MailKind, MailState
from app.kernel.refusal import Refused
from app.kernel.wording import full_text
from app.platform.work import Reading, Work, begin, everywhere

WHO = everywhere("vendor mail")
JOB = "referrals.mail"
_ADDRESS = """
select value from vendor_contact where vendor_id = %s and kind = 'email' and ended_at is null order by made_at limit 1
"""
_CURRENT = "select id from referral_mail where mail_id = %s and ended_at is null"


class Sent(msgspec.Struct):
    """The last mail about a referral, as the tab shows it."""

    referral_id: uuid.UUID
    kind: str
    state: str
    address: str
    fault: str


_LAST = """
select distinct on (m.referral_id) m.referral_id, m.kind, m.state, m.address, m.fault from referral_mail m
where m.referral_id = any(%s) and m.ended_at is null order by m.referral_id, m.made_at desc, m.id desc
"""


def last_mails(db: Reading, referrals: Sequence[uuid.UUID]) -> dict[uuid.UUID, Sent]:
    """The last mail of each of these referrals."""
    return {one.referral_id: one for one in db.rows(Sent, _LAST, (list(referrals),))}


def is_reached(db: Reading, vendor_id: uuid.UUID) -> bool:
    """Whether a vendor can be written to: a mail server is set and the vendor has an address."""
    return office() is not None and bool(db.value(_ADDRESS, (vendor_id,)))


def post(work: Work, one: Referral, kind: MailKind) -> bool:
    """Write down a mail to the vendor and let the job send it. False without a mail server or an address."""
    if not is_reached(work, one.vendor_id):
        return False
    row = work.add(
        ReferralMail(
            facility_id=one.facility_id, mail_id=uuid.uuid4(), referral_id=one.referral_id,
            encounter_id=one.encounter_id, kind=kind.value, state=MailState.WAITING.value,
            address=work.value(_ADDRESS, (one.vendor_id,)), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, one, row)
    work.later(JOB, once=f"{JOB} {row.mail_id}", mail_id=str(row.mail_id))
    return True


def post_again(work: Work, referral_id: uuid.UUID) -> None:
    """Write to a vendor anew, after a mail that failed or was not confirmed."""
    one = held(work, referral_id)
    if one.state not in STANDING:
        raise Refused("This referral is closed or answered. Nobody is written to about it.")
    if not post(work, one, MailKind.INVITATION):
        raise Refused("No mail server is set, or this vendor has no mail address. Make a link and send it yourself.")


def send_waiting(mail_id: str) -> None:
    """Send one mail (a job). Safe to run twice: only a mail that waits is sent."""
    key, by = uuid.UUID(mail_id), office()
    prepared = _prepare(key, by)
    if prepared is None or by is None:
        return
    try:
        hand_in(prepared, by)
    except NotSent as fault:
        _note(key, MailState.FAILED, str(fault))
    else:
        _note(key, MailState.SENT, "")


def _prepare(key: uuid.UUID, by: Office | None) -> EmailMessage | None:
    """The mail, once it is noted that it is handed over; None where there is nothing to send."""
    with begin(WHO) as work:
        row = _locked(work, key)
        if row.state != MailState.WAITING or row.ended_at is not None:
            return None  # it was sent, or another worker was first
        one = held(work, row.referral_id)
        if by is None or one.state not in STANDING or one.due_at is None or one.ends_at is None:
            fault = "No mail server is set." if by is None else "The referral was closed before the mail was sent."
            _step(work, one, row, (MailState.FAILED, fault))
            return None
        zone = ZoneInfo(work.value("select timezone from facility where id = %s", (one.facility_id,)))
        try:
            _, secret = make_link(work, one)
            letter = Letter(
                MailKind(row.kind), row.address, f"{by.public}/referral/{secret}", full_text(one.due_at, zone),
                full_text(one.ends_at, zone), str(row.mail_id), work.now,
            )  # fmt: skip
            message = written(letter, by)
        except (Refused, NotSent) as fault:
            _step(work, one, row, (MailState.FAILED, str(fault)))
            return None
        _step(work, one, row, (MailState.SENDING, ""))
    return message


def _note(key: uuid.UUID, state: MailState, fault: str) -> None:
    with begin(WHO) as work:
        row = _locked(work, key)
        if row.state == MailState.SENDING:
            _step(work, held(work, row.referral_id), row, (state, fault))


def _locked(work: Work, key: uuid.UUID) -> ReferralMail:
    return work.lock(ReferralMail, work.value(_CURRENT, (key,)), "There is no such mail.")


def _step(work: Work, one: Referral, before: ReferralMail, to: tuple[MailState, str]) -> None:
    state, fault = to
    before.ended_at = work.now
    work.session.flush()
    row = work.add(
        ReferralMail(
            facility_id=before.facility_id, mail_id=before.mail_id, referral_id=before.referral_id,
            encounter_id=before.encounter_id, kind=before.kind, state=state.value, address=before.address,
            fault=fault, made_at=work.now, made_by=before.made_by,
        )
    )  # fmt: skip
    _say(work, one, row)


def _say(work: Work, one: Referral, row: ReferralMail) -> None:
    work.record(ReferralMailed(**about(work, one), mail_id=row.mail_id, kind=row.kind, state=row.state,
                               fault=row.fault))  # fmt: skip
    work.changed(one.facility_id, one.encounter_id)
