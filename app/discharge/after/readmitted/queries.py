"""Readmissions: which stay follows which, what was asked, how preventable people hold them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.after.readmitted.rules import WITHIN_DAYS
from app.discharge.after.readmitted.terms import AnsweredBy, ComeBackReason, Planned
from app.platform.work import Reading


class Earlier(msgspec.Struct):
    """A stay that follows an earlier one of the same person: when they left, when they came back, after how many
    days."""

    encounter_id: uuid.UUID
    earlier_id: uuid.UUID
    left_at: datetime
    came_at: datetime
    days: int
    disposition: str
    planned: str


class Interview(msgspec.Struct):
    """A version of an interview."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    earlier_id: uuid.UUID
    at: datetime
    answered_by: AnsweredBy
    planned: Planned
    reasons: list[ComeBackReason]
    in_own_words: str
    could_have_helped: str
    state: str
    because: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.ended_at is None and self.state == "recorded"


class Rating(msgspec.Struct):
    """How preventable one person holds a readmission."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    rater_id: uuid.UUID
    rater: str
    preventable: int
    reasons: list[ComeBackReason]
    said: str
    made_at: datetime
    ended_at: datetime | None


# The last discharge of the same person before this stay, within the days that count; days are those of the facility.
# The measure counts inpatient stays and observation before discharge is index too where the house watches all payers.
EARLIER = f"""
select e.id, x.id, x.discharge_at, e.start_at,
  (e.start_at at time zone f.timezone)::date - (x.discharge_at at time zone f.timezone)::date, x.disposition,
  coalesce((select i.planned from readmission_interview i where i.encounter_id = e.id and i.ended_at is null
    and i.state = 'recorded'), 'unknown')
from encounter e join facility f on f.id = e.facility_id
cross join lateral (
  select x.id, x.discharge_at, x.disposition from encounter x
  where x.patient_id = e.patient_id and x.facility_id = e.facility_id and x.id <> e.id and x.status = 'discharged'
    and x.gone_at is null and x.patient_class in ('IP', 'OBS') and x.discharge_at <= e.start_at
    and (e.start_at at time zone f.timezone)::date - (x.discharge_at at time zone f.timezone)::date <= {WITHIN_DAYS}
  order by x.discharge_at desc, x.id limit 1
) x
where e.gone_at is null and e.status in ('admitted', 'on_leave', 'discharged') and e.patient_class in ('IP', 'OBS')
"""
_INTERVIEWS = """
select i.id, i.encounter_id, i.earlier_id, i.at, i.answered_by, i.planned, i.reasons, i.in_own_words,
  i.could_have_helped, i.state, i.because, i.made_at, coalesce(m.display_name, ''), i.ended_at
from readmission_interview i left join app_user m on m.id = i.made_by
where i.encounter_id = any(%s) order by i.made_at, i.id
"""
_RATINGS = """
select r.id, r.encounter_id, r.rater_id, coalesce(m.display_name, ''), r.preventable, r.reasons, r.said, r.made_at,
  r.ended_at
from readmission_rating r left join app_user m on m.id = r.rater_id
where r.encounter_id = any(%s) and r.ended_at is null order by r.made_at, r.id
"""


def earlier_stays(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Earlier]:
    """Those of these stays that follow an earlier one within thirty days, each with that one."""
    found = db.rows(Earlier, f"{EARLIER} and e.id = any(%s)", (list(encounter_ids),))
    return {one.encounter_id: one for one in found}


def interviews_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Interview]:
    """Every version of the interviews of these stays, the earliest first."""
    belongs = with_former(db, encounter_ids)

    def shape(*row: Any) -> Interview:
        given = dict(zip(Interview.__struct_fields__, row, strict=True))
        given["encounter_id"] = belongs[given["encounter_id"]]
        given["answered_by"], given["planned"] = AnsweredBy(given["answered_by"]), Planned(given["planned"])
        given["reasons"] = [ComeBackReason(one) for one in given["reasons"]]
        return Interview(**given)

    return db.rows(shape, _INTERVIEWS, (list(belongs),))


def ratings_of(db: Reading, encounter_id: uuid.UUID) -> list[Rating]:
    """The judgements of a readmission that stand, in the order in which they were given."""

    def shape(*row: Any) -> Rating:
        given = dict(zip(Rating.__struct_fields__, row, strict=True))
        given["reasons"] = [ComeBackReason(one) for one in given["reasons"]]
        return Rating(**given)

    return db.rows(shape, _RATINGS, (list(with_former(db, [encounter_id])),))
