"""The ledger of a unit: stays by days, one box for each midnight, totals that open the rows under them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import msgspec

from app.kernel.days import ONE_DAY, days_between
from app.ledger.gather import gather
from app.ledger.lanes import AHEAD, EVERYTHING, GRID, Lane, Linking, box, count_parts, word_of
from app.ledger.rules import Ledger, LedgerDay, ledger, sums
from app.ledger.showing import linking
from app.ledger.terms import Occupied, Place
from app.platform.work import Reading
from app.security.viewer import Viewer

NIGHTS_BACK = 14
NIGHTS_AHEAD = 7
STAYS_AT_ONCE = 60
ALL_UNITS = "all"
SATURDAY = 5
LANES = {lane.name: lane for lane in GRID}


class Whom(StrEnum):
    """Which stays the ledger of a unit shows."""

    HERE = "here"  # who lies there now, with all midnights of the stay
    WINDOW = "window"  # whoever lay there at a midnight of the window, with those midnights alone: the unit's census

    @property
    def label(self) -> str:
        """As the menu shows it."""
        return {"here": "Who is here now", "window": "Midnight census of the unit"}[self.value]


class Order(StrEnum):
    """How stays are ordered."""

    OPEN = "open"  # most open or avoidable midnights first
    BED = "bed"  # by bed

    @property
    def label(self) -> str:
        """As the menu shows it."""
        return {"open": "Open or avoidable first", "bed": "By bed"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the address asks for. `until` is the last midnight shown, by the day that it ends.

    `part` and `day` narrow to the stays behind one figure: a part of the lane, or a midnight.
    """

    unit: str
    until: date
    last: date  # the last midnight that has passed
    lane: Lane = EVERYTHING
    whom: Whom = Whom.HERE
    order: Order = Order.OPEN
    part: str = ""
    day: date | None = None
    page: int = 1

    @property
    def back(self) -> list[date]:
        """The midnights of the window."""
        return list(days_between(self.until - timedelta(days=NIGHTS_BACK - 1), self.until))

    @property
    def ahead(self) -> list[date]:
        """The nights that lie ahead: shown where the window ends with the last midnight."""
        if self.until != self.last or self.whom is Whom.WINDOW:
            return []
        return list(days_between(self.until + ONE_DAY, self.until + timedelta(days=NIGHTS_AHEAD)))

    def address(self, **changed: Any) -> str:
        """The address of this view with some of it changed. It names no patient."""
        said = replace(self, **{"page": 1, **changed})
        pairs = {
            "unit": said.unit,
            "lane": "" if said.lane is EVERYTHING else said.lane.name,
            "whom": "" if said.whom is Whom.HERE else said.whom.value,
            "order": "" if said.order is Order.OPEN else said.order.value,
            "until": "" if said.until == said.last else said.until.isoformat(),
            "part": said.part,
            "day": said.day.isoformat() if said.day else "",
            "page": "" if said.page == 1 else str(said.page),
        }
        return f"/ledger?{urlencode({name: value for name, value in pairs.items() if value})}"


class Unit(msgspec.Struct, frozen=True):
    """A unit that somebody described, or in which somebody lies."""

    code: str
    name: str
    here: int


class Stay(msgspec.Struct, frozen=True):
    """Who lies where."""

    id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    unit: str
    room: str
    bed: str
    serial: int  # short enough to name boxes by


@dataclass(frozen=True, slots=True)
class Line:
    """A stay in the grid, and the midnights of it that count here."""

    stay: Stay
    found: Ledger
    days: Sequence[LedgerDay]
    linking: Linking


