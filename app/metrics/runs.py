"""A measure from files to files: what `daybook measure` does. No database.

A run says with its figures what they stand on: the vintage of the value sets and whether single codes were there, the
settings, and every code that no list knows, with its count.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from app.kernel.shares import wilson
from app.metrics import files, length_of_stay
from app.metrics.readmissions.measure import measure
from app.metrics.readmissions.rows import ACUTE, INPATIENT
from app.metrics.readmissions.settings import DAYS, Settings
from app.metrics.readmissions.value_sets import Level, ValueSets
from app.metrics.value_sets.building import DEFAULT_VINTAGE, of_categories, of_folder
from app.metrics.value_sets.maps import category_maps

Tell = Callable[[str], None]

CRUDE = "Observed, not risk-adjusted."
AT_CATEGORY_LEVEL = (
    "Category level: no published tables were given, so that single codes beside the CCS categories (PR.3 procedures,"
    " PR.4 diagnoses, surgery cohort) were not looked at. Give --value-sets for the code level."
)
LAST_DAYS = (
    f"The last {DAYS} days before the end of the data are no index stays, since their readmissions are not complete."
)
DATE_LINKED = "date-linked"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is told. `home`: folder that keeps what is made once. `form` of the result: parquet or csv."""

    encounters: Path
    out: Path
    home: Path
    procedures: Path | None = None
    drg: Path | None = None
    value_sets: Path | None = None
    vintage: str = DEFAULT_VINTAGE
    engine: str = "polars"
    spark_master: str = "local[*]"
    form: str = "parquet"
    settings: Settings = field(default_factory=Settings)


def readmissions(run: Run, tell: Tell) -> dict[str, Any]:
    """Measure, write encounters and summary.json into the folder, and return the summary. Refused: a file is wrong."""
    tell("Reading value sets")
    maps = category_maps(run.home)
    value_sets = of_folder(run.value_sets, run.vintage, maps) if run.value_sets else of_categories(run.vintage, maps)
    drg = files.read_drg(run.drg)
    tell("Reading encounters")
    encounters = files.read_encounters(run.encounters)
    given = run.procedures
    procedures = files.read_procedures(given, encounters) if given else files.no_procedures(encounters)
    tell("Measuring")
    flags = _measured(run, encounters, procedures, value_sets, drg)
    tell("Counting")
    counted = counts(flags)
    summary = {
        "measure": "Hospital-wide 30-day unplanned readmission (CMS HWR), crude rate",
        "notes": _notes(run, value_sets, counted["returns_not_ended"]),
        "vintage": value_sets.vintage,
        "level": value_sets.level.value,
        "settings": _settings(run, encounters),
        **counted,
        "unmapped": unmapped(encounters, procedures, value_sets),
    }
    tell("Writing")
    run.out.mkdir(parents=True, exist_ok=True)
    files.write_frame(flags, run.out, "encounters", run.form)
    _write_json(summary, run.out)
    return summary


def _measured(
    run: Run, encounters: pl.LazyFrame, procedures: pl.LazyFrame, value_sets: ValueSets, drg: pl.DataFrame
) -> pl.DataFrame:
    if run.engine == "spark":
        from app.metrics.spark import Source, SparkRun, measured

        told = SparkRun(run.spark_master, run.out / ".spark", value_sets, drg, run.settings)
        return measured(told, Source(run.encounters, encounters), Source(run.procedures, procedures))
    found: pl.DataFrame = measure(encounters, procedures, value_sets, drg, run.settings)
    return found


def _notes(run: Run, value_sets: ValueSets, not_ended: int) -> list[str]:
    notes = [CRUDE, LAST_DAYS]
    if not_ended:
        many = "1 return is" if not_ended == 1 else f"{not_ended} returns are"
        notes.append(f"Provisional: {many} not over yet; only the final coding says what was planned.")
    if value_sets.level is Level.CATEGORY:
        notes.append(AT_CATEGORY_LEVEL)
    if run.procedures is None:
        notes.append("No procedures were given: no stay can be planned by a procedure or belong to Surgery/Gynecology.")
    return notes


