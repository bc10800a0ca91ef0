"""What the tables know about the conditions of care after the hospital, for one stay and some types of care."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.census.united import Subject
from app.clocks import gather
from app.clocks.engine import counters
from app.clocks.terms import EventKind
from app.discharge.booking.queries import Booked
from app.discharge.eligibility.facts import Answer, Facts
from app.discharge.eligibility.terms import Question
from app.discharge.terms import CareType
from app.kernel.days import local_day
from app.platform.work import Reading

_PLACES = """
select m.since, m.until from movement m join unit w on w.facility_id = m.facility_id
  and w.code = split_part(m.value, '^', 1) and w.kind = 'intensive'
where m.encounter_id = %s and m.lane = 1 and m.since <= %s order by m.since
"""


def facts_of(
    db: Reading,
    stay: Subject,
    care_types: Sequence[CareType],
    answers: Mapping[Question, Answer],
    booked: Sequence[Booked] = (),
) -> dict[CareType, Facts]:
    """The facts of a stay for each of these types of care."""
    found = gather.gather(db, [stay.encounter_id])
    if not found:
        return {}
    known, today = found[0], stay.day(db.now)
    counted = counters(known)
    left = next((one for one in known.events if one.kind is EventKind.DISCHARGE), None)
    leaves = left or next((one for one in known.events if one.kind is EventKind.DISCHARGE_PLANNED), None)
    covers = [one for one in known.coverage if (one.begins or today) <= today <= (one.ends or today)]
    spans = intensive(db, stay)
    return {
        care: Facts(
            care_type=care, zone=stay.zone, now=db.now, today=today, lines=frozenset(one.line for one in covers),
            inpatient_days=counted.snf_qualifying_days,
            leaves_on=local_day(leaves.at, stay.zone) if leaves is not None else None, left=left is not None,
            length=counted.presumption_midnights, gmlos=known.gmlos, intensive=spans,
            starts_on=starts(booked, care, stay), answers=answers,
        )
        for care in care_types
    }  # fmt: skip


def intensive(db: Reading, stay: Subject) -> list[tuple[datetime, datetime | None]]:
    """From when to when the patient was on a unit of intensive care; the last span may be open."""
    return db.rows(lambda since, until: (since, until), _PLACES, (stay.encounter_id, db.now))


def starts(booked: Sequence[Booked], care: CareType, stay: Subject) -> date | None:
    """For which day care is booked, by the last booking that stands."""
    for one in reversed(booked):
        if one.care_type is care and one.stands:
            return one.starts_on or (local_day(one.pick_up_at, stay.zone) if one.pick_up_at else None)
    return None
