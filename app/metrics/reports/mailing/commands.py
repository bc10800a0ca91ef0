"""Saying when and to whom a report is sent, sending it now, and where reports reach a person."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import col, select

from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.metrics.reports.commands import known
from app.metrics.reports.events import AddressSet, ReportScheduled, ReportUnscheduled
from app.metrics.reports.mailing.posting import post
from app.metrics.reports.mailing.queries import Reader, readers
from app.metrics.reports.models import ReportAddress, ReportDelivery, ReportSchedule
from app.metrics.reports.queries import Report, report_of
from app.metrics.reports.rules import LIFE, is_allowed
from app.metrics.reports.terms import DeliveryState, ReportAct, ReportState, Rhythm, VersionEnd
from app.platform.work import Work
from app.settings import Settings
from app.web.fields import one_line

NO_SCHEDULE = "This report is not sent by itself."
_PLAIN = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class SetSchedule(BaseModel):
    """When a report is sent, by the clocks of the facility, and to whom."""

    rhythm: Rhythm
    on_day: Annotated[int, Field(ge=1, le=28)]
    at_hour: Annotated[int, Field(ge=0, le=23)]
    people: list[uuid.UUID] = []


class SendNow(BaseModel):
    """To whom a report is sent at once."""

    people: list[uuid.UUID] = []


class SetAddress(BaseModel):
    """Where reports reach me; empty: nowhere any more."""

    address: Annotated[str, Field(max_length=200), AfterValidator(one_line)] = ""


def schedule_report(work: Work, facility_id: int, report_id: uuid.UUID, ask: SetSchedule) -> ReportSchedule:
    """Send a report by itself from now on; an instant of today that is past is not made up for."""
    known(work, facility_id, report_id)
    if ask.rhythm is Rhythm.WEEKLY and ask.on_day > 7:
        raise Refused("A week has the days 1, Monday, to 7, Sunday.", field="on_day")
    people = _chosen(work, facility_id, ask.people)
    old = _standing(work, facility_id, report_id)
    after(LIFE, _state(old), ReportAct.SAVE if old is None else ReportAct.AMEND, noun="schedule")
    if old is not None:
        _end(work, old, VersionEnd.AMENDED)
    return _version(work, (facility_id, report_id), ask, [one.user_id for one in people])


def stop_schedule(work: Work, facility_id: int, report_id: uuid.UUID) -> None:
    """Send a report by itself no more."""
    old = _standing(work, facility_id, report_id)
    if old is None:
        raise Refused(NO_SCHEDULE)
    after(LIFE, _state(old), ReportAct.END, noun="schedule")
    _end(work, old, VersionEnd.ENDED)
    work.record(ReportUnscheduled(facility_id=facility_id, report_id=report_id))


def resume_schedule(work: Work, facility_id: int, report_id: uuid.UUID) -> ReportSchedule:
    """Take back that a report is sent no more: as before, to those who may still see it."""
    known(work, facility_id, report_id)
    if _standing(work, facility_id, report_id) is not None:
        raise Refused("This report is sent by itself already.")
    last = _last(work, facility_id, report_id)
    if last is None:
        raise Refused(NO_SCHEDULE)
    after(LIFE, ReportState.ENDED, ReportAct.RESTORE, noun="schedule")
    may = readers(work, facility_id)
    kept = [key for key in map(uuid.UUID, last.people) if key in may]
    ask = SetSchedule(rhythm=Rhythm(last.rhythm), on_day=last.on_day, at_hour=last.at_hour, people=kept)
    _chosen(work, facility_id, kept)
    return _version(work, (facility_id, report_id), ask, kept)


def send_now(work: Work, facility_id: int, report_id: uuid.UUID, ask: SendNow) -> int:
    """Send a report to these people at once; the number of mails that were written down to be sent."""
    report = report_of(work, facility_id, report_id)
    return post_to(work, report, _chosen(work, facility_id, ask.people), work.now)


def send_again(work: Work, facility_id: int, delivery_id: uuid.UUID) -> uuid.UUID:
    """Send anew what failed or was never confirmed, as a mail of its own; the key of the report."""
    row = work.session.exec(
        select(ReportDelivery).where(
            ReportDelivery.facility_id == facility_id, ReportDelivery.delivery_id == delivery_id,
            col(ReportDelivery.ended_at).is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("There is no such mail here.")
    if row.state not in (DeliveryState.FAILED, DeliveryState.SENDING):
        raise Refused("This mail was sent, or will be sent by itself.")
    report = report_of(work, facility_id, row.report_id)
    post_to(work, report, _chosen(work, facility_id, [row.user_id]), work.now)
    return row.report_id


def post_to(work: Work, report: Report, people: Sequence[Reader], due: datetime) -> int:
    """Write down a mail to each; the number of those that wait to be sent."""
    zone: str = work.value("select timezone from facility where id = %s", (report.facility_id,))
    today = local_day(due, ZoneInfo(zone))
    return sum(post(work, report, one, (due, today)) for one in people)


def set_address(work: Work, user_id: uuid.UUID, ask: SetAddress) -> None:
    """Say where reports reach a person. Refused for addresses outside the domains that the installation allows."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (f"report_address {user_id}",))
    old = work.session.exec(
        select(ReportAddress).where(ReportAddress.user_id == user_id, col(ReportAddress.ended_at).is_(None))
    ).first()
    if (old.address if old else "") == ask.address:
        return
    if ask.address:
        _check_address(ask.address)
    if old is not None:
        old.ended_at, old.ended_by = work.now, work.who.actor_id
        work.session.flush()
    if ask.address:
        work.add(
            ReportAddress(user_id=user_id, address=ask.address, made_at=work.now, made_by=work.who.actor_id)
        )  # fmt: skip
    work.record(AddressSet(user_id=user_id))


