"""How a list is narrowed and ordered, as its form shows it: filters with their choices, windows of days, sort keys."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.kernel.wording import day_text
from app.web.lists import Filter
from app.worklists import queries
from app.worklists.queries import Ask
from app.worklists.view import MOST_SORTS, days_of

Offers = Mapping[str, list[queries.Offered]]
PLACES = ("First by", "then by", "then by")
AT_HAND = frozenset({"unit", "attending", "payer", "class", "flag", "owed", "due", "edd", "barrier", "owner"})
"""Filters that always show; the others wait behind one button, so that the list begins high on the page."""


def filter_menus(ask: Ask, offered: Offers) -> list[dict[str, Any]]:
    """Every filter that this list offers or that is set, with what is set."""
    found = []
    for name, one in ask.registry.filters.items():
        chosen = ask.view.filters.get(name, ())
        if one.lists and ask.view.list not in one.lists and not chosen:
            continue
        options = [
            {"value": c.value, "label": c.label, "stays": 0, "on": c.value in chosen}
            for c in one.choices
            if c.offered is None or c.offered() or c.value in chosen
        ]
        options += [
            {"value": o.value, "label": o.label or o.value, "stays": o.stays, "on": o.value in chosen}
            for o in offered.get(name, ())
        ]
        window = _window(one, chosen)
        known = {option["value"] for option in options} | {window["value"]}
        options += [{"value": v, "label": v, "stays": 0, "on": True} for v in chosen if v not in known]
        if options or one.day:
            found.append(
                {"name": name, "label": one.label, "on": len(chosen), "choices": options, "days": bool(one.day),
                 "at_hand": name in AT_HAND}
                | {"from": window["first"], "to": window["last"]}
            )  # fmt: skip
    return found


def _window(one: Filter, chosen: tuple[str, ...]) -> dict[str, str]:
    """The one window that the two date fields show; others, which only an address can say, stay choices."""
    for value in chosen if one.day else ():
        if window := days_of(value):
            first, last = ("" if day is None else day.isoformat() for day in window)
            return {"value": value, "first": first, "last": last}
    return {"value": "", "first": "", "last": ""}


def label_of(ask: Ask, name: str, value: str, offered: Offers) -> str:
    """One value of a filter in words."""
    one = ask.registry.filters[name]
    window = days_of(value) if one.day else None
    if window:
        return _days_words(*window, today=ask.values()["today"])
    fixed = {choice.value: choice.label for choice in one.choices}
    known = {choice.value: choice.label for choice in offered.get(name, ())}
    return fixed.get(value) or known.get(value) or value


def _days_words(first: date | None, last: date | None, *, today: date) -> str:
    if first is None or last is None:
        return f"up to {day_text(last, today)}" if last else f"from {day_text(first or today, today)}"
    if first == last:
        return day_text(first, today)
    return f"{day_text(first, today)} to {day_text(last, today)}"


def sort_fields(ask: Ask) -> list[dict[str, Any]]:
    """One field for each key of the order; empty ones leave the order to the list."""
    keys = ask.registry.sorts.values()
    options = [{"value": "", "label": "nothing more"}]
    for key in keys:
        options.append({"value": key.name, "label": key.label})
        options.append({"value": f"-{key.name}", "label": f"{key.label}, last first"})
    given = [sort.text for sort in ask.view.sorts]
    given += [""] * (MOST_SORTS - len(given))
    return [
        {
            "name": f"sort-{place + 1}",
            "label": PLACES[place],
            "value": value,
            "options": [{"value": "", "label": "the list's own order"}, *options[1:]] if place == 0 else options,
        }
        for place, value in enumerate(given)
    ]
