"""Figures of measures: whole ones from the sums of days, split and narrowed ones from the cases."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from app.kernel.days import ONE_DAY
from app.metrics.definitions import DEFINITIONS
from app.metrics.store.reckoning import Sums, figure_of
from app.metrics.terms import DIMENSIONS, Figure, Filter, Kind, MeasureId, Period
from app.platform.work import Reading

EVERYTHING = Filter()
WEST = timedelta(hours=12)
"""No place is further behind the time of Greenwich."""
FACILITY = "facility"
"""Besides the dimensions a measure may be split by facility; the member is the facility's name."""


class Step(StrEnum):
    """How long the pieces of a series are."""

    DAY = "day"  # a calendar day
    WEEK = "week"  # from Monday to Sunday
    MONTH = "month"  # a calendar month


_OF_DAYS = (
    "sum(d.cases), sum(d.excluded), sum(d.numerator), sum(d.denominator), sum(d.total), sum(d.logs),"
    " sum(d.logs_expected), null"
)
_COUNTS = (
    "count(*) filter (where d.counted), count(*) filter (where not d.counted),"
    " coalesce(sum(d.numerator) filter (where d.counted), 0),"
    " coalesce(sum(d.denominator) filter (where d.counted), 0)"
)
_TOTAL = "coalesce(sum(d.value) filter (where d.counted), 0)"
_LOGS = (
    "coalesce(sum(ln(coalesce(d.value, d.numerator)))"
    " filter (where d.counted and coalesce(d.value, d.numerator) > 0), 0)"
)
_LOGS_EXPECTED = "coalesce(sum(ln(d.denominator)) filter (where d.counted and d.denominator > 0), 0)"
_MIDDLE = "percentile_cont(0.5) within group (order by d.value) filter (where d.counted)"


def figures(
    db: Reading, measure: MeasureId, period: Period, *, by: str = "", where: Filter = EVERYTHING
) -> list[Figure]:
    """The figure of a period, or one for each member of a dimension or each facility, the largest number first.

    Without `by` there is exactly one figure, also when it has no case.
    """
    if not by or by == FACILITY:
        member = "(select f.name from facility f where f.id = d.facility_id)" if by else "''"
        found = [sums for _, sums in _grouped(db, measure, period, member, where)]
        return _figures(db, measure, period, found or ([] if by else [Sums()]))
    return split(db, measure, period, by=(by,), where=where)[by]


def split(
    db: Reading, measure: MeasureId, period: Period, *, by: Sequence[str] = DIMENSIONS, where: Filter = EVERYTHING
) -> dict[str, list[Figure]]:
    """The figures of a period by several dimensions at once, in one statement."""
    for name in by:
        if name not in DIMENSIONS:
            raise ValueError(name)
    conditions, values = conditions_of(measure, period, where)
    sets = ", ".join(f"(d.{name})" for name in by)
    which = "case " + " ".join(f"when grouping(d.{name}) = 0 then '{name}'" for name in by) + " end"
    member = f"coalesce({', '.join(f'd.{name}' for name in by)})"
    query = (
        f"select {which}, {member}, {_sums_of(measure)} from measure_case d where {conditions}"
        f" group by grouping sets ({sets})"
    )
    found: dict[str, list[Sums]] = {name: [] for name in by}
    for name, one in db.rows(_keyed, query, values):
        found[name].append(one)
    return {name: _figures(db, measure, period, rows) for name, rows in found.items()}


def series(
    db: Reading, measure: MeasureId, period: Period, step: Step = Step.MONTH, *, where: Filter = EVERYTHING
) -> list[tuple[date, Figure]]:
    """One figure for each day, week or month of the period, each with its first day; those without a case too.

    The first and the last are of those of their days that lie in the period.
    """
    found = dict(_grouped(db, measure, period, f"date_trunc('{step.value}', d.day)::date", where))
    return [
        (start, _figure(db, measure, Period(start, min(period.last, _end(start, step))), found.get(start, Sums())))
        for start in _starts(period, step)
    ]


def exclusions(
    db: Reading, measure: MeasureId, period: Period, *, where: Filter = EVERYTHING
) -> list[tuple[str, str, int]]:
    """Code, sentence and number of the cases of each reason for which cases are not counted, in the definition's order.

    Together they are what the figure says is excluded.
    """
    conditions, values = conditions_of(measure, period, where)
    query = f"select d.excluded, count(*) from measure_case d where {conditions} and not d.counted group by 1"
    counts: dict[str, int] = dict(db.rows(_pair, query, values))
    known = [(code, sentence, counts.pop(code, 0)) for code, sentence in DEFINITIONS[measure].exclusions]
    return known + [(code, code.replace("_", " "), number) for code, number in sorted(counts.items())]


