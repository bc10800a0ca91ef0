"""Facts of payment days out of the tables, for any number of stays by a fixed number of statements."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.drg.lookup import Groups, groups, normal_code
from app.census.terms import DIED
from app.census.united import with_former
from app.clocks.guessing import line_of
from app.clocks.terms import Line
from app.ltac.days.rules.absences import destination
from app.ltac.days.terms import Destination, EntryKind, Leave, Visit
from app.platform.work import Reading

LONG_TERM = "ltch"


class Entry(msgspec.Struct, frozen=True):
    """One version of a record; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    entry_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: EntryKind
    about: str
    content: dict[str, Any]
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.ended_at is None


class _Row(msgspec.Struct, frozen=True):
    id: uuid.UUID
    facility_id: int
    kind: str
    timezone: str
    patient_id: uuid.UUID
    number: str
    admitted_at: datetime | None
    left_at: datetime | None
    disposition: str
    drg: str
    asked: bool


_VISITS = """
select e.id, e.facility_id, f.kind, f.timezone, e.patient_id, e.visit_number,
  coalesce((select min(m.since) from movement m where m.encounter_id = e.id and m.lane = 2 and m.value = 'IP'),
           case when e.id = any(%(stays)s) then e.start_at end),
  case when e.status = 'discharged' then e.discharge_at end, e.disposition, e.drg, e.id = any(%(stays)s)
from encounter e join facility f on f.id = e.facility_id
where e.patient_id in (select o.patient_id from encounter o where o.id = any(%(stays)s)) and e.gone_at is null
  and (e.id = any(%(stays)s) or e.patient_class = 'IP' and e.status in ('admitted', 'on_leave', 'discharged'))
order by e.id
"""
_LEAVES = """
select encounter_id, since, until from movement where encounter_id = any(%s) and lane = 5 order by encounter_id, since
"""
_PAYERS = """
select c.encounter_id, c.payer_name, c.plan_code, c.payer_code,
  (select l.line from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code
   and l.plan_code in (c.plan_code, '') and l.ended_at is null order by l.plan_code desc limit 1)
from coverage c where c.encounter_id = any(%s) order by c.encounter_id, c.rank
"""
_ENTRIES = """
select d.id, d.entry_id, d.encounter_id, d.kind, d.about, d.content, d.made_at, coalesce(m.display_name, ''),
  d.ended_at, coalesce(x.display_name, ''), case when d.ended_at is null then '' else d.ended_because end,
  case when d.ended_at is null then '' else d.ended_reason end
from payment_day_entry d left join app_user m on m.id = d.made_by left join app_user x on x.id = d.ended_by
where d.encounter_id = any(%s) {} order by d.made_at, d.id
"""


