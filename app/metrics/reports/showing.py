"""A report ready to show: the same words and numbers for the page and for paper."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.metrics.reports.content import Content
from app.metrics.reports.queries import Report
from app.metrics.reports.rules import months_before
from app.metrics.reports.terms import ReportSpan
from app.metrics.study import quality, showing
from app.metrics.study.asked import Study
from app.metrics.study.wording import amount_text, difference_text, interval_text, month_text, number, of_text
from app.metrics.terms import Period

MONTHS = 12
UNITS = 8
"""Rows of a table; a page of the measure has all of them."""
CRUDE = "Crude figures: not adjusted for how ill patients were."


def months_text(period: Period) -> str:
    """`Feb 2026`, `Jan 2026 to Mar 2026`: periods of reports are whole months."""
    first, last = month_text(period.first), month_text(period.last)
    return first if first == last else f"{first} to {last}"


def narrowed_text(report: Report) -> str:
    """Whom the report is about, empty for everybody."""
    return ", ".join(f"{showing.LABELS[name].lower()} {member}" for name, member in report.narrowed.items())


def earlier_and_later(found: Content, today: date) -> dict[str, str]:
    """The days on which the reports before and after this one are read, as they stand in an address; empty: none."""
    quarter = found.report.span is ReportSpan.LAST_QUARTER
    last = found.period.last.replace(day=1)
    earlier = found.period.first if quarter else last
    later = months_before(last, -4 if quarter else -2)
    return {"earlier": earlier.isoformat(), "later": later.isoformat() if later <= today else ""}


def overview(found: Content) -> list[dict[str, Any]]:
    """One row for each measure: the first sheet of the report."""
    rows = []
    for one in found.studies:
        rows.append({
            "key": one.definition.id.value, "title": one.definition.title,
            "value": amount_text(one.definition, one.whole.value),
            "interval": interval_text(one.definition, one.whole), "of": of_text(one.definition, one.whole),
            "beside": amount_text(one.definition, one.other.value) if one.other else "",
            "difference": difference_text(one.definition, one.whole, one.other) if one.other else "",
            "provisional": one.whole.provisional, "quality": quality.mark(one),
        })  # fmt: skip
    return rows


def sections(found: Content) -> list[dict[str, Any]]:
    """Every measure with its definition, chart, tables, and what a reader must know before using it."""
    return [_section(one, found) for one in found.studies]


def _section(one: Study, found: Content) -> dict[str, Any]:
    definition, key = one.definition, one.definition.id.value
    trend = showing.trend(one, found.today)
    if trend["drawing"] is not None:
        trend["drawing"] = replace(trend["drawing"], id=f"ch-{key}")
    return {
        "key": key, "name": definition.title, "empty": not (one.whole.cases or one.whole.excluded),
        "title": showing.finding(one), "of": of_text(definition, one.whole),
        "interval": interval_text(definition, one.whole), "provisional": one.whole.provisional,
        "href": one.choice.address(), "cases": one.choice.cases(), "cautions": _cautions(one, found.today),
        "definition": showing.definition_rows(one), "trend": trend, "compared": _compared(one, found),
        "months": showing.months_table(one)[-MONTHS:], "units": _units(one), "left_out": _left_out(one),
        "counts": f"{number(one.whole.cases)} counted, {number(one.whole.excluded)} left out",
        "quality": quality.facts(one), "balancing": _balancing(one),
    }  # fmt: skip


def _cautions(one: Study, today: date) -> list[str]:
    """As the page of the measure has them; a report draws the months, however few cases its period has."""
    return [said.replace(", and no chart is drawn of it", "") for said in showing.cautions(one, today)]


def _compared(one: Study, found: Content) -> dict[str, Any] | None:
    said = showing.comparison(one, found.today)
    if said is not None and found.beside is not None:
        for row, period in zip(said["rows"], (found.period, found.beside), strict=True):
            row["label"] = months_text(period)
    return said


def _units(one: Study) -> list[dict[str, Any]]:
    tables = [table for table in showing.split_tables(one, names=False) if table["name"] == "unit"]
    return [row for table in tables for row in table["rows"][:UNITS]]


def _left_out(one: Study) -> list[dict[str, str]]:
    return [{"label": sentence, "count": number(count)} for _, sentence, count in one.reasons if count]


def _balancing(one: Study) -> str:
    """The measure to read beside this one, lest one is bought with the other."""
    rows = [row for row in showing.figures(one) if row["label"].startswith("Balance: ")]
    return "; ".join(f"{row['label'].removeprefix('Balance: ')}: {row['value']} ({row['unit']})" for row in rows)


def choices(members_of: Mapping[str, Sequence[str]], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Menus by which a report may be narrowed; a member that has no case any more stays to be chosen."""
    menus = []
    for name, members in members_of.items():
        now = given.get(name, "")
        known = sorted({one for one in (*members, now) if one})
        options = [{"value": "", "label": "All"}, *({"value": one, "label": one} for one in known)]
        menus.append({"name": name, "label": showing.LABELS[name], "options": options})
    return menus
