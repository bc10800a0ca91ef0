"""Our own stays with their codes and local days, as the measures of whole stays read them.

What was coded of a number that became part of another stay counts for the whole.
"""

import polars as pl

from app.metrics.sources.gathering import Gathered
from app.metrics.value_sets.coded import codes_of, procedures_of
from app.platform.reads import frames
from app.platform.reads.frames import Schema
from app.platform.work import Reading

_ADMITTED = """
select e.id::text as encounter_id, f.kind as facility_kind,
  coalesce(e.inpatient_at, e.admit_at, e.start_at) as admit_at,
  (coalesce(e.inpatient_at, e.admit_at, e.start_at) at time zone f.timezone)::date as admit_date, p.birth_text
from encounter e join facility f on f.id = e.facility_id join patient p on p.id = e.patient_id where e.id = any(%s)
"""
_ADMITTED_SCHEMA: Schema = {
    "encounter_id": pl.String, "facility_kind": pl.String, "admit_at": pl.Datetime("us", "UTC"), "admit_date": pl.Date,
    "birth_text": pl.String,
}  # fmt: skip


def coded_stays(db: Reading, found: Gathered) -> pl.DataFrame:
    """The stays with facility_kind, admit_at, admit_date, birth_date, principal_dx, ms_drg, disposition and final.

    A stay is admitted with the inpatient order where there is one; dates are local to its facility. Two statements.
    """
    admitted = frames.select(db, _ADMITTED, (found.keys,), _ADMITTED_SCHEMA).with_columns(
        birth_date=pl.col("birth_text").str.slice(0, 8).str.to_date("%Y%m%d", strict=False)
    )
    codes = (
        codes_of(db, found.all_keys)
        .rename({"encounter_id": "part"})
        .join(found.parts, on="part")
        .sort(pl.col("final"), pl.col("part") == pl.col("encounter_id"), "part", descending=True)
        .unique("encounter_id", keep="first", maintain_order=True)
        .drop("part")
    )
    stays = found.stays.drop("disposition")
    return stays.join(admitted.drop("birth_text"), on="encounter_id", maintain_order="left").join(
        codes, on="encounter_id", maintain_order="left"
    )


def coded_procedures(db: Reading, found: Gathered) -> pl.DataFrame:
    """Procedures of final codings: encounter_id, seq, px. The feed sends none. One statement."""
    told = procedures_of(db, found.all_keys).rename({"encounter_id": "part"})
    return told.join(found.parts, on="part").select("encounter_id", "seq", "px")
