"""Facts of stays out of the tables, for any number of stays by a few queries; features lend what they have recorded."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.departing import Word, by_day, planned
from app.clocks.facts import Coverage, Event, Policy, Record, StayFacts
from app.clocks.guessing import line_of
from app.clocks.terms import EventKind, Line
from app.platform.work import Reading

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
    gone: bool
    faulty: bool
    told_at: datetime | None  # when the feed last said another departure than before


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
    starts_text: str
    ends_text: str


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
  e.disposition, e.expected_discharge_at, e.pending_kind, e.pending_at, e.gmlos, e.gone_at is not null,
  exists (select from clock_fault x where x.encounter_id = e.id and x.closed_at is null),
  (select max(t.known_from) from (select k.known_from,
     (k.expected_discharge_at, k.pending_kind, k.pending_at) is distinct from
     lag((k.expected_discharge_at, k.pending_kind, k.pending_at)) over (order by k.known_from) as other
     from public.encounter_known k where k.encounter_id = e.id and k.known_from <= %s) t where t.other)
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_CLASSES = """
select encounter_id, value, since from movement where encounter_id = any(%s) and lane = %s order by encounter_id, since
"""
_COVERAGE = """
select c.encounter_id, c.payer_code, c.payer_name, c.plan_code,
  (select l.line from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code
   and l.plan_code in (c.plan_code, '') and l.ended_at is null order by l.plan_code desc limit 1),
  c.starts_text, c.ends_text
from coverage c where c.encounter_id = any(%s) order by c.encounter_id, c.rank
"""
_POLICIES = """
select facility_id, rule, payer_code, allowance, asked, begins, ends, closed_days, source
from policy_rule where facility_id = any(%s) and ended_at is null
"""


_COURSES = """
select k.encounter_id, k.facility_id, f.timezone, f.kind, k.status, k.start_at, k.discharge_at, k.discharge_precise,
  k.disposition, k.expected_discharge_at, k.pending_kind, k.pending_at, k.gmlos, false, false,
  null, k.known_from, case when k.known_until < 'infinity' then k.known_until end, k.unit, k.admit_reason,
  jsonb_path_query_array(k.movements, '$[*] ? (@.lane == $lane)', jsonb_build_object('lane', %s::int)), k.coverage
from public.encounter_known k join facility f on f.id = k.facility_id
where k.encounter_id = any(%s) order by k.encounter_id, k.known_from
"""
_LINES = "select facility_id, payer_code, plan_code, line from payer_line where ended_at is null"


class Found(msgspec.Struct):
    """What the tables hold of one stay, not yet put together, so that what cannot be is a fault of this stay alone."""

    stay: _Stay
    now: datetime
    classes: Sequence[_Row]
    coverage: Sequence[Coverage]
    lent: Sequence[Lent]
    policies: Sequence[Policy]

    @property
    def id(self) -> uuid.UUID:
        """The stay."""
        return self.stay.id

    @property
    def faulty(self) -> bool:
        """Whether the clocks of the stay could not be computed the last time."""
        return self.stay.faulty

    @property
    def facility_id(self) -> int:
        """The facility of the stay."""
        return self.stay.facility_id

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.stay.zone)

    @property
    def status(self) -> str:
        """Where the stay stands in the census; empty for one that is gone."""
        return "" if self.stay.gone else self.stay.status

    @property
    def discharge_at(self) -> datetime | None:
        """The departure, where it took place."""
        return self.stay.discharge_at if self.stay.status == "discharged" else None

    def facts(self) -> StayFacts:
        """All of it as the rules take it. Raises what a value without meaning makes it raise."""
        told = [event for part in self.lent for event in part.events]
        return StayFacts(
            id=str(self.stay.id),
            zone=ZoneInfo(self.stay.zone),
            facility_kind=self.stay.kind,
            as_of=self.now,
            coverage=tuple(self.coverage),
            events=(*_moves(self.stay, self.classes), *self._leaving(told), *told),
            records=tuple(record for part in self.lent for record in part.records),
            policies=tuple(self.policies),
            gmlos=self.stay.gmlos,
        )

    def _leaving(self, told: Sequence[Event]) -> Iterable[Event]:
        """The departure, or the one that is planned by the latest word. A visit that has no facts has none."""
        if not _counts(self.stay):
            return ()
        if self.stay.status == "discharged" and self.stay.discharge_at is not None:
            return (_departure(self.stay, self.stay.discharge_at, self.zone),)
        return planned(_fed(self.stay, self.zone), (event for event in told if event.at <= self.now), self.zone)


def gather(view: Reading, stays: Sequence[uuid.UUID], policies: Sequence[Policy] | None = None) -> list[StayFacts]:
    """The facts of these stays as of the reading's instant. With `policies` those stand in for the stored ones."""
    return [one.facts() for one in collect(view, stays, policies)]


def collect(
    view: Reading, stays: Sequence[uuid.UUID], policies: Sequence[Policy] | None = None, *, lock: bool = False
) -> list[Found]:
    """What the tables hold of these stays, by a few queries for all of them.

    With `lock` nobody else computes these stays until the end of the transaction: of two that change facts of one stay
    at the same time the second waits here and then reads what the first has committed.
    """
    wanted = list(stays)
    sql = f"{_STAYS} order by e.id for no key update of e" if lock else _STAYS
    found = view.rows(_Stay, sql, (view.now, wanted))
    classes: dict[uuid.UUID, list[_Row]] = {}
    for row in view.rows(_Row, _CLASSES, (wanted, _CLASS_LANE)):
        classes.setdefault(row.encounter_id, []).append(row)
    covers: dict[uuid.UUID, list[Coverage]] = {}
    for one in view.rows(_Cover, _COVERAGE, (wanted,)):
        covers.setdefault(one.encounter_id, []).append(_coverage(one))
    terms = stored_policies(view, {stay.facility_id for stay in found}) if policies is None else {}
    parts: dict[uuid.UUID, list[Lent]] = {}
    for part in lent(view, wanted):
        parts.setdefault(part.encounter_id, []).append(part)
    return [
        Found(
            stay=stay,
            now=view.now,
            classes=classes.get(stay.id, ()),
            coverage=covers.get(stay.id, ()),
            lent=parts.get(stay.id, ()),
            policies=terms.get(stay.facility_id, ()) if policies is None else policies,
        )
        for stay in found
    ]


