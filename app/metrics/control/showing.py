"""The six tiles of Control with their lists, as the page shows them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.avoidable_days.terms import PartyKind
from app.clocks.owed.words import FAMILIES, family
from app.discharge.terms import BarrierKind
from app.kernel.wording import day_text, duration_text, moment_text
from app.metrics.control.staffing import SHIFT_MINUTES, UnitLoad
from app.metrics.control.tiles import LongRow, LostRow, OwedRow, RiskRow, TileRow
from app.platform.work import Reading
from app.worklists.tiles.worklist import DEADLINES, HOUSE, LONG, LOST, REVIEWS, RISK

MOST = 10
"""Rows of a tile's list; the worklist has all."""
NOBODY = "nobody"
HOUSE_KEY = "t1"
EMPTY = {
    REVIEWS: "No review is late. A stay comes here when its review passes its time.",
    DEADLINES: "Nothing is due in the next 24 hours. Deadlines come here a day ahead.",
    LONG: "Each stay past its expected length has an expected date ahead.",
    LOST: "No night of yesterday is recorded as avoidable, and none is proposed.",
    RISK: "No denial is open, and no peer-to-peer talk is due.",
}
"""What is said in place of a list without rows: why it is empty."""


@dataclass(frozen=True, slots=True)
class When:
    """The instant of looking, and the facility's clocks."""

    now: datetime
    zone: ZoneInfo

    def at(self, instant: datetime | None) -> str:
        """As a narrow column writes it."""
        return moment_text(instant, self.zone, self.now) if instant is not None else ""

    def since(self, instant: datetime) -> str:
        """How long ago."""
        return duration_text(self.now - instant)


def when_of(db: Reading, timezone: str) -> When:
    """The instant of a reading in a facility."""
    return When(db.now, ZoneInfo(timezone))


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _tile(key: str, title: str, number: int, words: tuple[str, str, str]) -> dict[str, Any]:
    """`words`: what is counted, the line below, and the part of that line that is late."""
    unit, context, late = words
    return {"key": key, "title": title, "figure": f"{number:,}", "unit": unit, "context": context, "late": late}


def _card(tile: dict[str, Any], name: str, sub: str, columns: Sequence[tuple[str, bool]]) -> dict[str, Any]:
    return tile | {
        "sub": sub, "worklist": f"/worklists/{name}", "columns": [{"label": one, "num": num} for one, num in columns],
        "rows": [], "more": "", "empty": EMPTY.get(name, ""),
    }  # fmt: skip


def _listed(card: dict[str, Any], rows: Sequence[Any], cells: Callable[[Any], list[Any]]) -> dict[str, Any]:
    card["rows"] = [_row(one, cells(one)) for one in rows[:MOST]]
    card["more"] = f"{len(rows) - MOST} more in the worklist" if len(rows) > MOST else ""
    return card


def _row(one: TileRow, cells: list[Any]) -> dict[str, Any]:
    return {
        "name": one.name, "href": f"/encounters/{one.id}", "place": one.place, "owner": one.owner or NOBODY,
        "nobody": not one.owner, "assign": f"/encounters/{one.id}/assignment", "cells": cells,
    }  # fmt: skip


def _cell(text: str, *, late: bool = False, num: bool = False, more: str = "") -> dict[str, Any]:
    return {"text": text, "late": late, "num": num, "more": more}


def _paid(one: TileRow) -> dict[str, Any]:
    return _cell(one.payer, more=one.authorized)


def _last(name: str) -> str:
    return name.partition(",")[0]


