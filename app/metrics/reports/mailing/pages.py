"""`/reports/{id}/delivery`: when and to whom a report is sent, what became of each mail; sending now; my address."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.discharge.referrals.mail.office import office
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text
from app.metrics.reports.mailing.commands import (
    SendNow,
    SetAddress,
    SetSchedule,
    resume_schedule,
    schedule_report,
    send_again,
    send_now,
    set_address,
    stop_schedule,
)
from app.metrics.reports.mailing.queries import Mail, Schedule, mails, readers, schedules
from app.metrics.reports.rules import period_of
from app.metrics.reports.showing import months_text
from app.metrics.reports.shown.listing import WEEKDAYS, schedule_text
from app.metrics.reports.shown.pages import reports_page
from app.metrics.reports.shown.place import PAGE, SEE, SET, Found, found_report
from app.metrics.reports.terms import DeliveryState, Rhythm
from app.metrics.terms import Period
from app.platform.work import begin, reading
from app.settings import Settings
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
_ADDRESS = f"{PAGE}/{{report_id:uuid}}"
_AGAIN = (DeliveryState.FAILED.value, DeliveryState.SENDING.value)


@get(f"{_ADDRESS}/delivery", permission=SET, sync_to_thread=True)
def show_delivery(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The schedule with its form, and the last mails."""
    return _delivery(request, report_id, None, 200)


