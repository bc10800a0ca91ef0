"""What a report shows: the figures of each of its measures for one period. Page, paper and file all read this."""

from dataclasses import dataclass
from datetime import date

from app.avoidable_days.reports.actions.queries import marks
from app.metrics.definitions import DEFINITIONS
from app.metrics.reports.queries import Report
from app.metrics.reports.rules import period_beside, period_of
from app.metrics.store import queries
from app.metrics.store.queries import Step
from app.metrics.study.asked import Departures, Study, departures, made_with, without_vendor
from app.metrics.study.asking import Against, Choice, history
from app.metrics.terms import MeasureId, Period
from app.platform.work import Reading
from app.security.viewer import Place


@dataclass(frozen=True, slots=True)
class Content:
    """A report on one day: its period, what it is compared with, and a study of each measure."""

    report: Report
    place: Place
    today: date
    period: Period
    beside: Period | None
    studies: tuple[Study, ...]


def content(db: Reading, report: Report, place: Place, today: date) -> Content:
    """The figures of a report as it is read on a day; a fixed number of statements for each measure."""
    period = period_of(report.span, today)
    beside = period_beside(report.span, period, report.against)
    left = departures(db, period, place.id)
    studies = tuple(_study(db, report, place, (measure, period, beside), left) for measure in report.measures)
    return Content(report, place, today, period, beside, studies)


def _study(
    db: Reading, report: Report, place: Place, asked: tuple[MeasureId, Period, Period | None], left: Departures
) -> Study:
    """As a page of the measure has it, without what a report has no room for."""
    measure, period, beside = asked
    definition, where = DEFINITIONS[measure], report.where
    choice = Choice(
        measure=measure, period=period, against=Against.OWN if beside else None, other=beside, where=where,
        facility=place.code,
    )  # fmt: skip
    balancing = definition.balancing
    return Study(
        choice=choice,
        definition=definition,
        whole=queries.figures(db, measure, period, where=where)[0],
        other=queries.figures(db, measure, beside, where=where)[0] if beside is not None else None,
        split=queries.split(db, measure, period, by=definition.dimensions, where=where),
        facilities=[],
        months=queries.series(db, measure, history(period), Step.MONTH, where=where),
        weeks=[],
        reasons=queries.exclusions(db, measure, period, where=where),
        values=[],
        balancing=queries.figures(db, balancing, period, where=without_vendor(where))[0] if balancing else None,
        departures=left if "discharge" in definition.dated_by else None,
        done=marks(db, place.id) if measure is MeasureId.AVOIDABLE_DAYS else [],
        made_with=made_with(db, measure),
    )
