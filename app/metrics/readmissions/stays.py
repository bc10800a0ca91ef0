"""R1 to R3: which rows can be used, their order, and which of them are one continuous stay at one hospital."""

import narwhals as nw

from app.metrics.readmissions.engines import NEVER, NEVER_US, Engine, Frame, Line

STILL_PATIENT = "30"
AT_HOSPITAL = Line(within=("patient", "hospital"), place="place")
MEANINGS = ("pr1", "pr3", "surgery")


def in_order(acute: Frame, engine: Engine) -> Frame:
    """R2: with `place`, the order of a patient's rows. A row without an end comes after one with an end."""
    ended = acute.with_columns(nw.col("left_us").fill_null(NEVER_US))
    return engine.numbered(ended, "place", "patient", ("admitted_us", "left_us", "encounter_id"))


def usable() -> nw.Expr:
    """R1: dates are there and in order; a row without an end only where it is the patient's last."""
    begun = ~nw.col("admitted_us").is_null() & ~nw.col("admit_day").is_null()
    last = nw.col("place") == nw.col("place").max().over("patient")
    ended = nw.when(nw.col("discharge_day").is_null()).then(last)
    return begun & ended.otherwise(nw.col("discharge_day") >= nw.col("admit_day")).fill_null(False)


def by_leaving(rows: Frame, engine: Engine) -> Frame:
    """With `left_day` and `leaving`: who leaves later has the greater number, by day, then instant, then R2."""
    rows = rows.with_columns(nw.col("discharge_day").fill_null(NEVER).cast(nw.Int64).alias("left_day"))
    return engine.numbered(rows, "leaving", "patient", ("left_day", "left_us", "place")).drop("left_us")


def continues() -> nw.Expr:
    """R3: the row goes on where the hospital's stay so far is not over.

    It overlaps; or it begins on the day on which the stay ends, with the diagnosis of the row before; or the row before
    was an interim bill ("still patient") and at most one day lies between.
    """
    gap = nw.col("admit_day") - nw.col("until")
    same = (nw.col("principal_dx") == nw.col("dx_before")).fill_null(False)
    interim = (nw.col("status_before") == STILL_PATIENT).fill_null(False)
    return ((gap < 0) | ((gap == 0) & same) | ((gap <= 1) & interim)).fill_null(False)


def with_stays(rows: Frame, engine: Engine) -> Frame:
    """R3: with `stay_id` (the id of its first row), `stay` (alike within a stay) and when its first row came."""
    line = AT_HOSPITAL
    rows = engine.highest(engine.laid(rows, line), line, latest="left_day")
    rows = engine.previous(rows, line, until="latest", dx_before="principal_dx", status_before="discharge_disposition")
    rows = rows.with_columns((~continues()).alias("begins"))
    begins = nw.col("begins")
    rows = rows.with_columns(
        nw.when(begins).then(nw.col("encounter_id")).alias("stay_id"),
        nw.when(begins).then(nw.col("admit_day")).alias("stay_admit_day"),
        nw.when(begins).then(nw.col("admit_date")).alias("stay_admit_date"),
        nw.when(begins).then(nw.col("place")).alias("stay_place"),
    )
    rows = rows.drop("latest", "until", "dx_before", "status_before", "admit_day", "admit_date")
    rows = engine.kept(rows, line, "stay_id", "stay_admit_day", "stay_admit_date", "stay_place")
    return engine.runs(rows, "stay", "begins", "stay_id").drop("place", "begins")


def with_representatives(rows: Frame) -> Frame:
    """With what a stay has of all its rows: their number, any procedure that matters, and the row that leaves last."""
    return rows.with_columns(
        nw.len().over("stay").cast(nw.Int32).alias("stay_rows"),
        (nw.col("leaving") == nw.col("leaving").max().over("stay")).alias("is_stay_rep"),
        *[nw.col(name).max().over("stay").alias(name) for name in MEANINGS],
    ).drop("stay")
