"""Avoidable days per 100 patient days: one case for each midnight in a bed, with what was recorded of it.

The same midnights and the same entries as in the report of avoidable days.
"""

from datetime import date

import polars as pl

from app.avoidable_days.reports.nights import nights
from app.avoidable_days.terms import Phase
from app.metrics.sources.gathering import Gathered, told
from app.metrics.terms import MeasureId
from app.platform.reads import frames
from app.platform.reads.frames import Schema
from app.platform.work import Reading

PHASE = Phase.POST_READY
"""Days lost before medically ready are another rate and never added to this one."""
_ALWAYS = (date(1900, 1, 1), date(2999, 12, 31))
# A stay ends as its timeline does: where only the day is known, right after the last movement at the earliest.
_MOVES = """
with stay as (
  select e.id, e.facility_id, f.timezone as zone, e.gmlos,
    case when e.status = 'discharged' and e.discharge_at is not null then least(%(now)s,
      case when e.discharge_precise then e.discharge_at else greatest(e.discharge_at,
        (select max(m.since) + interval '1 second' from movement m where m.encounter_id = e.id and m.lane in (1, 2, 5)))
      end) else %(now)s end as ends
  from encounter e join facility f on f.id = e.facility_id where e.id = any(%(stays)s)
)
select s.id::text as encounter_id, s.facility_id::bigint as facility_id, '' as payer, s.gmlos::float8 as gmlos,
  m.lane::int as lane,
  case when m.lane = 1 then split_part(m.value, '^', 1) when m.lane = 3 then m.label else m.value end as value, m.since,
  (m.since at time zone s.zone)::date as first,
  (least(coalesce(m.until, s.ends), s.ends) at time zone s.zone)::date - 1 as last
from stay s join movement m on m.encounter_id = s.id and m.since < s.ends
where m.encounter_id = any(%(stays)s)  -- lest the planner, for fear of the row policy, reads every movement there is
  and (m.since at time zone s.zone)::date < (least(coalesce(m.until, s.ends), s.ends) at time zone s.zone)::date
"""
_MOVES_SCHEMA: Schema = {
    "encounter_id": pl.String, "facility_id": pl.Int64, "payer": pl.String, "gmlos": pl.Float64, "lane": pl.Int64,
    "value": pl.String, "since": pl.Datetime("us", "UTC"), "first": pl.Date, "last": pl.Date,
}  # fmt: skip
_UNITS = "select facility_id::bigint as facility_id, code as unit, name as unit_name, kind as unit_kind from unit"
_UNITS_SCHEMA: Schema = {
    "facility_id": pl.Int64, "unit": pl.String, "unit_name": pl.String, "unit_kind": pl.String,
}  # fmt: skip
_LOST = f"""
select a.encounter_id::text as part, a.day, a.amount, a.code from avoidable_day a
where a.encounter_id = any(%s) and a.ended_at is null and a.weight = 'primary' and a.phase = '{PHASE.value}'
"""
LOST_SCHEMA: Schema = {"part": pl.String, "day": pl.Date, "amount": pl.Float64, "code": pl.String}


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the measure, by three statements."""
    moves = frames.select(db, _MOVES, {"now": db.now, "stays": found.keys}, _MOVES_SCHEMA)
    units = frames.select(db, _UNITS, None, _UNITS_SCHEMA)
    lost = found.of_parts(db, _LOST, LOST_SCHEMA)
    return [found.cases(patient_days(nights(moves, units, *_ALWAYS), lost), MeasureId.AVOIDABLE_DAYS)]


def patient_days(present: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    """One case for each patient day. An entry for a day on which the patient was not in a bed counts nowhere."""
    key = ["encounter_id", "day"]
    amounts = lost.sort("code").group_by(key).agg(pl.col("amount").sum(), pl.col("code").first())
    told_of = pl.when(pl.col("code").is_not_null()).then(told("code")).otherwise(pl.lit("{}"))
    return present.join(amounts, on=key, how="left").select(
        *key,
        pl.lit("").alias("excluded"),
        pl.col("amount").fill_null(0.0).alias("numerator"),
        pl.lit(1.0).alias("denominator"),
        pl.col("unit_name").alias("unit"),
        "service",
        "attending",
        told_of.alias("detail"),
    )
