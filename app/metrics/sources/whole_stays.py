"""The source of the measures of whole stays: their length, and whether the patient came back."""

import uuid
from collections.abc import Sequence

import polars as pl

from app.metrics.sources import returns, stays
from app.metrics.sources.coded import coded_procedures, coded_stays
from app.metrics.sources.gathering import Gathered, gather
from app.platform.reads.frames import Schema
from app.platform.work import Reading

# Who took the patient over. Of several bookings that stand the one that starts first: what comes later follows on it.
_VENDORS = """
select encounter_id::text as part, vendor_name as vendor, coalesce(starts_on, pick_up_at::date) as starts_on, made_at
from booking where encounter_id = any(%s) and ended_at is null and state in ('booked', 'confirmed', 'again', 'arrived')
  and care_type not in ('dme', 'infusion', 'dialysis', 'transport')
"""
_VENDORS_SCHEMA: Schema = {
    "part": pl.String, "vendor": pl.String, "starts_on": pl.Date, "made_at": pl.Datetime("us", "UTC")
}  # fmt: skip


def whole_stays(db: Reading, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
    """All cases of these patients, from a fixed number of statements."""
    found = gather(db, patients)
    coded, vendors = coded_stays(db, found), vendors_of(db, found)
    flags = returns.flags_of(db, coded, coded_procedures(db, found))
    cases = [*stays.cases(db, found, stays.joined(coded, flags)), returns.cases(found, coded, flags)]
    return (
        pl.concat(cases)
        .drop("vendor")
        .join(vendors, on="encounter_id", how="left", maintain_order="left")
        .select(pl.col(name) if name != "vendor" else pl.col(name).fill_null("") for name in cases[0].columns)
    )


def vendors_of(db: Reading, found: Gathered) -> pl.DataFrame:
    """The vendor that took over the patient of each stay, where one is booked: encounter_id, vendor."""
    booked = found.of_parts(db, _VENDORS, _VENDORS_SCHEMA).sort("starts_on", "made_at", "vendor", nulls_last=True)
    return booked.unique("encounter_id", keep="first", maintain_order=True).select("encounter_id", "vendor")
