"""The source of all measures that are made of records: everything but length of stay and readmissions."""

import uuid
from collections.abc import Sequence

import polars as pl

from app.metrics.sources import duties, flow, nights, payers, placements, statuses
from app.metrics.sources.gathering import gather
from app.platform.work import Reading

FAMILIES = (statuses.cases, payers.cases, flow.cases, placements.cases, duties.cases, nights.cases)


def recorded(db: Reading, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
    """All cases of these patients, from a fixed number of statements."""
    found = gather(db, patients)
    return pl.concat([frame for family in FAMILIES for frame in family(db, found)])
