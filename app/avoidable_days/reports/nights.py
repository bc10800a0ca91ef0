"""Patient days: every midnight at which somebody was here as an inpatient or in observation, with where and under whom.

The denominators of all rates. A midnight belongs to the day that it ends, as in the day ledger; leave takes it out. An
inpatient midnight past the geometric mean length of stay of the DRG is an excess day.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from app.avoidable_days.rules import COUNTED_CLASSES
from app.platform.reads import frames
from app.platform.work import Reading

INPATIENT = "IP"
# A stay ends as its timeline does: where only the day is known, right after the last movement at the earliest.
_MOVES = """
with stay as (
  select e.id, e.facility_id, f.timezone as zone, e.gmlos, coalesce(k.payer_name, '') as payer,
    case when e.status = 'discharged' and e.discharge_at is not null then least(%(now)s,
      case when e.discharge_precise then e.discharge_at else greatest(e.discharge_at,
        (select max(m.since) + interval '1 second' from movement m where m.encounter_id = e.id and m.lane in (1, 2, 5)))
      end) else %(now)s end as ends
  from encounter e join facility f on f.id = e.facility_id
  left join coverage k on k.encounter_id = e.id and k.rank = 1
  where e.facility_id = any(%(facilities)s) and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
    and (e.discharge_at is null or e.status <> 'discharged' or e.discharge_at >= %(first)s::date - 1)
    and (e.start_at is null or e.start_at < %(last)s::date + 2)
)
select s.id::text as encounter_id, s.facility_id, s.payer, s.gmlos::float8 as gmlos, m.lane::int as lane,
  case when m.lane = 1 then split_part(m.value, '^', 1) when m.lane = 3 then m.label else m.value end as value, m.since,
  (m.since at time zone s.zone)::date as first,
  (least(coalesce(m.until, s.ends), s.ends) at time zone s.zone)::date - 1 as last
from stay s join movement m on m.encounter_id = s.id and m.since < s.ends
where (m.since at time zone s.zone)::date < (least(coalesce(m.until, s.ends), s.ends) at time zone s.zone)::date
"""
_MOVES_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "encounter_id": pl.String, "facility_id": pl.Int64, "payer": pl.String, "gmlos": pl.Float64, "lane": pl.Int64,
    "value": pl.String, "since": pl.Datetime("us", "UTC"), "first": pl.Date, "last": pl.Date,
}  # fmt: skip
_UNITS = "select facility_id::bigint as facility_id, code as unit, name as unit_name, kind as unit_kind from unit"
_UNITS_SCHEMA: dict[str, type[pl.DataType]] = {
    "facility_id": pl.Int64, "unit": pl.String, "unit_name": pl.String, "unit_kind": pl.String,
}  # fmt: skip
_CLASS, _LEAVE = 2, 5
_LANES = {1: "unit", 3: "attending", 4: "service"}


def nights_frame(db: Reading, facilities: Sequence[int], first: date, last: date) -> pl.DataFrame:
    """A row for each patient day from `first` to `last`: stay, unit, class, service, attending, payer, `excess`."""
    given = {"now": db.now, "facilities": list(facilities), "first": first, "last": last}
    moves = frames.select(db, _MOVES, given, _MOVES_SCHEMA)
    units = frames.select(db, _UNITS, None, _UNITS_SCHEMA)
    return nights(moves, units, first, last)


def nights(moves: pl.DataFrame, units: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """The same out of movements with the first and last day whose midnight each of them reaches. Pure.

    `night` numbers the inpatient midnights of a stay from its beginning, whatever the period.
    """
    days = (
        moves.lazy()
        .with_columns(pl.date_ranges("first", "last").alias("day"))
        .explode("day")
        .sort("since")
        .select("encounter_id", "facility_id", "payer", "gmlos", "lane", "value", "day")
        .unique(["encounter_id", "lane", "day"], keep="last")
    )
    key = ["encounter_id", "day"]
    away = days.filter(pl.col("lane") == _LEAVE).select(key)
    found = (
        days.filter((pl.col("lane") == _CLASS) & pl.col("value").is_in(list(COUNTED_CLASSES)))
        .rename({"value": "class"})
        .drop("lane")
        .join(away, on=key, how="anti")
        .sort(key)
        .with_columns((pl.col("class") == INPATIENT).cum_sum().over("encounter_id").alias("night"))
        .with_columns(
            ((pl.col("class") == INPATIENT) & (pl.col("night") > pl.col("gmlos"))).fill_null(False).alias("excess")
        )
        .filter(pl.col("day").is_between(first, last))
    )
    for lane, name in _LANES.items():
        own = days.filter(pl.col("lane") == lane).select(*key, pl.col("value").alias(name))
        found = found.join(own, on=key, how="left")
    found = found.with_columns(pl.col(list(_LANES.values())).fill_null(""))
    found = found.join(units.lazy(), on=["facility_id", "unit"], how="left").with_columns(
        pl.when(pl.col("unit_name").fill_null("") == "").then(pl.col("unit")).otherwise("unit_name").alias("unit_name"),
        pl.col("unit_kind").fill_null(""),
    )
    return frames.collect(found.sort(key))
