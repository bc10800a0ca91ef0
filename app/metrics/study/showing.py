"""A measure as its page shows it: the finding, the definition, tables of which every number opens, charts."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from app.kernel.days import ONE_DAY
from app.kernel.wording import day_text
from app.metrics.definitions import DEFINITIONS
from app.metrics.store.listing import Among
from app.metrics.study import charting
from app.metrics.study.asked import Study
from app.metrics.study.asking import PAGE, UNKNOWN, Against, Choice, Span, history, named
from app.metrics.study.wording import (
    FEW,
    amount_text,
    compared,
    difference_text,
    interval_text,
    month_text,
    number,
    of_text,
    period_text,
    size,
)
from app.metrics.terms import Definition, Figure, Kind, Period

LABELS = {
    "unit": "Unit", "service": "Service", "attending": "Attending", "payer": "Payer", "vendor": "Facility or vendor",
}  # fmt: skip
_PLURALS = {"unit": "units", "service": "services", "attending": "physicians", "payer": "payers", "vendor": "vendors"}
MOST_ROWS = 25
HITS = frozenset({Kind.SHARE, Kind.RATE})


def finding(found: Study) -> str:
    """The figure in one sentence, the title of the page."""
    one = found.definition
    if found.whole.value is None:
        return f"{one.title}: no case in this period"
    return f"{one.title}: {amount_text(one, found.whole.value)}"


def figures(found: Study) -> list[dict[str, Any]]:
    """The figure with its interval and its parts; every part opens its cases."""
    one, whole, choice = found.definition, found.whole, found.choice
    rows = [{"label": "Figure", "value": amount_text(one, whole.value), "unit": interval_text(one, whole), "href": ""}]
    if one.kind in (Kind.SHARE, Kind.RATE, Kind.RATIO):
        hits = choice.cases(Among.HITS) if one.kind in HITS else choice.cases()
        rows.append({"label": "Numerator", "value": number(whole.numerator), "unit": "", "href": hits})
        rows.append({"label": "Denominator", "value": number(whole.denominator), "unit": "", "href": choice.cases()})
    rows.append({"label": "Cases counted", "value": number(whole.cases), "unit": "", "href": choice.cases()})
    left = choice.cases(Among.EXCLUDED)
    rows.append({"label": "Left out", "value": number(whole.excluded), "unit": "", "href": left})
    if found.balancing is not None and one.balancing is not None:
        other = DEFINITIONS[one.balancing]
        rows.append({
            "label": f"Balance: {other.title.lower()}", "value": amount_text(other, found.balancing.value),
            "unit": of_text(other, found.balancing),
            "href": f"{PAGE}/{other.id.value}?first={choice.period.first}&last={choice.period.last}",
        })  # fmt: skip
    return rows


def cautions(found: Study, today: date) -> list[str]:
    """What a reader must know before using the figure."""
    one, said = found.definition, []
    if one.notes:
        said.append(one.notes)
    if found.whole.provisional:
        days = (
            f"the {one.run_out_days} days of run-out are not over" if one.run_out_days else "the last day is not over"
        )
        said.append(f"Provisional: {days}, so later days of this period may still change.")
    if 0 < size(one, found.whole) < FEW:
        said.append(
            f"Only {number(size(one, found.whole))} cases: the figure says little, and no chart is drawn of it."
        )
    return said


def definition_rows(found: Study) -> list[dict[str, str]]:
    """The definition, part by part."""
    one = found.definition
    rows = [
        ("Meaning", one.meaning), ("Numerator", one.numerator), ("Denominator", one.denominator),
        ("Counted on", one.dated_by[:1].upper() + one.dated_by[1:]), ("Source", one.source),
        ("Made with", found.made_with), ("After", one.citation),
        ("Better is", {"lower": "Lower", "higher": "Higher"}.get(one.better, "Neither: it describes")),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def periods(choice: Choice, today: date) -> list[dict[str, Any]]:
    """Periods by their names."""
    found = []
    for span in Span:
        period = named(span, today)
        found.append({
            "label": span.label, "current": period == choice.period,
            "href": choice.address(first=period.first, last=period.last),
        })  # fmt: skip
    return found


def filters(found: Study, codes: Sequence[tuple[str, str]], today: date) -> dict[str, Any]:
    """What the form of the page offers; `codes` are facilities with their names."""
    choice = found.choice
    asked = choice.where.of_cases()
    menus = []
    for name in found.definition.dimensions:
        members = list(dict.fromkeys([*(one.member for one in found.split[name]), *filter(None, [asked.get(name)])]))
        options = [{"value": "", "label": "All", "current": name not in asked}]
        options += [
            {"value": one or UNKNOWN, "label": one or "Not known", "current": asked.get(name) == one}
            for one in sorted(members)[:400]
        ]
        menus.append({"name": name, "label": LABELS[name], "options": options})
    if len(codes) > 1:
        places = [*codes, ("all", "All together")]
        options = [{"value": code, "label": name, "current": code == choice.facility} for code, name in places]
        menus.append({"name": "facility", "label": "Hospital", "options": options})
    against = [{"value": "", "label": "Nothing", "current": choice.against is None}]
    against += [{"value": one.value, "label": one.label, "current": choice.against is one} for one in Against]
    other = choice.other if choice.against is Against.OWN else None
    return {
        "page": f"{PAGE}/{choice.measure.value}", "first": choice.period.first.isoformat(),
        "last": choice.period.last.isoformat(), "menus": menus, "against": against,
        "other_first": other.first.isoformat() if other else "", "other_last": other.last.isoformat() if other else "",
        "periods": periods(choice, today), "narrowed": [
            {"label": f"{LABELS[name]}: {member or 'not known'}", "href": choice.address(**{name: ""})}
            for name, member in asked.items()
        ],
    }  # fmt: skip


def comparison(found: Study, today: date) -> dict[str, Any] | None:
    """Two periods side by side with their difference."""
    choice, one = found.choice, found.definition
    if found.other is None or choice.other is None:
        return None
    rows = [
        {"label": period_text(period, today), "value": amount_text(one, figure.value),
         "interval": interval_text(one, figure), "of": of_text(one, figure), "cases": number(figure.cases),
         "excluded": number(figure.excluded), "href": choice.of_period(period).cases(),
         "left": choice.of_period(period).cases(Among.EXCLUDED)}
        for period, figure in ((choice.period, found.whole), (choice.other, found.other))
    ]  # fmt: skip
    return {
        "rows": rows, "difference": difference_text(one, found.whole, found.other),
        "said": compared(one, found.whole, found.other),
    }  # fmt: skip


def split_tables(found: Study, *, names: bool, places: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """A table for each way of splitting; every row opens its cases, its name narrows the page. `places` are codes of
    facilities with their names."""
    tables = []
    for name in found.definition.dimensions:
        members = found.split[name]
        if (name == "attending" and not names) or all(not one.member for one in members):
            continue
        funnel = charting.groups(found.definition, members, _PLURALS[name])
        rows = [_member(found, name, one, funnel.where(one)) for one in members[:MOST_ROWS]]
        tables.append({
            "name": name, "label": LABELS[name], "rows": rows, "limits": bool(funnel.standing),
            "more": max(0, len(members) - MOST_ROWS),
        })  # fmt: skip
    if found.facilities:
        codes = {name: code for code, name in places}
        rows = [_at_place(found, one, codes.get(one.member, "")) for one in found.facilities]
        tables.append({"name": "facility", "label": "Hospital", "rows": rows, "limits": False, "more": 0})
    return tables


def _plain(one: Definition, figure: Figure) -> dict[str, Any]:
    return {
        "label": figure.member or "Not known", "value": amount_text(one, figure.value),
        "interval": interval_text(one, figure), "of": of_text(one, figure), "cases": number(figure.cases),
        "excluded": number(figure.excluded), "few": 0 < size(one, figure) < FEW, "href": "", "left": "", "narrow": "",
        "limits": "", "provisional": figure.provisional, "before": False,
    }  # fmt: skip


def _member(found: Study, name: str, figure: Figure, limits: str) -> dict[str, Any]:
    choice, member = found.choice, figure.member or UNKNOWN
    return _plain(found.definition, figure) | {
        "href": choice.cases(Among.COUNTED, **{name: member}), "left": choice.cases(Among.EXCLUDED, **{name: member}),
        "narrow": choice.address(**{name: member}), "limits": limits,
    }  # fmt: skip


def _at_place(found: Study, figure: Figure, code: str) -> dict[str, Any]:
    shown = _plain(found.definition, figure)
    if not code:
        return shown
    choice = found.choice
    return shown | {
        "href": choice.cases(facility=code), "left": choice.cases(Among.EXCLUDED, facility=code),
        "narrow": choice.address(facility=code),
    }  # fmt: skip


def months_table(found: Study) -> list[dict[str, Any]]:
    """The months of the period; each opens its cases."""
    choice, rows = found.choice, []
    begun = next((place for place, (first, one) in enumerate(found.months)
                  if one.cases or one.excluded or _month_end(first) >= choice.period.first), 0)  # fmt: skip
    for first, figure in found.months[begun:]:
        period = Period(max(first, history(choice.period).first), min(_month_end(first), choice.period.last))
        own = choice.of_period(period)
        rows.append(_plain(found.definition, figure) | {
            "label": month_text(first), "href": own.cases(), "left": own.cases(Among.EXCLUDED), "narrow": own.address(),
            "before": period.last < choice.period.first,
        })  # fmt: skip
    return rows


def _month_end(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - ONE_DAY


def trend(found: Study, today: date) -> dict[str, Any]:
    """The control chart, by month where there are enough of them, else by week. Pieces of a month stay out, but for the
    present one, which is not over and so provisional."""
    begun, last = history(found.choice.period).first, found.choice.period.last
    inner = [
        (first, one if _month_end(first) <= last else replace(one, provisional=True)) for first, one in found.months
        if first >= begun and (_month_end(first) <= last or _month_end(first) >= today)
    ]  # fmt: skip
    names = [month_text(first) for first, _ in inner]
    drawn = charting.trend(found.definition, inner, names, "month", found.done)
    grain = "month"
    if drawn.drawing is None and found.weeks:
        weeks = [
            (first, one) for first, one in found.weeks
            if first >= found.choice.period.first and first + timedelta(days=6) <= found.choice.period.last
        ]  # fmt: skip
        texts = [day_text(first, today)[4:] for first, _ in weeks]
        by_week = charting.trend(found.definition, weeks, texts, "week", found.done)
        if by_week.drawing is not None:
            drawn, grain = by_week, "week"
    provisional = [month_text(first) for first, one in inner if one.provisional]
    return {
        "finding": drawn.finding, "drawing": drawn.drawing, "few": drawn.few, "grain": grain,
        "provisional": ", ".join(provisional),
    }  # fmt: skip


def funnel(found: Study, *, names: bool) -> dict[str, Any] | None:
    """The funnel plot of units; without units that are known, of the next dimension that has three groups."""
    for name in found.definition.dimensions:
        drawn = charting.groups(found.definition, found.split[name], _PLURALS[name], names=names or name != "attending")
        if drawn.drawing is not None and name != "vendor":
            return {"finding": drawn.finding, "drawing": drawn.drawing, "label": LABELS[name].lower(), "name": name}
    return None


def exclusions(found: Study) -> dict[str, Any]:
    """Why cases do not count: the reasons by size, or as a waterfall where there is one, each with its cases."""
    whole = found.whole.cases + found.whole.excluded
    shown = charting.left_out(whole, found.reasons, found.whole.cases) | charting.by_size(found.reasons)
    shown["rows"] = [
        {"label": sentence, "count": number(count),
         "href": found.choice.cases(Among.EXCLUDED, reason=code) if count else ""}
        for code, sentence, count in found.reasons if count
    ]  # fmt: skip
    shown["others"] = [sentence for _, sentence, count in found.reasons if not count]
    return shown | {
        "whole": number(whole), "whole_href": found.choice.cases(Among.ALL), "counted": number(found.whole.cases),
        "counted_href": found.choice.cases(),
    }  # fmt: skip
