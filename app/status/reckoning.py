"""The two-midnight reckoning of stays out of the tables, by a few queries for all of them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.stay.queries import A_MOMENT
from app.census.stay.timeline import Course, Lane, Row
from app.clocks.gather import gather
from app.clocks.rules.stay import Stay
from app.clocks.terms import Line
from app.platform.work import Reading
from app.status import queries
from app.status.queries import Expected
from app.status.terms import Basis, CutShort
from app.status.timeline import Expectation, Known, Reckoning, reckon


class _Stay(msgspec.Struct):
    id: uuid.UUID
    timezone: str
    status: str
    discharge_at: datetime | None
    discharge_precise: bool
    disposition: str
    expected_at: datetime | None


_STAYS = """
select e.id, f.timezone, e.status, e.discharge_at, e.discharge_precise, e.disposition,
  coalesce(case when e.pending_kind = 'discharge' then e.pending_at end, e.expected_discharge_at)
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_MOVES = """
select encounter_id, lane, value, label, since, until from movement where encounter_id = any(%s) order by since, lane
"""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What was reckoned of a stay, and from what."""

    known: Known
    found: Reckoning


def reckoned(
    db: Reading, stays: Sequence[uuid.UUID], lines: Mapping[uuid.UUID, frozenset[Line]] | None = None
) -> dict[uuid.UUID, Reckoned]:
    """The reckoning of each of these stays. With `lines`, whether the presumption holds follows from who pays."""
    wanted = list(stays)
    moves: dict[uuid.UUID, list[Row]] = {}
    for stay, lane, *values in db.rows(lambda *row: row, _MOVES, (wanted,)):
        moves.setdefault(stay, []).append(Row(Lane(lane), *values))
    written = queries.expectations(db, wanted)
    found = {}
    for one in db.rows(_Stay, _STAYS, (wanted,)):
        advantage = lines is not None and Line.MEDICARE_ADVANTAGE in lines.get(one.id, frozenset())
        known = _known(one, moves.get(one.id, []), written.get(one.id), db.now, presumption=not advantage)
        found[one.id] = Reckoned(known, reckon(known))
    return found


def _known(one: _Stay, rows: list[Row], written: Expected | None, now: datetime, *, presumption: bool) -> Known:
    discharged = one.status == "discharged"
    end = one.discharge_at if discharged and one.discharge_at is not None else now
    if discharged and not one.discharge_precise:
        end = max([end, *(row.since + A_MOMENT for row in rows)])
    return Known(
        course=Course(tuple(rows), ZoneInfo(one.timezone), end, discharged, one.discharge_precise),
        now=now,
        expected_at=one.expected_at,
        disposition=one.disposition,
        expectation=_expectation(written),
        elsewhere_since=written.elsewhere_since if written is not None else None,
        presumption_applies=presumption,
    )


def _expectation(written: Expected | None) -> Expectation | None:
    if written is None:
        return None
    return Expectation(
        basis=Basis(written.basis), by=written.physician, written_at=written.written_at,
        cut_short=CutShort(written.cut_short),
    )  # fmt: skip


def clocks_of(db: Reading, encounter_id: uuid.UUID) -> Stay | None:
    """The stay as the clocks see it; None for one that is not there any more."""
    found = gather(db, [encounter_id])
    return Stay(found[0]) if found else None
