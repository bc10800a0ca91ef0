"""Putting a stay aside, and bringing it back: by the person, by the clock, or because something happened to it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from pydantic import BaseModel, BeforeValidator, Field
from sqlmodel import select

from app.census.events import (
    ClassChanged,
    DischargeCancelled,
    EncounterCancelled,
    EncounterDischarged,
    EncountersUnited,
    EncounterUpdated,
    PatientMoved,
    StayEvent,
)
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, everywhere, reading
from app.worklists.snoozes.events import StayReturned, StaySnoozed
from app.worklists.snoozes.models import Snooze
from app.worklists.snoozes.rules import check, kind_of, returns_at
from app.worklists.snoozes.terms import ReturnTime, SnoozeEnd, SnoozeKind, SnoozeReason

NOT_THERE = "There is no such stay, or it lies outside what you may see."
MOST_AT_ONCE = 500
_WHO = everywhere("snoozes")


def _or_nothing(value: object) -> object:
    return None if value == "" else value


class SnoozeStay(BaseModel):
    """What a person asks for who puts a stay aside."""

    reason: SnoozeReason
    detail: Annotated[str, Field(max_length=300)] = ""
    until: ReturnTime
    not_needed: bool = False
    on: Annotated[date | None, BeforeValidator(_or_nothing)] = None
    at: Annotated[time | None, BeforeValidator(_or_nothing)] = None


class _Subject(msgspec.Struct):
    facility_id: int
    patient_id: uuid.UUID
    zone: str
    here: bool


def snooze_stay(work: Work, encounter_id: uuid.UUID, ask: SnoozeStay) -> Snooze:
    """Put a stay aside for the person who asks. Refused for a stay that is over and for a time that has passed."""
    stay = _lock(work, encounter_id)
    if not stay.here:
        raise Refused("This stay is over. It is on nobody's list.")
    check(ask.reason, ask.detail)
    kind = kind_of(ask.until, ask.not_needed)
    until = returns_at(ask.until, work.now, ZoneInfo(stay.zone), ask.on, ask.at)
    person = _person(work)
    for before in _open(work, encounter_id, person):
        before.ended_at, before.ended_because = work.now, SnoozeEnd.REPLACED
    work.session.flush()
    made = work.add(
        Snooze(
            encounter_id=encounter_id, facility_id=stay.facility_id, user_id=person, kind=kind, reason=ask.reason,
            detail=ask.detail, made_at=work.now, until=until, until_change=kind is SnoozeKind.NOT_NEEDED,
        )
    )  # fmt: skip
    work.record(
        StaySnoozed(
            encounter_id=encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, user_id=person,
            snooze_id=made.id, kind=made.kind, reason=made.reason, until=until,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, encounter_id)
    return made


def bring_back(work: Work, snooze_id: uuid.UUID) -> Snooze:
    """Take back one's own snooze: the stay is on the list again. Refused when it is back already."""
    held = work.lock(Snooze, snooze_id, "There is nothing put aside under this number.")
    if held.user_id != work.who.actor_id:
        raise Refused("A colleague put this stay aside on their own list. Only they bring it back.")
    if held.ended_at is not None:
        raise Refused("This stay is back on the list already.")
    _end(work, [held.id], SnoozeEnd.UNDONE)
    return held


def return_due() -> bool:
    """Bring back what has its time: open screens hear of it within a second. True when there may be more."""
    with reading(_WHO) as db:
        if not db.value("select exists (select from snooze where ended_at is null and until <= %s)", (db.now,)):
            return False
    with begin(_WHO) as work:
        query = (
            "select id from snooze where ended_at is null and until <= %s order by until limit %s"
            " for update skip locked"
        )
        due = work.values(query, (work.now, MOST_AT_ONCE))
        _end(work, due, SnoozeEnd.TIME)
        return len(due) == MOST_AT_ONCE


