"""Length of stay: midnights, what the diagnosis-related group lets expect, and the two ways to compare them.

A day is a local calendar day. The expected length is the geometric mean of the group in the fiscal year of the day of
discharge (CMS IPPS final rule, Table 5). A sum of lengths over a sum of geometric means and a geometric mean over a
geometric mean differ systematically, since an arithmetic mean of a skewed distribution exceeds its geometric mean: both
are given, each under its own name. Days beyond the expected length are a screening number, not avoidable days.
"""

from dataclasses import dataclass, fields

import polars as pl

DRG_SCHEMA = {"fiscal_year": pl.Int32, "ms_drg": pl.String, "gmlos": pl.Float64}
"""What a table of expected lengths holds: one row for each fiscal year and group."""

LABELS = {
    "observed_expected": "Sum of lengths of stay over sum of geometric mean lengths of stay",
    "geometric_ratio": "Geometric mean length of stay over geometric mean of expected lengths of stay",
}
"""The two forms of observed over expected, named so that one is never read for the other."""

UNKNOWN = {
    "no_drg": "no diagnosis-related group is given",
    "not_in_table": "the group is not in the table of the fiscal year of discharge",
}


@dataclass(frozen=True, slots=True)
class LengthOfStay:
    """Figures of a set of stays; days. None where there is nothing to divide by.

    `stays` have left, `with_expected` have an expected length, `without_expected` have none and are in no comparison.
    `observed_days` and `expected_days` are sums over `with_expected`; `excess_days` sums what lies beyond, per stay.
    """

    stays: int
    days: int
    mean: float | None
    geometric_mean: float | None
    median: float | None
    with_expected: int
    without_expected: int
    observed_days: int
    expected_days: float
    observed_expected: float | None
    geometric_ratio: float | None
    excess_days: float


def fiscal_year(day: pl.Expr) -> pl.Expr:
    """The federal fiscal year of a day: it begins on 1 October of the calendar year before."""
    return (day.dt.year() + (day.dt.month() >= 10).cast(pl.Int32)).alias("fiscal_year")


def los_days(admitted: pl.Expr, discharged: pl.Expr) -> pl.Expr:
    """Midnights between two local days, at least 1. Null where a day is missing or the order is wrong."""
    days = (discharged - admitted).dt.total_days()
    return pl.when(days >= 0).then(pl.max_horizontal(days, pl.lit(1))).cast(pl.Int64).alias("los_days")


def excess_days(los: pl.Expr, gmlos: pl.Expr) -> pl.Expr:
    """Days beyond the expected length, 0 within it. Null without an expected length."""
    return pl.max_horizontal(los - gmlos, pl.when(gmlos.is_not_null() & los.is_not_null()).then(0.0)).alias(
        "excess_days"
    )


def normal_drg(code: pl.Expr) -> pl.Expr:
    """The number of a group with three digits. Null where the text is empty."""
    text = code.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text.str.zfill(3))


def with_lengths(stays: pl.DataFrame, drg: pl.DataFrame) -> pl.DataFrame:
    """The stays with fiscal_year, los_days, gmlos and excess_days.

    Needs admit_date, discharge_date (local days) and ms_drg. `drg` has the columns of DRG_SCHEMA; an expected length of
    zero is none.
    """
    expected = drg.select(
        pl.col("fiscal_year").cast(pl.Int32),
        normal_drg(pl.col("ms_drg")).alias("ms_drg"),
        pl.col("gmlos").cast(pl.Float64),
    ).filter(pl.col("gmlos") > 0)
    lengths = stays.with_columns(
        fiscal_year(pl.col("discharge_date")),
        normal_drg(pl.col("ms_drg")).alias("ms_drg"),
        los_days(pl.col("admit_date"), pl.col("discharge_date")),
    )
    joined = lengths.join(expected, on=["fiscal_year", "ms_drg"], how="left", maintain_order="left")
    return joined.with_columns(excess_days(pl.col("los_days"), pl.col("gmlos")))


def figures(stays: pl.DataFrame) -> LengthOfStay:
    """The figures of all stays of a frame that `with_lengths` made; stays without a length count nowhere."""
    row = _having_left(stays).select(_aggregates()).row(0, named=True)
    return LengthOfStay(**row)


def by(stays: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The same figures for each value of some columns, in their order; columns are named like the figures."""
    return _having_left(stays).group_by(*columns).agg(_aggregates()).sort(*columns, nulls_last=True)


def drg_table(stays: pl.DataFrame) -> pl.DataFrame:
    """The figures by fiscal year of discharge and group, with the group's expected length.

    A group that the table of its year does not know keeps a row of its own, with no expected length.
    """
    return by(stays, "fiscal_year", "ms_drg", "gmlos")


def unknown(stays: pl.DataFrame) -> dict[str, int]:
    """How many stays have no expected length, by the key of `UNKNOWN` that says why."""
    lacking = _having_left(stays).filter(pl.col("gmlos").is_null())
    silent = lacking.filter(pl.col("ms_drg").is_null()).height
    return {"no_drg": silent, "not_in_table": lacking.height - silent}


def _having_left(stays: pl.DataFrame) -> pl.DataFrame:
    return stays.filter(pl.col("los_days").is_not_null())


def _geometric(values: pl.Expr) -> pl.Expr:
    return values.log().mean().exp()


def _aggregates() -> list[pl.Expr]:
    """One expression for each figure of LengthOfStay."""
    los, gmlos = pl.col("los_days"), pl.col("gmlos")
    known = gmlos.is_not_null()
    observed = los.filter(known)
    expressions = {
        "stays": pl.len(),
        "days": los.sum(),
        "mean": los.mean(),
        "geometric_mean": _geometric(los),
        "median": los.median(),
        "with_expected": known.sum(),
        "without_expected": gmlos.is_null().sum(),
        "observed_days": observed.sum(),
        "expected_days": gmlos.sum(),
        "observed_expected": pl.when(known.any()).then(observed.sum() / gmlos.sum()),
        "geometric_ratio": pl.when(known.any()).then(_geometric(observed) / _geometric(gmlos.filter(known))),
        "excess_days": pl.col("excess_days").sum(),
    }
    return [expressions[one.name].alias(one.name) for one in fields(LengthOfStay)]
