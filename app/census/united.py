"""The stay to which a record belongs, also where its number turned out to be part of another stay.

What was recorded for a part counts for the whole: features look their records up by `with_former`, and write new ones
to the stay that `subject` finds.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.days import local_day
from app.platform.work import Reading, Work

NO_STAY = "There is no such stay, or it lies outside what you may see."


class Subject(msgspec.Struct):
    """The stay to which a record belongs. `ordered_at` is its first inpatient order."""

    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    timezone: str
    start_at: datetime | None
    ordered_at: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.timezone)

    def day(self, at: datetime) -> date:
        """The facility's calendar day of an instant."""
        return local_day(at, self.zone)


_SUBJECT = """
with recursive part as (
  select %s::uuid as id
  union select e.united_into_id from encounter e join part on part.id = e.id
    where e.gone_at is not null and e.united_into_id is not null
)
select e.id, e.facility_id, e.patient_id, f.timezone, e.start_at,
  (select min(m.since) from movement m where m.encounter_id = e.id and m.lane = 2 and m.value = 'IP')
from encounter e join facility f on f.id = e.facility_id
where e.id in (select id from part) and (e.gone_at is null or e.united_into_id is null)
"""
# The past shows no stay that is gone: there it is one that is part of another today, and was no stay of its own then.
_FORMER = """
select f.id, f.united_into_id from public.encounter f where f.united_into_id = any(%s)
  and f.gone_at is not null and not exists (select from encounter e where e.id = f.id and e.gone_at is null)
"""


def subject(db: Reading, encounter_id: uuid.UUID) -> Subject:
    """The stay, or the one that it became part of; NotFound outside the reader's scope."""
    return db.one(Subject, _SUBJECT, (encounter_id,), missing=NO_STAY)


def held_subject(work: Work, encounter_id: uuid.UUID) -> Subject:
    """The same, locked: of two people who record something for one stay at once the second sees what the first did."""
    stay = subject(work, encounter_id)
    work.value("select id from encounter where id = %s for no key update", (stay.encounter_id,))
    return stay


def with_former(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """These stays, and those that turned out to be part of them, each with the stay for which its records count."""
    parts: dict[uuid.UUID, uuid.UUID] = {}
    fresh = list(stays)
    while fresh:
        found = {former: stay for former, stay in db.rows(_pair, _FORMER, (fresh,)) if former not in parts}
        parts |= found
        fresh = list(found)
    return {stay: _whole(stay, parts) for stay in (*stays, *parts)}


def _whole(stay: uuid.UUID, parts: dict[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    """The stay that is left; where the links run in a circle, some stay of it."""
    for _ in parts:
        stay = parts.get(stay, stay)
    return stay


def _pair(former: uuid.UUID, stay: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    return former, stay