def bring_back_changed(work: Work) -> None:
    """The last step of every transaction: what was put aside comes back when its stay changed in a way that matters."""
    what = touched(work.recorded)
    if not what.changed:
        return
    query = (
        "select s.id, s.encounter_id = any(%(important)s::uuid[])"
        " or (s.encounter_id = any(%(pending)s::uuid[]) and e.pending_kind <> '') as matters"
        " from snooze s join encounter e on e.id = s.encounter_id"
        " where s.ended_at is null and s.encounter_id = any(%(changed)s::uuid[]) for update of s"
    )
    given = {"changed": list(what.changed), "important": list(what.important), "pending": list(what.pending)}
    found = work.connection.execute(query, given).fetchall()
    _end(work, [key for key, matters in found if matters], SnoozeEnd.IMPORTANT)
    _end(work, [key for key, matters in found if not matters], SnoozeEnd.CHANGED, "until_change")


@dataclass(frozen=True, slots=True)
class Touched:
    """Stays of a transaction: all that changed, those to which something happened that nobody may sleep through, and
    those whose pending move or departure was announced or taken back."""

    changed: frozenset[uuid.UUID]
    important: frozenset[uuid.UUID]
    pending: frozenset[uuid.UUID]


def touched(recorded: Iterable[Event]) -> Touched:
    """What the recorded events say about stays."""
    changed: set[uuid.UUID] = set()
    important: set[uuid.UUID] = set()
    pending: set[uuid.UUID] = set()
    for happened in recorded:
        if not isinstance(happened, StayEvent) or happened.encounter_id is None:
            continue
        stays = {happened.encounter_id}
        if isinstance(happened, EncountersUnited):
            stays.add(happened.former_id)
        changed |= stays
        if _matters(happened):
            important |= stays
        if isinstance(happened, EncounterUpdated) and "pending_kind" in happened.changed:
            pending |= stays
    return Touched(frozenset(changed), frozenset(important), frozenset(pending))


def _matters(happened: StayEvent) -> bool:
    if isinstance(happened, PatientMoved):
        return _unit(happened.before) != _unit(happened.after)
    return isinstance(
        happened, ClassChanged | EncounterDischarged | DischargeCancelled | EncounterCancelled | EncountersUnited
    )


def _unit(place: str | None) -> str:
    return (place or "").partition("^")[0]


class _Ended(msgspec.Struct):
    id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    user_id: uuid.UUID


def _end(work: Work, keys: Sequence[uuid.UUID], because: SnoozeEnd, only: str = "true") -> None:
    """End these rows and say so; `only` narrows them by a condition on the row."""
    if not keys:
        return
    query = (
        "update snooze s set ended_at = %s, ended_because = %s from encounter e"
        f" where s.id = any(%s::uuid[]) and {only} and e.id = s.encounter_id"
        " returning s.id, s.encounter_id, e.patient_id, s.facility_id, s.user_id"
    )
    work.written.add("snooze")
    for one in work.rows(_Ended, query, (work.now, because.value, list(keys))):
        work.record(
            StayReturned(
                encounter_id=one.encounter_id, patient_id=one.patient_id, facility_id=one.facility_id,
                user_id=one.user_id, snooze_id=one.id, because=because.value,
            )
        )  # fmt: skip
        work.changed(one.facility_id, one.encounter_id)


def _lock(work: Work, encounter_id: uuid.UUID) -> _Subject:
    query = (
        "select e.facility_id, e.patient_id, f.timezone, e.status in ('admitted', 'on_leave') from encounter e"
        " join facility f on f.id = e.facility_id where e.id = %s for update of e"
    )
    return work.one(_Subject, query, (encounter_id,), missing=NOT_THERE)


def _open(work: Work, encounter_id: uuid.UUID, person: uuid.UUID) -> Iterable[Snooze]:
    query = select(Snooze).where(
        Snooze.encounter_id == encounter_id,
        Snooze.user_id == person,
        Snooze.ended_at == None,  # noqa: E711
    )
    return work.session.exec(query.with_for_update()).all()


def _person(work: Work) -> uuid.UUID:
    assert work.who.actor_id is not None, "only a person puts stays aside"
    return work.who.actor_id
