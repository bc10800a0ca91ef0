"""Samples, what waits for a reader, and pairs of readings.

`Task` is all that a second reader gets: its statement does not read what the first reviewer found. `Pair` holds both
readings and exists only once the second is signed.
"""

import uuid
from datetime import date, datetime
from typing import Any

import msgspec

from app.kernel.refusal import NotFound
from app.platform.work import Reading
from app.reviews.criteria.terms import ReviewKind
from app.reviews.sampling.rules import DEFAULT_SHARE, draw
from app.reviews.sampling.terms import ReadingState

NOT_THERE = "There is no such drawn review, or it lies outside what you may see."
NO_SAMPLE = "There is no such sample, or it lies outside what you may see."
SHOW_REVIEWS = (
    "GET /encounters/{stay_id:uuid}/reviews", "GET /encounters/{stay_id:uuid}/reviews/new",
    "GET /encounters/{stay_id:uuid}/escalations", "GET /decisions", "GET /reviews/{review_id:uuid}",
    "GET /reviews/{review_id:uuid}/amendment", "GET /reviews/{review_id:uuid}/packet",
)  # fmt: skip
"""Pages that show what a review found, as the trail of disclosures names them."""


class Sample(msgspec.Struct):
    """A draw with where its second readings stand."""

    id: uuid.UUID
    facility_id: int
    first_day: date
    last_day: date
    percent: int
    seed: str
    eligible: int
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_reason: str
    drawn: int
    read: int


class Task(msgspec.Struct):
    """A drawn review as its second reader may know it: the stay, kind, day and criteria, and no judgment."""

    id: uuid.UUID
    sample_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    patient_name: str
    timezone: str
    review_id: uuid.UUID
    kind: str
    for_day: date
    set_id: str
    set_version: str
    licensed: dict[str, Any]
    signed_at: datetime
    withdrawn: bool
    taken_by: uuid.UUID | None
    taken_by_name: str
    taken_at: datetime | None
    reading_id: uuid.UUID | None
    barred: bool

    @property
    def state(self) -> ReadingState:
        """Where its second reading stands."""
        if self.withdrawn:
            return ReadingState.WITHDRAWN
        if self.reading_id is not None:
            return ReadingState.READ
        return ReadingState.TAKEN if self.taken_by is not None else ReadingState.WAITING

    @property
    def kind_word(self) -> ReviewKind:
        """The kind as the rules know it."""
        return ReviewKind(self.kind)


class Pair(msgspec.Struct):
    """Both readings of a review."""

    sampled_id: uuid.UUID
    sample_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    patient_name: str
    timezone: str
    review_id: uuid.UUID
    kind: str
    for_day: date
    set_id: str
    set_version: str
    first_outcome: str
    first_met: list[str]
    first_by: uuid.UUID | None
    first_name: str
    signed_at: datetime
    reading_id: uuid.UUID
    second_outcome: str
    second_met: list[str]
    second_by: uuid.UUID | None
    second_name: str
    reason: str
    read_at: datetime


_SAMPLES = """
select d.id, d.facility_id, d.first_day, d.last_day, d.percent, d.seed, d.eligible, d.made_at,
  coalesce(m.display_name, ''), d.ended_at, coalesce(b.display_name, ''), d.ended_reason,
  (select count(*) from sampled_review s where s.sample_id = d.id),
  (select count(*) from sampled_review s join second_reading r on r.sampled_id = s.id and r.ended_at is null
    where s.sample_id = d.id)
from review_sample d left join app_user m on m.id = d.made_by left join app_user b on b.id = d.ended_by
"""
_NAME = (
    "concat_ws(', ', nullif(concat_ws(' ', nullif(p.family, ''), nullif(p.suffix, '')), ''),"
    " nullif(concat_ws(' ', nullif(p.given, ''), nullif(p.middle, '')), ''))"
)
_STRUCK = "exists (select from review x where x.review_id = s.review_id and x.ended_because = 'struck_out')"
# Who wrote a version of any review of the stay, has read this one before, or has looked at reviews of the patient since
# it was signed, does not read it blind.
_BARRED = """
(exists (select from review x where x.encounter_id = s.encounter_id
    and (x.signed_by = %(me)s or x.made_by = %(me)s or x.ended_by = %(me)s))
  or exists (select from second_reading y where y.sampled_id = s.id and y.made_by = %(me)s)
  or exists (select from phi_access a where a.actor_id = %(me)s and a.at >= v.signed_at
    and a.patients @> array[e.patient_id] and a.route = any(%(shown)s)))
"""
_TASKS = f"""
select s.id, s.sample_id, s.encounter_id, s.facility_id, e.patient_id,
  {_NAME}, f.timezone, s.review_id, v.kind, v.for_day,
  v.set_id, v.set_version,
  jsonb_strip_nulls(jsonb_build_object('product', v.licensed -> 'product', 'release', v.licensed -> 'release',
    'subset', v.licensed -> 'subset')),
  v.signed_at, d.ended_at is not null or {_STRUCK}, c.taken_by, coalesce(u.display_name, ''), c.taken_at, r.id,
  {_BARRED}
from sampled_review s join review_sample d on d.id = s.sample_id join encounter e on e.id = s.encounter_id
  join patient p on p.id = e.patient_id join facility f on f.id = s.facility_id join review v on v.id = s.version_id
  left join second_reading_claim c on c.sampled_id = s.id and c.ended_at is null
  left join app_user u on u.id = c.taken_by
  left join second_reading r on r.sampled_id = s.id and r.ended_at is null
"""
_PAIRS = f"""
select s.id, s.sample_id, s.encounter_id, s.facility_id, e.patient_id,
  {_NAME}, f.timezone, s.review_id, v.kind, v.for_day,
  v.set_id, v.set_version, v.outcome, v.met, v.signed_by, coalesce(a.display_name, ''), v.signed_at, r.id, r.outcome,
  r.met, r.made_by, coalesce(b.display_name, ''), r.reason, r.made_at
from second_reading r join sampled_review s on s.id = r.sampled_id join review_sample d on d.id = s.sample_id
  join encounter e on e.id = s.encounter_id join patient p on p.id = e.patient_id
  join facility f on f.id = s.facility_id join review v on v.id = s.version_id
  left join app_user a on a.id = v.signed_by left join app_user b on b.id = r.made_by
where r.ended_at is null and d.ended_at is null and not {_STRUCK} and s.facility_id = %(facility)s
"""
# Reviews that stood when the draw was made, and that no other draw of then held.
_FRAME = """
select r.review_id, r.id, r.encounter_id from review r
where r.facility_id = %(facility)s and r.made_at <= %(at)s and (r.ended_at is null or r.ended_at > %(at)s)
  and (r.signed_at at time zone (select timezone from facility where id = r.facility_id))::date
    between %(first)s and %(last)s
  and not exists (select from sampled_review s join review_sample d on d.id = s.sample_id
    where s.review_id = r.review_id and d.made_at <= %(at)s and (d.ended_at is null or d.ended_at > %(at)s)
      and d.id is distinct from %(sample)s)
order by r.review_id
"""