def values(db: Reading, measure: MeasureId, period: Period, *, where: Filter = EVERYTHING) -> list[float]:
    """The values of the counted cases in ascending order, for a distribution."""
    conditions, given = conditions_of(measure, period, where)
    return db.values(
        f"select d.value from measure_case d where {conditions} and d.counted and d.value is not null order by 1", given
    )


def _grouped(db: Reading, measure: MeasureId, period: Period, member: str, where: Filter) -> list[tuple[Any, Sums]]:
    """The sums of a period by an expression. From the sums of days wherever they are enough."""
    conditions, values = conditions_of(measure, period, where)
    if where.of_cases() or DEFINITIONS[measure].kind is Kind.MEDIAN:
        query = f"select {member}, {member}, {_sums_of(measure)} from measure_case d where {conditions} group by 1"
    else:
        query = (
            f"select {member}, {member}, {_OF_DAYS} from measure_day d where {conditions} and d.dimension = ''"
            " group by 1"
        )
    return db.rows(_keyed, query, values)


def _sums_of(measure: MeasureId) -> str:
    """What is added up over cases, in the order of Sums: only what figures of this kind are made of."""
    kind = DEFINITIONS[measure].kind
    geometric = kind in (Kind.GEOMETRIC, Kind.GEOMETRIC_RATIO)
    total = "0" if geometric or kind in (Kind.SHARE, Kind.RATE, Kind.RATIO) else _TOTAL
    logs = _LOGS if geometric else "0"
    expected = _LOGS_EXPECTED if kind is Kind.GEOMETRIC_RATIO else "0"
    return f"{_COUNTS}, {total}, {logs}, {expected}, {_MIDDLE if kind is Kind.MEDIAN else 'null'}"


def conditions_of(measure: MeasureId, period: Period, where: Filter) -> tuple[str, dict[str, Any]]:
    """The condition for rows of cases or of days, known as `d`, and its values."""
    given: dict[str, Any] = {"measure": measure.value, "first": period.first, "last": period.last}
    conditions = ["d.measure = %(measure)s", "d.day between %(first)s and %(last)s"]
    for name, member in _asked(where).items():
        conditions.append(f"d.{name} = %({name})s")
        given[name] = member
    return " and ".join(conditions), given


def _asked(where: Filter) -> Mapping[str, Any]:
    asked: dict[str, Any] = dict(where.of_cases())
    return asked if where.facility is None else asked | {"facility_id": where.facility}


def _figures(db: Reading, measure: MeasureId, period: Period, found: Sequence[Sums]) -> list[Figure]:
    ordered = sorted(found, key=lambda one: (-one.cases, -one.excluded, one.member))
    return [_figure(db, measure, period, one) for one in ordered]


def _figure(db: Reading, measure: MeasureId, period: Period, sums: Sums) -> Figure:
    definition = DEFINITIONS[measure]
    return figure_of(definition.kind, sums, provisional=period.last > settled_until(db, measure))


def settled_until(db: Reading, measure: MeasureId) -> date:
    """The last local day whose cases nothing but a correction changes any more; later ones are provisional.

    Yesterday, wherever it is latest, less the run-out: a stay has its 30 days behind it when the thirtieth is over.
    """
    yesterday = (db.now - WEST).date() - ONE_DAY
    return yesterday - timedelta(days=DEFINITIONS[measure].run_out_days)


def _starts(period: Period, step: Step) -> list[date]:
    start = period.first
    if step is Step.MONTH:
        start = start.replace(day=1)
    elif step is Step.WEEK:
        start -= timedelta(days=start.weekday())
    found = []
    while start <= period.last:
        found.append(start)
        start = _end(start, step) + timedelta(days=1)
    return found


def _end(start: date, step: Step) -> date:
    if step is Step.MONTH:
        return (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return start + timedelta(days=6 if step is Step.WEEK else 0)


def _keyed(key: Any, member: Any, *sums: Any) -> tuple[Any, Sums]:
    return key, Sums(str(member), *sums)


def _pair(first: Any, second: Any) -> tuple[Any, Any]:
    return first, second
