"""A list under a view as its templates show it: rows, heads, tabs, filters, and what to say when there is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.out.forms import OutForm
from app.worklists.queries import Ask
from app.worklists.registry import Registry
from app.worklists.view import Sort, View


@dataclass(frozen=True)
class Listing:
    """One answered list: `context` is what the templates read, `patients` whom they show."""

    context: dict[str, Any]
    patients: list[Any]


def fixed_values(registry: Registry) -> dict[str, set[str]]:
    """The values of those filters whose values are a fixed list."""
    return {name: {c.value for c in one.choices} for name, one in registry.filters.items() if not one.value}


def listing(ask: Ask, said: list[str], *, piece: bool) -> Listing:
    """Ask for everything that a list page, or its piece, shows."""
    view = ask.view
    found = queries.everything(ask, view.filters if piece else ask.registry.filters)
    rows, counted, offered = found.rows, found.counts, found.choices
    for stay in found.restricted:
        for name in stay.lists:
            counted[name] += 1
    shown = [stay for stay in found.restricted if stay.shown]
    context = row_context(ask) | {
        "label": ask.built.spec.label,
        "caption": f"{ask.built.spec.label}: {_order_words(ask)}",
        "rows": rows,
        "restricted": shown,
        "heads": heads(ask),
        "tabs": _tabs(ask, counted),
        "said": said,
        "piece": piece,
        "mark": found.mark,
        "view_path": view.address(),
        "out_paths": {form: replace(view, open="").address(f"/out/{form}") for form in OutForm},
        "prints_path": replace(view, open="").address("/prints"),
        "rows_path": f"/worklists/{view.list}/rows",
        "result": _result(ask, len(rows) + len(shown), counted[view.list]),
        "narrowed": _narrowed(ask, offered),
        "clear": View(view.list, {}, view.sorts).address(),
        "nothing": None if rows or shown else _nothing(ask),
        "filters": [] if piece else _filters(ask, offered),
        "sort_text": ",".join(sort.text for sort in view.sorts),
    }
    return Listing(context, [row.patient_id for row in rows])


def row_context(ask: Ask) -> dict[str, Any]:
    """What the template of one row needs besides the row."""
    query = ask.view.query(open_row=False)
    return {
        "list": ask.view.list,
        "opened": ask.view.open,
        "row_template": ask.built.row_template,
        "look": f"?{query}{'&' if query else ''}open=",
    }


def heads(ask: Ask) -> list[dict[str, Any]]:
    """Column heads: a link that sorts, with the present direction on the keys in use."""
    present = {sort.key: sort for sort in ask.sorts}
    primary = ask.sorts[0] if ask.sorts else None
    found = []
    for column in ask.built.columns:
        sort = present.get(column.sort) if column.sort else None
        direction = "" if sort is None or sort != primary else ("descending" if sort.down else "ascending")
        href = ask.view.sorted_by(column.sort, primary).address() if column.sort else ""
        found.append(
            {
                "kind": column.kind,
                "label": column.label,
                "href": href,
                "sort": direction,
                "hidden": column.kind == "exp",
            }
        )
    return found


def _tabs(ask: Ask, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "href": f"/worklists/{name}",
            "label": built.spec.label,
            "count": str(counted[name]),
            "current": name == ask.view.list,
        }
        for name, built in ask.registry.lists.items()
    ]


def _order_words(ask: Ask) -> str:
    words = [_sort_words(ask, sort) for sort in ask.sorts]
    return "by " + ", then ".join(words)


def _sort_words(ask: Ask, sort: Sort) -> str:
    label = ask.registry.sorts[sort.key].label.lower()
    return f"{label}, last first" if sort.down else label


def _stays(number: int) -> str:
    return "1 stay" if number == 1 else f"{number} stays"


def _result(ask: Ask, shown: int, of: int) -> str:
    amount = f"{shown} of {_stays(of)}" if ask.view.filters else _stays(shown)
    return f"{amount}, {_order_words(ask)}"


def _label_of(ask: Ask, name: str, value: str, offered: Mapping[str, list[queries.Offered]]) -> str:
    one = ask.registry.filters[name]
    fixed = {choice.value: choice.label for choice in one.choices}
    known = {choice.value: choice.label for choice in offered.get(name, ())}
    return fixed.get(value) or known.get(value) or value


def view_words(ask: Ask, found: queries.Answers) -> str:
    """The view in one line, for what leaves the house: how many stays, under which filters, in which order."""
    shown = len(found.rows) + sum(stay.shown for stay in found.restricted)
    filters = [item["text"] for item in _narrowed(ask, found.choices)]
    return "; ".join([f"{_stays(shown)}, {_order_words(ask)}", *filters])


def _narrowed(ask: Ask, offered: Mapping[str, list[queries.Offered]]) -> list[dict[str, str]]:
    return [
        {
            "text": f"{ask.registry.filters[name].label}: {_label_of(ask, name, value, offered)}",
            "href": ask.view.without(name, value).address(),
        }
        for name, values in ask.view.filters.items()
        for value in values
    ]


def _filters(ask: Ask, offered: Mapping[str, list[queries.Offered]]) -> list[dict[str, Any]]:
    found = []
    for name, one in ask.registry.filters.items():
        chosen = ask.view.filters.get(name, ())
        options = [{"value": c.value, "label": c.label, "stays": 0, "on": c.value in chosen} for c in one.choices]
        options += [
            {"value": o.value, "label": o.label or o.value, "stays": o.stays, "on": o.value in chosen}
            for o in offered.get(name, ())
        ]
        known = {option["value"] for option in options}
        options += [{"value": v, "label": v, "stays": 0, "on": True} for v in chosen if v not in known]
        if options:
            found.append({"name": name, "label": one.label, "on": len(chosen), "choices": options})
    return found


def _nothing(ask: Ask) -> dict[str, Any]:
    """Why the list is empty, and ways on."""
    spec = ask.built.spec
    if not ask.view.filters:
        return {
            "title": spec.empty,
            "text": f"The list {spec.label} fills itself from the patient-movement feed.",
            "ways": [],
        }
    parts = [(ask.registry.filters[name].label, name, single, others) for name, single, others in queries.alone(ask)]
    clear = {"text": "Clear all filters", "href": View(ask.view.list, {}, ask.view.sorts).address()}
    if len(parts) == 1:
        return {
            "title": "No stay matches this filter",
            "text": f"{parts[0][0]} finds none in the list {spec.label}.",
            "ways": [clear],
        }
    sentence = ", ".join(f"{label} finds {single}" for label, _, single, _ in parts) + "; together they find none."
    drops = [
        {"text": f"Drop {label.lower()}, shows {others}", "href": ask.view.without(name).address()}
        for label, name, _, others in parts
        if others
    ]
    return {"title": f"No stay matches these {len(parts)} filters", "text": sentence, "ways": [*drops, clear]}


def permissions(ask: Ask) -> dict[str, bool]:
    """Which deeds of the list the viewer may see; the routes decide."""
    viewer = ask.viewer
    return {
        "may_take": viewer.may(Permission.STAY_TAKE),
        "may_assign": viewer.may(Permission.STAY_ASSIGN),
        "may_note": viewer.may(Permission.NOTE_WRITE),
    }
