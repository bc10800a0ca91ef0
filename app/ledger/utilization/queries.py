"""The stays behind each figure of the utilization report."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from app.ledger.exporting import ledgers
from app.ledger.terms import Necessary
from app.ledger.utilization.terms import By, Use
from app.platform.work import Reading

TO_HOSPITALS = ("02", "05", "43", "62", "63", "65", "66", "82", "85", "88", "90", "91", "93", "94")
"""UB-04 discharge status: transfers to hospitals, those from 82 on with a planned return."""
LEFT_OUT = (*TO_HOSPITALS, "07", "20", "40", "41", "42", "50", "51")
"""Transfers to hospitals, departures against advice, deaths, hospice."""
LONG_HOURS = 48
RETURN_DAYS = 30


class Counted(msgspec.Struct, frozen=True):
    """A stay that a figure counts: `amount` in days, hours or stays, and what explains it."""

    use: str
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    visit: str
    unit: str
    service: str
    attending: str
    amount: float
    said: str

    def key(self, by: By) -> str:
        """Where it is counted; empty where nobody said."""
        return {By.SERVICE: self.service, By.ATTENDING: self.attending, By.UNIT: self.unit}[by]


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of a facility, both ends included."""

    facility_id: int
    timezone: str
    first: date
    last: date


_WHO = """e.id, e.patient_id,
  case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end, e.visit_number,
  coalesce(nullif(e.unit, ''), split_part(e.last_location, '^', 1)), e.service, e.attending_name"""
_FROM = "from encounter e join patient p on p.id = e.patient_id"
# The day of admission counts, that of departure does not; in and out on one day is one.
_LEFT = f"""
select * from (
  select 'beyond', {_WHO}, (s.days - e.gmlos)::float8 as amount,
    s.days || ' days, expected ' || round(e.gmlos::numeric, 1) {_FROM}
  cross join lateral (select greatest(1, (e.discharge_at at time zone %(zone)s)::date
    - (e.inpatient_at at time zone %(zone)s)::date) as days) s
  where e.facility_id = %(facility)s and e.gone_at is null and e.status = 'discharged' and e.inpatient_at is not null
    and e.discharge_at >= %(since)s and e.discharge_at < %(until)s and not e.disposition = any(%(left_out)s)
    and e.gmlos is not null and s.days > e.gmlos
) found order by amount desc, 2
"""
_SHORT = f"""
select 'short', {_WHO}, 1::float8, case s.nights when 0 then 'no midnight' else '1 midnight' end {_FROM}
cross join lateral (select (e.discharge_at at time zone %(zone)s)::date
  - (e.inpatient_at at time zone %(zone)s)::date as nights) s
where e.facility_id = %(facility)s and e.gone_at is null and e.status = 'discharged' and e.inpatient_at is not null
  and e.discharge_at >= %(since)s and e.discharge_at < %(until)s and not e.disposition = any(%(left_out)s)
  and s.nights < 2
order by s.nights, e.discharge_at, e.id
"""
_RETURNS = f"""
select 'returns', {_WHO}, 1::float8, 'after ' || b.days || case b.days when 1 then ' day' else ' days' end {_FROM}
cross join lateral (select (e.inpatient_at at time zone %(zone)s)::date
    - (x.discharge_at at time zone %(zone)s)::date as days
  from encounter x where x.patient_id = e.patient_id and x.id <> e.id and x.gone_at is null
    and x.facility_id = e.facility_id and x.status = 'discharged' and x.inpatient_at is not null
    and not x.disposition = any(%(hospitals)s) and x.discharge_at <= e.inpatient_at
  order by x.discharge_at desc limit 1) b
where e.facility_id = %(facility)s and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
  and e.inpatient_at >= %(since)s and e.inpatient_at < %(until)s and b.days <= %(return_days)s
order by b.days, e.inpatient_at, e.id
"""
_OBSERVED = f"""
select 'long_observation', {_WHO}, 1::float8, round(h.hours) || ' h in observation' {_FROM}
cross join lateral (
  select (sum(extract(epoch from t.ends - m.since)) - coalesce(sum(a.away), 0))::numeric / 3600 as hours
  from movement m
  cross join lateral (select least(coalesce(m.until, %(now)s), coalesce(e.discharge_at, %(now)s), %(now)s) as ends) t
  left join lateral (select
      sum(extract(epoch from least(coalesce(l.until, t.ends), t.ends) - greatest(l.since, m.since))) as away
    from movement l where l.encounter_id = e.id and l.lane = 5 and l.since < t.ends
      and coalesce(l.until, t.ends) > m.since) a on true
  where m.encounter_id = e.id and m.lane = 2 and m.value = 'OBS' and m.since < t.ends) h
where e.facility_id = %(facility)s and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
  and e.observation_at is not null and e.observation_at < %(until)s
  and (e.status <> 'discharged' or e.discharge_at >= %(since)s) and h.hours > %(long_hours)s
order by h.hours desc, e.id
"""
_NOT_MET = """
select distinct r.encounter_id from review r join encounter e on e.id = r.encounter_id
where r.facility_id = %(facility)s and r.ended_at is null and r.outcome = 'not_met' and e.gone_at is null
  and r.for_day < %(day_after)s and (e.status <> 'discharged' or e.discharge_at >= %(since)s)
"""
_NAMED = f"select 'not_met', {_WHO}, 0::float8, '' {_FROM} where e.id = any(%s)"


