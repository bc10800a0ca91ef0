"""Absences, the split of an absent colleague's stays, and what ends it: going back, or being kept."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, model_validator

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.worklists.assignment.cover.takeover import RETURN_JOB
from app.worklists.assignment.gathering import Situation, zone_of
from app.worklists.assignment.giving import Change, Deed, Given, give_many
from app.worklists.assignment.lead.balancing import Wanted, check_takers
from app.worklists.assignment.models import Absence
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.rules.sharing import Held, Share, split
from app.worklists.assignment.terms import Why

NO_ABSENCE = "There is no such absence in your facilities."
LONGEST = timedelta(days=366)
Had = Mapping[uuid.UUID, frozenset[uuid.UUID]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueMarkedAbsent(Event):
    """A colleague is away from the first to the last day."""

    name: ClassVar[str] = "colleague.marked_absent"
    facility_id: int
    user_id: uuid.UUID
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueReturned(Event):
    """An absence was ended early, or taken back."""

    name: ClassVar[str] = "colleague.returned"
    facility_id: int
    user_id: uuid.UUID


class MarkAbsent(BaseModel):
    """Who is away, from the first to the last whole day."""

    user_id: uuid.UUID
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _in_order(self) -> "MarkAbsent":
        if self.last_day < self.first_day:
            raise ValueError("The last day lies before the first one.")
        if self.last_day - self.first_day > LONGEST:
            raise ValueError("Mark an absence of up to a year.")
        return self


def mark_absent(work: Work, facility_id: int, ask: MarkAbsent) -> Absence:
    """Say that a colleague is away. Their stays stay theirs until they are split."""
    if not may_hold(work, ask.user_id, facility_id):
        raise Refused("This person may not have stays in this facility. Choose another one.", field="user_id")
    if ask.last_day < work.today(zone_of(work, facility_id)):
        raise Refused("This absence is over already. Choose days that are to come.", field="last_day")
    if ask.first_day - work.today(zone_of(work, facility_id)) > LONGEST:
        raise Refused("Mark an absence that begins within a year.", field="first_day")
    work.values("select id from app_user where id = %s for update", (ask.user_id,))
    taken = work.value(
        "select true from absence where user_id = %s and facility_id = %s and ended_at is null"
        " and daterange(first_day, last_day, '[]') && daterange(%s, %s, '[]')",
        (ask.user_id, facility_id, ask.first_day, ask.last_day),
    )
    if taken:
        raise Refused("This person is marked absent on some of these days already.", field="first_day")
    made = work.add(Absence(facility_id=facility_id, made_at=work.now, made_by=work.who.actor_id, **ask.model_dump()))
    work.record(
        ColleagueMarkedAbsent(
            facility_id=facility_id, user_id=ask.user_id, first_day=ask.first_day, last_day=ask.last_day
        )
    )
    return made


def end_absence(work: Work, absence_id: uuid.UUID) -> Given:
    """The colleague is back: what others cover for them returns at once, as one deed.

    Protected stays that the actor does not see follow by the program. Nothing returns to somebody who may have stays
    here no more.
    """
    absence = _open_absence(work, absence_id)
    absence.ended_at, absence.ended_by = work.now, work.who.actor_id
    work.session.flush()
    work.record(ColleagueReturned(facility_id=absence.facility_id, user_id=absence.user_id))
    work.later(RETURN_JOB, once=f"{RETURN_JOB} {absence.id}", facility_id=absence.facility_id)
    if not may_hold(work, absence.user_id, absence.facility_id):
        return Given(None, 0, 0)
    query = (
        "select encounter_id, id, covers_for, 'The colleague is back.' from assignment"
        " where facility_id = %s and covers_for = %s and why <> 'takeover' and returns_at is not null"
        " and ended_at is null order by encounter_id"
    )
    covered = work.rows(Change, query, (absence.facility_id, absence.user_id))
    deed = Deed(Why.RETURN, absence.facility_id, absence.id)
    return give_many(work, deed, covered) if covered else Given(None, 0, 0)


def absence_of(work: Work, absence_id: uuid.UUID) -> Absence:
    """An absence within reach."""
    return work.get(Absence, absence_id, NO_ABSENCE)


def _open_absence(work: Work, absence_id: uuid.UUID) -> Absence:
    absence = work.lock(Absence, absence_id, NO_ABSENCE)
    if absence.ended_at is not None:
        raise Refused("This absence was ended already.")
    return absence


def propose_split(
    now: Situation, absent: uuid.UUID, people: Sequence[Share], before: Had
) -> dict[uuid.UUID, uuid.UUID]:
    """Who should have which of the absent colleague's stays: even in minutes, units together.

    `before` tells who had which stay earlier; they know the patient.
    """
    stays = [
        Held(stay.facts.id, stay.facts.unit, stay.expected.minutes, before.get(stay.facts.id, frozenset()))
        for stay in now.stays
        if stay.held is not None and stay.held.user_id == absent
    ]
    return split(stays, [one for one in people if one.id != absent])


def apply_split(work: Work, absence_id: uuid.UUID, now: Situation, rows: Sequence[Wanted]) -> Given:
    """Give the stays to those who cover, until the day after the absence; all in one deed."""
    absence = _open_absence(work, absence_id)
    if not rows:
        raise Refused("Choose who covers one or more of the stays.")
    takers = {one.to for one in rows}
    if absence.user_id in takers:
        raise Refused("The absent colleague cannot cover for themselves. Choose another one.")
    check_takers(work, absence.facility_id, takers)
    away = {one.id for one in now.people.values() if one.away_until is not None}
    if takers & away:
        raise Refused("One of those who should cover is away today. Choose another one.")
    back = day_begins(absence.last_day + timedelta(days=1), now.zone)
    theirs = {stay.facts.id: stay.held for stay in now.stays if stay.held and stay.held.user_id == absence.user_id}
    changes = []
    for one in rows:
        held = theirs.get(one.stay_id)
        changes.append(
            Change(
                one.stay_id,
                one.held,
                one.to,
                "Covers for a colleague who is away.",
                # What the absent one covers for somebody goes back to that somebody.
                covers_for=(held.covers_for if held else None) or absence.user_id,
                returns_at=(held.returns_at if held and held.covers_for else None) or back,
            )
        )
    return give_many(work, Deed(Why.COVER, absence.facility_id, absence.id), changes)


def day_begins(day: date, zone: str) -> datetime:
    """The first instant of a day there."""
    return datetime.combine(day, time(), ZoneInfo(zone))