def is_acute() -> pl.Expr:
    """Rule R0: an inpatient row of an acute hospital."""
    return ((pl.col("patient_class") == INPATIENT) & pl.col("facility_type").is_in(ACUTE)).fill_null(False)


def _settings(run: Run, encounters: pl.LazyFrame) -> dict[str, Any]:
    end = run.settings.data_end or _latest_discharge(encounters)
    return {
        "min_age": run.settings.min_age,
        "data_end": end.isoformat() if end else None,
        "covid_excluded": run.settings.covid_excluded,
        "transfers": DATE_LINKED,
        "days": DAYS,
        "engine": run.engine,
    }


def _latest_discharge(encounters: pl.LazyFrame) -> date | None:
    valid = is_acute() & pl.col("admit_ts_utc").is_not_null() & (pl.col("admit_date") <= pl.col("discharge_date"))
    found: date | None = encounters.filter(valid).select(pl.col("discharge_date").max()).collect().item()
    return found


def counts(flags: pl.DataFrame) -> dict[str, Any]:
    """Rows, reasons, index stays and what followed them; the rate with its 95 % score interval (Wilson)."""
    index = flags.filter(pl.col("index_flag"))
    by_reason = flags["exclusion_reason"].drop_nulls().value_counts(sort=True)
    by_cohort = index.group_by("cohort").agg(pl.len().alias("index"), pl.col("unplanned_readmit_30").sum())
    total, unplanned = index.height, int(index["unplanned_readmit_30"].sum())
    planned = int(index["planned_readmit_30"].sum())
    return {
        "rows": flags.height,
        "patients": flags["patient_id"].n_unique(),
        "stays": int(flags["is_stay_rep"].sum()),
        "index_stays": total,
        "unplanned_readmissions": unplanned,
        "planned_readmissions": planned,
        "no_readmission": total - unplanned - planned,
        "returns_not_ended": _not_ended(flags, index),
        "rate": _rate(unplanned, total),
        "rate_by_disposition": _rate_by_disposition(flags),
        "by_cohort": {
            row["cohort"]: {"index_stays": row["index"]} | _rate(row["unplanned_readmit_30"], row["index"])
            for row in by_cohort.sort("cohort").iter_rows(named=True)
        },
        "not_index": dict(sorted(by_reason.iter_rows())),
    }


def _not_ended(flags: pl.DataFrame, index: pl.DataFrame) -> int:
    """Returns of index stays whose patient is still in the hospital: without a discharge a row has no length."""
    open_stays = flags.filter(pl.col("is_stay_rep") & pl.col("los_days").is_null()).select("stay_id")
    return index.join(open_stays, left_on="readmit_encounter_id", right_on="stay_id", how="semi").height


def _rate_by_disposition(flags: pl.DataFrame) -> dict[str, Any]:
    """The rate where transfers are told by disposition too: for data of one hospital without the receiving stays."""
    index = flags.filter(pl.col("index_flag_dispo"))
    unplanned = int(index["unplanned_readmit_30"].sum())
    return {"index_stays": index.height} | _rate(unplanned, index.height)


def _rate(hits: int, of: int) -> dict[str, Any]:
    low, high = wilson(hits, of) if of else (None, None)
    return {"unplanned": hits, "value": hits / of if of else None, "low": low, "high": high}


