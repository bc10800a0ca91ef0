"""Saving a report, changing it, ending it, taking that back. A version is ended, never rewritten."""

import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import col, select

from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.metrics.definitions import DEFINITIONS
from app.metrics.reports.events import ReportEnded, ReportSaved
from app.metrics.reports.models import SavedReport
from app.metrics.reports.queries import NO_REPORT, Report, latest, shipped, shipped_key, versions
from app.metrics.reports.rules import LIFE
from app.metrics.reports.terms import Beside, ReportAct, ReportSpan, ReportState, VersionEnd
from app.metrics.terms import MeasureId
from app.platform.work import Work
from app.web.fields import one_line

NARROWED = ("unit", "service", "attending", "payer")
"""By what a report may be narrowed: what every measure knows of a case, or refuses to be narrowed by."""
_Member = Annotated[str, Field(max_length=200)]


class SaveReport(BaseModel):
    """A report: its name, its measures in order, its days, what they are compared with, and whom it is about."""

    name: Annotated[str, Field(min_length=3, max_length=80), AfterValidator(one_line)]
    measures: list[MeasureId] = []
    span: ReportSpan = ReportSpan.LAST_MONTH
    against: Beside = Beside.NOTHING
    unit: _Member = ""
    service: _Member = ""
    attending: _Member = ""
    payer: _Member = ""

    def narrowed(self) -> dict[str, str]:
        """The member of each dimension that is narrowed."""
        return {name: member for name in NARROWED if (member := getattr(self, name))}


def save_report(work: Work, facility_id: int, ask: SaveReport) -> SavedReport:
    """Save a report under a name that no other report of the facility has."""
    return _next(work, facility_id, uuid.uuid4(), ReportAct.SAVE, ask)


def amend_report(work: Work, facility_id: int, report_id: uuid.UUID, ask: SaveReport) -> SavedReport:
    """Change a report; the shipped one becomes the facility's own by that."""
    return _next(work, facility_id, report_id, ReportAct.AMEND, ask)


def _next(work: Work, facility_id: int, report_id: uuid.UUID, act: ReportAct, ask: SaveReport) -> SavedReport:
    old = _last(work, facility_id, report_id)
    after(LIFE, _state(facility_id, report_id, old), act, noun="report")
    _check(work, facility_id, report_id, ask)
    if old is not None:
        _end(work, old, VersionEnd.AMENDED)
    return _version(work, facility_id, report_id, ask)


def end_report(work: Work, facility_id: int, report_id: uuid.UUID) -> None:
    """Use a report no more. What was sent stays readable; a schedule of it sends nothing while it is ended."""
    old = _last(work, facility_id, report_id)
    after(LIFE, _state(facility_id, report_id, old), ReportAct.END, noun="report")
    if old is None:
        old = _version(work, facility_id, report_id, _same(shipped(facility_id)))
        work.session.flush()
    _end(work, old, VersionEnd.ENDED)
    work.record(ReportEnded(facility_id=facility_id, report_id=report_id))


def restore_report(work: Work, facility_id: int, report_id: uuid.UUID) -> SavedReport:
    """Take up an ended report again, as it was."""
    old = _last(work, facility_id, report_id)
    after(LIFE, _state(facility_id, report_id, old), ReportAct.RESTORE, noun="report")
    last = versions(work, facility_id, report_id)[0]
    ask = _same(last)
    _check_name(work, facility_id, report_id, ask)
    return _version(work, facility_id, report_id, ask)


def _same(one: Report) -> SaveReport:
    return SaveReport(
        name=one.name, measures=list(one.measures), span=one.span, against=one.against, **one.narrowed
    )  # fmt: skip


def _last(work: Work, facility_id: int, report_id: uuid.UUID) -> SavedReport | None:
    """The last version, after waiting for others who change reports of the facility."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('measure_report'), %s)", (facility_id,))
    return work.session.exec(
        select(SavedReport)
        .where(SavedReport.facility_id == facility_id, SavedReport.report_id == report_id)
        .order_by(col(SavedReport.made_at).desc(), col(SavedReport.id).desc())
    ).first()


def _state(facility_id: int, report_id: uuid.UUID, old: SavedReport | None) -> ReportState:
    if old is None:
        return ReportState.STANDING if report_id == shipped_key(facility_id) else ReportState.NONE
    return ReportState.STANDING if old.ended_at is None else ReportState.ENDED


def _check(work: Work, facility_id: int, report_id: uuid.UUID, ask: SaveReport) -> None:
    if not ask.measures:
        raise Refused("Tick at least one measure.", field="measures")
    for name in ask.narrowed():
        lacking = [DEFINITIONS[one].title for one in ask.measures if name not in DEFINITIONS[one].dimensions]
        if lacking:
            raise Refused(f"{lacking[0]} cannot be narrowed by {name}. Leave it out, or choose all.", field=name)
    _check_name(work, facility_id, report_id, ask)


def _check_name(work: Work, facility_id: int, report_id: uuid.UUID, ask: SaveReport) -> None:
    others = [
        one for one in latest(versions(work, facility_id), facility_id)
        if one.ended_at is None and one.report_id != report_id
    ]  # fmt: skip
    if any(one.name.lower() == ask.name.lower() for one in others):
        raise Refused("Another report has this name. Choose one that tells them apart.", field="name")


def _version(work: Work, facility_id: int, report_id: uuid.UUID, ask: SaveReport) -> SavedReport:
    work.session.flush()
    made = work.add(
        SavedReport(
            report_id=report_id, facility_id=facility_id, name=ask.name,
            measures=list(dict.fromkeys(one.value for one in ask.measures)), span=ask.span.value,
            against=ask.against.value, narrowed=ask.narrowed(), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReportSaved(facility_id=facility_id, report_id=report_id, measures=len(made.measures), span=made.span))
    return made


def _end(work: Work, row: SavedReport, because: VersionEnd) -> None:
    row.ended_at, row.ended_by, row.ended_because = work.now, work.who.actor_id, because.value


def known(work: Work, facility_id: int, report_id: uuid.UUID) -> None:
    """NotFound unless the report stands."""
    if _state(facility_id, report_id, _last(work, facility_id, report_id)) is not ReportState.STANDING:
        raise NotFound(NO_REPORT)
