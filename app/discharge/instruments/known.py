"""What is known of stays as instruments read it, for any number of stays by one query."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.guessing import line_of
from app.clocks.terms import Line
from app.discharge.instruments.terms import Answer, Known
from app.kernel.days import local_day
from app.kernel.wording import birth_date
from app.platform.work import Reading


class StayKnown(msgspec.Struct):
    """A stay with what is known of it. `earlier` are diagnoses of admissions in the six months before."""

    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    zone: ZoneInfo
    status: str
    admit_source: str
    arrived_at: datetime | None
    recent: bool
    earlier: list[tuple[str, ...]]
    intensive_since: datetime | None
    known: Known


class _Row(msgspec.Struct):
    id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    timezone: str
    status: str
    start_at: datetime | None
    discharge_at: datetime | None
    admit_type: str
    admit_source: str
    service: str
    payer_code: str
    payer_name: str
    gmlos: float | None
    birth_text: str
    diagnoses: list[str]
    ed_visits: int
    admissions: int
    recent: bool
    earlier: list[list[str]] | None
    intensive_seconds: float | None
    intensive_since: datetime | None
    points: list[str] | None
    answers: dict[str, dict[str, str]] | None


_BEFORE = (
    "from encounter o where o.patient_id = e.patient_id and o.id <> e.id and o.gone_at is null"
    " and o.status <> 'cancelled' and o.start_at < e.start_at"
)
_KNOWN = f"""
select e.id, e.facility_id, e.patient_id, f.timezone, e.status, e.start_at,
  case when e.status = 'discharged' then e.discharge_at end, e.admit_type, e.admit_source, e.service, e.payer_code,
  e.payer_name, e.gmlos, p.birth_text,
  array(select d.code from diagnosis d where d.encounter_id = e.id and d.code <> '' order by d.rank),
  (select count(*) {_BEFORE} and o.start_at >= e.start_at - interval '6 months'
    and coalesce(o.discharge_at < e.start_at, o.status = 'discharged') and (o.patient_class = 'ED'
    or exists (select from movement m where m.encounter_id = o.id and m.lane = 2 and m.value = 'ED'))),
  (select count(*) {_BEFORE} and o.inpatient_at >= e.start_at - interval '12 months'),
  exists (select {_BEFORE} and o.inpatient_at is not null and o.discharge_at >= e.start_at - interval '30 days'),
  (select jsonb_agg(array(select d.code from diagnosis d where d.encounter_id = o.id and d.code <> '')) {_BEFORE}
    and o.inpatient_at >= e.start_at - interval '6 months'),
  i.seconds, i.since,
  (select jsonb_path_query_array(a.content, '$.points[*]') from assessment a where a.encounter_id = any(w.parts)
    and a.ended_at is null and a.state = 'signed' order by a.signed_at desc limit 1),
  (select jsonb_object_agg(r.question, jsonb_build_object('text', r.value, 'at', r.taken_at,
    'by', coalesce(nullif(r.taken_by, ''), u.display_name, '')) order by r.made_at) from risk_answer r
    left join app_user u on u.id = r.made_by where r.encounter_id = any(w.parts) and r.ended_at is null)
from unnest(%(stays)s::uuid[]) s(id) join encounter e on e.id = s.id
  join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id
  join lateral (select array_agg(b.part) as parts from unnest(%(parts)s::uuid[], %(wholes)s::uuid[]) b(part, whole)
    where b.whole = e.id) w on true
  left join lateral (select min(m.since) as since, sum(extract(epoch from least(coalesce(m.until, %(now)s::timestamptz),
      %(now)s::timestamptz) - m.since))::float8 as seconds
    from movement m join unit w on w.facility_id = m.facility_id and w.code = split_part(m.value, '^', 1)
      and w.kind = 'intensive'
    where m.encounter_id = e.id and m.lane = 1 and m.since < %(now)s::timestamptz) i on true
"""


def known_of(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, StayKnown]:
    """What is known of these stays at the instant of the reading. What other hospitals know is not in it.

    A visit to the emergency department that was not over when the stay began is the one that led to it, and no
    earlier one. What was answered and assessed under a number that became part of the stay counts for it.
    """
    if not stays:
        return {}
    belongs = with_former(db, stays)
    values = {"now": db.now, "stays": list(stays), "parts": list(belongs), "wholes": list(belongs.values())}
    return {row.id: _stay(row, db.now) for row in db.rows(_Row, _KNOWN, values)}


def _stay(row: _Row, now: datetime) -> StayKnown:
    zone = ZoneInfo(row.timezone)
    today = local_day(now, zone)
    gone = row.discharge_at if row.discharge_at is not None and row.discharge_at <= now else None
    known = Known(
        today=today,
        arrived_on=local_day(row.start_at, zone) if row.start_at else None,
        departed_on=local_day(gone, zone) if gone else None,
        admit_type=row.admit_type,
        ed_visits=row.ed_visits if row.start_at else None,
        admissions=row.admissions if row.start_at else None,
        diagnoses=tuple(row.diagnoses),
        age=_age(row.birth_text, today),
        oncology="ONC" in row.service.upper() if row.service else None,
        intensive=row.intensive_since is not None,
        intensive_days=int((row.intensive_seconds or 0) // 86400),
        gmlos=row.gmlos,
        has_payer=_has_payer(row),
        points=frozenset(row.points or ()),
        answers={name: _answer(said) for name, said in (row.answers or {}).items()},
    )
    earlier = [tuple(codes) for codes in row.earlier or ()]
    return StayKnown(row.id, row.facility_id, row.patient_id, zone, row.status, row.admit_source, row.start_at,
                     row.recent, earlier, row.intensive_since, known)  # fmt: skip


def _answer(said: dict[str, Any]) -> Answer:
    return Answer(said["text"], said["by"], datetime.fromisoformat(said["at"]))


def _age(digits: str, today: date) -> int | None:
    born = birth_date(digits)
    if born is None or born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _has_payer(row: _Row) -> bool | None:
    """Whether somebody pays, as far as the feed says; None where it says nothing of a payer."""
    if not row.payer_code and not row.payer_name:
        return None
    return line_of(row.payer_name, "", row.payer_code) is not Line.SELF_PAY
