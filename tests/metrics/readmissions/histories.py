"""Invented histories, nastier than life: rows that overlap, repeat, end before they begin or never, at few hospitals.

Codes and lists are invented too, one of each kind that the rules tell apart, so that nothing from outside is needed.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from app.metrics.readmissions.value_sets import MAP_SCHEMA, Cohort, Exclusion, ValueSets
from tests.metrics.readmissions.plain import Lists

Pick = Callable[[Sequence[Any]], Any]
Row = dict[str, Any]

ENCOUNTERS = {
    "encounter_id": pl.Int64,
    "patient_id": pl.Int64,
    "facility_id": pl.String,
    "facility_type": pl.String,
    "patient_class": pl.String,
    "admit_ts_utc": pl.Datetime("us", "UTC"),
    "discharge_ts_utc": pl.Datetime("us", "UTC"),
    "tz": pl.String,
    "admit_date": pl.Date,
    "discharge_date": pl.Date,
    "discharge_disposition": pl.String,
    "principal_dx": pl.String,
    "ms_drg": pl.String,
    "birth_date": pl.Date,
}
PROCEDURES = {"encounter_id": pl.Int64, "seq": pl.Int16, "px": pl.String}

LISTS = Lists(
    dx_ccs={"HEART": 100, "STROKE": 109, "HIP": 203, "CHEMO": 45, "REHAB": 254, "MIND": 650, "LUNG": 19, "BIRTH": 196},
    px_ccs={"KIDNEY": 105, "KNEE": 152, "STENT": 45, "SCAN": 197},
    pr1={64, 105, 176},
    pr2={45, 254},
    pr3={45, 152},
    pr3_codes={"SHOCK"},
    pr4={100},
    pr4_codes={"STROKE", "HEAT"},
    exclusions={19: "medical_cancer", 45: "medical_cancer", 254: "rehabilitation", 650: "psychiatric"},
    cohorts={100: "Cardiovascular", 109: "Neurology", 203: "Medicine", 650: "Medicine"},
    surgery={105, 152},
    surgery_codes={"SKIN"},
)
DRG = pl.DataFrame(
    {
        "fiscal_year": [2024, 2024, 2025, 2025],
        "ms_drg": ["291", "998", "291", "470"],
        "gmlos": [3.9, 0.0, 4.1, 1.7],
    }
)
GMLOS = {(year, drg): days for year, drg, days in DRG.rows()}

HOSPITALS = (("N1", "ACH", 5), ("N2", "ACH", 5), ("W1", "CAH", 8), ("C1", "CAN", 6), ("R1", "IRF", 5))
DIAGNOSES = ("HIP", "HIP", "HIP", "HEART", "STROKE", "CHEMO", "REHAB", "MIND", "LUNG", "BIRTH", "HEAT", "NEW", "", None)
DONE = (None, None, None, None, "KIDNEY", "KNEE", "STENT", "SCAN", "SHOCK", "SKIN", "", "NEWER")
LEFT = ("01", "01", "01", "01", "02", "03", "07", "20", "30", "30", "30", "41", "66", "94", "", None)
BORN = (date(1954, 1, 1), date(1954, 1, 1), date(2006, 9, 20), date(2006, 10, 1), date(2004, 2, 29), None)
FIRST = date(2024, 8, 20)
LENGTHS = (0, 0, 1, 1, 2, 3, 5, 9, 20, -1, None)
STEPS = (0, 0, 0, 1, 1, 2, 3, 5, 11, 29, 30, 31, -1, -4)


def map_of(codes: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame({"code": list(codes), "ccs": list(codes.values())}, schema=MAP_SCHEMA)


def value_sets_of(lists: Lists, vintage: str = "invented") -> ValueSets:
    """The same lists as the measure takes them."""
    return ValueSets(
        vintage=vintage,
        dx_ccs=map_of(dict(lists.dx_ccs)),
        px_ccs=map_of(dict(lists.px_ccs)),
        pr1_ccs=frozenset(lists.pr1),
        pr2_ccs=frozenset(lists.pr2),
        pr3_ccs=frozenset(lists.pr3),
        pr4_ccs=frozenset(lists.pr4),
        exclusion_ccs={ccs: Exclusion(kind) for ccs, kind in lists.exclusions.items()},
        cohort_ccs={ccs: Cohort(name) for ccs, name in lists.cohorts.items()},
        surgery_ccs=frozenset(lists.surgery),
        pr3_pcs=frozenset(lists.pr3_codes),
        pr4_cm=frozenset(lists.pr4_codes),
        surgery_pcs=frozenset(lists.surgery_codes),
    )


def instant(day: date, hour: int, behind: int) -> datetime:
    """A local hour as an instant."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(hours=behind)


def history(pick: Pick, patient: int, first_id: int) -> tuple[list[Row], list[Row]]:
    """Rows and procedures of one patient. Each row begins some days after the one before ends, or before it."""
    encounters: list[Row] = []
    procedures: list[Row] = []
    day, born = FIRST + timedelta(days=pick(range(40))), pick(BORN)
    for number in range(pick(range(1, 9))):
        row = one_row(pick, day)
        row |= {"encounter_id": first_id + number, "patient_id": patient, "birth_date": born}
        encounters.append(row)
        code = pick(DONE)
        if code is not None:
            procedures.append({"encounter_id": row["encounter_id"], "seq": 1, "px": code})
        day = (row["discharge_date"] or day) + timedelta(days=pick(STEPS))
    numbers = [row["encounter_id"] for row in encounters]
    for row in encounters if pick((False, False, True)) else ():
        row["encounter_id"] = numbers.pop()  # ids need not grow with time
    return encounters, procedures


def one_row(pick: Pick, day: date) -> Row:
    hospital, kind, behind = pick(HOSPITALS)
    length, comes, goes = pick(LENGTHS), pick((0, 9, 15, 23)), pick((1, 10, 15, 23))
    until = None if length is None else day + timedelta(days=length)
    came = None if pick(range(30)) == 0 else instant(day, comes, behind)
    left = None if until is None or pick(range(30)) == 0 else instant(until, goes, behind)
    return {
        "facility_id": hospital,
        "facility_type": kind,
        "patient_class": pick(("I", "I", "I", "I", "I", "I", "O", None)),
        "admit_ts_utc": came,
        "discharge_ts_utc": left,
        "tz": "Etc/UTC",
        "admit_date": None if pick(range(40)) == 0 else day,
        "discharge_date": until,
        "discharge_disposition": pick(LEFT),
        "principal_dx": pick(DIAGNOSES),
        "ms_drg": pick(("291", "470", "998", "246", "", None)),
    }


def histories(pick: Pick, patients: int) -> tuple[list[Row], list[Row]]:
    """Rows and procedures of several patients."""
    encounters: list[Row] = []
    procedures: list[Row] = []
    for patient in range(patients):
        rows, done = history(pick, patient, first_id=100 * patient + 1)
        encounters += rows
        procedures += done
    return encounters, procedures


def frames(encounters: list[Row], procedures: list[Row]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows as tables with the types of the files."""
    return pl.DataFrame(encounters, schema=ENCOUNTERS), pl.DataFrame(procedures, schema=PROCEDURES)
