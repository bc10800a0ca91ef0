"""The list behind a figure: each day with its stay, or each stay with its days; the sum under it is the figure."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from app.avoidable_days.reports.asking import AskReport, Figure
from app.avoidable_days.reports.breakdown import By, keyed
from app.avoidable_days.reports.queries import Person, Prices, Study, cost_of, people, priced_rows
from app.avoidable_days.reports.showing import cost_words, money
from app.avoidable_days.rules import is_locked
from app.avoidable_days.showing import number_text, party_text
from app.avoidable_days.terms import DraftRule
from app.kernel.wording import day_text
from app.platform.work import Reading

MOST = 200
"""Rows of one page of a list; the sum is always that of all pages."""
_ENTRIES = frozenset({Figure.DAYS, Figure.CONTRIBUTING})
_BY_STAY = frozenset({Figure.PATIENT_DAYS, Figure.EXCESS, Figure.EXPLAINED, Figure.UNEXPLAINED})


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, with the sum and number of all rows, and whom it shows."""

    rows: list[dict[str, Any]]
    patients: list[uuid.UUID]
    total: str
    count: int
    cost: str
    cost_note: str
    by_stay: bool


def narrowed(found: Study, ask: AskReport, figure: Figure) -> pl.DataFrame:
    """The rows that a figure counts, of one bar or one point where the address names it."""
    frame = found.figure(figure)
    if ask.key is not None and (figure in _ENTRIES or ask.by.of_nights):
        frame = keyed(frame, ask.by).filter(pl.col("key") == ask.key)
    if ask.since is not None:
        frame = frame.filter(pl.col("day") >= ask.since)
    return frame if ask.until is None else frame.filter(pl.col("day") <= ask.until)


def listed(db: Reading, found: Study, ask: AskReport, part: tuple[int, date]) -> Listed:
    """A page of the list; `part` is its number from 1, and today."""
    number, today = part
    figure = ask.figure or Figure.DAYS
    frame = narrowed(found, ask, figure)
    if figure in _BY_STAY:
        return _of_stays(db, frame, number, today)
    whole = float(frame["amount"].sum()) if figure is Figure.DAYS else float(frame.height)
    shown = frame.sort(["day", "encounter_id"], descending=[True, False]).slice((number - 1) * MOST, MOST)
    who = people(db, shown["encounter_id"].unique().to_list())
    words = dict(found.all_entries.select("code", "label").unique("code", keep="last", maintain_order=True).rows())
    prices = Prices(found.prices)
    rows = [_row(one, who, words, (today, prices)) for one in shown.rows(named=True) if one["encounter_id"] in who]
    cost = cost_of(priced_rows(frame), found.prices) if figure is Figure.DAYS else None
    return Listed(
        rows, _patients(who), number_text(whole), frame.height, money(cost.total) if cost and cost.cents else "",
        cost_words(cost) if cost else "", False,
    )  # fmt: skip


def _patients(who: dict[str, Person]) -> list[uuid.UUID]:
    return list(dict.fromkeys(one.patient_id for one in who.values()))


def _row(
    one: dict[str, Any], who: dict[str, Person], words: dict[str, str], now: tuple[date, Prices]
) -> dict[str, Any]:
    today, prices = now
    amount = one.get("amount")
    price = prices.of(one["day"], one["unit_kind"], one["class"]) if amount else None
    rule = one.get("rule") or ""
    return {
        "name": who[one["encounter_id"]].name, "visit": who[one["encounter_id"]].visit,
        "href": f"/encounters/{one['encounter_id']}/avoidable-days", "day": day_text(one["day"], today),
        "unit": one["unit_name"], "code": one["code"], "label": words.get(one["code"], ""),
        "party": party_text(one["party_kind"], one["party"]), "amount": number_text(amount) if amount else "",
        "cost": money(price.cents * amount) if price and amount else "",
        "locked": amount is not None and is_locked(one["day"], today),
        "said": DraftRule(rule).label if rule else "",
    }  # fmt: skip


def _of_stays(db: Reading, frame: pl.DataFrame, number: int, today: date) -> Listed:
    stays = (
        frame.group_by("encounter_id")
        .agg(pl.len().alias("days"), pl.col("day").min().alias("first"), pl.col("day").max().alias("last"),
             pl.col("unit_name").unique().sort().alias("units"))
        .sort(["days", "encounter_id"], descending=[True, False])
    )  # fmt: skip
    shown = stays.slice((number - 1) * MOST, MOST)
    who = people(db, shown["encounter_id"].to_list())
    rows = [
        {
            "name": who[key].name, "visit": who[key].visit, "href": f"/encounters/{key}/days", "amount": str(days),
            "day": f"{day_text(first, today)} to {day_text(last, today)}" if first != last else day_text(first, today),
            "unit": ", ".join(one for one in units if one),
        }
        for key, days, first, last, units in shown.rows()
        if key in who
    ]  # fmt: skip
    return Listed(rows, _patients(who), f"{frame.height:,}", stays.height, "", "", True)


def heading(ask: AskReport, found: Study) -> str:
    """What is listed: the figure, and of which bar."""
    figure = ask.figure or Figure.DAYS
    if ask.key is None or (figure not in _ENTRIES and not ask.by.of_nights):
        return figure.label
    names = keyed(found.figure(figure), ask.by).filter(pl.col("key") == ask.key)["name"].unique().to_list()
    name = names[0] if names else ask.key
    return f"{figure.label}: {f'{ask.key} {name}' if ask.by is By.REASON else name}"


def tabs(found: Study, figure: Figure) -> Sequence[dict[str, Any]]:
    """Figures that belong together, beside each other."""
    for group in ((Figure.DAYS, Figure.CONTRIBUTING, Figure.DRAFTS),
                  (Figure.UNEXPLAINED, Figure.EXPLAINED, Figure.EXCESS)):  # fmt: skip
        if figure in group:
            return [
                {"label": one.label, "href": found.choice.list_of(one), "current": one is figure,
                 "count": _count(found, one)}
                for one in group
            ]  # fmt: skip
    return []


def _count(found: Study, figure: Figure) -> str:
    frame = found.figure(figure)
    return number_text(float(frame["amount"].sum())) if figure is Figure.DAYS else str(frame.height)
