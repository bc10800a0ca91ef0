"""Observation, conversion, changes to outpatient: from the class rows of stays."""

import polars as pl

from app.metrics.sources.gathering import Gathered, because, hours, key_of, only_counted, share, told
from app.metrics.terms import MeasureId
from app.platform.reads import frames
from app.platform.reads.frames import Schema
from app.platform.work import Reading

_CLASSES = """
select m.encounter_id::text as encounter_id, m.value as class, m.since, m.until,
  (m.since at time zone f.timezone)::date as first, (m.until at time zone f.timezone)::date as last
from movement m join facility f on f.id = m.facility_id where m.encounter_id = any(%s) and m.lane = 2
order by m.encounter_id, m.since
"""
CLASSES_SCHEMA: Schema = {
    "encounter_id": pl.String, "class": pl.String, "since": pl.Datetime("us", "UTC"),
    "until": pl.Datetime("us", "UTC"), "first": pl.Date, "last": pl.Date,
}  # fmt: skip
_COMPLETED = """
select c.encounter_id::text as part, true as completed from status_change c
where c.encounter_id = any(%s) and c.ended_at is null and c.kind = 'condition_44' and c.state = 'completed'
"""
_COMPLETED_SCHEMA: Schema = {"part": pl.String, "completed": pl.Boolean}
INPATIENT, OBSERVATION = "IP", "OBS"
OUTPATIENT = (OBSERVATION, "OP", "ED")


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the four measures of status that read class rows, by two statements."""
    classes = frames.select(db, _CLASSES, (found.keys,), CLASSES_SCHEMA)
    completed = found.of_parts(db, _COMPLETED, _COMPLETED_SCHEMA).unique("encounter_id")
    spans = runs(classes)
    return [
        found.cases(observation_hours(classes, found.stays), MeasureId.OBSERVATION_HOURS),
        found.cases(observation_share(found.departed), MeasureId.OBSERVATION_SHARE),
        found.cases(conversions(spans), MeasureId.CONVERSION),
        found.cases(code_44(spans, completed), MeasureId.CODE_44),
    ]


def runs(classes: pl.DataFrame) -> pl.DataFrame:
    """Spans of one class each, in order, with the class before and after; `still` for the one that has not ended."""
    ordered = classes.sort("encounter_id", "since")
    over = "encounter_id"
    before = pl.col("class").shift(1).over(over)
    began = ordered.with_columns(still=pl.col("until").is_null().any().over(over)).filter(
        before.is_null() | (pl.col("class") != before)
    )
    return began.with_columns(
        pl.col("class").shift(1).over(over).alias("before"),
        pl.col("class").shift(-1).over(over).alias("after"),
    ).with_columns(still=pl.col("still") & pl.col("after").is_null())


def observation_hours(classes: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """One case for each stay with observation: elapsed hours of all its spans together."""
    ends = stays.select("encounter_id", "left_at", "precise")
    return (
        classes.filter(pl.col("class") == OBSERVATION)
        .group_by("encounter_id", maintain_order=True)
        .agg(
            pl.col("until").is_null().any().alias("still"),
            pl.col("until").max().alias("ended"),
            pl.col("first").min().alias("began_on"),
            pl.col("last").max().alias("ended_on"),
            hours((pl.col("until") - pl.col("since")).sum()).alias("value"),
        )
        .join(ends, on="encounter_id", how="inner")
        .with_columns(
            because(
                ("still_here", pl.col("still")),
                ("day_only", ~pl.col("precise") & (pl.col("ended") == pl.col("left_at"))),
            ),
            pl.when("still").then("began_on").otherwise("ended_on").alias("day"),
        )
        .pipe(only_counted)
    )


def observation_share(departed: pl.DataFrame) -> pl.DataFrame:
    """One case for each departure from a bed."""
    return departed.select(
        "encounter_id", pl.col("left_on").alias("day"), pl.lit("").alias("excluded"),
        *share(pl.col("class") == OBSERVATION),
    )  # fmt: skip


def conversions(spans: pl.DataFrame) -> pl.DataFrame:
    """One case for each start of observation."""
    return (
        _each(spans.filter(pl.col("class") == OBSERVATION))
        .with_columns(
            because(("after_inpatient", pl.col("before") == INPATIENT), ("still_here", pl.col("still"))),
            *share(pl.col("after") == INPATIENT),
        )
        .pipe(only_counted)
    )


def code_44(spans: pl.DataFrame, completed: pl.DataFrame) -> pl.DataFrame:
    """One case for each inpatient order; `completed` says whether a case for condition code 44 was recorded."""
    return (
        _each(spans.filter(pl.col("class") == INPATIENT))
        .join(completed, on="encounter_id", how="left")
        .with_columns(
            because(("still_here", pl.col("still"))),
            *share(pl.col("after").is_in(OUTPATIENT)),
            pl.col("completed").fill_null(False) & pl.col("after").is_in(OUTPATIENT).fill_null(False),
        )
        .with_columns(told("completed"))
        .pipe(only_counted)
    )


def _each(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans as cases of their own: each counted on its first day, known by when it began."""
    began = pl.col("since").cast(pl.Int64).cast(pl.String)
    return (
        spans.with_columns(pl.col("first").alias("day"), began.alias("began"))
        .with_columns(key_of("encounter_id", "class", "began"))
    )  # fmt: skip