def lent(view: Reading, stays: Sequence[uuid.UUID]) -> Iterator[Lent]:
    """What features have recorded of these stays."""
    for source in _sources:
        yield from source(view, stays)


class Known(msgspec.Struct):
    """What was known of a stay from `since` on, without what features have recorded of it."""

    since: datetime
    unit: str
    reason: str
    found: Found


def courses(view: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Known]]:
    """What was known of these stays from each instant on, in order; the terms and lines are those that stand now."""
    with view.connection.cursor() as cursor:
        lines = {tuple(key): Line(line) for *key, line in cursor.execute(_LINES).fetchall()}
        rows = cursor.execute(_COURSES, (_CLASS_LANE, list(stays))).fetchall()
    terms = stored_policies(view, {row[1] for row in rows})
    found: dict[uuid.UUID, list[Known]] = {}
    gone_since: dict[uuid.UUID, datetime | None] = {}
    for *values, since, until, unit, reason, classes, covers in rows:
        stay = _Stay(*values)
        course = found.setdefault(stay.id, [])
        stay.told_at = _told_at(course, stay, since)
        gap = gone_since.get(stay.id)
        if gap is not None and gap < since:
            course.append(_gone(course[-1], gap))
        known = Found(
            stay=stay,
            now=since,
            classes=sorted((_class_row(stay.id, one) for one in classes), key=lambda row: row.since),
            coverage=[_coverage(_cover(stay, one, lines)) for one in sorted(covers, key=lambda one: one["rank"])],
            lent=(),
            policies=terms.get(stay.facility_id, ()),
        )
        course.append(Known(since, unit, reason, known))
        gone_since[stay.id] = until
    for key, gap in gone_since.items():
        if gap is not None:
            found[key].append(_gone(found[key][-1], gap))
    return found


def _told_at(course: Sequence[Known], stay: _Stay, since: datetime) -> datetime:
    """Since when the feed tells this departure: as before, unless it differs from what was known until now."""
    before = course[-1].found.stay if course else None
    if before is None or before.told_at is None:
        return since
    same = (stay.expected_at, stay.pending_kind, stay.pending_at)
    return before.told_at if same == (before.expected_at, before.pending_kind, before.pending_at) else since


def _gone(last: Known, since: datetime) -> Known:
    stay = msgspec.structs.replace(last.found.stay, gone=True)
    return Known(since, "", "", msgspec.structs.replace(last.found, stay=stay, now=since))


def _class_row(stay: uuid.UUID, told: dict[str, str]) -> _Row:
    return _Row(stay, told["value"], datetime.fromisoformat(told["since"]))


def _cover(stay: _Stay, told: dict[str, str], lines: dict[tuple[Any, ...], Line]) -> _Cover:
    payer, plan = told["payer_code"], told["plan_code"]
    line = lines.get((stay.facility_id, payer, plan)) or lines.get((stay.facility_id, payer, ""))
    return _Cover(stay.id, payer, told["payer_name"], plan, line, told["starts_text"], told["ends_text"])


def _coverage(one: _Cover) -> Coverage:
    """A payer with its line: the one that somebody set, else the one that the names tell. Days that contradict each
    other, or are no days, limit nothing."""
    line = Line(one.line) if one.line else line_of(one.payer_name, one.plan_code, one.payer_code)
    begins, ends = _day(one.starts_text), _day(one.ends_text)
    if begins is not None and ends is not None and ends < begins:
        begins = ends = None
    return Coverage(line or Line.OTHER, payer=one.payer_code, begins=begins, ends=ends, told=line is not None)


def _day(text: str) -> date | None:
    """The day of an HL7 date of 8 or more digits."""
    try:
        return date.fromisoformat(text[:8]) if text[:8].isdigit() else None
    except ValueError:
        return None


def stored_policies(view: Reading, facilities: set[int]) -> dict[int, list[Policy]]:
    """The terms that stand, of these facilities and their payers."""
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
    """What the census says of a stay, as events of the clocks. A cancelled or announced visit has none, nor a number
    that turned out to be part of another stay."""
    if not _counts(stay):
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


def _counts(stay: _Stay) -> bool:
    return not stay.gone and stay.status not in ("cancelled", "preadmit")


def _departure(stay: _Stay, at: datetime, zone: ZoneInfo) -> Event:
    to = _TO.get(stay.disposition, "")
    return Event(kind=EventKind.DISCHARGE, at=at if stay.discharge_precise else by_day(at, zone), to=to)


def _fed(stay: _Stay, zone: ZoneInfo) -> Word | None:
    """The departure as the feed announces or expects it; one at midnight is a day alone."""
    at = stay.pending_at if stay.pending_kind == "discharge" and stay.pending_at else stay.expected_at
    if at is None:
        return None
    return Word(at, stay.told_at, precise=at.astimezone(zone).time() != time(0, 0))