def reviews(rows: Sequence[OwedRow], due: int, when: When) -> dict[str, Any]:
    """Stays whose review is overdue, of all those (`due`) that have one with a due time; the latest first in time."""
    late = f"{when.since(rows[0].at)}, {_last(rows[0].name)}" if rows else ""
    tile = _tile("t2", "Reviews overdue", len(rows),
                 (f"of {due:,} due", "oldest " if rows else "none is late", late))  # fmt: skip
    columns = (("What is missing", False), ("Late", False), ("Payer, authorized", False))
    card = _card(
        tile, REVIEWS, f"{_plural(len(rows), 'stay', 'stays')}, same number as the tile · by lateness", columns
    )

    def cells(one: OwedRow) -> list[Any]:
        more = f"and {len(one.rules) - 1} more" if len(one.rules) > 1 else ""
        return [_cell(one.title, more=more), _cell(when.since(one.at), late=True), _paid(one)]

    return _listed(card, rows, cells)


def deadlines(rows: Sequence[OwedRow], when: When) -> dict[str, Any]:
    """Stays with something due in the next 24 hours."""
    kinds = Counter(FAMILIES.get(family(rule), "other").lower() for one in rows for rule in one.rules)
    owed = sum(len(one.rules) for one in rows)
    said = ", ".join(f"{count} {name}" for name, count in kinds.most_common(3)) or "nothing is due"
    tile = _tile("t3", "Deadlines, next 24 h", len(rows), ("stay" if len(rows) == 1 else "stays", said, ""))
    sub = f"{_plural(len(rows), 'stay', 'stays')} with {_plural(owed, 'deadline', 'deadlines')} · the next one first"
    card = _card(tile, DEADLINES, sub, (("Next deadline", False), ("Due", False), ("Payer", False)))

    def cells(one: OwedRow) -> list[Any]:
        more = f"and {len(one.rules) - 1} more" if len(one.rules) > 1 else ""
        return [_cell(one.title, more=more), _cell(when.at(one.at)), _paid(one)]

    return _listed(card, rows, cells)


def long_stays(rows: Sequence[LongRow], past: int, when: When) -> dict[str, Any]:
    """Stays past their expected length for which no date ahead is planned."""
    ready = [one for one in rows if one.ready_at is not None]
    first = min(ready, key=lambda one: one.ready_at or when.now, default=None)
    late = f"{when.since(first.ready_at)} ready" if first is not None and first.ready_at is not None else ""
    tile = _tile("t4", "Past GMLOS, no plan", len(rows),
                 (f"of {past} past GMLOS", "longest " if late else "none is medically ready", late))  # fmt: skip
    sub = f"{_plural(len(rows), 'stay', 'stays')} without an expected date from today on · by days past GMLOS"
    columns = (("Stay", False), ("Medically ready", False), ("Barrier", False))
    card = _card(tile, LONG, sub, columns)

    def cells(one: LongRow) -> list[Any]:
        known = {kind.value: kind.label for kind in BarrierKind}
        names = [known.get(kind, kind) for kind in one.barriers or ()]
        date = f"expected {day_text(one.expected_on, when.now.astimezone(when.zone).date())}" if one.expected_on else ""
        return [
            _cell(f"Day {one.day} of {one.gmlos:.1f}", late=True, more=date),
            _cell(when.since(one.ready_at) if one.ready_at else "not set"),
            _cell(", ".join(names) or "None recorded"),
        ]

    return _listed(card, rows, cells)


def lost(rows: Sequence[LostRow], words: dict[str, str]) -> dict[str, Any]:
    """Stays that lost yesterday; by who could have prevented it."""
    kinds = {one.value: one.label for one in PartyKind}
    parties = Counter(kinds.get(one.party_kind, one.party_kind) for one in rows)
    said = ", ".join(f"{name.lower()} {count}" for name, count in parties.most_common(3)) or "none, nothing waits"
    drafts = sum(1 for one in rows if one.draft)
    tile = _tile("t5", "Avoidable days yesterday", len(rows), ("night" if len(rows) == 1 else "nights", said, ""))
    sub = f"{_plural(len(rows), 'night', 'nights')} = {len(rows) - drafts} confirmed + {drafts} draft"
    card = _card(tile, LOST, sub, (("Reason", False), ("Could have prevented it", False), ("State", False)))

    def cells(one: LostRow) -> list[Any]:
        # Of families only the kind: what was written of them may name somebody.
        named = one.party and one.party_kind != PartyKind.FAMILY.value
        kind = kinds.get(one.party_kind, one.party_kind)
        return [
            _cell(f"{one.code} {words.get(one.code, '')}".strip()), _cell(one.party if named else kind,
            more=kind if named else ""), _cell("draft" if one.draft else f"confirmed, {one.amount:g}"),
        ]  # fmt: skip

    return _listed(card, rows, cells)


