"""`/reports`: all of a hospital; `/reports/{id}`: one with its figures, on a page and on paper; saving and ending."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import Refused
from app.kernel.wording import dated_text
from app.metrics.reports import showing
from app.metrics.reports.commands import NARROWED, SaveReport, amend_report, end_report, restore_report, save_report
from app.metrics.reports.mailing.queries import last_times, own_address, schedules
from app.metrics.reports.queries import Report, latest, versions
from app.metrics.reports.rules import period_of
from app.metrics.reports.shown.listing import cards, families, versions_text
from app.metrics.reports.shown.place import PAGE, SEE, SET, asked_content, found_report, here, today_at
from app.metrics.reports.terms import Beside, ReportSpan
from app.metrics.store import queries as stored
from app.metrics.terms import Filter, MeasureId
from app.platform.work import Reading, begin, reading
from app.security.viewer import Place
from app.settings import Settings
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]


@get(PAGE, permission=SEE, sync_to_thread=True)
def show_reports(request: Asked) -> Response[bytes]:
    """The reports of the hospital, how each is sent and what became of the last time, and my own mail address."""
    return reports_page(request, FormState(), 200)


def reports_page(request: Asked, form: FormState, status: int) -> Response[bytes]:
    """The list with the form of the address as it was sent."""
    viewer, place = the_viewer(request), here(request)
    with reading(viewer) as db:
        every = latest(versions(db, place.id), place.id)
        rows = cards(every, schedules(db, [place.id]), last_times(db, place.id), (db.now, ZoneInfo(place.timezone)))
        form.given.setdefault("address", own_address(db, viewer.user_id))
    return page(
        request, "metrics/reports/reports.html", discloses=NO_PHI, title="Saved reports", status=status, form=form,
        facility=place.name, rows=[one for one in rows if not one["ended"]],
        ended=[one for one in rows if one["ended"]], sets=place.id in viewer.facilities_with(SET),
        domains=" and ".join(Settings.from_environment().report_domains),
    )  # fmt: skip


@get(f"{PAGE}/new", permission=SET, sync_to_thread=True)
def show_new(request: Asked) -> Response[bytes]:
    """The form for another report."""
    given = {"span": ReportSpan.LAST_MONTH.value}
    return _form(request, FormState(given=given), (here(request, SET), None, set()), 200)


@post(PAGE, permission=SET, sync_to_thread=True)
def add(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Save a report."""
    return _save(request, form, here(request, SET), None)


@get(f"{PAGE}/{{report_id:uuid}}", permission=SEE, sync_to_thread=True)
def show_report(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """A report with its figures; no patient is named."""
    viewer = the_viewer(request)
    with reading(viewer, still=True) as db:
        found, of, form = asked_content(request, db, report_id)
        told = versions(db, of.place.id, report_id)
        now = db.now
    report, on = found.report, f"?on={found.today}"
    return page(
        request, "metrics/reports/report.html", discloses=NO_PHI, title=report.name,
        status=422 if form.errors else 200, form=form, heading=report.name, facility=found.place.name,
        period=showing.months_text(found.period), beside=showing.months_text(found.beside) if found.beside else "",
        narrowed=showing.narrowed_text(report), crude=showing.CRUDE, rows=showing.overview(found),
        sections=showing.sections(found), at=f"{PAGE}/{report_id}", on=on,
        around=showing.earlier_and_later(found, of.today), sets=found.place.id in viewer.facilities_with(SET),
        versions=versions_text(told, ZoneInfo(found.place.timezone), now),
    )  # fmt: skip


@get(f"{PAGE}/{{report_id:uuid}}/edit", permission=SET, sync_to_thread=True)
def show_edit(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with a report as it stands."""
    with reading(the_viewer(request)) as db:
        found = found_report(db, the_viewer(request), report_id, SET)
    one = found.report
    given = {"name": one.name, "span": one.span.value, "against": one.against.value, **one.narrowed}
    return _form(request, FormState(given=given), (found.place, one, set(one.measures)), 200)


@post(f"{PAGE}/{{report_id:uuid}}/versions", permission=SET, sync_to_thread=True)
def amend(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Change a report."""
    with reading(the_viewer(request)) as db:
        found = found_report(db, the_viewer(request), report_id, SET)
    return _save(request, form, found.place, found.report)


@post(f"{PAGE}/{{report_id:uuid}}/end", permission=SET, sync_to_thread=True)
def end(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Use a report no more."""
    with begin(the_viewer(request)) as work:
        found = found_report(work, the_viewer(request), report_id, SET)
        end_report(work, found.place.id, report_id)
    said = "The report is ended: it is not shown and not sent any more."
    return see_other(request, PAGE, Flash(said, undo=Undo(f"{PAGE}/{report_id}/reopening")))


@post(f"{PAGE}/{{report_id:uuid}}/reopening", permission=SET, sync_to_thread=True)
def reopen(request: Asked, report_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take up an ended report again."""
    with begin(the_viewer(request)) as work:
        found = found_report(work, the_viewer(request), report_id, SET, ended=True)
        restore_report(work, found.place.id, report_id)
    return see_other(request, f"{PAGE}/{report_id}", Flash("The report is in use again."))


def _save(request: Asked, form: FormFields, place: Place, old: Report | None) -> Response[bytes]:
    ask, state = read_form(SaveReport, form)
    key = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = save_report(work, place.id, ask) if old is None else amend_report(
                    work, place.id, old.report_id, ask
                )  # fmt: skip
                key = made.report_id
        except Refused as refused:
            state.refuse(refused)
    if key is None:
        ticked = set(form.all("measures")) & set(MeasureId)
        return _form(request, state, (place, old, {MeasureId(one) for one in ticked}), 422)
    return see_other(request, f"{PAGE}/{key}", Flash("The report is saved."))


def _form(
    request: Asked, state: FormState, of: tuple[Place, Report | None, set[MeasureId]], status: int
) -> Response[bytes]:
    """The form of a report: a new one, or the one that is changed, with the measures that are ticked."""
    place, old, ticked = of
    with reading(the_viewer(request)) as db:
        members = _members(db, place)
        now = db.now
    made = old.made_at if old is not None else None
    return page(
        request, "metrics/reports/edit.html", discloses=NO_PHI, status=status, form=state, facility=place.name,
        title="Change a report" if old else "A new report", at=f"{PAGE}/{old.report_id}" if old else "",
        saved=f"saved {dated_text(made, ZoneInfo(place.timezone), now)}" if made else "",
        families=families(ticked), menus=showing.choices(members, state.given),
        spans=[{"value": one.value, "label": one.label} for one in ReportSpan],
        besides=[{"value": one.value, "label": one.label} for one in Beside],
    )  # fmt: skip


def _members(db: Reading, place: Place) -> dict[str, list[str]]:
    """Whom a report may be narrowed to: all that had a discharge within the last twelve months."""
    year = period_of(ReportSpan.ROLLING_YEAR, today_at(db, place))
    found = stored.split(db, MeasureId.LENGTH_OF_STAY, year, by=NARROWED, where=Filter(facility=place.id))
    return {name: [one.member for one in members] for name, members in found.items()}


ROUTES = [show_reports, show_new, add, show_report, show_edit, amend, end, reopen]
