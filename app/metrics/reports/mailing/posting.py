"""A mail with a report, step by step: written down, handed over, confirmed, or failed with a sentence."""

import uuid
from datetime import date, datetime, timedelta

from app.kernel.transitions import after
from app.metrics.reports.events import ReportMailed
from app.metrics.reports.mailing.queries import Reader
from app.metrics.reports.models import ReportDelivery
from app.metrics.reports.queries import Report
from app.metrics.reports.rules import MAIL, period_of
from app.metrics.reports.terms import DeliveryAct, DeliveryState
from app.platform.work import Work

JOB = "reports.mail"
_CURRENT = "select id from report_delivery where delivery_id = %s and ended_at is null"


def post(work: Work, report: Report, reader: Reader, when: tuple[datetime, date]) -> bool:
    """Write down a mail to a person and let the job send it after the commit; False where it cannot be sent.

    `when` is the instant it is due and the local day on which the report is read.
    """
    due, today = when
    period = period_of(report.span, today)
    if work.value(
        "select exists (select from report_delivery where report_id = %s and user_id = %s and due_at = %s"
        " and ended_at is null)", (report.report_id, reader.user_id, due),
    ):  # fmt: skip
        return False
    row = work.add(
        ReportDelivery(
            delivery_id=uuid.uuid4(), report_id=report.report_id, facility_id=report.facility_id,
            user_id=reader.user_id, address=reader.address, due_at=due, first=period.first, last=period.last,
            state=DeliveryState.WAITING.value, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, row)
    if not reader.address:
        step(work, row, DeliveryAct.FAIL, "No mail address is known of this person.")
        return False
    again(work, row, timedelta())
    return True


def again(work: Work, row: ReportDelivery, wait: timedelta) -> None:
    """Let the job send it after the commit, or so much later."""
    at = work.now + wait if wait else None
    work.later(JOB, once=f"{JOB} {row.delivery_id}", at=at, delivery_id=str(row.delivery_id))


def locked(work: Work, delivery_id: uuid.UUID) -> ReportDelivery:
    """The standing step of a mail, held against another worker."""
    return work.lock(ReportDelivery, work.value(_CURRENT, (delivery_id,)), "There is no such mail.")


def step(work: Work, row: ReportDelivery, act: DeliveryAct, fault: str = "") -> ReportDelivery:
    """The mail goes a step on: what stood is ended, and the next step is written."""
    state = after(MAIL, DeliveryState(row.state), act, noun="mail")
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.session.flush()
    made = work.add(
        ReportDelivery(
            delivery_id=row.delivery_id, report_id=row.report_id, facility_id=row.facility_id, user_id=row.user_id,
            address=row.address, due_at=row.due_at, first=row.first, last=row.last, state=state.value, fault=fault,
            attempts=row.attempts + (act is DeliveryAct.HAND_OVER), made_at=work.now, made_by=row.made_by,
        )
    )  # fmt: skip
    _say(work, made)
    return made


def _say(work: Work, row: ReportDelivery) -> None:
    work.record(
        ReportMailed(
            facility_id=row.facility_id, report_id=row.report_id, delivery_id=row.delivery_id, user_id=row.user_id,
            due_at=row.due_at, state=row.state, fault=row.fault,
        )
    )  # fmt: skip
