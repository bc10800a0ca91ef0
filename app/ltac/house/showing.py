"""The page of a long-term hospital in words: figures of two periods, what each pending discharge changes, bunching."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from app.kernel.wording import dated_text, day_text
from app.ltac.days.rules import averages, shares
from app.ltac.days.rules.averages import AS_THE_LAW_HAS_IT, Inclusion, Period
from app.ltac.days.rules.bunching import WATCHED, bunching
from app.ltac.days.rules.shares import Share
from app.ltac.days.terms import Rate
from app.ltac.house.figures import Figure, House, Named, Stay, hits, standard_rate
from app.regulations.ltch import conditions

TITLES = {
    Figure.AVERAGE: "Average stay", Figure.PAYMENT: "Discharge payment percentage", Figure.SHORT: "Short stays",
    Figure.WEANED: "Weaned at discharge", Figure.BACK: "Sent back to an acute hospital",
    Figure.READMITTED: "New stay within 30 days",
}  # fmt: skip
DEFINITIONS = (
    (Figure.AVERAGE, "Days in the house of the stays that ended in the period, over their number, by the rules that are"
     " switched on. All days of a stay count in the period of its discharge. 42 CFR 412.23(e)(2), (3)."),
    (Figure.PAYMENT, "Discharges of original Medicare not paid site-neutral, of those whose rate is decided; the two"
     " bounds say what the undecided ones could make of it. Below 50 % the hospital loses the standard rate."
     " 42 CFR 412.522(d)."),
    (Figure.SHORT, "Stays at the standard rate whose covered days are five sixths of the geometric mean of their group"
     " or fewer, of those whose group and year are known. 42 CFR 412.529."),
    (Figure.WEANED, "No invasive ventilation on the two calendar days before the discharge, of all who were ventilated"
     " here; the dead and those whose last days nobody recorded are among them."),
    (Figure.BACK, "Discharges to an acute hospital, of all discharges."),
    (Figure.READMITTED, "A new inpatient stay known here within 30 days, of those who left alive and not to an acute"
     " hospital. A return to an interrupted stay is none; who has been gone for less is not counted yet."),
)  # fmt: skip
PARTS = {"this": "this period", "last": "the last period"}


def period_text(period: Period) -> str:
    """`1 Oct 2025 to 30 Sep 2026`."""
    return f"{period.first:%-d %b %Y} to {period.last:%-d %b %Y}"


def off_query(off: Collection[Inclusion]) -> str:
    """The rules that are switched off, as the address names them."""
    return urlencode([("off", one.value) for one in Inclusion if one in off])


def rules_of(off: Collection[Inclusion]) -> frozenset[Inclusion]:
    """The rules that stay on."""
    return AS_THE_LAW_HAS_IT - frozenset(off)


def share_of(figure: Figure, stays: Sequence[Stay], today: date) -> Share:
    """A share of the discharges of a period."""
    outcomes = [one.outcome for one in stays if one.outcome is not None]
    if figure is Figure.SHORT:
        return shares.short_stays(standard_rate(stays))
    if figure is Figure.WEANED:
        return shares.weaned(outcomes)
    if figure is Figure.BACK:
        return shares.transfers_back(outcomes)
    return shares.readmissions(outcomes, today)


def figure_rows(house: House, off: Collection[Inclusion]) -> list[dict[str, Any]]:
    """Every figure in both periods, each with the way to its stays."""
    periods = {"this": house.this, "last": house.last}
    return [
        {"title": TITLES[figure], "id": figure.value,
         **{part: _cell(house, figure, (part, period), off) for part, period in periods.items()}}
        for figure in Figure
    ]  # fmt: skip


def _cell(house: House, figure: Figure, at: tuple[str, Period], off: Collection[Inclusion]) -> dict[str, Any]:
    part, period = at
    query = "&".join(one for one in (f"figure={figure.value}&part={part}", off_query(off)) if one)
    found: dict[str, Any] = {"href": f"/ltac/stays?{query}", "bar": None}
    if figure is Figure.AVERAGE:
        made = averages.average(house.leavers, period, rules_of(off))
        left_out = sum(made.left_out.values())
        words = f"{_discharges(made.discharges)}{f', {left_out} left out' if left_out else ''}"
        return found | {"value": days_text(made.value), "more": words}
    if figure is Figure.PAYMENT:
        return found | _payment(house, period)
    share = share_of(figure, house.left_in(period), house.today)
    more = f"{share.hits} of {share.of}" + (f", {share.unknown} not known" if share.unknown else "")
    if share.interval is not None:
        more += f"; 95 % interval {share.interval[0]:.0f} to {share.interval[1]:.0f}"
    return found | {"value": percent_text(share.percent), "more": more}


def _payment(house: House, period: Period) -> dict[str, Any]:
    made = averages.payment_percentage(house.leavers, period)
    decided = made.standard + made.site_neutral
    words = f"{made.standard} of {decided}"
    if made.undecided and made.bounds is not None:
        words += f", {made.undecided} not decided: {made.bounds[0]:.0f} to {made.bounds[1]:.0f} %"
    bar = None
    if made.percent is not None:
        limit = conditions().payment_percent
        bar = {"width": round(1.6 * made.percent), "mark": round(1.6 * limit), "low": made.below,
               "name": f"{made.percent:.0f} percent; the line is {limit} percent"}  # fmt: skip
    return {"value": percent_text(made.percent), "more": words, "bar": bar}


def projection(house: House, off: Collection[Inclusion]) -> dict[str, Any]:
    """The average of this period with today's census, as a sentence of its parts."""
    made = averages.projected(house.leavers, house.present, house.this, house.today, rules_of(off))
    words = [f"{len(made.added)} present taken to leave in the period"]
    words += [f"{len(made.later)} later"] if made.later else []
    words += [f"{len(made.unknown)} without a known day, left out"] if made.unknown else []
    return {"value": days_text(made.average.value), "more": ", ".join(words)}


