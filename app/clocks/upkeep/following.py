"""The last step of every transaction: the clocks of the stays that it names, or of which it made the past another.

What is owed is known from the instant on at which its facts were known, and that is not the one at which they are
worked off: a message waits for a moment, a backlog for an hour, and a file tells of last week. From the first such
instant on the versions of what was owed are told again, so that an earlier list shows stays and clocks of one piece.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from app.census.events import EncounterReassigned, EncountersUnited, LeaveChanged, PatientMoved, StayEvent
from app.clocks import gather
from app.clocks.commands import COLUMNS, computed_of, gathered_anew, named, refresh, shown_rules, telling
from app.clocks.gather import Found, Known, Lent
from app.clocks.upkeep.retelling import Standing, Version, insert, moments, record, versions
from app.clocks.upkeep.sweeping import OF_LATE
from app.platform.work import Work

# People may have recorded something for a stay that turned out to be a part of this one.
_RECORDED = """
with recursive own(stay, since, id) as (
  select c.stay, c.since, c.stay from unnest(%s::uuid[], %s::timestamptz[]) as c (stay, since)
  union select o.stay, o.since, e.id from own o join encounter e on e.united_into_id = o.id)
select o.stay, a.at from own o join audit_event a on a.encounter_id = o.id and a.at > o.since and a.at < %s
where a.name = any(%s) group by o.stay, a.at order by a.at
"""
_KEPT = f"""
select o.id, o.encounter_id, o.made_at, o.ended_at, {", ".join(f"o.{name}" for name in COLUMNS)}
from unnest(%s::uuid[], %s::timestamptz[]) as c (stay, since) join obligation o on o.encounter_id = c.stay
  and (o.ended_at is null or (o.ended_at >= c.since and o.ended_at > o.made_at))
