"""Everything that a page of a measure shows, from a number of statements that depends on nothing but the measure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from app.avoidable_days.reports.actions.queries import marks
from app.kernel.days import ONE_DAY
from app.metrics.definitions import DEFINITIONS
from app.metrics.store import queries
from app.metrics.store.queries import FACILITY, Step
from app.metrics.store.reckoning import Sums, figure_of
from app.metrics.study.asking import Choice, history
from app.metrics.terms import Definition, Figure, Filter, Kind, MeasureId, Period
from app.metrics.value_sets.queries import in_force
from app.platform.work import Reading

WEEKS_FROM = 400
"""Days above which a chart has months; below it months would be too few for one."""


@dataclass(frozen=True, slots=True)
class Departures:
    """Discharges of a period, and of how many the time of day and the coded record are known."""

    all: int
    precise: int
    coded: int


@dataclass(frozen=True, slots=True)
class Study:
    """The answers for one choice."""

    choice: Choice
    definition: Definition
    whole: Figure
    other: Figure | None
    split: dict[str, list[Figure]]
    facilities: list[Figure]
    months: list[tuple[date, Figure]]
    weeks: list[tuple[date, Figure]]
    reasons: list[tuple[str, str, int]]
    values: list[float]
    balancing: Figure | None
    departures: Departures | None
    done: list[tuple[date, str]]
    made_with: str = ""  # tables that the figure hangs on, where their choice changes it


def made_with(db: Reading, measure: MeasureId) -> str:
    """The code lists of readmissions and how finely they look; nothing for other measures."""
    return in_force(db).told if measure is MeasureId.READMISSION else ""


def study(db: Reading, choice: Choice, *, several: bool) -> Study:
    """The figures of a choice. `several` is whether the reader has more than one facility to compare."""
    measure, period, where = choice.measure, choice.period, choice.where
    definition = DEFINITIONS[measure]
    long = period.days > WEEKS_FROM
    valued = definition.kind in (Kind.MEAN, Kind.MEDIAN, Kind.GEOMETRIC)
    other = choice.other
    balancing = definition.balancing
    everywhere = msgspec.structs.replace(where, facility=None)
    return Study(
        choice, definition, queries.figures(db, measure, period, where=where)[0],
        queries.figures(db, measure, other, where=where)[0] if other is not None else None,
        queries.split(db, measure, period, by=definition.dimensions, where=where),
        queries.figures(db, measure, period, by=FACILITY, where=everywhere) if several else [],
        queries.series(db, measure, history(period), Step.MONTH, where=where),
        [] if long else queries.series(db, measure, period, Step.WEEK, where=where),
        queries.exclusions(db, measure, period, where=where),
        queries.values(db, measure, period, where=where) if valued else [],
        queries.figures(db, balancing, period, where=without_vendor(where))[0] if balancing is not None else None,
        departures(db, period, where.facility) if "discharge" in definition.dated_by else None,
        marks(db, where.facility) if measure is MeasureId.AVOIDABLE_DAYS and where.facility is not None else [],
        made_with(db, measure),
    )  # fmt: skip


def without_vendor(where: Filter) -> Filter:
    """A measure without vendors has no case of any."""
    return msgspec.structs.replace(where, vendor=None)


# The day of a facility begins up to a day before or after that of the server: the index finds, the zone decides.
_DEPARTURES = """
select count(*)::int, (count(*) filter (where e.discharge_precise))::int, count(c.encounter_id)::int
from encounter e join facility f on f.id = e.facility_id
left join coded_stay c on c.encounter_id = e.id and c.ended_at is null
where {facility} e.status = 'discharged' and e.gone_at is null
  and e.discharge_at between %(first)s::date - 1 and %(last)s::date + 2
  and (e.discharge_at at time zone f.timezone)::date between %(first)s::date and %(last)s::date
"""


def departures(db: Reading, period: Period, facility: int | None) -> Departures:
    """Discharges of a period, for the marks of data quality."""
    given = {"facility": facility, "first": period.first, "last": period.last}
    narrowed = "" if facility is None else "e.facility_id = %(facility)s and"
    return db.one(Departures, _DEPARTURES.format(facility=narrowed), given)


_MONTHS = """
select d.measure, date_trunc('month', d.day)::date, sum(d.cases), sum(d.excluded), sum(d.numerator),
  sum(d.denominator), sum(d.total), sum(d.logs), sum(d.logs_expected)
from measure_day d where d.facility_id = %(facility)s and d.dimension = '' and d.day between %(first)s and %(last)s
group by 1, 2 order by 1, 2
"""
_MIDDLES = """
select c.measure, date_trunc('month', c.day)::date, percentile_cont(0.5) within group (order by c.value)
from measure_case c where c.facility_id = %(facility)s and c.measure = any(%(medians)s) and c.counted
  and c.day between %(first)s and %(last)s group by 1, 2
union all
select c.measure, null, percentile_cont(0.5) within group (order by c.value)
from measure_case c where c.facility_id = %(facility)s and c.measure = any(%(medians)s) and c.counted
  and c.day between %(begins)s and %(last)s group by 1
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """One measure in the list of all: its figure of the whole period, and one for each month with a case."""

    definition: Definition
    whole: Figure
    months: list[tuple[date, Figure]]


def overviews(db: Reading, facility: int, period: Period) -> list[Overview]:
    """Every measure of a facility, by two statements. The figure is of the period, months are of two years."""
    medians = [one.id.value for one in DEFINITIONS.values() if one.kind is Kind.MEDIAN]
    given = {"facility": facility, "first": history(period).first, "begins": period.first, "last": period.last,
             "medians": medians}  # fmt: skip
    found: dict[str, list[tuple[date, Sums]]] = {}
    for measure, month, *sums in db.rows(_row, _MONTHS, given):
        found.setdefault(measure, []).append((month, Sums("", *sums)))
    middles = {(measure, month): middle for measure, month, middle in db.rows(_row, _MIDDLES, given)}
    return [_overview(db, one, found.get(one.id.value, []), (period.first, middles)) for one in DEFINITIONS.values()]


_Middles = dict[tuple[str, date | None], float]


def _overview(db: Reading, one: Definition, months: list[tuple[date, Sums]], since: tuple[date, _Middles]) -> Overview:
    begins, middles = since
    settled = queries.settled_until(db, one.id)
    name = one.id.value
    drawn = [
        (
            month,
            figure_of(
                one.kind,
                msgspec.structs.replace(sums, middle=middles.get((name, month))),
                provisional=_last_day(month) > settled,
            ),
        )
        for month, sums in months
    ]
    added = Sums("", *(sum(getattr(sums, part) for first, sums in months if first >= begins) for part in _PARTS))
    whole = msgspec.structs.replace(added, middle=middles.get((name, None)))
    provisional = any(figure.provisional for _, figure in drawn)
    return Overview(one, figure_of(one.kind, whole, provisional=provisional), drawn)


def _last_day(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - ONE_DAY


_PARTS = ("cases", "excluded", "numerator", "denominator", "total", "logs", "logs_expected")


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def known(measure: str) -> MeasureId | None:
    """The measure of an address, or None."""
    return MeasureId(measure) if measure in set(MeasureId) else None
