"""A list under a view as its templates show it: rows, heads, tabs, filters, and what to say when there is nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.kernel.as_of import AsOf
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.past.choosing import picker
from app.web.past.reading import with_as_of, zone_of
from app.worklists import queries
from app.worklists.out.forms import OutForm
from app.worklists.queries import Ask
from app.worklists.registry import Built, Registry
from app.worklists.view import PLAIN, Language, Sort, View
from app.worklists.views.narrowing import filter_menus, label_of, sort_fields
from app.worklists.views.shelf import shelf_context


@dataclass(frozen=True)
class Listing:
    """One answered list: `context` is what the templates read, `patients` whom they show, `default` how this person
    opens the list."""

    context: dict[str, Any]
    patients: list[Any]
    default: View | None = None


def language_of(registry: Registry) -> Language:
    """What addresses may say of the lists of a registry."""
    filters = registry.filters
    fixed = {name: {c.value for c in one.choices} for name, one in filters.items() if not one.value}
    return Language(list(filters), list(registry.sorts), fixed, [name for name, one in filters.items() if one.day])


def may_see(built: Built, viewer: Viewer) -> bool:
    """Whether the list exists for this person."""
    return built.spec.permission is None or viewer.may(built.spec.permission)


def listing(ask: Ask, said: list[str], *, piece: bool, tabs: bool = True) -> Listing:
    """Ask for everything that a list page, or its piece, shows; a piece can leave the tabs as they are."""
    found = queries.everything(ask, ask.view.filters if piece else _asked_for(ask), all_lists=tabs)
    default = found.shelf.default(ask.view.list)
    if default is not None and not ask.view.saved:  # else the bare address would lead back to the default
        ask = replace(ask, view=replace(ask.view, saved=PLAIN))
    view = ask.view
    rows, counted, offered = found.rows, found.counts, found.choices
    for stay in found.restricted:
        for name in counted.keys() & set(stay.lists):
            counted[name] += 1
    shown = [stay for stay in found.restricted if stay.shown]
    context = row_context(ask) | {
        "label": ask.built.spec.label,
        "layout": ask.built.spec.layout,
        "caption": f"{ask.built.spec.label}: {_order_words(ask)}",
        "rows": rows,
        "restricted": shown,
        "heads": heads(ask),
        "tabs": _tabs(ask, counted) if tabs else None,
        "said": said,
        "piece": piece,
        "mark": found.mark,
        "view_path": view.address(),
        "out_paths": {form: replace(view, open="").address(f"/out/{form}") for form in OutForm},
        "prints_path": replace(view, open="").address("/prints"),
        "rows_path": f"/worklists/{view.list}/rows",
        "result": _result(ask, len(rows) + len(shown), counted[view.list]),
        "narrowed": _narrowed(ask, offered),
        "clear": view.bare().address(),
        "nothing": None if rows or shown else _nothing(ask, counted),
        "filters": [] if piece else filter_menus(ask, offered),
        "sorts": [] if piece else sort_fields(ask),
        "looking": None if piece else _looking(ask),
        "as_of": view.as_of,
    }
    context |= shelf_context(found.shelf, view, said)
    return Listing(context, [row.patient_id for row in rows], default)


def _asked_for(ask: Ask) -> list[str]:
    """The filters whose values a whole page needs: those that the list offers, and those that are set."""
    here = ask.view.list
    return [name for name, one in ask.registry.filters.items()
            if not one.lists or here in one.lists or name in ask.view.filters]  # fmt: skip


def _looking(ask: Ask) -> dict[str, Any]:
    zone = zone_of(ask.viewer)
    past = AsOf(ask.db.now, zone) if ask.past else None
    return picker(replace(ask.view, open="").address(), past, zone)


def row_context(ask: Ask) -> dict[str, Any]:
    """What the template of one row needs besides the row."""
    query = ask.view.query(open_row=False)
    return {
        "list": ask.view.list,
        "opened": ask.view.open,
        "row_template": ask.built.row_template if _selects(ask) else ask.built.past_template,
        "stay_query": with_as_of("", ask.view.as_of),
        "look": f"?{query}{'&' if query else ''}open=",
    }


def _selects(ask: Ask) -> bool:
    """Whether rows can be selected: only for those who have a deed for a selection."""
    return permissions(ask)["may_take"]


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
                "kind": "then" if column.kind == "sel" and not _selects(ask) else column.kind,
                "label": column.label,
                "href": href,
                "then": ask.view.then_by(column.sort, ask.sorts).address() if column.sort else "",
                "rank": str(ask.sorts.index(sort) + 1) if sort and sort != primary else "",
                "down": bool(sort and sort.down),
                "sort": direction,
                "hidden": column.kind == "exp",
            }
        )
    return found


def _tabs(ask: Ask, counted: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "href": View(name, as_of=ask.view.as_of).address(),
            "label": built.spec.label,
            "count": str(counted[name]),
            "current": name == ask.view.list,
        }
        for name, built in ask.registry.lists.items()
        if may_see(built, ask.viewer) and (built.spec.appears == "always" or counted[name] or name == ask.view.list)
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


def view_words(ask: Ask, found: queries.Answers) -> str:
    """The view in one line, for what leaves the house: how many stays, under which filters, in which order."""
    shown = len(found.rows) + sum(stay.shown for stay in found.restricted)
    filters = [item["text"] for item in _narrowed(ask, found.choices)]
    return "; ".join([f"{_stays(shown)}, {_order_words(ask)}", *filters])


def _narrowed(ask: Ask, offered: Mapping[str, list[queries.Offered]]) -> list[dict[str, str]]:
    return [
        {
            "text": f"{ask.registry.filters[name].label}: {label_of(ask, name, value, offered)}",
            "href": ask.view.without(name, value).address(),
        }
        for name, values in ask.view.filters.items()
        for value in values
    ]


def _nothing(ask: Ask, counted: Mapping[str, int]) -> dict[str, Any]:
    """Why the list is empty, and ways on."""
    spec = ask.built.spec
    if not ask.view.filters:
        return {
            "title": spec.empty,
            "text": "Nothing of the kind was known at this time."
            if ask.past
            else spec.fills or f"The list {spec.label} fills itself from the patient-movement feed.",
            "ways": _elsewhere(ask, counted),
        }
    parts = [(ask.registry.filters[name].label, name, single, others) for name, single, others in queries.alone(ask)]
    clear = {"text": "Clear all filters", "href": ask.view.bare().address()}
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


def _elsewhere(ask: Ask, counted: Mapping[str, int]) -> list[dict[str, str]]:
    lists = {name: ask.registry.lists[name] for name in ask.built.spec.elsewhere if counted[name]}
    return [
        {"text": f"{one.spec.label}: {_stays(counted[name])}", "href": View(name, as_of=ask.view.as_of).address()}
        for name, one in lists.items()
        if may_see(one, ask.viewer)
    ]


def permissions(ask: Ask) -> dict[str, bool]:
    """Which deeds of the list the viewer may see; the routes decide."""
    viewer = ask.viewer
    return {
        "may_take": viewer.may(Permission.STAY_TAKE) and not ask.past,
        "may_assign": viewer.may(Permission.STAY_ASSIGN) and not ask.past,
        "may_note": viewer.may(Permission.NOTE_WRITE) and not ask.past,
        "may_deliver": viewer.may(Permission.NOTICE_DELIVER) and not ask.past,
        "may_refer": viewer.may(Permission.ESCALATE) and not ask.past,
        "may_plan": viewer.may(Permission.PLAN_WRITE) and not ask.past,
        "may_contact": viewer.may(Permission.AUTHORIZATION_WRITE) and not ask.past,
        "may_record_day": viewer.may(Permission.AVOIDABLE_DAY_RECORD) and not ask.past,
        "may_ask_vendors": viewer.may(Permission.REFERRAL_WRITE) and not ask.past,
        "may_call": viewer.may(Permission.FOLLOW_UP_WRITE) and not ask.past,
        "may_chart_course": ask.view.list == "ltac" and viewer.may(Permission.LTAC_CHART) and not ask.past,
        "may_review": viewer.may(Permission.REVIEW_WRITE) and not ask.past,
    }