def _money(amount: Decimal) -> str:
    return f"${amount:,.0f}"


def _due(one: RiskRow) -> datetime | None:
    return min((at for at in (one.denial_at, one.talk_at) if at is not None), default=None)


def at_risk(rows: Sequence[RiskRow], when: When) -> dict[str, Any]:
    """Stays with an open denial or a talk that is due, and the money at risk as far as it is known."""
    known = sum((one.amount for one in rows if one.amount is not None), Decimal())
    unknown = sum(1 for one in rows if one.unknown)
    risk = f"{_money(known)} at risk" + (f", {unknown} unknown" if unknown else "")
    first = min((one for one in rows if _due(one)), key=lambda one: _due(one) or when.now, default=None)
    due = _due(first) if first is not None else None
    named = f"{when.at(due)} {_last(first.name)}" if first is not None else ""
    if due is not None and due < when.now:
        words = (risk, "late since ", named)
    else:
        words = (risk, f"next {named}" if named else "nothing has a date", "")
    tile = _tile("t6", "Denials and P2P due", len(rows), words)
    sub = f"{_plural(len(rows), 'stay', 'stays')}, {risk} · by what is due first"
    card = _card(tile, RISK, sub, (("Kind", False), ("Due", False), ("At risk", True)))

    def cells(one: RiskRow) -> list[Any]:
        kinds = [f"Denial, {one.level}" if one.level else ""]
        kinds += ["Peer-to-peer talk"] if one.talk_at is not None else []
        due = _due(one)
        return [
            _cell(" · ".join(filter(None, kinds))),
            _cell(when.at(due) or "no date", late=due is not None and due < when.now),
            _cell(_money(one.amount) if one.amount is not None else ("not known" if one.denials else ""), num=True),
        ]

    return _listed(card, rows, cells)


def staffing(units: Sequence[UnitLoad], names: dict[str, str], stays: int) -> dict[str, Any]:
    """Stays of the house against minutes, unit by unit."""
    worst = units[0] if units and units[0].balance < 0 else None
    late = f"{-worst.balance:,} min over" if worst is not None else ""
    context = f"{names.get(worst.unit, worst.unit)} " if worst is not None else "no unit is over its minutes"
    tile = _tile(HOUSE_KEY, "Census and staff minutes", stays, ("stay" if stays == 1 else "stays", context, late))
    sub = f"{_plural(stays, 'stay', 'stays')} · expected work against minutes of those who have them and are here today"
    card = _card(tile, HOUSE, sub, ())
    card["units"] = [
        {
            "name": names.get(one.unit, one.unit) or "No unit", "href": f"/worklists/{HOUSE}?unit={one.unit}",
            "stays": one.stays, "split": f"{one.inpatients} inpatient", "expected": f"{one.expected:,}",
            "on_duty": f"{one.on_duty:,}", "late": one.balance < 0,
            "balance": f"{-one.balance:,} min over" if one.balance < 0 else f"{one.balance:,} min spare",
            "owners": ", ".join(one.owners), "nobody": one.nobody,
        }
        for one in units
    ]  # fmt: skip
    card["shift"] = SHIFT_MINUTES
    card["sum"] = {
        "stays": stays, "expected": f"{sum(one.expected for one in units):,}",
        "on_duty": f"{sum(one.on_duty for one in units):,}",
    }  # fmt: skip
    return card