@post(f"{_ADDRESS}/schedule", permission=SET, sync_to_thread=True)
def schedule(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send a report by itself from now on."""
    ask, state = read_form(SetSchedule, form)
    state.given["people"] = " ".join(form.all("people"))
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                found = found_report(work, the_viewer(request), report_id, SET)
                schedule_report(work, found.place.id, report_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _delivery(request, report_id, state, 422)
    return see_other(request, f"{PAGE}/{report_id}/delivery", Flash("The report is sent by itself from now on."))


@post(f"{_ADDRESS}/schedule/end", permission=SET, sync_to_thread=True)
def stop(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send a report by itself no more."""
    with begin(the_viewer(request)) as work:
        found = found_report(work, the_viewer(request), report_id, SET)
        stop_schedule(work, found.place.id, report_id)
    undo = Undo(f"{PAGE}/{report_id}/schedule/reopening")
    return see_other(request, f"{PAGE}/{report_id}/delivery", Flash("It is not sent by itself any more.", undo=undo))


@post(f"{_ADDRESS}/schedule/reopening", permission=SET, sync_to_thread=True)
def resume(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back that a report is sent no more."""
    with begin(the_viewer(request)) as work:
        found = found_report(work, the_viewer(request), report_id, SET)
        resume_schedule(work, found.place.id, report_id)
    return see_other(request, f"{PAGE}/{report_id}/delivery", Flash("The report is sent by itself as before."))


@get(f"{_ADDRESS}/sending", permission=SET, sync_to_thread=True)
def show_sending(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What would be sent and to whom, before it is."""
    return _sending(request, report_id, FormState(), 200)


@post(f"{_ADDRESS}/sending", permission=SET, sync_to_thread=True)
def send(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send a report at once to those who are ticked."""
    ask, state = read_form(SendNow, form)
    state.given["people"] = " ".join(form.all("people"))
    number = 0
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                found = found_report(work, the_viewer(request), report_id, SET)
                number = send_now(work, found.place.id, report_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _sending(request, report_id, state, 422)
    said = f"The report goes to {number} {'person' if number == 1 else 'people'}. What became of it stands below."
    return see_other(request, f"{PAGE}/{report_id}/delivery", Flash(said))


@post("/report-deliveries/{report_delivery_id:uuid}/repeats", permission=SET, sync_to_thread=True)
def repeat(
    request: Asked, report_delivery_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Send anew what failed or was never confirmed."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        facility = work.value(
            "select facility_id from report_delivery where delivery_id = %s and ended_at is null", (report_delivery_id,)
        )
        report_id = send_again(work, facility or 0, report_delivery_id)
    return see_other(request, f"{PAGE}/{report_id}/delivery", Flash("The mail is sent anew."))


@post("/report-address", permission=SEE, sync_to_thread=True)
def save_address(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Where reports reach me."""
    ask, state = read_form(SetAddress, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                set_address(work, the_viewer(request).user_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        state.given.setdefault("address", "")
        return reports_page(request, state, 422)
    said = "Reports reach you there." if ask.address else "Reports reach you no more."
    return see_other(request, PAGE, Flash(said))


def _delivery(request: Asked, report_id: uuid.UUID, state: FormState | None, status: int) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        found = found_report(db, the_viewer(request), report_id, SET)
        may = readers(db, found.place.id)
        one = schedules(db, [found.place.id]).get(report_id)
        told, now = mails(db, found.place.id, report_id), db.now
    standing = one if one is not None and one.ended_at is None else None
    form = state or FormState(given=_given(one))
    ticked = form.given.get("people", "").split()
    return page(
        request, "metrics/reports/delivery.html", discloses=NO_PHI, title="Send by mail", status=status, form=form,
        name=found.report.name, facility=found.place.name, at=f"{PAGE}/{report_id}", scheduled=schedule_text(standing),
        author=standing.author if standing else "", ready=office() is not None, attaches=_attaches(),
        people=[{"value": str(who.user_id), "label": who.name, "address": who.address,
                 "on": str(who.user_id) in ticked} for who in may.values()],
        rhythms=[{"value": way.value, "label": way.label} for way in Rhythm],
        hours=[{"value": str(hour), "label": f"{hour:02}:00"} for hour in range(24)],
        days=[{"value": str(day), "label": _day(day)} for day in range(1, 29)],
        mails=[_mail(mail, ZoneInfo(found.place.timezone), now) for mail in told],
    )  # fmt: skip


def _day(day: int) -> str:
    return f"{day} (in a week: {WEEKDAYS[day - 1]})" if day <= len(WEEKDAYS) else str(day)


def _given(one: Schedule | None) -> dict[str, str]:
    if one is None:
        return {"rhythm": Rhythm.MONTHLY.value, "on_day": "3", "at_hour": "6"}
    return {"rhythm": one.rhythm.value, "on_day": str(one.on_day), "at_hour": str(one.at_hour),
            "people": " ".join(one.people)}  # fmt: skip


def _attaches() -> bool:
    return Settings.from_environment().mail_figures


def _mail(one: Mail, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    state = DeliveryState(one.state)
    tried = f"tried {one.attempts} times" if one.attempts > 1 else ""
    days = months_text(Period(one.first, one.last)) if one.first and one.last else ""
    return {
        "key": str(one.delivery_id), "due": dated_text(one.due_at, zone, now), "days": days, "name": one.name,
        "address": one.address, "state": state.label, "tone": state.tone, "tried": tried,
        "fault": one.fault, "again": one.state in _AGAIN, "at": dated_text(one.made_at, zone, now),
    }  # fmt: skip


def _sending(request: Asked, report_id: uuid.UUID, state: FormState, status: int) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        found: Found = found_report(db, the_viewer(request), report_id, SET)
        may = readers(db, found.place.id)
        one = schedules(db, [found.place.id]).get(report_id)
    ticked = state.given["people"].split() if "people" in state.given else (one.people if one is not None else [])
    return page(
        request, "metrics/reports/sending.html", discloses=NO_PHI, title="Send the report now", status=status,
        form=state, name=found.report.name, facility=found.place.name, at=f"{PAGE}/{report_id}",
        period=months_text(period_of(found.report.span, found.today)), ready=office() is not None,
        attaches=_attaches(),
        people=[{"value": str(who.user_id), "label": who.name, "address": who.address,
                 "on": str(who.user_id) in ticked} for who in may.values()],
    )  # fmt: skip


ROUTES = [show_delivery, schedule, stop, resume, show_sending, send, repeat, save_address]
