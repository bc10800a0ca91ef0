"""What was owed and done in time: reviews, notices, calls; and how long reviews take.

Admission reviews, notices and calls are obligations of the clocks as they stand. Continued-stay reviews are read from
the reviews themselves, since the clocks keep only the latest: each signed review sets the day of the next.
"""

import polars as pl

from app.metrics.sources.gathering import Gathered, because, key_of, minutes, only_counted, share, told
from app.metrics.sources.whole_stays import vendors_of
from app.metrics.terms import MeasureId
from app.platform.reads import frames
from app.platform.reads.frames import Schema
from app.platform.work import Reading

NOTICES = ("N-IM1", "N-IM2", "N-MOON")
CALL, SCREEN, CONTINUED = "TC-CALL", "UR-ADM-SCREEN", "UR-CSR"
_OWED = f"""
select o.encounter_id::text as encounter_id, o.rule, o.subject, o.due_at, o.closed_at,
  (o.due_at at time zone f.timezone)::date as due_on
from obligation o join facility f on f.id = o.facility_id
where o.encounter_id = any(%s) and o.ended_at is null and o.required and o.due_at is not null
  and o.rule in ({", ".join(f"'{rule}'" for rule in (*NOTICES, CALL, SCREEN))})
"""
OWED_SCHEMA: Schema = {
    "encounter_id": pl.String, "rule": pl.String, "subject": pl.String, "due_at": pl.Datetime("us", "UTC"),
    "closed_at": pl.Datetime("us", "UTC"), "due_on": pl.Date,
}  # fmt: skip
_REVIEWS = """
select r.encounter_id::text as part, r.review_id::text as record_id, r.kind, r.for_day, r.next_review_on,
  r.started_at, r.signed_at, (r.started_at at time zone f.timezone)::date as started_on,
  (r.signed_at at time zone f.timezone)::date as signed_on
from review r join facility f on f.id = r.facility_id where r.encounter_id = any(%s) and r.ended_at is null
"""
REVIEWS_SCHEMA: Schema = {
    "part": pl.String, "record_id": pl.String, "kind": pl.String, "for_day": pl.Date, "next_review_on": pl.Date,
    "started_at": pl.Datetime("us", "UTC"), "signed_at": pl.Datetime("us", "UTC"), "started_on": pl.Date,
    "signed_on": pl.Date,
}  # fmt: skip


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the four measures, by three statements."""
    owed = frames.select(db, _OWED, (found.keys,), OWED_SCHEMA)
    reviews = found.of_parts(db, _REVIEWS, REVIEWS_SCHEMA)
    vendors = vendors_of(db, found)
    owed = owed.join(found.stays.select("encounter_id", "today", "left_on"), on="encounter_id", how="inner")
    screens = in_time(owed.filter(pl.col("rule") == SCREEN))
    continued = continued_reviews(reviews, found.stays)
    called = in_time(owed.filter((pl.col("rule") == CALL) & pl.col("left_on").is_not_null()), day="left_on")
    return [
        found.cases(pl.concat([screens, continued]), MeasureId.REVIEW_TIMELINESS),
        found.cases(in_time(owed.filter(pl.col("rule").is_in(NOTICES))), MeasureId.NOTICE_COMPLIANCE),
        found.cases(called.join(vendors, on="encounter_id", how="left"), MeasureId.FOLLOW_UP_CALL),
        found.cases(minutes_of_reviews(reviews), MeasureId.PRODUCTIVITY),
    ]


_DUTY = ("encounter_id", "record_id", "day", "excluded", "numerator", "denominator", "detail")


def in_time(owed: pl.DataFrame, day: str = "due_on") -> pl.DataFrame:
    """One case for each obligation, counted on the day on which it is due: whether it was closed by then.

    What is open is left out until the day on which it is due is over; then it was missed.
    """
    return (
        owed.with_columns(
            pl.col(day).alias("day"),
            because(_waits(pl.col("closed_at").is_null(), "due_on")),
            key_of("encounter_id", "rule", "subject"),
            *share(pl.col("closed_at") <= pl.col("due_at")),
            told("rule"),
        )
        .pipe(only_counted)
        .select(_DUTY)
    )


def _waits(is_open: pl.Expr, due_on: str) -> tuple[str, pl.Expr]:
    return "not_due_yet", is_open & (pl.col(due_on) >= pl.col("today"))


def continued_reviews(reviews: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """One case for each day that a signed review set for the next one, counted on that day.

    The next review closes it; a departure up to that day takes it away, a later one leaves it missed. A review about a
    day before one that was reviewed already does nothing for the next.
    """
    over = "encounter_id"
    earlier = pl.col("for_day").cum_max().shift(1).over(over)
    chain = (
        reviews.sort("encounter_id", "signed_at", "record_id")
        .filter(((pl.col("kind") != "admission") & (pl.col("for_day") < earlier)).fill_null(False).not_())
        .with_columns(
            pl.col("signed_on").shift(-1).over(over).alias("followed_on"),
            pl.col("signed_at").shift(-1).over(over).alias("followed_at"),
        )
        .filter(pl.col("next_review_on").is_not_null())
        .join(stays.select("encounter_id", "left_at", "left_on", "today"), on="encounter_id", how="inner")
    )
    gone_first = pl.col("left_at").is_not_null() & (
        pl.col("followed_at").is_null() | (pl.col("left_at") < pl.col("followed_at"))
    )
    return (
        chain.filter((gone_first & (pl.col("left_on") <= pl.col("next_review_on"))).not_())
        .with_columns(
            pl.col("next_review_on").alias("day"),
            because(_waits(pl.col("followed_on").is_null() & pl.col("left_on").is_null(), "next_review_on")),
            pl.lit(CONTINUED).alias("rule"),
            *share(gone_first.not_() & (pl.col("followed_on") <= pl.col("next_review_on"))),
        )
        .with_columns(told("rule"))
        .pipe(only_counted)
        .select(_DUTY)
    )


def minutes_of_reviews(reviews: pl.DataFrame) -> pl.DataFrame:
    """One case for each signed review: elapsed minutes from its opening, where both were on one day."""
    return reviews.with_columns(
        pl.col("signed_on").alias("day"),
        because(("another_day", pl.col("started_on") != pl.col("signed_on"))),
        minutes(pl.col("signed_at") - pl.col("started_at")).alias("value"),
        told("kind"),
    ).pipe(only_counted)