def effects(house: House, off: Collection[Inclusion], names: Mapping[uuid.UUID, Named]) -> list[dict[str, Any]]:
    """What each pending discharge does to the projected average, beside the clinical readiness of the patient."""
    rules = rules_of(off)
    base = averages.projected(house.leavers, house.present, house.this, house.today, rules).average.value
    stays = {str(one.id): one for one in house.stays}
    found = []
    for one in averages.sensitivity(house.leavers, house.present, house.this, house.today, rules):
        stay = stays[one.key]
        known = names.get(stay.id)
        if known is None or one.taken.on is None:
            continue
        ready = stay.days.readiness.since
        found.append({
            "name": known.name, "place": known.place, "href": f"/encounters/{stay.id}/payment-days",
            "ready": ready is not None,
            "readiness": f"ready since {day_text(ready.astimezone(house.zone).date(), house.today)}"
            if ready else "not medically ready",
            "to": stay.days.readiness.destination, "on": day_text(one.taken.on, house.today),
            "because": one.taken.because, "taken": days_text(base), "today": change_text(one.today, base),
            "later": change_text(one.week_later, base), "order": one.taken.on,
        })  # fmt: skip
    return sorted(found, key=lambda row: (row["order"], row["name"]))


def days_text(value: float | None) -> str:
    """`26.1 d`."""
    return "none yet" if value is None else f"{value:.1f} d"


def percent_text(value: float | None) -> str:
    """`71 %`."""
    return "none yet" if value is None else f"{value:.0f} %"


def change_text(value: float | None, base: float | None) -> str:
    """`26.3 d, +0.20`."""
    return "" if value is None or base is None else f"{value:.2f} d, {value - base:+.2f}"


def switches(off: Collection[Inclusion]) -> list[dict[str, Any]]:
    """The rules of the average, each with the address that turns it over."""
    found = []
    for one in Inclusion:
        turned = frozenset(off) ^ {one}
        query = off_query(turned)
        found.append({"label": one.label, "on": one not in off, "href": f"/ltac{f'?{query}' if query else ''}"})
    return found


