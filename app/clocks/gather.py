"""Facts of stays out of the tables, for any number of stays by a few queries; features lend what they have recorded."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.facts import Coverage, Event, Policy, Record, StayFacts
from app.clocks.guessing import line_of
from app.clocks.terms import EventKind, Line
from app.kernel.days import instant_of, local_day
from app.platform.work import Reading

DEPARTURE_HOUR = time(11, 0)
"""When a patient is taken to leave on a day for which only the day is known; the sentence of the rule shows it."""

_CLASS_LANE = 2
_TO = {
    "01": "home", "06": "hha", "08": "home", "03": "snf", "61": "snf", "64": "snf", "62": "irf", "90": "irf",
    "63": "ltch", "91": "ltch", "50": "hospice", "51": "hospice", "02": "acute", "05": "acute", "66": "acute",
    "07": "ama", "20": "expired", "40": "expired", "41": "expired", "42": "expired",
}  # fmt: skip


class Lent(msgspec.Struct, frozen=True):
    """What one feature has recorded of one stay."""

    encounter_id: uuid.UUID
    events: tuple[Event, ...] = ()
    records: tuple[Record, ...] = ()


FactSource = Callable[[Reading, Sequence[uuid.UUID]], Iterable[Lent]]
_sources: list[FactSource] = []


def install(sources: Sequence[FactSource]) -> None:
    """Hand over the features that lend facts (app/wiring.py)."""
    _sources[:] = sources


class _Stay(msgspec.Struct):
    id: uuid.UUID
    facility_id: int
    zone: str
    kind: str
    status: str
    start_at: datetime | None
    discharge_at: datetime | None
    discharge_precise: bool
    disposition: str
    expected_at: datetime | None
    pending_kind: str
    pending_at: datetime | None
    gmlos: float | None


class _Row(msgspec.Struct):
    encounter_id: uuid.UUID
    value: str
    since: datetime


class _Cover(msgspec.Struct):
    encounter_id: uuid.UUID
    payer_code: str
    payer_name: str
    plan_code: str
    line: str | None


class _Term(msgspec.Struct):
    facility_id: int
    rule: str
    payer_code: str
    allowance: str
    asked: bool
    begins: date
    ends: date | None
    closed_days: list[date]
    source: str


_STAYS = """
select e.id, e.facility_id, f.timezone, f.kind, e.status, e.start_at, e.discharge_at, e.discharge_precise,
  e.disposition, e.expected_discharge_at, e.pending_kind, e.pending_at, e.gmlos
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_CLASSES = """
select encounter_id, value, since from movement where encounter_id = any(%s) and lane = %s order by encounter_id, since
"""
_COVERAGE = """
select c.encounter_id, c.payer_code, c.payer_name, c.plan_code,
  (select l.line from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code
   and l.plan_code in (c.plan_code, '') and l.ended_at is null order by l.plan_code desc limit 1)
from coverage c where c.encounter_id = any(%s) order by c.encounter_id, c.rank
"""
_POLICIES = """
select facility_id, rule, payer_code, allowance, asked, begins, ends, closed_days, source
from policy_rule where facility_id = any(%s) and ended_at is null
"""


def gather(view: Reading, stays: Sequence[uuid.UUID], policies: Sequence[Policy] | None = None) -> list[StayFacts]:
    """The facts of these stays as of the reading's instant. With `policies` those stand in for the stored ones."""
    wanted = list(stays)
    found = view.rows(_Stay, _STAYS, (wanted,))
    classes: dict[uuid.UUID, list[_Row]] = {}
    for row in view.rows(_Row, _CLASSES, (wanted, _CLASS_LANE)):
        classes.setdefault(row.encounter_id, []).append(row)
    covers: dict[uuid.UUID, list[Coverage]] = {}
    for one in view.rows(_Cover, _COVERAGE, (wanted,)):
        line = Line(one.line) if one.line else line_of(one.payer_name, one.plan_code, one.payer_code) or Line.OTHER
        covers.setdefault(one.encounter_id, []).append(Coverage(line, payer=one.payer_code))
    terms = _policies(view, {stay.facility_id for stay in found})
    lent: dict[uuid.UUID, list[Lent]] = {}
    for source in _sources:
        for part in source(view, wanted):
            lent.setdefault(part.encounter_id, []).append(part)
    return [
        StayFacts(
            id=str(stay.id),
            zone=ZoneInfo(stay.zone),
            facility_kind=stay.kind,
            as_of=view.now,
            coverage=tuple(covers.get(stay.id, ())),
            events=(
                *_moves(stay, classes.get(stay.id, ())),
                *(event for part in lent.get(stay.id, ()) for event in part.events),
            ),
            records=tuple(record for part in lent.get(stay.id, ()) for record in part.records),
            policies=tuple(terms.get(stay.facility_id, ()) if policies is None else policies),
            gmlos=stay.gmlos,
        )
        for stay in found
    ]


def facilities_of(view: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The facility of each stay."""
    return dict(view.rows(_pair, "select id, facility_id from encounter where id = any(%s)", (list(stays),)))


def _pair(stay: uuid.UUID, facility_id: int) -> tuple[uuid.UUID, int]:
    return stay, facility_id


def _policies(view: Reading, facilities: set[int]) -> dict[int, list[Policy]]:
    found: dict[int, list[Policy]] = {}
    for row in view.rows(_Term, _POLICIES, (list(facilities),)):
        found.setdefault(row.facility_id, []).append(
            Policy(
                rule=row.rule,
                allowance=row.allowance,
                asked=row.asked,
                payer=row.payer_code,
                begins=row.begins,
                ends=row.ends,
                closed_days=tuple(row.closed_days),
                source=row.source,
            )
        )
    return found


def _moves(stay: _Stay, rows: Sequence[_Row]) -> Iterable[Event]:
    """What the census says of a stay, as events of the clocks. A cancelled or announced visit has none."""
    if stay.status in ("cancelled", "preadmit"):
        return
    before = ""
    for row in rows:
        if row.value == before:
            continue
        if row.value == "IP":
            yield Event(kind=EventKind.INPATIENT_ORDER, at=row.since)
        elif row.value == "OBS":
            kind = EventKind.STATUS_TO_OBSERVATION if before == "IP" else EventKind.OBSERVATION_START
            yield Event(kind=kind, at=row.since)
        elif before == "OBS":
            yield Event(kind=EventKind.OBSERVATION_END, at=row.since)
        before = row.value
    if any(row.value in ("ED", "OBS", "IP") for row in rows):
        began = min(row.since for row in rows if row.value in ("ED", "OBS", "IP"))
        yield Event(kind=EventKind.CARE_START, at=began)
    yield from _leaving(stay)


def _leaving(stay: _Stay) -> Iterable[Event]:
    zone = ZoneInfo(stay.zone)
    if stay.status == "discharged" and stay.discharge_at is not None:
        to = _TO.get(stay.disposition, "")
        at = stay.discharge_at if stay.discharge_precise else _by_day(stay.discharge_at, zone)
        yield Event(kind=EventKind.DISCHARGE, at=at, to=to)
        return
    planned = stay.pending_at if stay.pending_kind == "discharge" and stay.pending_at else stay.expected_at
    if planned is not None:
        midnight = planned.astimezone(zone).time() == time(0, 0)
        yield Event(kind=EventKind.DISCHARGE_PLANNED, at=_by_day(planned, zone) if midnight else planned)


def _by_day(at: datetime, zone: ZoneInfo) -> datetime:
    return instant_of(local_day(at, zone), DEPARTURE_HOUR, zone)
