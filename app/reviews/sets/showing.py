"""Criteria sets as pages show them."""

from datetime import date
from typing import Any

from app.reviews.criteria import library
from app.reviews.criteria.rules import bounds_text, letters
from app.reviews.criteria.terms import CriteriaSet, Group, Point, Window
from app.reviews.sets.queries import SetRow, in_force


def shipped_lines(on: date) -> list[dict[str, Any]]:
    """The shipped sets as lines of a table."""
    return [_line(one, "in use" if one.holds(on) else "out of use") for one in library.every_set()]


def own_lines(rows: list[SetRow], on: date) -> list[dict[str, Any]]:
    """The versions of the hospital's own sets as lines of a table."""
    standing = {row.id for row in in_force(rows, on)}
    lines = []
    for row in rows:
        state = "in use" if row.id in standing else "from its day on" if _is_ahead(row, on) else "out of use"
        lines.append(
            _line(row.held, state)
            | {"id": str(row.id), "begins": f"{row.begins:%-d %b %Y}", "by": row.made_by,
               "last_day": f"{row.last_day:%-d %b %Y}" if row.last_day else "", "may_end": row.ended_at is None,
               "ended_by": row.ended_by}
        )  # fmt: skip
    return lines


def shown(held: CriteriaSet) -> dict[str, Any]:
    """A whole set for reading: its groups, points and what they ask for."""
    keys = letters(held)
    return {
        "id": held.id, "version": held.version, "title": held.title, "source": held.source, "licence": held.licence,
        "note": held.note, "applies": _applies(held), "asks": _asks(held), "instant": held.instant,
        "begins": f"{held.begins:%-d %b %Y}", "ends": f"{held.ends:%-d %b %Y}" if held.ends else "",
        "groups": [
            {"title": group.title, "need": _need(group, held),
             "points": [_point(point, keys[point.code], held) for point in held.of_group(group.code)]}
            for group in held.groups
        ],
    }  # fmt: skip


def _line(held: CriteriaSet, state: str) -> dict[str, Any]:
    return {
        "href": f"/criteria/{held.id}/{held.version}", "title": held.title, "version": held.version,
        "set_id": held.id, "applies": _applies(held), "points": len(held.points), "source": held.source,
        "licence": held.licence, "state": state, "begins": f"{held.begins:%-d %b %Y}",
        "ends": f"{held.ends:%-d %b %Y}" if held.ends else "",
    }  # fmt: skip


def _is_ahead(row: SetRow, on: date) -> bool:
    return row.begins > on and (row.last_day is None or row.last_day >= row.begins)


def _applies(held: CriteriaSet) -> str:
    return ", ".join(kind.label if at == 0 else kind.label.lower() for at, kind in enumerate(held.applies_to))


def _asks(held: CriteriaSet) -> str:
    """What qualifies, in one sentence."""
    if any(group.need for group in held.groups):
        return "Every part has to be shown as its heading says."
    return "One point is enough." if held.at_least == 1 else f"{held.at_least} points are needed."


def _need(group: Group, held: CriteriaSet) -> str:
    size = len(held.of_group(group.code))
    if not group.need:
        return f"{size} points"
    if group.need == "all" or group.need == size:
        return "all of these" if size > 1 else "needed"
    return f"{group.need} of these"


def _point(point: Point, key: str, held: CriteriaSet) -> dict[str, Any]:
    return {"code": point.code, "key": key.upper(), "text": point.text, "note": point.note,
            "counts": _counts(point, held)}  # fmt: skip


def _counts(point: Point, held: CriteriaSet) -> list[str]:
    """What decides the point, one condition in a line."""
    lines = []
    for at, measure in enumerate(point.measures):
        same = at > 0 and measure.part == point.measures[at - 1].part
        lines.append(f"{'or ' if same else 'and ' if at else ''}{measure.label}: {bounds_text(measure)}")
    if point.window is not None:
        lines.append(_window(point.window, held.instant))
    if point.requires:
        title = next(group.title for group in held.groups if group.code == point.requires)
        lines.append(f"Only beside a point of {title}")
    return lines


def _window(window: Window, instant: str) -> str:
    span = f"{window.hours} h" if window.hours is not None else f"{window.days} days"
    ahead = f", or {window.days_ahead} days after" if window.days_ahead else ""
    return f"{window.event}: within {span} before {instant}{ahead}"