def stay_rows(
    house: House, asked: tuple[Figure, Period, Collection[Inclusion]], names: Mapping[uuid.UUID, Named]
) -> tuple[list[dict[str, Any]], int]:
    """The discharges behind a figure, hits first, and how many the reader may not see."""
    figure, period, off = asked
    found, hidden = [], 0
    active = averages.in_period(period, rules_of(off))
    for stay in house.left_in(period):
        assert stay.leaver is not None, "only who left is in a period"
        word = _counted(figure, stay, (house.today, period, active))
        if word is None:
            continue
        known = names.get(stay.id)
        if known is None:
            hidden += 1
            continue
        one = stay.leaver
        found.append({
            "name": known.name, "href": f"/encounters/{stay.id}/payment-days", "left": day_text(one.left, house.today),
            "days": one.covered + one.noncovered, "away": one.away, "rate": stay.days.site_neutral.status.label,
            "counts": word, "order": one.left,
        })  # fmt: skip
    return sorted(found, key=lambda row: (row["counts"] != "counts", row["order"])), hidden


def _counted(figure: Figure, stay: Stay, given: tuple[date, Period, frozenset[Inclusion]]) -> str | None:
    """How a discharge counts; None where it does not take part."""
    today, period, active = given
    assert stay.leaver is not None, "only who left counts"
    if figure is Figure.AVERAGE:
        made = averages.average([stay.leaver], period, active)
        return "counts" if made.discharges else f"left out: {next(iter(made.left_out)).label.lower()}"
    found = hits(figure, stay, today)
    if found is None:
        undecided = figure is Figure.PAYMENT and stay.leaver.rate is Rate.NOT_PROVED
        open_short = figure is Figure.SHORT and stay.days.site_neutral.status is Rate.STANDARD
        return "not known" if undecided or open_short else None
    return "counts" if found else "does not count"


def around(house: House, names: Mapping[uuid.UUID, Named]) -> dict[str, Any]:
    """Discharges by their distance from the first day past the threshold, and each that lies on the watched days."""
    period = Period(house.last.first, house.this.last)
    stays = [one for one in house.left_in(period) if one.past_threshold is not None]
    made = bunching([one.past_threshold for one in stays if one.past_threshold is not None])
    most = max((count for _, count in made.counts), default=1) or 1
    fitted = made.fitted or (None,) * len(made.counts)
    watched = [one for one in stays if one.past_threshold in WATCHED]
    rows = [
        {"name": known.name, "href": f"/encounters/{one.id}/payment-days",
         "day": f"{one.past_threshold:+d}" if one.past_threshold else "0",
         "left": day_text(one.leaver.left, house.today), "readiness": _readiness(one)}
        for one in watched if one.leaver is not None and (known := names.get(one.id)) is not None
    ]  # fmt: skip
    return {
        "days": [{"day": f"{day:+d}" if day else "0", "count": count, "width": round(120 * count / most),
                  "fitted": "" if fit is None else f"{fit:.1f}", "watched": day in WATCHED}
                 for (day, count), fit in zip(made.counts, fitted, strict=True)],
        "observed": made.observed, "total": made.total, "why": made.why,
        "expected": None if made.expected is None else f"{made.expected:.1f}",
        "mid_p": None if made.mid_p is None else f"{made.mid_p:.3f}",
        "stays": rows, "hidden": len(watched) - len(rows), "period": period_text(period),
        "unready": sum(1 for one in watched if one.days.readiness.since is None), "watched": len(watched),
    }  # fmt: skip


def _readiness(one: Stay) -> str:
    since = one.days.readiness.since
    if since is None:
        return "readiness was not recorded"
    days = one.ready_days or 0
    return f"ready since {dated_text(since, one.days.zone, since)}, {days} day{'' if days == 1 else 's'} before leaving"


def _discharges(count: int) -> str:
    return f"{count} discharge{'' if count == 1 else 's'}"