@dataclass
class Found:
    """What the tables hold around one stay: `visits` of its patient to its facility, `others` to other hospitals, each
    with its zone; entries by kind, the newest last; who pays."""

    row: _Row
    visits: list[Visit] = field(default_factory=list)
    others: list[tuple[Visit, ZoneInfo]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lines: tuple[Line, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.row.timezone)

    @property
    def drg(self) -> str:
        """The payment group as the tables write it; empty without one."""
        return normal_code(self.row.drg) if self.row.drg else ""

    def newest(self, kind: EntryKind, stays: Iterable[uuid.UUID]) -> Entry | None:
        """The standing entry of a kind that was made last for any of these stays."""
        wanted = set(stays)
        made = [one for one in self.entries if one.stands and one.kind is kind and one.encounter_id in wanted]
        return made[-1] if made else None


@dataclass
class Gathered:
    """What was read for some stays; those that are none of a long-term hospital are missing."""

    stays: dict[uuid.UUID, Found]
    groups: Groups


def gather(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> Gathered:
    """Everything around these stays; with `ended` the words that do not stand any more too."""
    rows = [row for row in db.rows(_Row, _VISITS, {"stays": list(encounter_ids)}) if row.admitted_at is not None]
    mine = [row for row in rows if row.asked and row.kind == LONG_TERM]
    patients = {row.patient_id for row in mine}
    rows = [row for row in rows if row.patient_id in patients]
    keys = [row.id for row in rows]
    leaves = _leaves(db, rows)
    kept = entries(db, keys, ended=ended) if keys else []
    lines = _lines(db, [row.id for row in mine])
    told_of = places(kept)
    visits = {row.id: _visit(row, leaves.get(row.id, ()), told_of) for row in rows}
    found: dict[uuid.UUID, Found] = {}
    for row in mine:
        one = found[row.id] = Found(row, lines=lines.get(row.id, ()))
        for other in rows:
            if other.patient_id != row.patient_id:
                continue
            if other.facility_id == row.facility_id:
                one.visits.append(visits[other.id])
            else:
                one.others.append((visits[other.id], ZoneInfo(other.timezone)))
        near = {visit.key for visit in one.visits}
        one.entries = [entry for entry in kept if entry.encounter_id in near]
    return Gathered(found, groups(db, {row.drg for row in mine}))


def entries(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Entry]:
    """What was recorded for these stays in the order of recording."""
    belongs = with_former(db, encounter_ids)

    def shape(key: uuid.UUID, entry: uuid.UUID, stay: uuid.UUID, kind: str, *rest: Any) -> Entry:
        return Entry(key, entry, belongs[stay], EntryKind(kind), *rest)

    query = _ENTRIES.format("" if ended else "and d.ended_at is null")
    return db.rows(shape, query, (list(belongs),))


def _leaves(db: Reading, rows: Sequence[_Row]) -> dict[uuid.UUID, list[tuple[datetime, datetime | None]]]:
    """Leaves by visit. One that lasted until the discharge had no return."""
    left = {row.id: row.left_at for row in rows}
    found: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = {}

    def take(key: uuid.UUID, since: datetime, until: datetime | None) -> None:
        back = None if until is not None and until == left[key] else until
        found.setdefault(key, []).append((since, back))

    if left:
        db.rows(take, _LEAVES, (list(left),))
    return found


def _lines(db: Reading, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Line, ...]]:
    """Who pays each stay, the first payer first; a stay where that is not known is missing.

    Where nobody has told the line of one payer, the others say nothing against original Medicare.
    """
    found: dict[uuid.UUID, tuple[Line, ...]] = {}
    untold: set[uuid.UUID] = set()

    def take(key: uuid.UUID, name: str, plan: str, code: str, told: str | None) -> None:
        line = Line(told) if told else line_of(name, plan, code)
        if line is None:
            untold.add(key)
        else:
            found[key] = (*found.get(key, ()), line)

    if keys:
        db.rows(take, _PAYERS, (list(keys),))
    return {key: told for key, told in found.items() if key not in untold or Line.MEDICARE_FFS in told}


Places = Mapping[tuple[uuid.UUID, datetime], Destination]


def places(kept: Iterable[Entry]) -> Places:
    """Where patients were in absences, by visit and instant of leaving: two may leave at one minute."""
    return {
        (one.encounter_id, datetime.fromisoformat(one.about)): Destination(one.content["to"])
        for one in kept
        if one.kind is EntryKind.AWAY and one.stands
    }


def _visit(row: _Row, leaves: Iterable[tuple[datetime, datetime | None]], told_of: Places) -> Visit:
    """A visit with where the patient went: as somebody recorded it, else as the discharge says."""
    assert row.admitted_at is not None, "visits without a begin are left out before"
    told = destination(row.disposition)
    if row.left_at is not None:
        told = told_of.get((row.id, row.left_at.astimezone(UTC)), told)
    return Visit(
        row.id, row.number, row.admitted_at, row.left_at, told, row.disposition in DIED,
        tuple(
            Leave(since, until, told_of.get((row.id, since.astimezone(UTC)), Destination.UNKNOWN))
            for since, until in leaves
        ),
    )  # fmt: skip