class Candidate(msgspec.Struct):
    """A review that a draw may take, with the version that stood."""

    review_id: uuid.UUID
    version_id: uuid.UUID
    encounter_id: uuid.UUID


class Period(msgspec.Struct, frozen=True):
    """Local days on which reviews were signed, as known at an instant, for a new draw or for one that was made."""

    first_day: date
    last_day: date
    at: datetime
    sample_id: uuid.UUID | None = None


def share_of(db: Reading, facility_id: int) -> int:
    """Per cent of signed reviews that the facility has read twice."""
    found = db.value("select percent from sample_share where facility_id = %s and ended_at is null", (facility_id,))
    return int(found) if found is not None else DEFAULT_SHARE


def samples(db: Reading, facility_id: int) -> list[Sample]:
    """All draws of a facility, the latest first."""
    return db.rows(Sample, f"{_SAMPLES} where d.facility_id = %s order by d.made_at desc, d.id desc", (facility_id,))


def sample(db: Reading, sample_id: uuid.UUID) -> Sample:
    """One draw; NotFound outside the scope."""
    return db.one(Sample, f"{_SAMPLES} where d.id = %s", (sample_id,), missing=NO_SAMPLE)


def frame(db: Reading, facility_id: int, period: Period) -> list[Candidate]:
    """The reviews of which a draw takes its share."""
    given = {"facility": facility_id, "first": period.first_day, "last": period.last_day, "at": period.at,
             "sample": period.sample_id}  # fmt: skip
    return db.rows(Candidate, _FRAME, given)


def repeats(db: Reading, one: Sample) -> bool:
    """Whether the draw, done again with its seed from what stood at its instant, takes the same reviews."""
    period = Period(one.first_day, one.last_day, one.made_at, one.id)
    again = draw((each.review_id for each in frame(db, one.facility_id, period)), one.percent, one.seed)
    return set(again) == set(db.values("select review_id from sampled_review where sample_id = %s", (one.id,)))


def task(db: Reading, sampled_id: uuid.UUID) -> Task:
    """One drawn review; NotFound outside the scope."""
    found = db.rows(Task, f"{_TASKS} where s.id = %(id)s", _given(db) | {"id": sampled_id})
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def tasks_of_sample(db: Reading, sample_id: uuid.UUID) -> list[Task]:
    """The reviews of one draw, in the order in which they were signed."""
    query = f"{_TASKS} where s.sample_id = %(sample)s order by v.signed_at, s.id"
    return db.rows(Task, query, _given(db) | {"sample": sample_id})


def tasks_for_me(db: Reading, facility_id: int) -> list[Task]:
    """What the reader may take and has taken, those taken first; then in the order in which they were drawn."""
    query = (
        f"{_TASKS} where s.facility_id = %(facility)s and d.ended_at is null and r.id is null"
        f" and not {_STRUCK} and (c.taken_by = %(me)s or (c.id is null and not {_BARRED}))"
        " order by c.taken_at nulls last, v.signed_at, s.id"
    )
    return db.rows(Task, query, _given(db) | {"facility": facility_id})


def _given(db: Reading) -> dict[str, Any]:
    return {"me": db.who.actor_id, "shown": list(SHOW_REVIEWS)}


def pairs(db: Reading, facility_id: int, sample_id: uuid.UUID | None = None) -> list[Pair]:
    """All pairs of readings that count, of one draw or of all, the latest second reading first."""
    only = " and s.sample_id = %(sample)s" if sample_id is not None else ""
    query = f"{_PAIRS}{only} order by r.made_at desc, r.id desc"
    return db.rows(Pair, query, {"facility": facility_id, "sample": sample_id})


def pair(db: Reading, facility_id: int, sampled_id: uuid.UUID) -> Pair:
    """Both readings of one drawn review; NotFound where they do not count or lie outside the scope."""
    query = f"{_PAIRS} and s.id = %(id)s"
    return db.one(Pair, query, {"facility": facility_id, "id": sampled_id}, missing=NOT_THERE)
