"""Figures and cases as lines of a file: one table with the same columns for every measure. Pure.

`value`, `low` and `high` are as pages show them: shares in percent, rates times what they are counted by.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from app.metrics.store.listing import Case, Cases
from app.metrics.study.asked import Study
from app.metrics.study.asking import history
from app.metrics.study.listing import rows as shown
from app.metrics.study.wording import bare
from app.metrics.terms import Definition, Figure, Kind, Period
from app.worklists.out.taking import PROTECTED

_TEXT, _NUMBER, _DAY = pl.String(), pl.Float64(), pl.Date()
FIGURE_COLUMNS: dict[str, pl.DataType] = {
    "measure": _TEXT, "title": _TEXT, "by": _TEXT, "member": _TEXT, "first": _DAY, "last": _DAY,
    "cases": pl.Int64(), "left_out": pl.Int64(), "numerator": _NUMBER, "denominator": _NUMBER, "value": _NUMBER,
    "unit": _TEXT, "low": _NUMBER, "high": _NUMBER, "provisional": pl.Boolean(),
}  # fmt: skip
CASE_COLUMNS: dict[str, pl.DataType] = {
    "measure": _TEXT, "facility": _TEXT, "visit": _TEXT, "family": _TEXT, "given": _TEXT, "day": _DAY,
    "counted": pl.Boolean(), "left_out_because": _TEXT, "numerator": _NUMBER, "denominator": _NUMBER,
    "value": _NUMBER, "service": _TEXT, "unit": _TEXT, "attending": _TEXT, "payer": _TEXT, "vendor": _TEXT,
    "known": _TEXT,
}  # fmt: skip
Line = tuple[Any, ...]


def figure_lines(found: Study, *, names: bool) -> list[Line]:
    """The figure of the period, of the one beside it, of each month and of each member; why cases are left out.

    Attending physicians only for those who may see figures of single ones.
    """
    return list(_lines(found, names))


def _lines(found: Study, names: bool) -> Iterator[Line]:
    one, choice = found.definition, found.choice
    yield _line(one, choice.period, "", found.whole)
    if found.other is not None and choice.other is not None:
        yield _line(one, choice.other, "other period", found.other)
    begun = history(choice.period).first
    for first, figure in found.months:
        yield _line(one, Period(max(first, begun), _month_end(first, choice.period.last)), "month", figure)
    for name, members in found.split.items():
        if name != "attending" or names:
            yield from (_line(one, choice.period, name, figure) for figure in members)
    yield from (_line(one, choice.period, "hospital", figure) for figure in found.facilities)
    for _, sentence, count in found.reasons:
        yield _line(one, choice.period, "left out", Figure(member=sentence, excluded=count), bare_count=True)


def _line(one: Definition, period: Period, by: str, figure: Figure, *, bare_count: bool = False) -> Line:
    parts = (None, None) if bare_count or not _has_parts(one) else (figure.numerator, figure.denominator)
    member = figure.member or ("not known" if by in ("unit", "service", "attending", "payer", "vendor") else "")
    return (
        one.id.value, one.title, by, member, period.first, period.last, figure.cases, figure.excluded, *parts,
        bare(one, figure.value), unit_text(one), bare(one, figure.low), bare(one, figure.high), figure.provisional,
    )  # fmt: skip


def _has_parts(one: Definition) -> bool:
    return one.kind in (Kind.SHARE, Kind.RATE, Kind.RATIO)


def unit_text(one: Definition) -> str:
    """What the value is counted in; empty for a bare quotient."""
    if one.kind is Kind.SHARE:
        return "%"
    return f"per {one.per}" if one.kind is Kind.RATE else one.unit


def _month_end(first: date, last: date) -> date:
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(date.fromordinal(following.toordinal() - 1), last)


def case_lines(found: Cases, one: Definition, facilities: dict[int, str], today: date) -> list[Line]:
    """The cases as their list shows them, and a line for each that belongs to a stay the reader may not see."""
    told = [row["said"] for row in shown(found, one, dict(one.exclusions), today)]
    lines = [_case(case, one, facilities, said) for case, said in zip(found.rows, told, strict=True)]
    hidden: Line = tuple(PROTECTED if name == "family" else None for name in CASE_COLUMNS)
    return [*lines, *[hidden] * found.hidden]


def _case(case: Case, one: Definition, facilities: dict[int, str], said: str) -> Line:
    return (
        one.id.value, facilities.get(case.facility_id, ""), case.visit_number, case.family, case.given, case.day,
        not case.excluded, dict(one.exclusions).get(case.excluded, case.excluded.replace("_", " ")), case.numerator,
        case.denominator, case.value, case.service, case.unit, case.attending, case.payer, case.vendor, said,
    )  # fmt: skip


def columns_text(columns: Sequence[str]) -> list[str]:
    """Names of columns as people read them."""
    return [one.replace("_", " ").capitalize() for one in columns]
