"""Which charts a measure has, and what they find: over time, between groups, between cases, between reasons. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.kernel.control_charts import FEWEST, Chart, Level, chart, individuals, shares
from app.metrics.study.wording import FEW, bare, number
from app.metrics.terms import Definition, Figure, Kind
from app.web.charts import control, distribution, funnel, pareto, waterfall
from app.web.charts.axis import percent

Point = tuple[date, Figure]


@dataclass(frozen=True, slots=True)
class Trend:
    """A control chart, or why there is none."""

    finding: str
    drawing: control.Drawing | None
    few: str


Marks = Sequence[tuple[date, str]]
"""Days on which something was done, with a few words."""


def trend(
    definition: Definition, points: Sequence[Point], labels: Sequence[str], grain: str, done: Marks = ()
) -> Trend:
    """The figures of months or weeks one after the other; `labels` name the points. Those that may still change stand
    apart: limits and rules know nothing of them.

    Limits begin anew at what was done, once there are enough points on both sides of it.
    """
    known = [
        (text, one, first) for (first, one), text in zip(points, labels, strict=True)
        if one.value is not None and (definition.chart != "p" or one.denominator > 0)
    ]  # fmt: skip
    settled = [point for point in known if not point[1].provisional]
    later = [control.Later(text, bare(definition, one.value) or 0.0) for text, one, _ in known if one.provisional]
    names = [text for text, _, _ in settled]
    found = [one for _, one, _ in settled]
    if len(found) < FEWEST:
        few = f"A control chart needs {FEWEST} {grain}s with cases that can change no more; there are {len(found)}."
        return Trend(f"{definition.title} by {grain}", None, f"{few} The table has what there is.")
    if definition.chart == "p" and definition.kind is Kind.SHARE:
        series = shares([one.numerator for one in found], [one.denominator for one in found])
        limits = "3 sigma of the binomial distribution, for the size of each point"
    else:
        series = individuals([bare(definition, one.value) or 0.0 for one in found])
        limits = "3 sigma from the moving range"
    # A point belongs to the time after an action when it begins on its day or later.
    acts = [control.Done(sum(1 for _, _, first in settled if first < day), text) for day, text in done]
    acts = [one for one in acts if 0 < one.before < len(settled)]
    drawn = chart(series, [one.before for one in acts])
    if definition.kind is Kind.SHARE and definition.chart == "p":
        drawn = _times(drawn, definition.per)
    told = control.strongest(drawn.signals)
    unit = "%" if definition.kind is Kind.SHARE else ""
    finding = control.sentence(told, names) if told else f"No rule is broken in {len(found)} {grain}s"
    said = control.Said("ch-trend", f"{definition.title}, control chart by {grain}", limits, grain, unit)
    return Trend(finding.rstrip("."), control.draw(drawn, names, said, acts, later), "")


def _times(drawn: Chart, per: int) -> Chart:
    """The chart in percent; signals stay what they are."""
    levels = tuple(Level(one.mean * per, one.lower * per, one.upper * per, one.sigma * per) for one in drawn.levels)
    return replace(drawn, values=tuple(one * per for one in drawn.values), levels=levels)


@dataclass(frozen=True, slots=True)
class Groups:
    """A funnel plot of the groups of one dimension, with where each lies, and those too small for it."""

    finding: str
    drawing: funnel.Drawing | None
    standing: dict[str, str]

    def where(self, one: Figure) -> str:
        """Where a member lies between the limits, or why nobody says."""
        return self.standing.get(one.member, "too few" if one.member else "not compared")


def groups(definition: Definition, members: Sequence[Figure], what: str, *, names: bool = True) -> Groups:
    """Groups about the share of all; `what` are they (`units`). Only for shares; groups with few cases stay out."""
    large = [one for one in members if one.denominator >= FEW and one.member]
    hits, whole = sum(one.numerator for one in members), sum(one.denominator for one in members)
    if definition.kind is not Kind.SHARE or len(large) < 3 or not whole:
        return Groups("", None, {})
    share = hits / whole
    shown = [funnel.Group(one.member, one.numerator, round(one.denominator)) for one in large]
    said = funnel.Said("ch-funnel", f"{definition.title}, funnel plot of {what}", "cases", what, names)
    finding = funnel.finding(shown, share, said)
    drawing = funnel.draw(shown, share, said)
    where = {one.name: funnel.standing(one.hits, one.size, share).words for one in shown}
    return Groups(finding, drawing, where)


@dataclass(frozen=True, slots=True)
class Values:
    """A distribution of the values of cases."""

    finding: str
    drawing: distribution.Drawing
    rows: list[dict[str, str]]


def values(definition: Definition, found: Sequence[float]) -> Values | None:
    """How the values of the cases lie; None for measures without, and for few cases."""
    spread = distribution.spread(found) if len(found) >= FEW else None
    if spread is None or definition.kind in (Kind.SHARE, Kind.RATE):
        return None
    said = distribution.Said("ch-values", f"{definition.title}, distribution", definition.unit, "cases")
    finding = distribution.finding(spread, said)
    drawing = distribution.draw(spread, said)
    rows = [{"label": f"{one.words} {definition.unit}", "cases": number(one.cases)} for one in spread.intervals]
    return Values(finding, drawing, rows)


def by_size(reasons: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """The reasons of what is left out as a Pareto chart, and which few make most of it; nothing for fewer than two."""
    found = sorted((one for one in reasons if one[2]), key=lambda one: -one[2])
    if len(found) < 2:
        return {"few": "", "pareto": None}
    bars = [pareto.Bar(sentence.rstrip("."), "", count) for _, sentence, count in found]
    many = pareto.vital([one.value for one in bars])
    share = percent(sum(one.value for one in bars[:many]) / sum(one.value for one in bars))
    said = pareto.Said("ch-reasons", "Reasons by how many cases each leaves out", "cases")
    few = f"{many} of {len(bars)} reasons {'makes' if many == 1 else 'make'} {share}"
    return {"few": few, "pareto": pareto.draw(bars, said)}


def left_out(whole: int, reasons: Sequence[tuple[str, str, int]], counted: int) -> dict[str, Any]:
    """Why cases are not counted: the finding, and the steps from all of them to those that are."""
    gone = sum(count for _, _, count in reasons)
    if not gone:
        return {"finding": "No case is left out", "drawing": None}
    finding = f"Why {gone:,} of {whole:,} cases are not counted"
    steps = [(sentence.rstrip("."), count) for _, sentence, count in reasons]
    said = waterfall.Said("ch-out", "From all cases to those that count", "All cases", "Counted")
    assert whole - gone == counted, "each case is counted or left out for one reason"
    return {"finding": finding, "drawing": waterfall.draw(whole, steps, said)}
