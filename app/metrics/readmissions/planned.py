"""The planned readmission algorithm of CMS, version 4.0, and the specialty cohort: what a stay's codes make of it."""

import narwhals as nw

from app.metrics.readmissions.engines import Frame
from app.metrics.readmissions.settings import PlannedRule
from app.metrics.readmissions.value_sets import Cohort

MEANINGS = ("pr1", "pr3", "surgery")


def procedures_meant(procedures: Frame, meanings: Frame) -> Frame:
    """Per encounter whether any procedure, in any position, is always planned, may be planned, or is surgery."""
    listed = procedures.join(meanings, on="px", how="inner")
    return listed.group_by("encounter_id").agg(*[nw.col(name).max() for name in MEANINGS])


def with_procedures(rows: Frame, meant: Frame) -> Frame:
    """The rows with the meaning of their own procedures; none means none."""
    return rows.join(meant, on="encounter_id", how="left").with_columns(
        *[nw.col(name).fill_null(False) for name in MEANINGS]
    )


def planned_rule() -> nw.Expr:
    """The first of PR.1, PR.2, PR.3 that the stay meets. PR.3 needs a diagnosis that the map knows."""
    may_be = nw.col("pr3") & ~nw.col("ccs_dx").is_null() & ~nw.col("acute")
    third = nw.when(may_be).then(nw.lit(str(PlannedRule.PR3)))
    second = nw.when(nw.col("always_planned")).then(nw.lit(str(PlannedRule.PR2))).otherwise(third)
    return nw.when(nw.col("pr1")).then(nw.lit(str(PlannedRule.PR1))).otherwise(second)


def with_meaning(stays: Frame) -> Frame:
    """With planned_rule, planned and cohort. A surgical or gynaecological procedure decides the cohort alone."""
    cohort = nw.when(nw.col("surgery")).then(nw.lit(str(Cohort.SURGERY))).otherwise(nw.col("dx_cohort"))
    stays = stays.with_columns(planned_rule().alias("planned_rule"), cohort.alias("cohort"))
    return stays.with_columns((~nw.col("planned_rule").is_null()).alias("planned"))