def _check_address(address: str) -> None:
    if _PLAIN.fullmatch(address) is None or not address.isascii():
        raise Refused("Write an address such as name@hospital.example.", field="address")
    domains = Settings.from_environment().report_domains
    if not domains:
        raise Refused(
            "This installation sends no mail yet. Ask an administrator to set a mail server.", field="address"
        )
    if not is_allowed(address, domains):
        raise Refused(
            f"Reports are mailed only to {' and '.join(domains)}. An administrator may allow others.", field="address"
        )


def _chosen(work: Work, facility_id: int, people: Sequence[uuid.UUID]) -> list[Reader]:
    """Those who may see the measures of the facility, with an address each."""
    may = readers(work, facility_id)
    if not people:
        raise Refused("Tick at least one person.", field="people")
    if any(key not in may for key in people):
        raise Refused("Reports go only to people who may see the measures of this hospital.", field="people")
    found = [may[key] for key in dict.fromkeys(people)]
    lacking = [one.name for one in found if not one.address]
    if lacking:
        raise Refused(f"No mail address is known of {lacking[0]}. Each person enters it on this page.", field="people")
    return found


def _last(work: Work, facility_id: int, report_id: uuid.UUID) -> ReportSchedule | None:
    work.connection.execute("select pg_advisory_xact_lock(hashtext('measure_report'), %s)", (facility_id,))
    return work.session.exec(
        select(ReportSchedule)
        .where(ReportSchedule.facility_id == facility_id, ReportSchedule.report_id == report_id)
        .order_by(col(ReportSchedule.made_at).desc(), col(ReportSchedule.id).desc())
    ).first()


def _standing(work: Work, facility_id: int, report_id: uuid.UUID) -> ReportSchedule | None:
    last = _last(work, facility_id, report_id)
    return last if last is not None and last.ended_at is None else None


def _state(row: ReportSchedule | None) -> ReportState:
    return ReportState.NONE if row is None else ReportState.STANDING


def _version(work: Work, of: tuple[int, uuid.UUID], ask: SetSchedule, people: Sequence[uuid.UUID]) -> ReportSchedule:
    facility_id, report_id = of
    made = work.add(
        ReportSchedule(
            report_id=report_id, facility_id=facility_id, rhythm=ask.rhythm.value, on_day=ask.on_day,
            at_hour=ask.at_hour, people=[str(one) for one in people], made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        ReportScheduled(facility_id=facility_id, report_id=report_id, rhythm=made.rhythm, people=len(made.people))
    )
    return made


def _end(work: Work, row: ReportSchedule, because: VersionEnd) -> None:
    row.ended_at, row.ended_by, row.ended_because = work.now, work.who.actor_id, because.value
    work.session.flush()
