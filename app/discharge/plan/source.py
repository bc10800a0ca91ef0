"""What the clocks learn from the plan: expected dates, what changed, barriers, and the records that answer them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.plan import queries
from app.discharge.plan.queries import BarrierRow, Expected
from app.discharge.plan.terms import BarrierState, Ending
from app.discharge.terms import CareType
from app.kernel.days import end_of_day
from app.platform.work import Reading

RULES = frozenset({"DP-EDD", "DP-BARRIER", "DP-REEVAL"})
"""Rules whose closing record is made here."""

_TO = {
    CareType.HOME: "home", CareType.SHELTER: "home", CareType.HOME_HEALTH: "hha", CareType.SNF: "snf",
    CareType.NF: "snf", CareType.IRF: "irf", CareType.LTCH: "ltch", CareType.HOSPICE_HOME: "hospice",
    CareType.HOSPICE_FACILITY: "hospice", CareType.ACUTE: "acute",
}  # fmt: skip
"""Destinations in the words of the clocks."""

_CLASS_LANE = 2
# A change of class (the level of care that the order names) after the first one, where somebody plans already.
_CLASSES = """
select m.encounter_id, m.since from movement m
where m.encounter_id = any(%s) and m.lane = %s
  and exists (select from movement b where b.encounter_id = m.encounter_id and b.lane = m.lane and b.since < m.since
    and b.value <> m.value)
"""
_ZONES = "select e.id, f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)"


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What the plan of each of these stays says, by a fixed number of queries."""
    events: dict[uuid.UUID, list[Event]] = {}
    records: dict[uuid.UUID, list[Record]] = {}
    zones = {key: ZoneInfo(zone) for key, zone in db.rows(lambda *row: row, _ZONES, (list(encounter_ids),))}
    dates: dict[uuid.UUID, list[Expected]] = {}
    for one in queries.expected_dates(db, encounter_ids, ended=True):
        dates.setdefault(one.encounter_id, []).append(one)
    going = {one.encounter_id: _TO.get(one.to, "") for one in queries.dispositions(db, encounter_ids)}
    for stay, held in dates.items():
        if stay not in zones:
            continue  # looked at as of an instant at which the stay was not known yet
        events.setdefault(stay, []).extend(_of_dates(held, zones[stay], going.get(stay, "")))
    for barrier in queries.barriers(db, encounter_ids):
        if barrier.state is not BarrierState.STRUCK_OUT:
            events.setdefault(barrier.encounter_id, []).extend(_of_barrier(barrier))
            if barrier.resolved_at is not None:
                closed = Record(
                    kind=RecordKind.BARRIER_RESOLVED, at=barrier.resolved_at, subject=str(barrier.barrier_id)
                )
                records.setdefault(barrier.encounter_id, []).append(closed)
    for look in queries.looks(db, encounter_ids):
        records.setdefault(look.encounter_id, []).append(Record(kind=RecordKind.PLAN, at=look.made_at))
    began = {
        stay: at
        for stay in {*events, *records}
        if (at := _began(events.get(stay, ()), records.get(stay, ()))) is not None
    }
    for stay, changed in _class_changes(db, encounter_ids, began):
        events.setdefault(stay, []).append(changed)
    for stay in {*events, *records}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


def _began(events: Sequence[Event], records: Sequence[Record]) -> datetime | None:
    """When somebody first planned. A barrier may have begun before that; that it was raised is a change of the plan."""
    told = (one.at for one in events if one.kind is not EventKind.BARRIER_OPEN)
    return min((*told, *(one.at for one in records)), default=None)


def _of_dates(held: Sequence[Expected], zone: ZoneInfo, to: str) -> Iterable[Event]:
    """Every date that was not taken back at once, the last of them with the destination; a move changes the plan."""
    meant = [one for one in held if one.ended_because != Ending.UNDONE]
    before = None
    for one in meant:
        yield Event(
            kind=EventKind.EXPECTED_DISCHARGE, at=one.made_at, until=end_of_day(one.expected_on, zone),
            subject=str(one.id), to=to if one is meant[-1] else "",
        )  # fmt: skip
        if before is not None and before != one.expected_on:
            yield Event(kind=EventKind.PLAN_CHANGED, at=one.made_at, subject=str(one.id))
        before = one.expected_on


def _of_barrier(one: BarrierRow) -> Iterable[Event]:
    subject = str(one.barrier_id)
    yield Event(
        kind=EventKind.BARRIER_OPEN, at=one.began_at, until=one.due_at, subject=subject, code=one.code, party=one.party
    )
    yield Event(kind=EventKind.PLAN_CHANGED, at=one.raised_at, subject=subject)


def _class_changes(
    db: Reading, encounter_ids: Sequence[uuid.UUID], planned: Mapping[uuid.UUID, datetime]
) -> Iterable[tuple[uuid.UUID, Event]]:
    """Changes since the planning of a stay began: what came before it was known when the plan was made."""
    belongs = with_former(db, encounter_ids)
    for key, at in db.rows(lambda *row: row, _CLASSES, (list(belongs), _CLASS_LANE)):
        if belongs[key] in planned and planned[belongs[key]] < at:
            yield belongs[key], Event(kind=EventKind.PLAN_CHANGED, at=at)
