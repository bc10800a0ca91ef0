"""The published tables of the readmission measure as files of a folder, in either of the two ways they are named.

One way names each table by its content (`acute_diagnosis_ccs.csv`), the other puts the vintage and the rule before it
(`cms2019_pr4_acute_ccs.csv`). Files that begin with the vintage go before the others. All are CSV with a line of names.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.kernel.refusal import Refused
from app.metrics.readmissions.value_sets import Cohort, Exclusion

VINTAGE = re.compile(r"[a-z0-9][a-z0-9._-]{1,30}")
LARGEST_BYTES = 32 * 1024 * 1024
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_PROCEDURE = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_CATEGORY = re.compile(r"[0-9]{1,4}")
_EXCLUSIONS = {"psych": Exclusion.PSYCHIATRIC, "rehab": Exclusion.REHABILITATION, "cancer": Exclusion.MEDICAL_CANCER}


class Row(NamedTuple):
    """One row of a list: a code or the number of a category, and what is said of it where a list says more."""

    list: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a vintage, as rows in the order of lists and codes. `digest` is of the rows, not of the files."""

    vintage: str
    source: str
    rows: tuple[Row, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join("\t".join(row) for row in self.rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a list stands: the names of its file, of its column, and how a row is read."""

    list: str
    by_content: str
    by_rule: str
    columns: tuple[str, ...]
    read: Callable[[dict[str, str], str], tuple[str, str, str]]
    required: bool = True


def _category(_row: dict[str, str], text: str) -> tuple[str, str, str]:
    if _CATEGORY.fullmatch(text) is None:
        raise ValueError("the category must be a CCS number")
    return "", str(int(text)), ""


def _diagnosis(_row: dict[str, str], text: str) -> tuple[str, str, str]:
    code = text.replace(".", "").upper()
    if _DIAGNOSIS.fullmatch(code) is None:
        raise ValueError("the code must be an ICD-10-CM code")
    return "", code, ""


def _procedure(_row: dict[str, str], text: str) -> tuple[str, str, str]:
    code = text.upper()
    if _PROCEDURE.fullmatch(code) is None:
        raise ValueError("the code must be an ICD-10-PCS code of seven characters")
    return "", code, ""


def _exclusion(row: dict[str, str], text: str) -> tuple[str, str, str]:
    _, code, _ = _category(row, text)
    named = (row.get("exclusion_category") or row.get("category") or "").lower()
    for word, kind in _EXCLUSIONS.items():
        if word in named:
            return "", code, kind.value
    raise ValueError("the kind of exclusion must name psychiatric, rehabilitation or cancer")


def _cohort(row: dict[str, str], text: str) -> tuple[str, str, str]:
    _, code, _ = _category(row, text)
    named = (row.get("specialty_cohort") or row.get("cohort") or "").strip()
    kind = (row.get("procedure_or_diagnosis") or row.get("kind") or "").strip().lower()
    if named not in {cohort.value for cohort in Cohort}:
        raise ValueError(f"the cohort must be one of {', '.join(cohort.value for cohort in Cohort)}")
    if kind == "procedure" and named == Cohort.SURGERY:
        return "surgery_ccs", code, ""
    if kind == "diagnosis" and named != Cohort.SURGERY:
        return "", code, named
    raise ValueError("Surgery/Gynecology goes with a procedure, every other cohort with a diagnosis")


def _mapped(read: Callable[[dict[str, str], str], tuple[str, str, str]]) -> Callable[..., tuple[str, str, str]]:
    def mapped(row: dict[str, str], text: str) -> tuple[str, str, str]:
        _, code, _ = read(row, text)
        return "", code, _category(row, row.get("ccs") or "")[1]

    return mapped


_CCS = ("ccs", "ccs_diagnosis_category", "ccs_procedure_category")
_TABLES = (
    _Table("pr1_ccs", "always_planned_ccs_procedure_category", "pr1_always_planned_px_ccs", _CCS, _category),
    _Table("pr2_ccs", "always_planned_ccs_diagnosis_category", "pr2_always_planned_dx_ccs", _CCS, _category),
    _Table("pr3_ccs", "potentially_planned_ccs_procedure_category", "pr3_potentially_planned_ccs", _CCS, _category),
    _Table(
        "pr3_pcs", "potentially_planned_icd_10_pcs", "pr3_potentially_planned_icd10pcs", ("icd_10_pcs",), _procedure
    ),
    _Table("pr4_ccs", "acute_diagnosis_ccs", "pr4_acute_ccs", _CCS, _category),
    _Table("pr4_cm", "acute_diagnosis_icd_10_cm", "pr4_acute_icd10cm", ("icd_10_cm",), _diagnosis),
    _Table("exclusion_ccs", "exclusion_ccs_diagnosis_category", "exclusion_ccs", _CCS, _exclusion),
    _Table("cohort_ccs", "specialty_cohort", "specialty_cohort_ccs", _CCS, _cohort),
    _Table("surgery_pcs", "surgery_gynecology_cohort", "surgery_gyn_icd10pcs", ("icd_10_pcs",), _procedure),
    _Table("dx_ccs", "ccs_dx_icd10cm_2019_1", "ccs_dx", ("icd_10_cm",), _mapped(_diagnosis), required=False),
    _Table("px_ccs", "ccs_pr_icd10pcs_2019_1", "ccs_pr", ("icd_10_pcs",), _mapped(_procedure), required=False),
)


def read_folder(folder: Path, vintage: str) -> Tables:
    """All tables of a vintage from the files of a folder.

    Refused names the first file or line that cannot be taken and how many others there are; nothing is taken then.
    """
    if VINTAGE.fullmatch(vintage) is None:
        raise Refused("A vintage is named by small letters, digits, points and dashes, such as cms2021.")
    if not folder.is_dir():
        raise Refused(f"{folder.name} is no folder. Give the folder that holds the published tables as CSV files.")
    by_rule = any(folder.glob(f"{vintage}_*.csv"))
    rows: list[Row] = []
    wrong: list[str] = []
    for table in _TABLES:
        path = folder / (f"{vintage}_{table.by_rule}.csv" if by_rule else f"{table.by_content}.csv")
        if not path.is_file() and not table.required:
            path = folder / f"{table.by_content}.csv"
        if path.is_file():
            rows += _rows(path, table, wrong)
        elif table.required:
            wrong.append(f"{path.name} is missing in {folder.name}; put it there, as published")
    if wrong:
        more = f" {len(wrong) - 1} more lines or files cannot be taken." if len(wrong) > 1 else ""
        raise Refused(f"{wrong[0]}.{more}")
    return Tables(vintage, folder.name, tuple(sorted(set(rows))))


def _rows(path: Path, table: _Table, wrong: list[str]) -> list[Row]:
    data = path.read_bytes()
    if len(data) > LARGEST_BYTES:
        wrong.append(f"{path.name} is larger than {LARGEST_BYTES // 1024**2} MiB, so it is no published table")
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        wrong.append(f"{path.name} is not UTF-8 text; save it again as CSV in UTF-8")
        return []
    reader = csv.DictReader(io.StringIO(text))
    column = next((name for name in table.columns if name in (reader.fieldnames or ())), None)
    if column is None:
        wrong.append(f"{path.name}, line 1: a column {' or '.join(table.columns)} is needed")
        return []
    found = list(_read(reader, table, column, path.name, wrong))
    if not found and not wrong:
        wrong.append(f"{path.name} holds no row; take the file as published")
    return found


def _read(reader: "csv.DictReader[str]", table: _Table, column: str, name: str, wrong: list[str]) -> Iterator[Row]:
    for row in reader:
        text = (row[column] or "").strip()
        try:
            other, code, value = table.read(row, text)
        except ValueError as error:
            wrong.append(f"{name}, line {reader.line_num}: {error}; correct the line or take the file as published")
            continue
        yield Row(other or table.list, code, value)
