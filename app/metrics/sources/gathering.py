"""What every source needs of the patients it is asked about: their stays, and the numbers that became part of them.

A stay is described as it was when it ended, or as it is now: the last unit in which the patient was an inpatient, the
service, the attending physician, who pays first. Texts as people read them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from app.metrics.store.cases import as_cases
from app.metrics.terms import MeasureId
from app.platform.reads import frames
from app.platform.reads.frames import Schema
from app.platform.work import Reading

_STAYS = """
select e.id::text as encounter_id, e.patient_id::text as patient_id, e.facility_id, f.timezone as zone,
  e.status <> 'discharged' as here, e.patient_class as class, e.start_at, e.discharge_precise as precise, e.disposition,
  case when e.status = 'discharged' then e.discharge_at end as left_at,
  case when e.status = 'discharged' then (e.discharge_at at time zone f.timezone)::date end as left_on,
  case when e.status = 'discharged' then
    extract(hour from e.discharge_at at time zone f.timezone)::int end as left_hour,
  (%(now)s::timestamptz at time zone f.timezone)::date as today,
  coalesce(nullif(u.name, ''), w.code, '') as unit, e.service, e.attending_name as attending,
  coalesce(nullif(k.payer_name, ''), nullif(e.payer_name, ''), e.payer_code) as payer
from encounter e join facility f on f.id = e.facility_id
  left join lateral (select c.payer_name from coverage c where c.encounter_id = e.id and c.rank = 1 limit 1) k on true
  left join lateral (
    select split_part(m.value, '^', 1) as code from movement m
    where m.encounter_id = e.id and m.lane = 1 and split_part(m.value, '^', 1) <> ''
    order by exists (select from movement c where c.encounter_id = e.id and c.lane = 2 and c.value = 'IP'
      and c.since < coalesce(m.until, 'infinity') and coalesce(c.until, 'infinity') > m.since) desc, m.since desc
    limit 1) w on true
  left join unit u on u.facility_id = e.facility_id and u.code = w.code
where e.patient_id = any(%(patients)s) and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
order by e.id
"""
STAYS_SCHEMA: Schema = {
    "encounter_id": pl.String, "patient_id": pl.String, "facility_id": pl.Int16, "zone": pl.String, "here": pl.Boolean,
    "class": pl.String, "start_at": pl.Datetime("us", "UTC"), "precise": pl.Boolean, "disposition": pl.String,
    "left_at": pl.Datetime("us", "UTC"), "left_on": pl.Date, "left_hour": pl.Int64, "today": pl.Date, "unit": pl.String,
    "service": pl.String, "attending": pl.String, "payer": pl.String,
}  # fmt: skip
_PARTS = """
with recursive part (stay, id) as (
  select s, s from unnest(%s::uuid[]) s
  union select p.stay, e.id from part p join encounter e on e.united_into_id = p.id and e.gone_at is not null)
select stay::text as encounter_id, id::text as part from part
"""
_PARTS_SCHEMA: Schema = {"encounter_id": pl.String, "part": pl.String}
DESCRIBED = ("encounter_id", "patient_id", "facility_id", "unit", "service", "attending", "payer")
BEDDED = ("IP", "OBS")
"""Classes of patients who lie in a bed of the house."""


@dataclass(frozen=True)
class Gathered:
    """The stays of some patients; `parts` names each number whose records count for a stay, the stay itself first."""

    stays: pl.DataFrame
    parts: pl.DataFrame

    @property
    def keys(self) -> list[uuid.UUID]:
        """The stays."""
        return [uuid.UUID(key) for key in self.stays["encounter_id"]]

    @property
    def all_keys(self) -> list[uuid.UUID]:
        """The stays and what became part of them."""
        return [uuid.UUID(key) for key in self.parts["part"]]

    @property
    def departed(self) -> pl.DataFrame:
        """Stays that have ended and were in a bed at the end."""
        return self.stays.filter(pl.col("left_on").is_not_null() & pl.col("class").is_in(BEDDED))

    def of_parts(self, db: Reading, query: str, schema: Schema) -> pl.DataFrame:
        """The rows of a SELECT over the numbers `%s`, with `encounter_id` as the stay for which each counts.

        The SELECT gives the number of the record as `part`.
        """
        found = frames.select(db, query, (self.all_keys,), schema)
        return found.join(self.parts, on="part", how="inner").drop("part")

    def cases(self, found: pl.DataFrame, measure: MeasureId) -> pl.DataFrame:
        """Cases of one measure: the frame with its stays' description, where it does not bring one itself."""
        own = [name for name in DESCRIBED if name == "encounter_id" or name not in found.columns]
        described = found.join(self.stays.select(own), on="encounter_id", how="inner")
        return as_cases(described.with_columns(measure=pl.lit(measure.value)))


def gather(db: Reading, patients: Sequence[uuid.UUID]) -> Gathered:
    """The stays of these patients, by two statements."""
    stays = frames.select(db, _STAYS, {"now": db.now, "patients": list(patients)}, STAYS_SCHEMA)
    keys = [uuid.UUID(key) for key in stays["encounter_id"]]
    return Gathered(stays, frames.select(db, _PARTS, (keys,), _PARTS_SCHEMA))


def because(*reasons: tuple[str, pl.Expr]) -> pl.Expr:
    """The code of the first reason that holds, as `excluded`; empty where none does. A null holds not."""
    found: pl.Expr = pl.lit("")
    for code, holds in reversed(reasons):
        found = pl.when(holds.fill_null(False)).then(pl.lit(code)).otherwise(found)
    return found.alias("excluded")


def share(hit: pl.Expr) -> list[pl.Expr]:
    """Numerator and denominator of a share: a hit is 1 of 1."""
    return [hit.fill_null(False).cast(pl.Float64).alias("numerator"), pl.lit(1.0).alias("denominator")]


def hours(passed: pl.Expr) -> pl.Expr:
    """Elapsed hours, to the millionth: a quotient is not always the same to its last digit in frames of other sizes."""
    return (passed.dt.total_microseconds() / 3_600_000_000).round(6)


def minutes(passed: pl.Expr) -> pl.Expr:
    """Elapsed minutes, to the millionth."""
    return (passed.dt.total_microseconds() / 60_000_000).round(6)


def only_counted(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with no figures where the case is left out, so that nothing of it gets into a sum."""
    figures = [name for name in ("numerator", "denominator", "value") if name in frame.columns]
    return frame.with_columns(pl.when(pl.col("excluded") == "").then(pl.col(name)).alias(name) for name in figures)


def told(*names: str) -> pl.Expr:
    """Columns as the JSON object that a list of cases shows."""
    return pl.struct(*names).struct.json_encode().alias("detail")


def key_of(*columns: str) -> pl.Expr:
    """A key for what has none of its own, always the same for the same texts."""
    text = pl.concat_str(*columns, separator="|")
    made = text.map_elements(lambda said: str(uuid.uuid5(_SPACE, said)), return_dtype=pl.String)
    return made.alias("record_id")


_SPACE = uuid.UUID("5d6f3f0e-7f3c-5a53-9b1a-0f6c6f2b8a11")
