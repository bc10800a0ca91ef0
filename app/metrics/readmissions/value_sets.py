"""The code lists that the readmission measure reads: what a code means to it, of one vintage.

CMS publishes them each year with the hospital-wide readmission measure: which procedures are always or potentially
planned (PR.1, PR.3), which diagnoses are always planned or acute (PR.2, PR.4), which categories are no index stay, and
which specialty cohort a stay falls into. Most are given as categories of the Clinical Classifications Software (CCS) of
AHRQ, some as single codes. Codes are written without a dot.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
import polars as pl


class Cohort(StrEnum):
    """The specialty cohorts of the measure, as the files name them. Procedures alone lead into the first."""

    SURGERY = "Surgery/Gynecology"
    CARDIORESPIRATORY = "Cardiorespiratory"
    CARDIOVASCULAR = "Cardiovascular"
    NEUROLOGY = "Neurology"
    MEDICINE = "Medicine"


class Exclusion(StrEnum):
    """Why a category of principal diagnoses is no index stay."""

    PSYCHIATRIC = "psychiatric"
    REHABILITATION = "rehabilitation"
    MEDICAL_CANCER = "medical_cancer"


class Level(StrEnum):
    """How finely a run could look."""

    CODE = "code"  # categories and the single codes that CMS adds to them
    CATEGORY = "category"  # categories alone: planned status and cohort of some stays differ from the published measure


MAP_SCHEMA = {"code": pl.String, "ccs": pl.Int32}


class ValueSets(msgspec.Struct, frozen=True, kw_only=True):
    """One vintage of all lists. The two maps are frames with the columns of MAP_SCHEMA, one row per code."""

    vintage: str
    dx_ccs: pl.DataFrame
    px_ccs: pl.DataFrame
    pr1_ccs: frozenset[int]
    pr2_ccs: frozenset[int]
    pr3_ccs: frozenset[int]
    pr4_ccs: frozenset[int]
    exclusion_ccs: Mapping[int, Exclusion]
    cohort_ccs: Mapping[int, Cohort]  # of principal diagnoses
    surgery_ccs: frozenset[int]  # procedure categories of the surgery and gynaecology cohort
    pr3_pcs: frozenset[str] = frozenset()
    pr4_cm: frozenset[str] = frozenset()
    surgery_pcs: frozenset[str] = frozenset()

    @property
    def level(self) -> Level:
        """Whether single codes were there, or categories alone."""
        return Level.CODE if self.pr3_pcs and self.pr4_cm and self.surgery_pcs else Level.CATEGORY


def _with_codes(known: pl.DataFrame, listed: Iterable[str]) -> pl.DataFrame:
    """The map with a row, category unknown, for each listed code that it lacks."""
    extra = pl.DataFrame({"code": sorted(listed)}, schema={"code": pl.String})
    return pl.concat([known.select(*MAP_SCHEMA), extra.join(known, on="code", how="anti")], how="diagonal")


def _among(members: Iterable[int]) -> pl.Expr:
    return pl.col("ccs").is_in(sorted(members)).fill_null(False)


def _code_among(members: Iterable[str]) -> pl.Expr:
    return pl.col("code").is_in(sorted(members))


def _named(names: Mapping[int, str]) -> pl.Expr:
    if not names:
        return pl.lit(None, dtype=pl.String)
    return pl.col("ccs").replace_strict(
        list(names), [str(name) for name in names.values()], default=None, return_dtype=pl.String
    )


def diagnoses(value_sets: ValueSets) -> pl.DataFrame:
    """What each principal diagnosis means: one row per code that a map or a list knows.

    Columns: principal_dx, ccs_dx, always_planned (PR.2), acute (PR.4), exclusion, dx_cohort.
    """
    return _with_codes(value_sets.dx_ccs, value_sets.pr4_cm).select(
        pl.col("code").alias("principal_dx"),
        pl.col("ccs").alias("ccs_dx"),
        _among(value_sets.pr2_ccs).alias("always_planned"),
        (_among(value_sets.pr4_ccs) | _code_among(value_sets.pr4_cm)).alias("acute"),
        _named(value_sets.exclusion_ccs).alias("exclusion"),
        _named(value_sets.cohort_ccs).alias("dx_cohort"),
    )


def procedures(value_sets: ValueSets) -> pl.DataFrame:
    """What each procedure means, of those that mean something: px, pr1, pr3 (planned), surgery (cohort)."""
    table = _with_codes(value_sets.px_ccs, value_sets.pr3_pcs | value_sets.surgery_pcs).select(
        pl.col("code").alias("px"),
        _among(value_sets.pr1_ccs).alias("pr1"),
        (_among(value_sets.pr3_ccs) | _code_among(value_sets.pr3_pcs)).alias("pr3"),
        (_among(value_sets.surgery_ccs) | _code_among(value_sets.surgery_pcs)).alias("surgery"),
    )
    return table.filter(pl.col("pr1") | pl.col("pr3") | pl.col("surgery"))
