"""Readmissions on our own stays: the measure of app/metrics/readmissions, with a case for each stay that has ended.

Stays of all hospitals of the installation are looked at together, since a return to another one is a return. Whether
30 days have passed is not judged here but where figures are read, so that a case changes only when a fact does.
"""

from datetime import date

import msgspec
import polars as pl

from app.metrics.length_of_stay import DRG_SCHEMA
from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.settings import Settings
from app.metrics.readmissions.value_sets import ValueSets
from app.metrics.sources.gathering import BEDDED, Gathered, only_counted
from app.metrics.terms import MeasureId
from app.metrics.value_sets import queries
from app.metrics.value_sets.maps import published_maps
from app.platform.work import Reading, engine

HOSPITALS = {"acute": "ACH", "cah": "CAH", "ltch": "LTCH"}
"""Kinds of facilities as the measure names them."""
CLASSES = {"IP": "I", "OBS": "O"}
_kept: dict[bytes, ValueSets] = {}
SETTINGS = Settings(data_end=date(9990, 12, 31))
"""No stay is left out because its 30 days are not over."""


def flags_of(db: Reading, coded: pl.DataFrame, procedures: pl.DataFrame) -> pl.DataFrame:
    """The answer of the measure for these stays, one row for each that was in a bed."""
    stays = encounters(coded)
    value_sets = narrowed(in_use(db), stays, procedures)
    answer: pl.DataFrame = measure(stays, procedures, value_sets, pl.DataFrame(schema=DRG_SCHEMA), SETTINGS)
    return answer


def cases(found: Gathered, coded: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """One case for each stay in a bed that has ended: an index stay, or the reason why it is none."""
    return found.cases(judged(flags, encounters(coded), coded), MeasureId.READMISSION)


def encounters(coded: pl.DataFrame) -> pl.DataFrame:
    """Our stays with the columns that the measure reads."""
    return coded.filter(pl.col("class").is_in(BEDDED)).select(
        "encounter_id",
        "patient_id",
        pl.col("facility_id").cast(pl.String),
        pl.col("facility_kind").replace_strict(HOSPITALS).alias("facility_type"),
        pl.col("class").replace_strict(CLASSES).alias("patient_class"),
        pl.col("admit_at").alias("admit_ts_utc"),
        pl.col("left_at").alias("discharge_ts_utc"),
        pl.col("zone").alias("tz"),
        "admit_date",
        pl.col("left_on").alias("discharge_date"),
        pl.col("disposition").alias("discharge_disposition"),
        "principal_dx",
        "ms_drg",
        "birth_date",
    )


def judged(flags: pl.DataFrame, stays: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    """The answer of the measure as cases: day of discharge, hit, reason, and what a list says of the return."""
    returned = flags.select(pl.col("encounter_id").alias("readmit_encounter_id"), pl.col("planned_rule").alias("rule"))
    home = stays.select(
        pl.col("encounter_id").alias("readmit_encounter_id"), pl.col("facility_id").alias("returned_to")
    )
    open_ones = stays.filter(pl.col("discharge_date").is_null())["encounter_id"].to_list()
    told = (
        flags.join(returned, on="readmit_encounter_id", how="left")
        .join(home, on="readmit_encounter_id", how="left")
        .join(coded.select("encounter_id", "final", day="left_on"), on="encounter_id", how="inner")
        .filter(pl.col("day").is_not_null())
    )
    detail = pl.struct(
        pl.col("cohort").fill_null("").alias("cohort"),
        pl.col("ccs_dx").alias("ccs"),
        "final",
        pl.col("readmit_encounter_id").alias("returned"),
        pl.col("returned_to").cast(pl.Int64),
        pl.when(pl.col("readmit_encounter_id").is_not_null()).then(pl.col("days_to_readmit")).alias("days"),
        pl.col("planned_readmit_30").alias("planned"),
        pl.col("rule").fill_null("").alias("planned_rule"),
        pl.col("readmit_encounter_id").is_in(open_ones).fill_null(False).alias("still_there"),
    )
    return only_counted(
        told.select(
            "encounter_id",
            "day",
            pl.when("index_flag").then(pl.lit("")).otherwise("exclusion_reason").alias("excluded"),
            pl.col("unplanned_readmit_30").cast(pl.Float64).alias("numerator"),
            pl.lit(1.0).alias("denominator"),
            detail.struct.json_encode().alias("detail"),
        )
    )


def narrowed(value_sets: ValueSets, stays: pl.DataFrame, procedures: pl.DataFrame) -> ValueSets:
    """The lists as far as these codes are concerned: a few patients need not carry 150,000 codes along."""
    diagnoses, performed = stays["principal_dx"].drop_nulls().unique(), procedures["px"].drop_nulls().unique()
    had, done = frozenset(diagnoses), frozenset(performed)
    return msgspec.structs.replace(
        value_sets,
        dx_ccs=value_sets.dx_ccs.join(diagnoses.to_frame("code"), on="code", how="semi"),
        px_ccs=value_sets.px_ccs.join(performed.to_frame("code"), on="code", how="semi"),
        pr3_pcs=value_sets.pr3_pcs & done,
        pr4_cm=value_sets.pr4_cm & had,
        surgery_pcs=value_sets.surgery_pcs & done,
    )


def in_use(db: Reading) -> ValueSets:
    """The lists in use; read again only when others were imported or a code was put into a category since."""
    said = (queries.vintages(db), queries.placed(db, "dx"), queries.placed(db, "px"), str(engine().url))
    mark = msgspec.json.encode(said)
    found = _kept.get(mark)
    if found is None:
        found = queries.value_sets(db, published_maps())
        _kept.clear()
        _kept[mark] = found
    return found
