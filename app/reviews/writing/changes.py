"""What the census knows to have changed on a stay: place, class, service, attending, diagnoses, expected departure."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.stay.figure import class_word, place_text
from app.census.stay.queries import movements_of, units_of
from app.census.stay.timeline import Lane, Row
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.web.changes import Change

_LABELS = {Lane.LOCATION: "Place", Lane.CLASS: "Class", Lane.ATTENDING: "Attending", Lane.SERVICE: "Service",
           Lane.LEAVE: "Leave"}  # fmt: skip
_KNOWN = """
select k.known_from, k.expected_discharge_at, k.payer_name, k.diagnoses from encounter_known k
where k.encounter_id = %s and k.known_until > %s and k.known_from <= %s order by k.known_from
"""
_PLACE = "select e.facility_id, f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = %s"


class _Known(msgspec.Struct):
    since: datetime
    expected_at: datetime | None
    payer: str
    diagnoses: list[dict[str, Any]]


class _Place(msgspec.Struct):
    facility_id: int
    timezone: str


def census_changes(db: Reading, encounter_id: uuid.UUID, since: datetime) -> Sequence[Change]:
    """Movements after an instant, and what the feed has said differently since."""
    found = db.rows(_Place, _PLACE, (encounter_id,))
    if not found:
        return []
    units = {one.code: one.name for one in units_of(db, found[0].facility_id)}
    moved = _movements(movements_of(db, encounter_id), units, since)
    return [*moved, *_told(_versions(db, encounter_id, since), ZoneInfo(found[0].timezone), db.now)]


def _versions(db: Reading, encounter_id: uuid.UUID, since: datetime) -> list[_Known]:
    """What was known at the instant, and everything that was known differently after it."""
    return db.rows(_Known, _KNOWN, (encounter_id, since, db.now))


def _movements(rows: Sequence[Row], units: dict[str, str], since: datetime) -> Iterator[Change]:
    before: dict[Lane, Row] = {}
    for row in sorted(rows, key=lambda one: one.since):
        last = before.get(row.lane)
        before[row.lane] = row
        if row.since <= since or (last is not None and last.value == row.value):
            continue
        was = _words(last, units) if last is not None else ""
        yield Change(_LABELS[row.lane], _words(row, units), row.since, was)


def _words(row: Row, units: dict[str, str]) -> str:
    if row.lane is Lane.LOCATION:
        return place_text(row.value, units)
    return class_word(row.value) if row.lane is Lane.CLASS else row.label or row.value


def _told(versions: Sequence[_Known], zone: ZoneInfo, now: datetime) -> Iterator[Change]:
    """What the feed says now against what it said then: what went to and fro in between is no change."""
    if not versions:
        return
    first, last = versions[0], versions[-1]
    if first.expected_at != last.expected_at:
        at = next(one.since for one in reversed(versions) if _differs(versions, one, "expected_at"))
        yield Change("Expected discharge", _day(last.expected_at, zone, now), at, _day(first.expected_at, zone, now))
    if first.payer != last.payer:
        at = next(one.since for one in reversed(versions) if _differs(versions, one, "payer"))
        yield Change("Payer", last.payer, at, first.payer)
    known = {_diagnosis(one) for one in first.diagnoses}
    for text in dict.fromkeys(_diagnosis(one) for one in last.diagnoses):
        if text not in known:
            at = next(one.since for one in versions if text in {_diagnosis(each) for each in one.diagnoses})
            yield Change("Diagnosis", text, at)


def _differs(versions: Sequence[_Known], one: _Known, name: str) -> bool:
    """Whether this version said something else than the one before it."""
    place = versions.index(one)
    return place > 0 and getattr(versions[place - 1], name) != getattr(one, name)


def _diagnosis(one: dict[str, Any]) -> str:
    return " ".join(part for part in (one.get("code", ""), one.get("text", "")) if part)


def _day(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    return dated_text(at, zone, now) if at is not None else "none"
