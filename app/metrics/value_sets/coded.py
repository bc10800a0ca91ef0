"""The codes of stays: final coding first, else what the feed said.

A feed tells no procedures, and its diagnoses may be working ones: the readmission measure is provisional for a stay
until its final coding is in. The answers are frames with declared types, keys as text.
"""

import uuid
from collections.abc import Sequence

import polars as pl

from app.platform.reads.frames import select
from app.platform.work import Reading

CODES_SCHEMA = {
    "encounter_id": pl.String,
    "principal_dx": pl.String,
    "ms_drg": pl.String,
    "disposition": pl.String,
    "final": pl.Boolean,
}
"""One row for each stay. Empty is null; `final` says that the codes are of the final coding."""
PROCEDURES_SCHEMA = {"encounter_id": pl.String, "seq": pl.Int64, "px": pl.String}

# Of several diagnoses of a feed the final one goes first, then a working one; an admitting diagnosis says why the
# patient came, not why she stayed. The disposition of a final coding outranks that of the message of the departure.
_CODES = """
select e.id as encounter_id,
  nullif(coalesce(c.principal_dx, upper(replace(d.code, '.', ''))), '') as principal_dx,
  nullif(coalesce(nullif(c.ms_drg, ''), e.drg), '') as ms_drg,
  nullif(coalesce(nullif(c.disposition, ''), e.disposition), '') as disposition,
  c.id is not null as final
from encounter e
left join coded_stay c on c.encounter_id = e.id and c.ended_at is null
left join lateral (
  select code from diagnosis where encounter_id = e.id and code <> ''
  order by kind = 'F' desc, kind = 'W' desc, kind <> 'A' desc, rank limit 1
) d on true
where e.id = any(%s)
"""
_PROCEDURES = """
select c.encounter_id, p.seq::bigint as seq, p.px
from coded_stay c join coded_procedure p on p.coded_stay_id = c.id
where c.encounter_id = any(%s) and c.ended_at is null order by c.encounter_id, p.seq
"""


def codes_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> pl.DataFrame:
    """Principal diagnosis, group and disposition of stays, with CODES_SCHEMA."""
    return select(db, _CODES, (list(encounter_ids),), CODES_SCHEMA)


def procedures_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> pl.DataFrame:
    """The procedures of stays whose final coding is in, with PROCEDURES_SCHEMA."""
    return select(db, _PROCEDURES, (list(encounter_ids),), PROCEDURES_SCHEMA)