def unmapped(encounters: pl.LazyFrame, procedures: pl.LazyFrame, value_sets: ValueSets) -> dict[str, Any]:
    """Codes of acute rows that neither the map nor a list knows, with the rows that have them, the most frequent first.

    `diagnoses_missing` counts acute rows without any principal diagnosis.
    """
    acute = encounters.filter(is_acute()).select("encounter_id", "principal_dx")
    known_dx = pl.LazyFrame({"code": [*value_sets.dx_ccs["code"], *value_sets.pr4_cm]}, schema={"code": pl.String})
    listed = [*value_sets.px_ccs["code"], *value_sets.pr3_pcs, *value_sets.surgery_pcs]
    known_px = pl.LazyFrame({"code": listed}, schema={"code": pl.String})
    of_acute = procedures.join(acute, on="encounter_id", how="semi")
    return {
        "diagnoses": _unknown(acute.select(pl.col("principal_dx").alias("code")), known_dx),
        "procedures": _unknown(of_acute.select(pl.col("px").alias("code")), known_px),
        "diagnoses_missing": acute.select(pl.col("principal_dx").is_null().sum()).collect().item(),
    }


def _unknown(codes: pl.LazyFrame, known: pl.LazyFrame) -> dict[str, int]:
    found = codes.drop_nulls().group_by("code").len().join(known, on="code", how="anti").collect()
    ordered = sorted(found.iter_rows(), key=lambda row: (-row[1], row[0]))
    return dict(ordered)


def lengths(run: Run, tell: Tell) -> dict[str, Any]:
    """Length of stay of acute stays: stays, table of groups and summary.json into the folder; returns the summary.

    Rows that continue one stay are one stay: from its first admission to its last discharge, in the group of the row
    that leaves last.
    """
    tell("Reading encounters")
    encounters = files.read_encounters(run.encounters)
    drg = files.read_drg(run.drg)
    tell("Joining rows to stays")
    maps = category_maps(run.home)
    flags = _measured(run, encounters, files.no_procedures(encounters), of_categories(DEFAULT_VINTAGE, maps), drg)
    stays = length_of_stay.with_lengths(spans(encounters.collect(), flags), drg)
    tell("Counting")
    total = length_of_stay.figures(stays)
    summary: dict[str, Any] = {
        "measure": "Length of stay of acute inpatient stays that have ended",
        "labels": dict(length_of_stay.LABELS),
        **asdict(total),
        "unknown": length_of_stay.unknown(stays),
        "left_out": _left_out(flags, total.stays),
        "expected_from": run.drg.name if run.drg else "the short table shipped with the program",
        "excess_days_note": "Days beyond the geometric mean of the group: a screening number, not avoidable days.",
    }
    tell("Writing")
    run.out.mkdir(parents=True, exist_ok=True)
    files.write_frame(stays, run.out, "stays", run.form)
    files.write_frame(length_of_stay.drg_table(stays), run.out, "drg", run.form)
    files.write_frame(length_of_stay.by(stays, "facility_id"), run.out, "facilities", run.form)
    _write_json(summary, run.out)
    return summary


def spans(encounters: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """One row for each ended stay: first admission, last discharge, facility, group and disposition."""
    rows = encounters.drop("patient_id").join(
        flags.select("encounter_id", "patient_id", "stay_id", "is_stay_rep"), on="encounter_id"
    )
    rows = rows.filter(pl.col("stay_id").is_not_null())
    whole = rows.group_by("stay_id").agg(
        pl.col("admit_date").min(), pl.col("discharge_date").max(), pl.len().alias("rows"),
        (pl.col("discharge_date").is_null()).any().alias("open"),
    )  # fmt: skip
    last = rows.filter(pl.col("is_stay_rep")).select(
        "stay_id", "encounter_id", "patient_id", "facility_id", "discharge_disposition", "ms_drg"
    )
    return last.join(whole.filter(~pl.col("open")).drop("open"), on="stay_id").sort("stay_id")


def _left_out(flags: pl.DataFrame, stays: int) -> dict[str, int]:
    reasons = flags["exclusion_reason"]
    ended = stays
    return {
        "rows_not_acute_inpatient": int((reasons == "not_acute_inpatient").sum()),
        "rows_with_invalid_dates": int((reasons == "invalid_dates").sum()),
        "rows_merged_into_a_stay": int((reasons == "merged_into_stay").sum()),
        "stays_not_ended": int(flags["is_stay_rep"].sum()) - ended,
    }


def _write_json(summary: dict[str, Any], folder: Path) -> None:
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
