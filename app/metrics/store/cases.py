"""What a source gives: a frame with one row for each case of each of its measures."""

import uuid
from collections.abc import Callable, Sequence

import polars as pl

from app.platform.work import Reading

CASE_SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "facility_id": pl.Int16,
    "measure": pl.String,
    "day": pl.Date,
    "encounter_id": pl.String,
    "patient_id": pl.String,
    "record_id": pl.String,
    "counted": pl.Boolean,
    "excluded": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "unit": pl.String,
    "service": pl.String,
    "attending": pl.String,
    "payer": pl.String,
    "vendor": pl.String,
    "detail": pl.String,
}
"""The columns of `measure_case`, in order. Keys are texts; `detail` is the text of a JSON object, `{}` without any.
`record_id`, `numerator`, `denominator` and `value` may be null, nothing else. No two cases of a frame agree in
encounter, measure, day and record."""

Source = Callable[[Reading, Sequence[uuid.UUID]], pl.DataFrame]
"""All cases of these patients, and of nobody else, with exactly the columns of CASE_SCHEMA, from a number of statements
that does not depend on how many patients are asked for. Reads with the rights of the program, over all facilities."""

DEFAULTS = {
    name: pl.lit("{}" if name == "detail" else "", dtype=pl.String)
    for name in ("excluded", "unit", "service", "attending", "payer", "vendor", "detail")
}


def no_cases() -> pl.DataFrame:
    """A frame of cases without any."""
    return pl.DataFrame(schema=CASE_SCHEMA)


def as_cases(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the columns of CASE_SCHEMA in order: what it lacks is empty, what it has besides is left out.

    A null in a text column becomes the empty text; `counted` follows from `excluded` where the frame does not say.
    """
    given = set(frame.columns)
    texts = [
        pl.col(name).fill_null(empty).alias(name) if name in given else empty.alias(name)
        for name, empty in DEFAULTS.items()
    ]
    frame = frame.with_columns(
        *texts, *(pl.lit(None).alias(name) for name in CASE_SCHEMA if name not in given | DEFAULTS.keys() | {"counted"})
    )
    if "counted" not in given:
        frame = frame.with_columns(counted=pl.col("excluded") == "")
    return frame.select(pl.col(name).cast(kind) for name, kind in CASE_SCHEMA.items())
