"""Reports ready to show: tiles, Pareto, trend, the lists behind figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from app.avoidable_days.reasons.costs import CAVEAT
from app.avoidable_days.reports.asking import PAGE, Choice, Figure
from app.avoidable_days.reports.breakdown import By, Row, keyed, pareto, totals
from app.avoidable_days.reports.queries import Cost, Study, cost_of, priced_rows
from app.avoidable_days.reports.trend import Grain, Point, grain_of, points, trend, with_patients
from app.avoidable_days.showing import days_text, number_text
from app.avoidable_days.terms import LOCK_AFTER, Controllable, CostConvention, PartyKind, Phase
from app.kernel.control_charts import FEWEST
from app.kernel.days import ONE_DAY
from app.kernel.wording import day_text
from app.web.charts import control as control_chart
from app.web.charts import pareto as pareto_chart
from app.web.charts.axis import figure, percent

LIMITS = {"xmr": "3 sigma from the moving range", "u": "3 sigma from the counts (u)"}
_WHAT = {
    By.REASON: "reasons", By.GROUP: "groups of reasons", By.PARTY: "parties", By.UNIT: "units",
    By.SERVICE: "services", By.ATTENDING: "attendings", By.PAYER: "payers", By.VENDOR: "vendors",
    By.WEEKDAY: "weekdays",
}  # fmt: skip


def money(cents: float) -> str:
    """`$9,200`."""
    return f"${cents / 100:,.0f}"


def rate_text(days: float, patient_days: int) -> str:
    """Per 100 patient days, or a dash where there were none."""
    return figure(100 * days / patient_days, 1) if patient_days else "–"


def period_text(choice: Choice, today: date) -> str:
    """`Mon 1 Dec 2025 to Wed 4 Mar`."""
    return f"{day_text(choice.first, today)} to {day_text(choice.last, today)}"


def tiles(found: Study, today: date) -> list[dict[str, Any]]:
    """The figures of the head, each with the address of its list."""
    choice = found.choice
    own = totals(found.entries, today)
    excess = found.excess
    explained = int(excess["explained"].sum())
    cost = cost_of(priced_rows(found.figure(Figure.DAYS)), found.prices)
    listed = choice.list_of(Figure.DAYS)
    return [
        {"title": "Avoidable days", "figure": number_text(own.days), "href": listed,
         "context": f"{choice.phase.label.lower()}, {_stays(own.stays)}"},
        {"title": "Per 100 patient days", "figure": rate_text(own.days, found.nights.height),
         "href": choice.list_of(Figure.PATIENT_DAYS), "context": f"of {found.nights.height:,} patient days"},
        {"title": "Cost", "figure": money(cost.total) if cost.cents else "–", "href": listed,
         "context": cost_words(cost)},
        {"title": "Past the expected length", "figure": percent(explained / excess.height) if excess.height else "–",
         "href": choice.list_of(Figure.UNEXPLAINED),
         "context": f"with a reason: {explained} of {excess.height} (data quality)"},
        {"title": "Drafts waiting", "figure": str(found.drafts.height), "href": choice.list_of(Figure.DRAFTS),
         "context": "counted nowhere else"},
        {"title": "Locked", "figure": number_text(own.locked), "unit": f"of {number_text(own.days)}",
         "href": choice.list_of(Figure.DAYS, until=today - LOCK_AFTER - ONE_DAY),
         "context": "older than 30 days, changed only with a reason"},
    ]  # fmt: skip


def _stays(count: int) -> str:
    return "1 stay" if count == 1 else f"{count:,} stays"


def cost_words(cost: Cost) -> str:
    """The convention of a cost, and what has no price."""
    parts = [CostConvention(one).label for one in cost.cents]
    if cost.published:
        parts.append("published, not the facility's own")
    if cost.unpriced:
        parts.append(f"{days_text(cost.unpriced)} without a price")
    return "; ".join(parts) if parts else "no days to price"


def phases(found: Study, today: date) -> list[dict[str, Any]]:
    """Both sides of medically ready, never added."""
    sides = {found.choice.phase: found.choice, found.choice.other_phase().phase: found.choice.other_phase()}
    return [
        {"label": phase.label, "days": number_text(totals(sides[phase].entries(found.all_entries), today).days),
         "href": sides[phase].address(), "current": phase is found.choice.phase}
        for phase in (Phase.POST_READY, Phase.PRE_READY)
    ]  # fmt: skip


def pareto_card(found: Study) -> dict[str, Any]:
    """The Pareto with its table; every figure with its list."""
    choice = found.choice
    rows = pareto(found.entries, choice.by)
    bars = [pareto_chart.Bar(one.label, one.key if choice.by is By.REASON else "", one.days) for one in rows]
    said = pareto_chart.Said("pareto-c", f"Avoidable days by {choice.by.label.lower()}", "days")
    there = _nights_by(found.nights, choice.by) if choice.by.of_nights else {}
    whole = sum(one.days for one in rows)
    return {
        "finding": pareto_chart.finding(bars, _WHAT[choice.by], "days"),
        "chart": pareto_chart.draw(bars, said) if rows else None,
        "rates": choice.by.of_nights,
        "rows": [_pareto_row(one, choice, there) for one in rows],
        "sum": {"days": number_text(whole), "href": choice.list_of(Figure.DAYS),
                "rate": rate_text(whole, found.nights.height), "patient_days": f"{found.nights.height:,}"},
    }  # fmt: skip


def _nights_by(nights: pl.DataFrame, by: By) -> dict[str, int]:
    return dict(keyed(nights, by).group_by("key").len().rows())


def _pareto_row(one: Row, choice: Choice, there: dict[str, int]) -> dict[str, Any]:
    return {
        "label": one.label, "code": one.key if choice.by is By.REASON else "", "days": number_text(one.days),
        "stays": str(one.stays), "share": percent(one.share), "running": percent(one.running),
        "href": choice.list_of(Figure.DAYS, key=one.key), "patient_days": f"{there.get(one.key, 0):,}",
        "rate": rate_text(one.days, there.get(one.key, 0)),
    }  # fmt: skip


def trend_card(found: Study, done: Sequence[tuple[date, str]], today: date) -> dict[str, Any]:
    """The trend as a control chart where there are points enough, always with its table."""
    choice = found.choice
    every = points(found.entries, found.nights, choice.first, choice.last)
    drawn = with_patients(every)
    grain = grain_of(choice.first, choice.last)
    made = trend(every, [day for day, _ in done], choice.limits)
    labels = [_point_name(one.first, grain) for one in drawn]
    said = control_chart.Said("trend-c", f"Avoidable days per 100 patient days, by {grain}", LIMITS[choice.limits],
                              grain.value)  # fmt: skip
    marks = [control_chart.Done(_place(drawn, day), text) for day, text in done]
    shown = [one for one in marks if 0 < one.before < len(drawn)]
    first = control_chart.strongest(made.signals)
    return {
        "chart": control_chart.draw(made, labels, said, shown) if made.drawn else None,
        "finding": control_chart.sentence(first, labels) if made.drawn and first else
        ("No signal: the rate moves as chance moves it" if made.drawn else "Too few points for a chart"),
        "few": f"A chart needs {FEWEST} {grain}s with patients; there are {len(drawn)}.",
        "grain": grain.value, "limits": LIMITS[choice.limits],
        "other": choice.address(limits="u" if choice.limits == "xmr" else "xmr"),
        "other_label": LIMITS["u" if choice.limits == "xmr" else "xmr"],
        "rows": [_trend_row(one, grain, choice, today) for one in every],
        "sum": {"days": number_text(sum(one.days for one in every)), "href": choice.list_of(Figure.DAYS),
                "patient_days": f"{sum(one.patient_days for one in every):,}",
                "all_href": choice.list_of(Figure.PATIENT_DAYS)},
    }  # fmt: skip


def _place(drawn: Sequence[Point], day: date) -> int:
    return next((place for place, one in enumerate(drawn) if one.first >= day), len(drawn))


def _point_name(day: date, grain: Grain) -> str:
    return f"{day:%b %Y}" if grain is Grain.MONTH else f"{day:%-d %b}"


def _trend_row(one: Point, grain: Grain, choice: Choice, today: date) -> dict[str, Any]:
    size = (one.last - one.first).days + 1
    part = grain is Grain.WEEK and size < 7
    return {
        "label": day_text(one.first, today) if grain is not Grain.MONTH else f"{one.first:%B %Y}",
        "part": ("1 day" if size == 1 else f"{size} days") if part else "", "days": number_text(one.days),
        "patient_days": f"{one.patient_days:,}", "rate": rate_text(one.days, one.patient_days),
        "href": choice.list_of(Figure.DAYS, since=one.first, until=one.last),
        "all_href": choice.list_of(Figure.PATIENT_DAYS, since=one.first, until=one.last),
    }  # fmt: skip


def filters(found: Study) -> dict[str, Any]:
    """What the form offers: units and services that are in the period, and the fixed words."""
    units = dict(found.all_nights.select("unit", "unit_name").unique().sort("unit_name").rows())
    services = found.all_nights["service"].unique().sort().to_list()
    choice = found.choice
    return {
        "units": [_option("", "All units", choice.unit)]
        + [_option(code, name or code, choice.unit) for code, name in units.items() if code],
        "services": [_option("", "All services", choice.service)]
        + [_option(one, one, choice.service) for one in services if one],
        "parties": [_option("", "Anybody", choice.party or "")]
        + [_option(one.value, one.label, choice.party or "") for one in PartyKind],
        "controls": [_option("", "All", choice.controllable or "")]
        + [_option(one.value, one.label.capitalize(), choice.controllable or "") for one in Controllable],
        "ways": [_option(one.value, one.label, choice.by) for one in By],
        "first": choice.first.isoformat(), "last": choice.last.isoformat(), "phase": choice.phase.value,
        "code": choice.code, "limits": choice.limits,
    }  # fmt: skip


def _option(value: str, label: str, current: str) -> dict[str, Any]:
    return {"value": value, "label": label, "current": value == current}


def caveat(found: Study) -> str:
    """What to know of a published price."""
    cost = cost_of(priced_rows(found.figure(Figure.DAYS)), found.prices)
    return CAVEAT if cost.published else ""


def links(current: str) -> list[dict[str, Any]]:
    """The reports beside each other."""
    places = (
        ("Pareto and trend", PAGE), ("Actions", f"{PAGE}/actions"), ("Over- and under-use", f"{PAGE}/utilization"),
        ("Precision of drafts", f"{PAGE}/precision"),
    )  # fmt: skip
    return [{"label": label, "href": href, "current": href == current} for label, href in places]