def counted(db: Reading, period: Period) -> list[Counted]:
    """All stays of all figures, six statements and those of the ledger."""
    given = _given(db, period)
    found: list[Counted] = []
    for query in (_LEFT, _OBSERVED, _RETURNS, _SHORT):
        found += db.rows(Counted, query, given)
    return [*found, *_not_met(db, period, given)]


def _given(db: Reading, period: Period) -> dict[str, Any]:
    edges: tuple[Any, Any] = db.rows(
        lambda *row: row,
        "select %s::date::timestamp at time zone %s, (%s::date + 1)::timestamp at time zone %s",
        (period.first, period.timezone, period.last, period.timezone),
    )[0]
    return {
        "facility": period.facility_id, "zone": period.timezone, "since": edges[0], "until": edges[1], "now": db.now,
        "left_out": list(LEFT_OUT), "hospitals": list(TO_HOSPITALS), "return_days": RETURN_DAYS,
        "long_hours": LONG_HOURS, "day_after": period.last.fromordinal(period.last.toordinal() + 1),
    }  # fmt: skip


def _not_met(db: Reading, period: Period, given: dict[str, Any]) -> Iterator[Counted]:
    """The midnights that the ledger calls not met; read only for stays that have such a review."""
    stays: Sequence[uuid.UUID] = db.values(_NOT_MET, given)
    days = {
        key: count
        for key, found in ledgers(db, stays)
        if (count := sum(one.necessary is Necessary.NOT_MET and period.first <= one.day <= period.last
                         for one in found))
    }  # fmt: skip
    who = {one.encounter_id: one for one in db.rows(Counted, _NAMED, (list(days),))}
    for key, count in sorted(days.items(), key=lambda one: (-one[1], one[0])):
        if key in who:
            said = "1 day" if count == 1 else f"{count} days"
            yield msgspec.structs.replace(who[key], amount=float(count), said=said)


@dataclass(frozen=True, slots=True)
class Tally:
    """One figure: its sum and how many stays."""

    amount: float
    stays: int


def tally(found: Iterable[Counted]) -> Tally:
    """The sum of these."""
    rows = list(found)
    return Tally(sum(one.amount for one in rows), len({one.encounter_id for one in rows}))


def tallies(found: Sequence[Counted], by: By) -> dict[str, dict[Use, Tally]]:
    """The figures by service, attending or unit, the most days beyond expected first, equal ones by name."""
    kept: dict[str, dict[Use, list[Counted]]] = {}
    for one in found:
        kept.setdefault(one.key(by), {}).setdefault(Use(one.use), []).append(one)
    made = {key: {use: tally(rows.get(use, ())) for use in Use} for key, rows in kept.items()}
    return dict(sorted(made.items(), key=lambda one: (-one[1][Use.BEYOND].amount, one[0])))
