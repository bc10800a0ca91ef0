"""What Control says of readmissions: the figure of twelve months, its units about their limits, what is left out."""

from collections import Counter
from datetime import date
from typing import Any

import msgspec

from app.kernel.days import ONE_DAY
from app.metrics.definitions import DEFINITIONS
from app.metrics.store import queries
from app.metrics.store.listing import Among
from app.metrics.store.reckoning import Sums, figure_of
from app.metrics.study import charting
from app.metrics.study.asking import UNKNOWN, Choice, Span, named
from app.metrics.study.wording import amount_text, interval_text, number, of_text, period_text
from app.metrics.terms import Figure, Filter, MeasureId, Period
from app.metrics.value_sets.queries import in_force
from app.platform.work import Reading


def months_of(db: Reading) -> Period:
    """Twelve calendar months up to the last day whose returns can change no more."""
    return named(Span.YEAR, queries.settled_until(db, MeasureId.READMISSION) + ONE_DAY)


def section(db: Reading, facility: tuple[str, int], today: date) -> dict[str, Any]:
    """`facility`: its code and its key."""
    code, key = facility
    one, where = DEFINITIONS[MeasureId.READMISSION], Filter(facility=key)
    period = months_of(db)
    whole = queries.figures(db, one.id, period, where=where)[0]
    units, reasons = _units_and_reasons(db, period, where)
    calls = queries.figures(db, MeasureId.FOLLOW_UP_CALL, period, where=where)[0]
    choice = Choice(measure=one.id, period=period, where=where, facility=code)
    drawn = charting.groups(one, units, "units")
    called = DEFINITIONS[MeasureId.FOLLOW_UP_CALL]
    cases = whole.cases + whole.excluded
    return {
        "period": period_text(period, today), "made_with": in_force(db).brief,
        "definition": f"{choice.address()}#definition",
        "figures": [
            _figure("Rate", amount_text(one, whole.value), interval_text(one, whole), choice.address()),
            _figure("Readmitted", number(whole.numerator), "", choice.cases(Among.HITS)),
            _figure("Index stays", number(whole.cases), "", choice.cases()),
            _figure("Left out", number(whole.excluded), f"of {cases:,}", choice.cases(Among.EXCLUDED)),
            _figure("Followed by a call in time", amount_text(called, calls.value), of_text(called, calls),
                    f"/measures/{called.id.value}?first={period.first}&last={period.last}"),
        ],
        "funnel": drawn.drawing, "finding": drawn.finding or "Units with their rates",
        "units": [
            {"name": unit.member or "Not known", "cases": number(unit.cases), "hits": number(unit.numerator),
             "href": choice.cases(Among.COUNTED, unit=unit.member or UNKNOWN),
             "hits_href": choice.cases(Among.HITS, unit=unit.member or UNKNOWN),
             "rate": amount_text(one, unit.value), "limits": drawn.where(unit)}
            for unit in units if unit.cases
        ],
        "sum": {"cases": number(whole.cases), "hits": number(whole.numerator), "rate": amount_text(one, whole.value)},
        "left": charting.left_out(cases, reasons, whole.cases),
        "reasons": [
            {"label": sentence, "count": number(count), "href": choice.cases(Among.EXCLUDED, reason=reason)}
            for reason, sentence, count in reasons if count
        ],
        "any": cases > 0,
    }  # fmt: skip


_GROUPS = """
select d.unit, d.excluded, count(*)::int, coalesce(sum(d.numerator), 0)::float8, coalesce(sum(d.denominator), 0)::float8
from measure_case d where {conditions} group by 1, 2
"""


def _units_and_reasons(db: Reading, period: Period, where: Filter) -> tuple[list[Figure], list[tuple[str, str, int]]]:
    """Figures of units and reasons of exclusion by one pass over the cases."""
    one = DEFINITIONS[MeasureId.READMISSION]
    conditions, values = queries.conditions_of(one.id, period, where)
    sums: dict[str, Sums] = {}
    gone: Counter[str] = Counter()
    for unit, reason, cases, hits, of in db.rows(_row, _GROUPS.format(conditions=conditions), values):
        was = sums.get(unit, Sums(unit))
        if reason:
            gone[reason] += cases
            sums[unit] = msgspec.structs.replace(was, excluded=was.excluded + cases)
        else:
            sums[unit] = msgspec.structs.replace(was, cases=cases, numerator=hits, denominator=of)
    figures = sorted((figure_of(one.kind, each) for each in sums.values()), key=lambda each: (-each.cases, each.member))
    known = [(code, sentence, gone.pop(code, 0)) for code, sentence in one.exclusions]
    return figures, known + [(code, code.replace("_", " "), count) for code, count in sorted(gone.items())]


def _row(*values: Any) -> tuple[Any, ...]:
    return values


def _figure(label: str, value: str, small: str, href: str) -> dict[str, str]:
    return {"label": label, "value": value, "unit": small, "href": href}
