"""Figures of measures in words: with their unit, their interval and how many cases they rest on. Pure."""

from datetime import date

from app.kernel.shares import difference
from app.kernel.wording import day_text
from app.metrics.terms import Definition, Figure, Kind, Period
from app.web.charts.axis import figure as number_text
from app.web.charts.axis import fixed

FEW = 12
"""Cases below which a figure says little: it is shown with a caution, and no chart is drawn of it."""
NOTHING = "–"


def amount_text(definition: Definition, value: float | None) -> str:
    """`13.2 %`, `4.7 days`, `3.1 per 100`, `1.08`; a dash where there is nothing to reckon with."""
    if value is None:
        return NOTHING
    if definition.kind is Kind.SHARE:
        return f"{fixed(100 * value)} %"
    if definition.kind is Kind.RATE:
        return f"{fixed(definition.per * value, 2)} per {definition.per}"
    if definition.kind in (Kind.RATIO, Kind.GEOMETRIC_RATIO):
        return fixed(value, 2)
    return f"{fixed(value, 0 if definition.unit == 'minutes' and value >= 10 else 1)} {definition.unit}".strip()


def bare(definition: Definition, value: float | None) -> float | None:
    """The figure as it is drawn and compared: shares and rates times what they are multiplied by."""
    return None if value is None else value * definition.per


def interval_text(definition: Definition, found: Figure) -> str:
    """`95 % interval 12.0 to 14.4`, or empty where there is none."""
    if found.low is None or found.high is None:
        return ""
    low, high = (fixed(definition.per * end) for end in (found.low, found.high))
    return f"95 % interval {low} to {high}"


def number(value: float) -> str:
    """`1,361`, `0.5`."""
    return number_text(value, 1)


def of_text(definition: Definition, found: Figure) -> str:
    """What the figure is made of: `390 of 2,957`, or how many cases."""
    if definition.kind in (Kind.SHARE, Kind.RATE, Kind.RATIO):
        return f"{number(found.numerator)} of {number(found.denominator)}"
    return f"{found.cases:,} {'case' if found.cases == 1 else 'cases'}"


def size(definition: Definition, found: Figure) -> float:
    """How much a figure rests on: the denominator of a share, else its cases."""
    return found.denominator if definition.kind is Kind.SHARE else float(found.cases)


def difference_text(definition: Definition, now: Figure, then: Figure) -> str:
    """`+1.2 points`, `-0.3 days`; what changed since the other period."""
    if now.value is None or then.value is None:
        return NOTHING
    change = round((now.value - then.value) * definition.per, 2)
    unit = "points" if definition.kind is Kind.SHARE else definition.unit if definition.kind is not Kind.RATE else ""
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return f"{sign}{number_text(abs(change), 2)} {unit}".strip()


def compared(definition: Definition, now: Figure, then: Figure) -> str:
    """What the comparison says, and whether it may be chance."""
    if now.value is None or then.value is None:
        return "One of the two periods has no case: there is nothing to compare."
    if now.value == then.value:
        return "Both periods have the same figure."
    better = {"lower": now.value < then.value, "higher": now.value > then.value}.get(definition.better)
    said = "It is different" if better is None else "It is better" if better else "It is worse"
    if definition.kind is not Kind.SHARE or now.low is None or then.low is None:
        return f"{said}; whether by more than chance, the chart of months below says."
    low, high = difference(*((round(one.numerator), round(one.denominator)) for one in (now, then)))
    span = f"95 % interval of the difference {_signed(low * definition.per)} to {_signed(high * definition.per)} points"
    chance = "chance can explain it" if low <= 0 <= high else "chance alone rarely makes so much"
    return f"{said}; {chance} ({span})."


def _signed(value: float) -> str:
    return f"{'−' if round(value, 1) < 0 else '+'}{number_text(abs(value), 1)}"


def period_text(period: Period, today: date) -> str:
    """`Sun 1 Feb to Wed 4 Mar`."""
    return f"{day_text(period.first, today)} to {day_text(period.last, today)}"


def month_text(first: date) -> str:
    """`Mar 2026`."""
    return f"{first:%b %Y}"
