"""Which stays can be index stays: the tests of section 1.2 in their order, asked of the row that leaves last (R7)."""

import narwhals as nw

from app.metrics.readmissions.engines import NEVER, Frame
from app.metrics.readmissions.settings import DAYS, Reason, Settings
from app.metrics.readmissions.stays import STILL_PATIENT
from app.metrics.readmissions.value_sets import Exclusion

CANCER_HOSPITAL = "CAN"
DIED = ("20", "40", "41", "42")
AGAINST_ADVICE = "07"
COVID = "U071"
SENT_TO_A_HOSPITAL = ("02", "05", "66", "82", "85", "94")
"""Dispositions to another hospital: the receiving stay may not be in the data of a single hospital."""


def _number(name: str) -> nw.Expr:
    """Year, month and day in one number: the difference of two counts birthdays above its last four digits."""
    day = nw.col(name).cast(nw.Date)
    return day.dt.year().cast(nw.Int32) * 10_000 + day.dt.month().cast(nw.Int32) * 100 + day.dt.day().cast(nw.Int32)


def too_young(min_age: int) -> nw.Expr:
    """Below the age on the stay's first day, by calendar; an unknown birth date cannot be old enough."""
    return (_number("stay_admit_date") - _number("birth_date") < min_age * 10_000).fill_null(True)


def _is(name: str, *values: str) -> nw.Expr:
    return nw.col(name).is_in(values).fill_null(False)


def tests(settings: Settings, end: int) -> list[tuple[Reason, nw.Expr]]:
    """The tests in their order. `end` is the number of the last day of the data."""
    covid = [(Reason.COVID, _is("principal_dx", COVID))] if settings.covid_excluded else []
    return [
        (Reason.CANCER_HOSPITAL, _is("facility_type", CANCER_HOSPITAL)),
        (Reason.STILL_PATIENT, (nw.col("left_day") == NEVER) | _is("discharge_disposition", STILL_PATIENT)),
        (Reason.DIED, _is("discharge_disposition", *DIED)),
        (Reason.AGAINST_ADVICE, _is("discharge_disposition", AGAINST_ADVICE)),
        (Reason.TRANSFERRED_OUT, ~nw.col("is_last")),
        (Reason.AGE, too_young(settings.min_age)),
        *covid,
        (Reason.DIAGNOSIS_UNKNOWN, ~nw.col("dx_known")),
        (Reason.PSYCHIATRIC, _is("exclusion", Exclusion.PSYCHIATRIC)),
        (Reason.REHABILITATION, _is("exclusion", Exclusion.REHABILITATION)),
        (Reason.MEDICAL_CANCER, _is("exclusion", Exclusion.MEDICAL_CANCER) & ~nw.col("surgery")),
        (Reason.NO_COHORT, nw.col("cohort").is_null()),
        (Reason.RUN_OUT, nw.col("left_day") > end - DAYS),
    ]


def with_reason(stays: Frame, settings: Settings, end: int) -> Frame:
    """With the first test that a stay fails, and whether it is an index stay, by transfer links alone or with codes."""
    ordered = list(enumerate(tests(settings, end)))
    first = nw.lit(len(ordered))
    for place, (_, fails) in reversed(ordered):
        first = nw.when(fails).then(nw.lit(place)).otherwise(first)
    names = {place: str(reason) for place, (reason, _) in ordered}
    stays = stays.with_columns(first.cast(nw.Int32).alias("failed"))
    index = nw.col("failed") == len(ordered)
    reason = nw.col("failed").replace_strict(
        list(names), list(names.values()), default=nw.lit(None, nw.String), return_dtype=nw.String
    )
    return stays.with_columns(
        reason.alias("exclusion_reason"),
        index.alias("index_flag"),
        (index & ~_is("discharge_disposition", *SENT_TO_A_HOSPITAL)).alias("index_flag_dispo"),
    )