_UNITS = """
with lying as (select e.unit, count(*)::int as here from encounter e where e.facility_id = %(place)s
  and e.status in ('registered', 'admitted', 'on_leave') and e.gone_at is null and e.unit <> '' group by e.unit)
select coalesce(u.code, l.unit), coalesce(nullif(u.name, ''), l.unit, u.code), coalesce(l.here, 0)
from (select code, name from unit where facility_id = %(place)s) u full join lying l on l.unit = u.code order by 2
"""
_STAYS = """
select e.id, e.patient_id, p.family, p.given, coalesce(nullif(e.unit, ''), split_part(e.last_location, '^', 1)),
  coalesce(nullif(e.room, ''), split_part(e.last_location, '^', 2)),
  coalesce(nullif(e.bed, ''), split_part(e.last_location, '^', 3)), e.serial
from encounter e join patient p on p.id = e.patient_id
where e.facility_id = %(place)s and e.gone_at is null and {}
order by e.unit, e.room, e.bed, e.start_at, e.id
"""
_HERE = "e.status in ('registered', 'admitted', 'on_leave') and (%(unit)s = 'all' or e.unit = %(unit)s)"
_WINDOW = """
(e.status in ('registered', 'admitted', 'on_leave') or (e.status = 'discharged' and e.discharge_at >= %(since)s))
and exists (select from movement m where m.encounter_id = e.id and m.lane = 1
  and (%(unit)s = 'all' or split_part(m.value, '^', 1) = %(unit)s) and (m.until is null or m.until >= %(since)s))
"""
_KEPT_BACK = "select count(*) from restricted_stays() where facility_id = %s and (%s = 'all' or unit = %s)"


def units(db: Reading, facility_id: int) -> list[Unit]:
    """The units of a facility with how many lie there now, as far as the reader may know."""
    return db.rows(Unit, _UNITS, {"place": facility_id})


def kept_back(db: Reading, facility_id: int, unit: str) -> int:
    """How many protected stays of the unit are not shown to this reader."""
    count: int = db.value(_KEPT_BACK, (facility_id, unit, unit))
    return count


def lines(db: Reading, viewer: Viewer, facility_id: int, view: View) -> list[Line]:
    """The stays of the view with their ledgers, in its order."""
    asked = {"place": facility_id, "unit": view.unit, "since": view.back[0]}
    stays = db.rows(Stay, _STAYS.format(_HERE if view.whom is Whom.HERE else _WINDOW), asked)
    by_key = {one.id: one for one in stays}
    made = []
    for one in gather(db, list(by_key)):
        found = ledger(one.facts)
        to = replace(linking(db, viewer, one), back=view.address(page=view.page))
        line = Line(by_key[one.stay.id], found, _counted(found.days, view), to)
        if line.days or view.whom is Whom.HERE:
            made.append(line)
    shown = [one for one in made if _fits(one, view)]
    if view.order is Order.OPEN:
        shown.sort(key=lambda one: -sum(day.place is not Place.NEEDED for day in one.days))
    return shown


def _counted(days: Sequence[LedgerDay], view: View) -> Sequence[LedgerDay]:
    """The midnights that count for the view: all of the stay, or those of the window in the unit."""
    if view.whom is Whom.HERE:
        return [one for one in days if one.day <= view.until]
    first = view.back[0]
    return [
        one
        for one in days
        if first <= one.day <= view.until
        and one.occupied is not Occupied.AWAY
        and view.unit in (ALL_UNITS, one.unit)
    ]  # fmt: skip


def _fits(line: Line, view: View) -> bool:
    return (not view.part or any(view.lane.part(one).value == view.part for one in line.days)) and (
        view.day is None or any(one.day == view.day for one in line.days)
    )


# --- what the page shows ----------------------------------------------------------------------------------------------


def grid_context(found: Sequence[Line], view: View) -> dict[str, Any]:
    """The grid as the template draws it: heads, rows, totals, the sum in words."""
    shown = found[(view.page - 1) * STAYS_AT_ONCE : view.page * STAYS_AT_ONCE]
    every = [one for line in found for one in line.days]
    drawn = [one for line in shown for one in line.days]
    return {
        "heads": [_head(day, view) for day in (*view.back, *view.ahead)],
        "parts": [_capital(word_of(part)) for part in view.lane.boxes],
        "rows": [_row(line, view) for line in shown],
        "foot": _foot(drawn, view),
        "totals": [{"count": str(count), "href": view.address(part=part.value)}
                   for part, count in count_parts(view.lane, drawn).items()],
        "before": str(sum(one.day < view.back[0] for one in drawn)),
        "midnights": str(len(drawn)),
        "sum": _sum(len(found), count_parts(view.lane, every), view),
        "reasons": _reasons(every),
        "pager": _pager(len(found), view),
        "legend": view.lane.legend,
    }  # fmt: skip


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]


