"""Reports as their list shows them: what each has, when it is sent, what became of the last time."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.wording import dated_text
from app.metrics.reports.mailing.queries import LastTime, Schedule
from app.metrics.reports.queries import Report
from app.metrics.reports.showing import narrowed_text
from app.metrics.reports.shown.place import PAGE
from app.metrics.reports.terms import Rhythm
from app.metrics.study.families import FAMILIES
from app.metrics.terms import MeasureId

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_Moment = tuple[datetime, ZoneInfo]


def cards(
    found: Sequence[Report], sent: Mapping[uuid.UUID, Schedule], last: Mapping[uuid.UUID, LastTime], at: _Moment
) -> list[dict[str, Any]]:
    """A row for each report."""
    return [_card(one, sent.get(one.report_id), last.get(one.report_id), at) for one in found]


def _card(one: Report, schedule: Schedule | None, last: LastTime | None, at: _Moment) -> dict[str, Any]:
    now, zone = at
    ended = ""
    if one.ended_at is not None:
        ended = f"ended {dated_text(one.ended_at, zone, now)} by {one.ended_by or 'the program'}"
    text, tone = last_text(last, at)
    return {
        "key": str(one.report_id), "href": f"{PAGE}/{one.report_id}", "name": one.name, "ended": ended,
        "shipped": one.made_at is None, "measures": len(one.measures), "span": one.span.label,
        "narrowed": narrowed_text(one), "schedule": schedule_text(schedule), "last": text, "tone": tone,
    }  # fmt: skip


def schedule_text(one: Schedule | None) -> str:
    """`every month on day 3 at 06:00, to 2 people`; empty where the report is not sent by itself."""
    if one is None or one.ended_at is not None:
        return ""
    day = f"month on day {one.on_day}" if one.rhythm is Rhythm.MONTHLY else f"week on {WEEKDAYS[one.on_day - 1]}"
    people = len(one.people)
    return f"every {day} at {one.at_hour:02}:00, to {people} {'person' if people == 1 else 'people'}"


def last_text(one: LastTime | None, at: _Moment) -> tuple[str, str]:
    """What became of the last time, and the tone of its chip: a failure is said before all else."""
    if one is None:
        return "", ""
    now, zone = at
    said, tone = (
        (f"{one.failed} not sent", "red") if one.failed else
        (f"{one.open} not confirmed", "amber") if one.open else (f"{one.sent} sent", "green")
    )  # fmt: skip
    return f"{said}, {dated_text(one.due_at, zone, now)}", tone


def families(ticked: Collection[MeasureId]) -> list[dict[str, Any]]:
    """All measures, family by family, with those that are ticked."""
    return [
        {"title": title, "rows": [
            {"value": one.id.value, "label": one.title, "on": one.id in ticked} for one in members
        ]}
        for _, title, members in FAMILIES
    ]  # fmt: skip


def versions_text(found: Sequence[Report], zone: ZoneInfo, now: datetime) -> list[str]:
    """Who saved the report when, the latest first."""
    said = []
    for one in found:
        assert one.made_at is not None, "a version that was stored says when"
        number = len(one.measures)
        text = f"{one.name}: {number} {'measure' if number == 1 else 'measures'}, {one.span.label.lower()}"
        said.append(f"{text}; saved {dated_text(one.made_at, zone, now)} by {one.made_by or 'the program'}")
    return said
