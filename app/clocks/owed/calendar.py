"""What falls due in the next days, day by day: how many of which kind, and each of them under any narrowing.

Counted are the open obligations of stays in the house on which people of this house act.
What is overdue stands in a column of its own, before today.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.owed.words import ELSEWHERE, FAMILIES, blocks, called, family
from app.clocks.terms import Actor
from app.kernel.wording import clock_text, day_text, duration_text, full_text, iso_text, moment_text
from app.platform.work import Reading

DAYS = 7
OVERDUE = "overdue"
NOBODY, ME = "nobody", "me"
_OURS = [one.value for one in Actor if one not in ELSEWHERE]


class Due(msgspec.Struct):
    """One obligation with its stay, as the calendar shows it."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    bed: str
    unit: str
    unit_name: str
    owner: str
    owner_name: str
    rule: str
    title: str
    due_at: datetime


_DUE = """
select e.id, e.patient_id, case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end,
  case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),
    nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  e.unit, coalesce(nullif(w.name, ''), e.unit), coalesce(u.name, ''), coalesce(u.display_name, 'nobody'),
  o.rule, o.title, o.due_at
from obligation o join encounter e on e.id = o.encounter_id join patient p on p.id = e.patient_id
  left join unit w on w.facility_id = e.facility_id and w.code = e.unit
  left join assignment a on a.encounter_id = e.id and a.ended_at is null left join app_user u on u.id = a.user_id
where o.facility_id = %(facility)s and o.ended_at is null and o.required and o.closed_at is null
  and o.due_at < %(until)s and o.actor = any(%(actors)s) and e.status in ('admitted', 'on_leave')
order by o.due_at, e.unit, e.room, e.bed, o.rule
"""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the address asks for; empty means all. `day` is ISO or `overdue`, `kind` a family or a rule."""

    day: str = ""
    kind: str = ""
    unit: str = ""
    owner: str = ""

    def address(self, **changed: str) -> str:
        """The calendar under this narrowing, with some of it changed."""
        parts = replace(self, **changed)
        pairs = [(name, getattr(parts, name)) for name in ("day", "kind", "unit", "owner") if getattr(parts, name)]
        return "/calendar" + (f"?{urlencode(pairs)}" if pairs else "")


@dataclass(frozen=True)
class Calendar:
    """Everything due until the end of the last day, and how to look at it."""

    due: Sequence[Due]
    now: datetime
    zone: ZoneInfo
    me: str
    asked: Narrowing

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def column(self, one: Due) -> str:
        """The column in which it stands."""
        return OVERDUE if one.due_at < self.now else one.due_at.astimezone(self.zone).date().isoformat()

    def fits(self, one: Due, but: str = "") -> bool:
        """Whether it belongs under the narrowing; `but` leaves one part of it out."""
        asked = self.asked if not but else replace(self.asked, **{but: ""})
        owner = self.me if asked.owner == ME else "" if asked.owner == NOBODY else asked.owner
        return (
            asked.day in ("", self.column(one))
            and asked.kind in ("", one.rule, family(one.rule))
            and asked.unit in ("", one.unit)
            and (not asked.owner or one.owner == owner)
        )

    def columns(self) -> list[dict[str, Any]]:
        """Overdue and the days with their counts; one narrows the list to itself, or frees it when it is set."""
        counted = Counter(self.column(one) for one in self.due if self.fits(one, "day"))
        days = [(self.today + timedelta(days=ahead)) for ahead in range(DAYS)]
        heads = [(OVERDUE, "Overdue"), *((day.isoformat(), self._day_name(day)) for day in days)]
        return [
            {"id": key, "label": label, "count": str(counted[key]), "some": bool(counted[key]),
             "current": key == self.asked.day, "late": key == OVERDUE,
             "href": self.asked.address(day="" if key == self.asked.day else key)}
            for key, label in heads
        ]  # fmt: skip

    def kinds(self) -> list[dict[str, Any]]:
        """One line for each rule that is owed, with its count in each column and its sum."""
        counted = Counter((one.rule, self.column(one)) for one in self.due if self.fits(one, "day"))
        heads = [head["id"] for head in self.columns()]
        rules = sorted({rule for rule, _ in counted}, key=lambda rule: (list(FAMILIES).index(family(rule)), rule))
        titles = {one.rule: one.title for one in self.due}
        return [
            {"rule": rule, "title": titles[rule], "short": called(rule),
             "cells": [{"count": str(counted[rule, head]) if counted[rule, head] else "", "late": head == OVERDUE,
                        "href": self.asked.address(day=head, kind=rule)} for head in heads],
             "sum": str(sum(counted[rule, head] for head in heads)),
             "href": self.asked.address(kind=rule, day="")}
            for rule in rules
        ]  # fmt: skip

    def days(self) -> list[dict[str, Any]]:
        """The list under the narrowing, by column."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self.due:
            if self.fits(one):
                found.setdefault(self.column(one), []).append(self._line(one))
        labels = {head["id"]: head["label"] for head in self.columns()}
        return [{"id": key, "label": labels[key], "late": key == OVERDUE, "lines": lines, "count": str(len(lines))}
                for key, lines in sorted(found.items(), key=lambda item: (item[0] != OVERDUE, item[0]))]  # fmt: skip

    def choices(self) -> list[dict[str, Any]]:
        """The fields that narrow, with what occurs."""
        units = {one.unit: one.unit_name for one in self.due if one.unit}
        people = {one.owner: one.owner_name for one in self.due if one.owner}
        kinds = {family(one.rule): FAMILIES[family(one.rule)] for one in self.due}
        rules = {one.rule: one.title for one in self.due}
        return [
            self._field("owner", "Person", {ME: "Me", NOBODY: "Nobody"} | _by_words(people)),
            self._field("unit", "Unit", _by_words(units)),
            self._field("kind", "Kind", _by_words(kinds) | _by_words(rules)),
        ]

    def _field(self, name: str, label: str, options: dict[str, str]) -> dict[str, Any]:
        value = getattr(self.asked, name)
        known = {"": "all"} | options | ({value: value} if value not in options and value else {})
        return {"name": name, "label": label, "value": value,
                "options": [{"value": key, "label": words} for key, words in known.items()]}  # fmt: skip

    def _day_name(self, day: date) -> str:
        return f"Today, {day_text(day, self.today)}" if day == self.today else day_text(day, self.today)

    def _line(self, one: Due) -> dict[str, Any]:
        late = one.due_at < self.now
        left = duration_text(abs(one.due_at - self.now))
        return {
            "at": moment_text(one.due_at, self.zone, self.now) if late else clock_text(one.due_at, self.zone),
            "iso": iso_text(one.due_at, self.zone),
            "full": full_text(one.due_at, self.zone),
            "relative": f"{left} late" if late else f"in {left}",
            "tone": "late" if late else "soon" if self.column(one) == self.today.isoformat() else "",
            "name": one.name,
            "bed": one.bed,
            "href": f"/encounters/{one.encounter_id}/obligations",
            "rule": one.rule,
            "title": one.title,
            "blocks": blocks(one.rule),
            "owner": "Me" if one.owner and one.owner == self.me else one.owner_name,
        }


def due_until(db: Reading, facility: int, until: datetime) -> list[Due]:
    """What is open and due before that instant, for stays that are in the house, as far as the reader may see."""
    return db.rows(Due, _DUE, {"facility": facility, "until": until, "actors": _OURS})


def _by_words(found: dict[str, str]) -> dict[str, str]:
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))
