"""Length of stay on our own stays: days, what the group lets expect, stays of one midnight, long ones.

A case is an inpatient stay that has ended. It begins with the inpatient order: observation before it is not counted.
What the measure of readmissions takes for one continuous stay is one here: it counts where and when its last part ends.
The group is the one that was coded in the end, else the one that the feed sent; its expected length is that of the
fiscal year of discharge, and of the newest earlier year while the table of that year is not there.
"""

from datetime import date

import polars as pl

from app.census.drg.lookup import groups
from app.metrics import length_of_stay
from app.metrics.sources.gathering import Gathered, because, only_counted, share
from app.metrics.terms import MeasureId
from app.platform.work import Reading

INPATIENT = "IP"
LONG = 2.0
"""A stay is long from so many times its expected length on."""
MIDNIGHTS = 1
"""A short inpatient stay has no more midnights than this."""
GROUP = ["facility_kind", "ms_drg", "fiscal_year"]
"""What an expected length hangs on."""


def joined(coded: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """The stays with `merged`: part of another one. The part that leaves last has the admission of the first part."""
    first = coded.select(pl.col("encounter_id").alias("stay_id"), pl.col("admit_date").alias("first_date"))
    whole = flags.select("encounter_id", "stay_id", "is_stay_rep").join(first, on="stay_id", how="left")
    return (
        coded.join(whole, on="encounter_id", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("first_date", "admit_date").alias("admit_date"),
            (pl.col("stay_id").is_not_null() & ~pl.col("is_stay_rep")).fill_null(False).alias("merged"),
        )
        .drop("stay_id", "is_stay_rep", "first_date")
    )


def cases(db: Reading, found: Gathered, coded: pl.DataFrame) -> list[pl.DataFrame]:
    """Cases of the seven measures of length, by at most one statement more."""
    stays = ended_inpatients(coded)
    measured = with_lengths(stays, expected_lengths(db, stays))
    plain, compared = valid(measured), comparable(measured)
    return [
        found.cases(frame, measure)
        for measure, frame in (
            (MeasureId.LENGTH_OF_STAY, plain),
            (MeasureId.GEOMETRIC_LENGTH_OF_STAY, plain),
            (MeasureId.ONE_MIDNIGHT, one_midnight(measured)),
            (MeasureId.OBSERVED_EXPECTED, compared),
            (MeasureId.GEOMETRIC_RATIO, compared),
            (MeasureId.EXCESS_DAYS, excess(measured)),
            (MeasureId.LONG_STAYS, long_stays(measured)),
        )
    ]


def ended_inpatients(stays: pl.DataFrame) -> pl.DataFrame:
    """Stays that ended as inpatient stays, with the day on which they are counted."""
    return stays.filter((pl.col("class") == INPATIENT) & pl.col("left_on").is_not_null()).with_columns(
        day=pl.col("left_on"),
        ms_drg=length_of_stay.normal_drg(pl.col("ms_drg")),
        fiscal_year=length_of_stay.fiscal_year(pl.col("left_on")),
    )


def expected_lengths(db: Reading, stays: pl.DataFrame) -> pl.DataFrame:
    """The geometric mean of each group of these stays in the fiscal year of discharge: GROUP and gmlos."""
    asked = stays.filter(pl.col("ms_drg").is_not_null()).select(GROUP).unique()
    known = groups(db, asked["ms_drg"].to_list())
    lengths = [known.gmlos(kind, drg, date(year, 1, 1)) for kind, drg, year in asked.iter_rows()]
    return asked.with_columns(pl.Series("gmlos", lengths, dtype=pl.Float64))


def with_lengths(stays: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """The stays with `los_days`, `gmlos` and `excess_days`; null where they cannot be told."""
    return (
        stays.join(expected, on=GROUP, how="left", maintain_order="left")
        .with_columns(length_of_stay.los_days(pl.col("admit_date"), pl.col("left_on")).cast(pl.Float64))
        .with_columns(length_of_stay.excess_days(pl.col("los_days"), pl.col("gmlos")))
    )


_NO_STAY = (
    ("merged_into_stay", pl.col("merged")),
    ("invalid_dates", pl.col("los_days").is_null()),
)
_UNEXPECTED = (
    ("no_drg", pl.col("ms_drg").is_null()),
    ("not_in_table", pl.col("gmlos").is_null()),
)


def valid(stays: pl.DataFrame) -> pl.DataFrame:
    """The days of each stay."""
    return _only(stays.with_columns(because(*_NO_STAY), pl.col("los_days").alias("value")))


def comparable(stays: pl.DataFrame) -> pl.DataFrame:
    """The days of each stay against the days expected of its group."""
    figures = (pl.col("los_days").alias("numerator"), pl.col("gmlos").alias("denominator"))
    return _only(stays.with_columns(because(*_NO_STAY, *_UNEXPECTED), *figures))


def excess(stays: pl.DataFrame) -> pl.DataFrame:
    """The days of each stay beyond what its group lets expect, 0 within it."""
    return _only(stays.with_columns(because(*_NO_STAY, *_UNEXPECTED), pl.col("excess_days").alias("value")))


def long_stays(stays: pl.DataFrame) -> pl.DataFrame:
    """Whether a stay was at least LONG times as long as its group lets expect."""
    hit = pl.col("los_days") >= LONG * pl.col("gmlos")
    return _only(stays.with_columns(because(*_NO_STAY, *_UNEXPECTED), *share(hit)))


def one_midnight(stays: pl.DataFrame) -> pl.DataFrame:
    """Whether a stay passed no more than one midnight after the inpatient order."""
    midnights = (pl.col("left_on") - pl.col("admit_date")).dt.total_days()
    return _only(stays.with_columns(because(*_NO_STAY), *share(midnights <= MIDNIGHTS)))


def _only(stays: pl.DataFrame) -> pl.DataFrame:
    """The cases with the group in their detail; what is left out has no figure."""
    stays = stays.with_columns(pl.struct(drg=pl.col("ms_drg").fill_null("")).struct.json_encode().alias("detail"))
    figures = [name for name in ("numerator", "denominator", "value") if name in stays.columns]
    return only_counted(stays).select("encounter_id", "day", "excluded", "detail", *figures)
