"""The jobs: which reports are due, and handing their mails to the mail server, after the commit, at most once each.

Killed between handing a mail over and noting it, the job does not send it again: the mail stays "handed over, not
confirmed", and a person decides. A server that cannot be reached is tried again after 2, 8, 32 and 128 minutes.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.discharge.referrals.mail.office import AddressRefused, NotSent, Office, hand_in, office
from app.kernel.days import local_day
from app.metrics.reports.content import content
from app.metrics.reports.mailing.commands import post_to
from app.metrics.reports.mailing.posting import again, locked, step
from app.metrics.reports.mailing.queries import Mail, Reader, Schedule, mail_of, readers, schedules
from app.metrics.reports.paper import Printed, report_pdf
from app.metrics.reports.queries import Report, latest, versions
from app.metrics.reports.rules import MOST_ATTEMPTS, due_at, is_allowed, period_of, wait_of
from app.metrics.reports.showing import months_text
from app.metrics.reports.terms import DeliveryAct, DeliveryState
from app.platform.work import Reading, begin, everywhere, reading
from app.security.viewer import Place
from app.settings import Settings

WHO = everywhere("report mail")
DUE = "reports.due"
_PLACE = "id, code, name, timezone"


def post_due(at: datetime | None = None) -> None:
    """Write down the mails of every report whose time has come (a job, every ten minutes). `at` is the present.

    A time that passed while the program stood still is made up for once; one from before the schedule is not.
    """
    with reading(WHO, at=at) as db:
        places = {one.id: one for one in db.rows(Place, f"select {_PLACE} from facility order by id")}
        standing = [one for one in schedules(db, list(places)).values() if one.ended_at is None]
        now = db.now
    for one in standing:
        due = due_at(one.rhythm, one.on_day, one.at_hour, now, ZoneInfo(places[one.facility_id].timezone))
        if one.made_at <= due:
            _post_one(one, due, at)


def _post_one(one: Schedule, due: datetime, at: datetime | None) -> None:
    with begin(WHO, at=at) as work:
        report = _standing(work, one.facility_id, one.report_id)
        if report is None:
            return  # ended: nothing is sent while it is
        may = readers(work, one.facility_id)
        keys = [uuid.UUID(key) for key in one.people]
        post_to(work, report, [may.get(key) or Reader(key, "", "") for key in keys], due)


def _standing(db: Reading, facility_id: int, report_id: uuid.UUID) -> Report | None:
    found = latest(versions(db, facility_id), facility_id)
    return next((one for one in found if one.report_id == report_id and one.ended_at is None), None)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: to whom and about which days, which report, of which facility."""

    mail: Mail
    report: Report
    place: Place

    @property
    def read_on(self) -> date:
        """The local day on which the report is read: that on which it was due, however late the mail."""
        return local_day(self.mail.due_at, ZoneInfo(self.place.timezone))


def send_waiting(delivery_id: str) -> None:
    """Send one mail (a job). Safe to run twice: only a mail that waits is sent."""
    key, by = uuid.UUID(delivery_id), office()
    letter, fault = _prepared(key, by)
    attached = _attached(letter) if letter is not None else b""
    with begin(WHO) as work:
        row = locked(work, key)
        if row.state != DeliveryState.WAITING:
            return  # it was sent, or another worker was first
        if letter is None or by is None:
            step(work, row, DeliveryAct.FAIL, fault)
            return
        step(work, row, DeliveryAct.HAND_OVER)
    try:
        hand_in(written(letter, by, attached), by)
    except AddressRefused as refused:
        _note(key, DeliveryAct.FAIL, str(refused))
    except NotSent as failed:
        _note(key, DeliveryAct.PUT_OFF, str(failed))
    else:
        _note(key, DeliveryAct.CONFIRM, "")


def _prepared(key: uuid.UUID, by: Office | None) -> tuple[Letter | None, str]:
    """What is to be sent, or the sentence that says why nothing can be."""
    with reading(WHO) as db:
        mail = mail_of(db, key)
        place = db.one(Place, f"select {_PLACE} from facility where id = %s", (mail.facility_id,))
        report = _standing(db, mail.facility_id, mail.report_id)
        reader = readers(db, mail.facility_id).get(mail.user_id)
    if by is None:
        return None, "No mail server is set."
    if report is None:
        return None, "The report was ended before the mail was sent."
    if reader is None:
        return None, "This person may not see the measures of this hospital any more."
    if not is_allowed(mail.address, Settings.from_environment().report_domains):
        return None, "This address is not of a domain to which reports may be mailed."
    return Letter(mail, report, place), ""


def _attached(letter: Letter) -> bytes:
    """The figures, where the installation says that mail may carry them."""
    if not Settings.from_environment().mail_figures:
        return b""
    with reading(WHO, still=True) as db:
        found = content(db, letter.report, letter.place, letter.read_on)
        return report_pdf(found, Printed("the program, by its schedule", db.now))


def written(letter: Letter, by: Office, attached: bytes) -> EmailMessage:
    """The mail: which report, of which days, and the way to it."""
    mail, report, place = letter.mail, letter.report, letter.place
    days = months_text(period_of(report.span, letter.read_on))
    host = urlsplit(by.public).hostname or "localhost"
    message = EmailMessage()
    message["From"], message["To"] = by.sender, mail.address
    message["Subject"] = f"{report.name}, {place.name}, {days}"
    message["Date"], message["Message-ID"] = format_datetime(mail.due_at), f"<{mail.delivery_id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    inside = "Its figures are attached. " if attached else ""
    message.set_content(
        f"{report.name} of {place.name} for {days} is ready.\n\nOpen it here, signed in:\n"
        f"{by.public}/reports/{report.report_id}?on={letter.read_on}\n\n"
        f"{inside}This mail tells nothing about a patient. Figures are crude: not adjusted for how ill patients were.\n"
    )
    if attached:
        name = f"report-{days.replace(' ', '-').lower()}.pdf"
        message.add_attachment(attached, maintype="application", subtype="pdf", filename=name)
    return message


def _note(key: uuid.UUID, act: DeliveryAct, fault: str) -> None:
    with begin(WHO) as work:
        row = locked(work, key)
        if row.state != DeliveryState.SENDING:
            return
        if act is DeliveryAct.PUT_OFF and row.attempts >= MOST_ATTEMPTS:
            act = DeliveryAct.FAIL
        made = step(work, row, act, fault)
        if act is DeliveryAct.PUT_OFF:
            again(work, made, wait_of(made.attempts))
