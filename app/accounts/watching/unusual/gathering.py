"""One pass over the trail: what each person did on one local day of a facility, and what is ordinary for that person.

An opening is a page of one stay, or a stay looked at in its row of a list. Lists are none: whoever works sees them.
Pages that a browser asks for by itself are none either.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.accounts.watching.unusual.rules import MOST_ROWS, Limits
from app.accounts.watching.unusual.terms import Opening, Pattern, PersonDay
from app.kernel.days import bounds
from app.platform.work import Reading

BEFORE = timedelta(days=28)
"""What an ordinary day is, is read from four weeks: each day of the week is among them as often."""
QUIET = ("overview", "banner", "movements", "ledger")
"""Last words of the addresses of a stay's pages that a browser asks for by itself."""
_OPENED = (
    "a.actor_id is not null and a.kind = 'view' and cardinality(a.patients) = 1"
    " and (a.route like 'GET /encounters/{%%' or a.route like 'GET /worklists/{%%/more')"
    " and not (a.route ~ %(quiet)s)"
)
# Hours in which the night of the rule falls, which may pass midnight.
_AT_NIGHT = "(s.hour >= %(night_from)s or s.hour < %(night_until)s)"
_DAY = f"""
with seen as materialized (
  select a.actor_id, a.patients[1] as patient_id, a.id, extract(hour from a.at at time zone %(zone)s)::int as hour
  from phi_access a where a.at >= %(start)s and a.at < %(ending)s and {_OPENED}),
opened as (
  select s.actor_id, s.patient_id, count(*) as times, (array_agg(s.id order by s.id))[1:{MOST_ROWS}] as rows,
    count(*) filter (where {_AT_NIGHT}) as at_night, array_agg(distinct s.hour) as hours from seen s group by 1, 2),
held as (
  select n.user_id, n.encounter_id, e.patient_id, e.unit, n.assigned_at from assignment n
    join encounter e on e.id = n.encounter_id
  where e.facility_id = %(facility)s and n.assigned_at < %(ending)s and (n.ended_at is null or n.ended_at >= %(work)s)),
units as (select distinct user_id, unit from held where unit <> ''),
owners as (select distinct user_id from held),
worked as (
  select distinct v.actor_id, coalesce(v.patient_id, e.patient_id) as patient_id from audit_event v
    left join encounter e on e.id = v.encounter_id
  where v.at >= %(work)s and v.at < %(ending)s and v.actor_id in (select actor_id from opened)
    and (v.encounter_id is not null or v.patient_id is not null) and v.name <> 'glass.broken'),
named as (select lower(family) as family, count(*)::int as bearers from patient
  where facility_ids @> array[%(facility)s::smallint] and status <> 'merged' group by 1)
select o.actor_id, o.patient_id, e.id, o.times::int, o.at_night::int, o.hours, o.rows,
  lower(p.family) <> '' and regexp_split_to_array(lower(p.family), '[-\\s]+')
    && regexp_split_to_array(lower(substring(u.display_name from '\\S+$')), '-') as same_name,
  coalesce(n.bearers, 0),
  exists (select from held h where h.user_id = o.actor_id and h.patient_id = o.patient_id),
  exists (select from units h where h.user_id = o.actor_id and h.unit = e.unit),
  exists (select from worked w where w.actor_id = o.actor_id and w.patient_id = o.patient_id),
  case when e.status = 'discharged' then floor(extract(epoch from %(ending)s - e.discharge_at) / 86400)::int end,
  o.actor_id in (select user_id from owners)
from opened o join patient p on p.id = o.patient_id join app_user u on u.id = o.actor_id
  left join named n on n.family = lower(p.family)
  join lateral (select e.id, e.unit, e.status, e.discharge_at from encounter e
    where e.patient_id = o.patient_id and e.facility_id = %(facility)s
    order by e.status in ('admitted', 'on_leave') desc, e.start_at desc nulls last limit 1) e on true
order by o.actor_id, o.patient_id
"""
# Different patients by person, local day and hour of four weeks: the busiest hour of each day, and when work was done.
_ORDINARY = f"""
with seen as (
  select distinct a.actor_id, a.patients[1] as patient_id, date_trunc('hour', a.at at time zone %(zone)s) as at
  from phi_access a where a.at >= %(since)s and a.at < %(start)s and a.actor_id = any(%(people)s) and {_OPENED}),
hours as (
  select s.actor_id, s.at::date as day, extract(hour from s.at)::int as hour, count(*)::int as patients from seen s
  where exists (select from encounter e where e.patient_id = s.patient_id and e.facility_id = %(facility)s)
  group by 1, 2, 3)
select s.actor_id, s.day, max(s.patients), sum(s.patients) filter (where {_AT_NIGHT})::int, sum(s.patients)::int
from hours s group by 1, 2 order by 1, 2
"""
_OUT = """
select a.actor_id, (a.at at time zone %(zone)s)::date, count(distinct p.id)::int,
  (array_agg(distinct a.id))[1:60]
from phi_access a cross join lateral unnest(a.patients) as p(id)
where a.at >= %(since)s and a.at < %(ending)s and a.kind in ('export', 'print') and a.actor_id is not null
  and exists (select from encounter e where e.patient_id = p.id and e.facility_id = %(facility)s)
group by 1, 2 order by 1, 2
"""
_SEARCHES = f"""
with looked as (
  select a.actor_id, a.id, a.at, a.patients from phi_access a
  where a.at >= %(start)s and a.at < %(ending)s and a.route = 'POST /find' and a.actor_id is not null
    and exists (select from encounter e where e.patient_id = any(a.patients) and e.facility_id = %(facility)s)),
opened as (
  select a.actor_id, a.patients[1] as patient_id, max(a.at) as last from phi_access a
  where a.at >= %(start)s and a.at < %(ending)s and {_OPENED} group by 1, 2)
select l.actor_id, count(*)::int, count(*) filter (where exists (select from opened o where o.actor_id = l.actor_id
  and o.patient_id = any(l.patients) and o.last >= l.at))::int, (array_agg(l.id order by l.id))[1:60]
from looked l group by 1
"""
_GLASS = """
select a.user_id, array_agg(a.id order by a.opened_at) from stay_access a
where a.kind = 'glass' and a.facility_id = %(facility)s and a.opened_at >= %(glass)s and a.opened_at < %(ending)s
group by 1 having max(a.opened_at) >= %(start)s
"""
_TAKEN = """
select (v.facts ->> 'user_id')::uuid, floor(extract(epoch from %(ending)s - max(v.at)) / 86400)::int from audit_event v
where v.name = 'role.withdrawn' and v.at >= %(since)s and v.at < %(ending)s group by 1
"""


