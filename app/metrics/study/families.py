"""All measures, family by family, each with its figure of twelve months and what its months say."""

from collections.abc import Mapping
from typing import Any

from app.metrics.definitions import DUTIES, FLOW, PAYERS, STATUS, STAYS
from app.metrics.study import charting
from app.metrics.study.asked import Overview, overviews
from app.metrics.study.asking import PAGE
from app.metrics.study.wording import FEW, amount_text, interval_text, month_text, of_text, size
from app.metrics.terms import Definition, MeasureId, Period
from app.platform.work import Reading

FAMILIES: tuple[tuple[str, str, tuple[Definition, ...]], ...] = (
    ("of-stays", "Returns and length of stay", STAYS),
    ("of-status", "Status and observation", STATUS),
    ("of-payers", "Payers and denials", PAYERS),
    ("of-flow", "Departure and placement", FLOW),
    ("of-duties", "Work that is due", DUTIES),
)


def cards(db: Reading, facility: int, period: Period) -> list[dict[str, Any]]:
    """The families with their measures."""
    found = {one.definition.id: one for one in overviews(db, facility, period)}
    return [
        {"key": key, "title": title, "rows": [
            _row(found[one.id], period) | {"balance": _balance(found, one)} for one in members
        ]}
        for key, title, members in FAMILIES
    ]  # fmt: skip


def _row(one: Overview, period: Period) -> dict[str, Any]:
    definition, whole = one.definition, one.whole
    settled = [(first, figure) for first, figure in one.months if not figure.provisional and figure.value is not None]
    last = settled[-1] if settled else None
    return {
        "title": definition.title, "href": f"{PAGE}/{definition.id.value}", "meaning": definition.meaning,
        "value": amount_text(definition, whole.value), "interval": interval_text(definition, whole),
        "of": of_text(definition, whole), "few": 0 < size(definition, whole) < FEW,
        "cases": f"{PAGE}/{definition.id.value}/cases?first={period.first}&last={period.last}",
        "last": f"{month_text(last[0])}: {amount_text(definition, last[1].value)}" if last else "no month is settled",
        "trend": _trend(one), "provisional": whole.provisional,
    }  # fmt: skip


def _balance(found: Mapping[MeasureId, Overview], one: Definition) -> str:
    """The measure to read beside this one, with its figure, lest one is bought with the other."""
    if one.balancing is None:
        return ""
    other = found[one.balancing]
    return f"{other.definition.title.lower()} {amount_text(other.definition, other.whole.value)}"


def _trend(one: Overview) -> str:
    """What the control chart of the months would say."""
    labels = [month_text(first) for first, _ in one.months]
    drawn = charting.trend(one.definition, one.months, labels, "month")
    return drawn.finding if drawn.drawing is not None else ""
