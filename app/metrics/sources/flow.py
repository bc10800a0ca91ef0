"""Expected dates, orders and the hour of departure: from departures and what the plan said of them."""

from datetime import datetime, timedelta

import polars as pl

from app.census.terms import DIED
from app.discharge.ready.queries import ordered_since
from app.metrics.sources.gathering import Gathered, because, minutes, only_counted, share, told
from app.metrics.terms import MeasureId
from app.platform.reads.frames import Schema
from app.platform.work import Reading

HORIZON = timedelta(hours=48)
"""How long before the departure a date must have stood to be held against it."""
AGAINST_ADVICE = "07"
NOON = 12
_DATES = """
select d.encounter_id::text as part, d.expected_on, d.made_at, d.ended_at from expected_date d
where d.encounter_id = any(%s)
"""
DATES_SCHEMA: Schema = {
    "part": pl.String, "expected_on": pl.Date, "made_at": pl.Datetime("us", "UTC"),
    "ended_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
_UTC = pl.Datetime("us", "UTC")


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the three measures of departures, by a fixed number of statements."""
    dates = found.of_parts(db, _DATES, DATES_SCHEMA)
    orders = ordered_since(db, found.keys)
    ordered = pl.DataFrame(
        {"encounter_id": [str(stay) for stay in orders], "ordered_at": list[datetime](orders.values())},
        schema={"encounter_id": pl.String, "ordered_at": _UTC},
    )
    return [
        found.cases(expected_dates(found.departed, dates), MeasureId.EXPECTED_DATE_ACCURACY),
        found.cases(order_to_departure(found.departed, ordered), MeasureId.ORDER_TO_DEPARTURE),
        found.cases(before_noon(found.departed), MeasureId.BEFORE_NOON),
    ]


def _died() -> pl.Expr:
    return pl.col("disposition").is_in(sorted(DIED))


def expected_dates(departed: pl.DataFrame, dates: pl.DataFrame) -> pl.DataFrame:
    """One case for each departure: whether the date that stood 48 hours before was right within a day."""
    at = departed.with_columns((pl.col("left_at") - HORIZON).alias("horizon"))
    stood = (
        dates.join(at.select("encounter_id", "horizon"), on="encounter_id", how="inner")
        .filter(
            (pl.col("made_at") <= pl.col("horizon"))
            & (pl.col("ended_at").is_null() | (pl.col("ended_at") > pl.col("horizon")))
        )
        .sort("made_at")
        .group_by("encounter_id")
        .agg(pl.col("expected_on").last())
    )
    return (
        at.join(stood, on="encounter_id", how="left")
        .with_columns((pl.col("left_on") - pl.col("expected_on")).dt.total_days().alias("days_late"))
        .select(
            "encounter_id",
            pl.col("left_on").alias("day"),
            because(
                ("died", _died()),
                ("against_advice", pl.col("disposition") == AGAINST_ADVICE),
                ("short", pl.col("start_at") > pl.col("horizon")),
                ("no_date", pl.col("expected_on").is_null()),
            ),
            *share(pl.col("days_late").abs() <= 1),
            told("days_late"),
        )
        .pipe(only_counted)
    )


def order_to_departure(departed: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """One case for each departure: elapsed minutes from the order in force."""
    return (
        departed.join(ordered, on="encounter_id", how="left")
        .select(
            "encounter_id",
            pl.col("left_on").alias("day"),
            because(
                ("died", _died()),
                ("day_only", ~pl.col("precise")),
                ("no_order", pl.col("ordered_at").is_null() | (pl.col("ordered_at") > pl.col("left_at"))),
            ),
            minutes(pl.col("left_at") - pl.col("ordered_at")).alias("value"),
        )
        .pipe(only_counted)
    )


def before_noon(departed: pl.DataFrame) -> pl.DataFrame:
    """One case for each departure: whether the exit was from 00:00 to 11:59 local time."""
    return departed.select(
        "encounter_id",
        pl.col("left_on").alias("day"),
        because(
            ("died", _died()),
            ("observation", pl.col("class") == "OBS"),
            ("day_only", ~pl.col("precise")),
        ),
        *share(pl.col("left_hour") < NOON),
    ).pipe(only_counted)
