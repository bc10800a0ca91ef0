"""What a run of the readmission measure is told, and the words that it answers with."""

from datetime import date
from enum import StrEnum

import msgspec

DAYS = 30
"""A stay that begins at most so many days after discharge is a readmission; the run-out is as long."""
ADULT = 18


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Choices that CMS leaves to who measures, and those that differ between its yearly specifications.

    `data_end` is the last day on which the data are complete; None takes the latest discharge of an acute stay.
    `covid_excluded` keeps stays for COVID-19 (principal diagnosis U07.1) out of the index stays, as CMS did for the
    years 2022 to 2025. CMS asked for a secondary diagnosis present on admission too; the input has none.
    """

    min_age: int = ADULT
    data_end: date | None = None
    covid_excluded: bool = False


class Reason(StrEnum):
    """Why a row is no index stay, in the order in which the tests are made: the first that fails is the reason."""

    NOT_ACUTE = "not_acute_inpatient"
    INVALID_DATES = "invalid_dates"
    MERGED = "merged_into_stay"
    CANCER_HOSPITAL = "pps_exempt_cancer_hospital"
    STILL_PATIENT = "still_patient"
    DIED = "died"
    AGAINST_ADVICE = "ama"
    TRANSFERRED_OUT = "transferred_out"
    AGE = "age"
    COVID = "covid"
    DIAGNOSIS_UNKNOWN = "dx_missing_or_unmapped"
    PSYCHIATRIC = "psychiatric"
    REHABILITATION = "rehabilitation"
    MEDICAL_CANCER = "medical_cancer"
    NO_COHORT = "no_specialty_cohort"
    RUN_OUT = "runout"


class PlannedRule(StrEnum):
    """Which test of the planned readmission algorithm 4.0 a stay meets first."""

    PR1 = "PR1"  # a procedure that is always planned
    PR2 = "PR2"  # a diagnosis that is always planned
    PR3 = "PR3"  # a procedure that may be planned, and no acute diagnosis (PR.4)


OUTPUT = (
    "encounter_id",
    "patient_id",
    "stay_id",
    "chain_id",
    "stay_rows",
    "is_stay_rep",
    "los_days",
    "gmlos",
    "excess_days",
    "ccs_dx",
    "cohort",
    "planned",
    "planned_rule",
    "index_flag",
    "exclusion_reason",
    "index_flag_dispo",
    "any_readmit_30",
    "planned_readmit_30",
    "unplanned_readmit_30",
    "days_to_readmit",
    "readmit_encounter_id",
)
"""The columns of the answer, in order."""
WHOLE = ("stay_rows", "los_days", "ccs_dx", "days_to_readmit")
FLAGS = (
    "is_stay_rep",
    "index_flag",
    "index_flag_dispo",
    "any_readmit_30",
    "planned_readmit_30",
    "unplanned_readmit_30",
)