def _head(day: date, view: View) -> dict[str, Any]:
    return {"weekday": f"{day:%a}", "day": str(day.day), "weekend": day.weekday() >= SATURDAY,
            "today": day == view.last + ONE_DAY, "full": f"{day:%a %-d %b %Y}"}  # fmt: skip


def _row(line: Line, view: View) -> dict[str, Any]:
    by_day = {one.day: one for one in line.days}
    ahead = set(line.found.ahead)
    cells: list[dict[str, str] | None] = []
    for day in view.back:
        one = by_day.get(day)
        cells.append(None if one is None else _cell(line, one, view))
    cells += [AHEAD if day in ahead else None for day in view.ahead]
    stay = line.stay
    return {
        "name": ", ".join(part for part in (stay.family, stay.given) if part) or "Name not sent",
        "place": " ".join(part for part in (stay.unit, "-".join(p for p in (stay.room, stay.bed) if p)) if part),
        "href": line.linking.at("/days"),
        "id": str(stay.id),
        "cells": cells,
        "before": str(sum(one.day < view.back[0] for one in line.days)),
        "midnights": str(len(line.days)),
        "counts": [str(count) for count in count_parts(view.lane, line.days).values()],
    }


def _cell(line: Line, one: LedgerDay, view: View) -> dict[str, str]:
    """The box of a midnight. Its name is the fragment to which the form of its day leads back."""
    name = f"b{line.stay.serial}-{one.day:%m%d}"
    to = replace(line.linking, back=f"{line.linking.back}#{name}")
    return box(view.lane, one, to) | {"id": name}


def _foot(days: Iterable[LedgerDay], view: View) -> list[dict[str, str]]:
    count: dict[date, int] = {}
    open_ones: dict[date, int] = {}
    for one in days:
        count[one.day] = count.get(one.day, 0) + 1
        open_ones[one.day] = open_ones.get(one.day, 0) + (one.place is not Place.NEEDED)
    return [
        {"count": str(count.get(day, 0)), "open": str(open_ones.get(day, 0)), "href": view.address(day=day),
         "full": f"{day:%a %-d %b}"}
        for day in view.back
    ]  # fmt: skip


def _sum(stays: int, totals: Mapping[StrEnum, int], view: View) -> dict[str, Any]:
    """`14 stays · 113 midnights = 81 needed + ...`, each part a link to the stays behind it."""
    count = sum(totals.values())
    return {
        "stays": "1 stay" if stays == 1 else f"{stays} stays",
        "midnights": "1 midnight" if count == 1 else f"{count} midnights",
        "parts": [{"text": f"{number} {word_of(part)}", "href": view.address(part=part.value)}
                  for part, number in totals.items() if number],
    }  # fmt: skip


def _reasons(days: Sequence[LedgerDay]) -> str:
    """`excess days with a reason: 31 of 44`: RULES.md 8.5, days past the geometric mean length of stay."""
    found = sums(days)
    return f"excess days with a reason: {found.explained} of {found.excess}" if found.excess else "no excess days"


def _pager(count: int, view: View) -> dict[str, Any] | None:
    if count <= STAYS_AT_ONCE:
        return None
    first = (view.page - 1) * STAYS_AT_ONCE
    return {
        "from": str(first + 1), "to": str(min(count, first + STAYS_AT_ONCE)), "total": str(count), "what": "stays",
        "previous": view.address(page=view.page - 1) if view.page > 1 else "",
        "next": view.address(page=view.page + 1) if first + STAYS_AT_ONCE < count else "",
    }  # fmt: skip
