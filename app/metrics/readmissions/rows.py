"""What a row says by itself: what its codes mean, how long it lasted, whether it is an acute inpatient stay (R0)."""

import narwhals as nw
import polars as pl

from app.metrics.readmissions.engines import Frame

INPATIENT = "I"
ACUTE = ("ACH", "CAH", "CAN")
"""Short-term acute, critical access, and PPS-exempt cancer hospitals."""
TEXTS = ("facility_type", "patient_class", "discharge_disposition", "principal_dx", "ms_drg")


def cleaned(rows: Frame) -> Frame:
    """An empty text is nothing."""
    return rows.with_columns(*[nw.when(nw.col(name) != "").then(nw.col(name)).alias(name) for name in TEXTS])


def stays_in_order() -> nw.Expr:
    """Whether both dates are there and in order: only then has a row a length."""
    return (nw.col("discharge_day") >= nw.col("admit_day")).fill_null(False)


def with_length(rows: Frame) -> Frame:
    """With los_days: midnights passed, at least 1, of the row's own local dates."""
    nights = nw.col("discharge_day") - nw.col("admit_day")
    length = nw.when(nights > 0).then(nights).otherwise(nw.lit(1))
    return rows.with_columns(nw.when(stays_in_order()).then(length).cast(nw.Int32).alias("los_days"))


def with_fiscal_year(rows: Frame) -> Frame:
    """With the federal fiscal year of the discharge, which begins on 1 October of the year before."""
    left = nw.col("discharge_date").cast(nw.Date)
    year = left.dt.year().cast(nw.Int32) + (left.dt.month() >= 10).cast(nw.Int32)
    return rows.with_columns(nw.when(~nw.col("los_days").is_null()).then(year).cast(nw.Int32).alias("fiscal_year"))


def lengths_expected(drg: pl.DataFrame) -> pl.DataFrame:
    """One geometric mean length per fiscal year and group. A group without one (0 in the tables of CMS) has no row."""
    known = drg.select(
        pl.col("fiscal_year").cast(pl.Int32), pl.col("ms_drg").cast(pl.String), pl.col("gmlos").cast(pl.Float64)
    )
    return known.filter(pl.col("gmlos") > 0).unique(["fiscal_year", "ms_drg"], keep="last", maintain_order=True)


def with_excess(rows: Frame, expected: Frame) -> Frame:
    """With gmlos, null where group or year are unknown, and excess_days beyond it."""
    beyond = nw.col("los_days") - nw.col("gmlos")
    excess = nw.when(beyond > 0).then(beyond).otherwise(nw.lit(0.0))
    joined = with_fiscal_year(with_length(rows)).join(expected, on=["fiscal_year", "ms_drg"], how="left")
    done = joined.with_columns(nw.when(~nw.col("gmlos").is_null()).then(excess).alias("excess_days"))
    return done.drop("fiscal_year", "ms_drg", "discharge_date")


def is_acute() -> nw.Expr:
    """R0: an inpatient row of an acute hospital. All others are invisible to the measure."""
    inpatient = nw.col("patient_class") == INPATIENT
    return (inpatient & nw.col("facility_type").is_in(ACUTE)).fill_null(False)