"""


# A readmission hangs on the discharge before it, a call on whether the person lives: what features lend of one stay may
# come from another. Only stays of late; what is still open of an older one is computed by the hourly sweep.
_BESIDE = f"""
select e.id from encounter e
where e.patient_id = any(%(people)s) and not e.id = any(%(told)s) and e.gone_at is null and {OF_LATE}
"""
_OF_ONE_STAY = (PatientMoved, LeaveChanged)  # no other stay hangs on the bed in which somebody lies


class _Kept(NamedTuple):
    id: uuid.UUID
    version: Version


def refresh_named(work: Work) -> None:
    """Bring the clocks of these stays up to date, each from the instant on from which it may be another."""
    work.gathered.clear()
    if not shown_rules():
        return
    since = {stay: at for stay, at in work.known_anew.items() if at < work.now}
    for event in work.recorded:
        # What people recorded for one of the two counts for the other from the same instant on.
        if isinstance(event, EncountersUnited) and event.encounter_id and event.former_id in since:
            since[event.encounter_id] = min(since[event.former_id], since.get(event.encounter_id, work.now))
    told = named(work) | since.keys()
    if others := (told | _beside(work, told)) - since.keys():
        refresh(work, sorted(others))
    if since:
        refresh_since(work, since)


def _beside(work: Work, told: set[uuid.UUID]) -> set[uuid.UUID]:
    """Other stays of the persons of whom the feed told something."""
    people: set[uuid.UUID | None] = set()
    for event in work.recorded:
        if isinstance(event, StayEvent) and not isinstance(event, _OF_ONE_STAY):
            people.add(event.patient_id)
        if isinstance(event, EncounterReassigned):
            people |= {event.before_id, event.after_id}
    if not people - {None}:
        return set()
    return set(work.values(_BESIDE, {"people": list(people - {None}), "told": list(told), "now": work.now}))


def refresh_since(work: Work, since: Mapping[uuid.UUID, datetime]) -> int:
    """Tell the versions of these stays again, each from its instant on. Returns how many were made.

    What stays the same keeps its row. A stay that cannot be computed now keeps what was stored of it.
    """
    found = gathered_anew(work, sorted(since))
    computed = computed_of(work, found)
    present = {one.id: one for one in found if one.id in computed}
    given = (list(present), [since[stay] for stay in present])
    known = gather.courses(work, list(present))
    courses = {stay: _from(known.get(stay, []), since[stay]) for stay in present}
    lent = _lent(work, given, present, courses)
    kept: dict[uuid.UUID, list[_Kept]] = {stay: [] for stay in present}
    for stay, one in work.rows(_kept, _KEPT, given):
        kept[stay].append(one)
    change = _Change()
    for stay, now in present.items():
        course = moments(courses[stay], lent.get(stay) or [(since[stay], now.lent)], now)
        change.add(now, kept[stay], versions(course, _standing(kept[stay], since[stay]), computed[stay]))
    change.write(work)
    return len(change.made)


def _lent(
    work: Work,
    given: tuple[list[uuid.UUID], list[datetime]],
    present: Mapping[uuid.UUID, Found],
    courses: Mapping[uuid.UUID, Sequence[Known]],
) -> dict[uuid.UUID, list[tuple[datetime, Sequence[Lent]]]]:
    """What features lent of a stay at each instant at which that may have become another.

    Such are those at which people recorded something, and those at which the feed told more: what features say of a
    record may hang on the payer. Nothing for a stay of which all of them lend the same since.
    """
    recorded: dict[uuid.UUID, set[datetime]] = {}
    for stay, at in work.rows(_pair, _RECORDED, (*given, work.now, telling())):
        recorded.setdefault(stay, set()).add(at)
    asked: dict[datetime, list[uuid.UUID]] = {}
    for stay, first in zip(*given, strict=True):
        told = {one.since for one in courses[stay] if one.since < work.now}
        if stay in recorded or (len(told) > 1 and present[stay].lent):
            for at in {first, *told, *recorded.get(stay, ())}:
                asked.setdefault(at, []).append(stay)
    found: dict[uuid.UUID, list[tuple[datetime, Sequence[Lent]]]] = {}
    for at, stays in sorted(asked.items()):
        parts: dict[uuid.UUID, list[Lent]] = {stay: [] for stay in stays}
        with work.earlier(at) as view:
            for part in gather.lent(view, stays):
                parts[part.encounter_id].append(part)
        for stay, own in parts.items():
            found.setdefault(stay, []).append((at, own))
    return found


def _from(course: Sequence[Known], since: datetime) -> list[Known]:
    """What was known at an instant, and what became known after it."""
    before = [one for one in course if one.since <= since]
    return [msgspec.structs.replace(one, since=since) for one in before[-1:]] + [
        one for one in course if one.since > since
    ]


def _standing(kept: Sequence[_Kept], since: datetime) -> Standing:
    return {(one.values[0], one.values[1]): (one.values, one.made_at) for _, one in kept if one.made_at < since}


class _Change:
    """What is written: rows that end, rows that stood at no instant after all, new rows."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self._ends: dict[uuid.UUID, datetime] = {}
        self._touched: set[tuple[int, uuid.UUID]] = set()

    def add(self, found: Found, kept: Sequence[_Kept], told: Iterator[Version]) -> None:
        """The difference between what is kept of a stay and what is told of it now."""
        left = {(one.values, one.made_at): (key, one) for key, one in kept}
        before = len(self.made), len(self._ends)
        for version in told:
            key, same = left.get((version.values, version.made_at), (None, None))
            if key is not None and same is not None and same.ended_at in (None, version.ended_at):
                del left[version.values, version.made_at]
                if same.ended_at is None and version.ended_at is not None:
                    self._ends[key] = version.ended_at
            else:
                self.made.append(record(found, version))
        self._ends |= {key: one.made_at for key, one in left.values()}
        if before != (len(self.made), len(self._ends)):
            self._touched.add((found.facility_id, found.id))

    def write(self, work: Work) -> None:
        if self._ends:
            work.write(
                "obligation",
                "update obligation o set ended_at = c.at from unnest(%s::uuid[], %s::timestamptz[]) as c (id, at)"
                " where o.id = c.id",
                (list(self._ends), list(self._ends.values())),
            )
        insert(work, self.made)
        for facility_id, stay in sorted(self._touched):
            work.changed(facility_id, stay)


def _kept(
    id: uuid.UUID, stay: uuid.UUID, made_at: datetime, ended_at: datetime | None, *values: Any
) -> tuple[uuid.UUID, _Kept]:
    return stay, _Kept(id, Version(values, made_at, ended_at))


def _pair(stay: uuid.UUID, at: datetime) -> tuple[uuid.UUID, datetime]:
    return stay, at