class OpenedRow(msgspec.Struct):
    """One person, one patient, one day, as the database counts it."""

    actor_id: uuid.UUID
    patient_id: uuid.UUID
    encounter_id: uuid.UUID
    times: int
    at_night: int
    hours: list[int]
    rows: list[int]
    same_name: bool
    bearers: int
    assigned: bool
    on_unit: bool
    worked: bool
    away_days: int | None
    owner: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A facility whose trail is looked at."""

    facility_id: int
    zone: str


def gather(view: Reading, place: Place, day: date, limits: Mapping[Pattern, Limits]) -> list[PersonDay]:
    """What everybody did on a local day. `limits` of the rules in force say how far each looks back."""
    asked = _asked(place, day, limits)
    opened: dict[uuid.UUID, list[OpenedRow]] = defaultdict(list)
    for row in view.rows(OpenedRow, _DAY, asked):
        opened[row.actor_id].append(row)
    usual = _ordinary(view, {**asked, "people": list(opened)})
    more = _beside(view, asked, day)
    return [
        _person_day(key, day, opened.get(key, []), usual.get(key, {}) | more.get(key, {}))
        for key in sorted({*opened, *more})
    ]


def _asked(place: Place, day: date, limits: Mapping[Pattern, Limits]) -> dict[str, Any]:
    start, ending = bounds(day, ZoneInfo(place.zone))
    night = limits.get(Pattern.NIGHT, {})
    back = max(limits.get(Pattern.ELSEWHERE, {}).get("days", 14), limits.get(Pattern.LONG_AFTER, {}).get("work", 14))
    glass = limits.get(Pattern.GLASS_OFTEN, {}).get("days", 7)
    return {
        "facility": place.facility_id, "zone": place.zone, "start": start, "ending": ending,
        "quiet": f"/({'|'.join(QUIET)})$",
        "since": start - BEFORE, "work": start - timedelta(days=back), "glass": ending - timedelta(days=glass),
        "night_from": night.get("from", 22), "night_until": night.get("until", 5),
    }  # fmt: skip


def _ordinary(view: Reading, asked: dict[str, Any]) -> dict[uuid.UUID, dict[str, Any]]:
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for key, _day, busiest, at_night, all_day in view.connection.execute(_ORDINARY, asked).fetchall():
        one = found.setdefault(key, {"ordinary_hours": (), "day_openings": 0, "night_openings": 0})
        one["ordinary_hours"] += (busiest,)
        one["night_openings"] += at_night or 0
        one["day_openings"] += all_day - (at_night or 0)
    return found


def _beside(view: Reading, asked: dict[str, Any], day: date) -> dict[uuid.UUID, dict[str, Any]]:
    """Files, searches, broken glass and roles taken away, by person; only of people who did something on this day."""
    found: dict[uuid.UUID, dict[str, Any]] = defaultdict(dict)
    before: dict[uuid.UUID, tuple[int, ...]] = defaultdict(tuple)
    for key, on, patients, rows in view.connection.execute(_OUT, asked).fetchall():
        if on == day:
            found[key] |= {"taken_out": patients, "out_rows": tuple(rows), "ordinary_out": before[key]}
        before[key] += (patients,)
    for key, searches, opened_after, rows in view.connection.execute(_SEARCHES, asked).fetchall():
        found[key] |= {"searches": searches, "opened_after": opened_after, "search_rows": tuple(rows)}
    for key, keys in view.connection.execute(_GLASS, asked).fetchall():
        found[key] |= {"glass": tuple(keys)}
    for key, ago in view.connection.execute(_TAKEN, asked).fetchall():
        found[key] |= {"role_taken_days": ago}
    return found


def _person_day(key: uuid.UUID, day: date, opened: list[OpenedRow], more: dict[str, Any]) -> PersonDay:
    hours: dict[int, int] = defaultdict(int)
    hour_rows: dict[int, tuple[int, ...]] = defaultdict(tuple)
    for row in opened:
        for hour in row.hours:
            hours[hour] += 1
            hour_rows[hour] += tuple(row.rows[:2])
    openings = tuple(
        Opening(
            patient_id=row.patient_id, encounter_id=row.encounter_id, times=row.times, same_name=row.same_name,
            bearers=row.bearers, assigned=row.assigned, on_unit=row.on_unit, worked=row.worked,
            away_days=row.away_days, at_night=row.at_night, rows=tuple(row.rows),
        )
        for row in opened
    )  # fmt: skip
    return PersonDay(
        user_id=key, day=day, openings=openings, has_stays=any(row.owner for row in opened), hours=hours,
        hour_rows=hour_rows, **more,
    )  # fmt: skip
