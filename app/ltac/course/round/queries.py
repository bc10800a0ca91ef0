"""Whom a weaning round visits: the patients of a long-term hospital with what is charted of them."""

import uuid
from datetime import datetime

import msgspec

from app.ltac.course.queries import Course, courses
from app.ltac.course.terms import Outcome
from app.platform.work import Reading

LEAVES_AFTER = 7
"""Days off the ventilator after which a patient is visited no more."""


class Patient(msgspec.Struct, frozen=True):
    """A patient in house, by bed."""

    id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    birth: str
    sex: str
    unit: str
    place: str
    status: str
    start_at: datetime | None


class Visited(msgspec.Struct, frozen=True):
    """A patient of the round; `course` is None for one of whom no day is charted."""

    patient: Patient
    course: Course | None

    @property
    def on_round(self) -> bool:
        """Whether the round visits: ventilated, or off the ventilator for less than a week."""
        if self.course is None:
            return False
        found = self.course.standing
        if found.outcome is Outcome.NEVER_VENTILATED:
            return False
        return found.outcome is not Outcome.LIBERATED or found.free_days <= LEAVES_AFTER


_HERE = """
select e.id, e.patient_id, p.family || ', ' || p.given, p.birth_text, p.sex, e.unit,
  concat_ws(' ', e.unit, e.room, e.bed),
  e.status, e.start_at
from encounter e join patient p on p.id = e.patient_id
where e.facility_id = %s and e.status in ('admitted', 'on_leave') and e.gone_at is null
order by e.unit, e.room, e.bed, e.id
"""


def patients(db: Reading, facility_id: int) -> list[Visited]:
    """Everybody in house by bed, with what is charted, by a fixed number of statements."""
    found = db.rows(Patient, _HERE, (facility_id,))
    charted = courses(db, [one.id for one in found])
    return [Visited(one, charted.get(one.id)) for one in found]
