"""Who has to be reckoned anew: the patients of every stay that a transaction changed or recorded something of.

A row for each time, never one per patient: a refresh takes away only the rows that were there before it read, so that
what is changed meanwhile waits for the next one.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from app.census.events import EncounterReassigned, EncountersUnited, PatientsMerged, PatientsUnmerged
from app.kernel.events import Event
from app.platform.work import Work, begin, everywhere

RECOMPUTE = "measures.recompute"
"""The job that reckons everything anew."""
MIDNIGHT = "measures.midnight"
"""The job that looks, every hour, where a day has begun."""
_ACTOR = everywhere("measures")
# What changes though nobody records anything: another midnight in a bed, and a deadline that passed without an answer.
# The day before may have had 25 hours, and the job may come late in its hour.
_PASSED = """
insert into measure_touch (patient_id, facility_id, at)
select distinct on (e.patient_id) e.patient_id, e.facility_id, %(now)s::timestamptz
from encounter e join facility f on f.id = e.facility_id
where extract(hour from %(now)s::timestamptz at time zone f.timezone) = 0 and e.gone_at is null
  and (e.status in ('admitted', 'on_leave') or e.id in (select o.encounter_id from obligation o
    where o.ended_at is null and o.required and o.closed_at is null
      and o.due_at between %(now)s::timestamptz - interval '27 hours' and %(now)s))
"""
_TOUCH = """
insert into measure_touch (patient_id, facility_id, at)
select distinct on (e.patient_id) e.patient_id, e.facility_id, %s::timestamptz from (
  select patient_id, facility_id from encounter where id = any(%s)
  union all select patient_id, facility_id from encounter where patient_id = any(%s)) e
"""


def touch_named(work: Work) -> None:
    """Last step of a transaction: every patient whose stays or records it changed waits to be reckoned anew."""
    if not work.recorded:
        return
    stays = {stay for _, stay in work.changed_stays}
    patients: set[uuid.UUID] = set()
    for event in work.recorded:
        stays.update(_stays(event))
        patients.update(_patients(event))
    if stays or patients:
        touch(work, stays, patients)


def touch(work: Work, stays: Iterable[uuid.UUID] = (), patients: Iterable[uuid.UUID] = ()) -> None:
    """Have these patients, and those of these stays, reckoned anew after this transaction."""
    work.session.flush()
    # Past the list of written tables: a queue of numbers is no change that somebody must answer for.
    work.connection.execute(_TOUCH, (work.now, sorted(stays), sorted(patients)))


def touch_at_midnight(at: datetime | None = None) -> None:
    """Job of every hour: where a local day has begun, stays that are open or let a deadline pass are reckoned anew."""
    with begin(_ACTOR, at=at) as work:
        work.connection.execute(_PASSED, {"now": work.now})


def recompute_after(work: Work, happened: Event) -> None:
    """Reaction: what happened may change the cases of everybody, as a new table of groups or of codes does, another
    name of a unit, or another time zone of a facility."""
    work.later(RECOMPUTE, once=RECOMPUTE)


def _stays(event: Event) -> set[uuid.UUID]:
    former = event.former_id if isinstance(event, EncountersUnited) else None
    return {stay for stay in (event.encounter_id, former) if stay is not None}


def _patients(event: Event) -> set[uuid.UUID]:
    match event:
        case EncounterReassigned():
            named = (event.patient_id, event.before_id, event.after_id)
        case PatientsMerged():
            named = (event.patient_id, event.retired_id, None)
        case PatientsUnmerged():
            named = (event.patient_id, event.restored_id, None)
        case _:
            named = (event.patient_id, None, None)
    return {patient for patient in named if patient is not None}
