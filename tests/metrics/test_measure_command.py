"""`daybook measure` as other programs meet it: files in, files out, a summary, and sentences for what is wrong."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app.cli import OK, REFUSED, USAGE, run
from app.metrics.files import ENCOUNTERS
from app.metrics.readmissions.settings import OUTPUT

ROW = {
    "encounter_id": "1", "patient_id": "10", "facility_id": "F1", "facility_type": "ACH", "patient_class": "I",
    "admit_ts_utc": "2024-03-01T15:00:00Z", "discharge_ts_utc": "2024-03-05T19:00:00Z", "tz": "America/Chicago",
    "admit_date": "2024-03-01", "discharge_date": "2024-03-05", "discharge_disposition": "1",
    "principal_dx": "I5023", "ms_drg": "291", "birth_date": "1954-01-01",
}  # fmt: skip
BACK = ROW | {
    "encounter_id": "2", "admit_ts_utc": "2024-03-11 14:00:00+00:00", "discharge_ts_utc": "2024-03-14T18:00:00",
    "admit_date": "2024-03-11", "discharge_date": "2024-03-14", "principal_dx": "U071", "ms_drg": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path / "home"))


def written(path: Path, *rows: dict[str, str], without: str = "") -> str:
    names = [name for name in rows[0] if name != without]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def readmissions(tmp_path: Path, encounters: str, *more: str) -> tuple[int, Path]:
    out = tmp_path / "out"
    return run(["measure", "readmissions", "--encounters", encounters, "--out", str(out), *more]), out


def summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "summary.json").read_text("utf-8"))
    return found


def test_a_return_is_counted_and_the_summary_says_what_it_stands_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, out = readmissions(
        tmp_path, written(tmp_path / "e.csv", ROW, BACK), "--data-end", "2024-12-31", "--vintage", "cms2019"
    )
    flags, said = pl.read_parquet(out / "encounters.parquet"), summary(out)

    assert status == OK
    assert tuple(flags.columns) == OUTPUT
    assert flags["unplanned_readmit_30"].to_list() == [True, False]
    assert (flags["encounter_id"].dtype, flags["readmit_encounter_id"].to_list()) == (pl.Int64, [2, None])
    assert (said["vintage"], said["level"], said["index_stays"], said["rate"]["value"]) == (
        "cms2019",
        "category",
        1,
        1.0,
    )
    assert said["rate"]["low"] == pytest.approx(0.2065, abs=1e-4)  # Wilson's interval of 1 of 1
    assert said["unmapped"]["diagnoses"] == {"U071": 1}
    assert said["not_index"] == {"dx_missing_or_unmapped": 1}
    assert said["settings"]["data_end"] == "2024-12-31"
    assert "observed, not risk-adjusted" in capsys.readouterr().err


def test_a_return_that_has_not_ended_is_counted_and_said_to_be_provisional(tmp_path: Path):
    inside = BACK | {"discharge_date": "", "discharge_ts_utc": "", "discharge_disposition": ""}
    other = ROW | {"encounter_id": "3", "patient_id": "11"}
    late = BACK | {"encounter_id": "4", "patient_id": "11"}
    _, out = readmissions(tmp_path, written(tmp_path / "e.csv", ROW, inside, other, late), "--data-end", "2024-12-31")
    said = summary(out)

    assert (said["unplanned_readmissions"], said["returns_not_ended"]) == (2, 1)
    assert any("Provisional: 1 return is" in note for note in said["notes"])

    _, out = readmissions(tmp_path, written(tmp_path / "e.csv", ROW, BACK, other, late), "--data-end", "2024-12-31")
    assert summary(out)["returns_not_ended"] == 0
    assert not any("Provisional" in note for note in summary(out)["notes"])


def test_the_synthetic_set_comes_out_as_expected_in_every_column(shared: Path, tmp_path: Path):
    source = shared / "vectors" / "readmissions" / "synthetic10k"
    status, out = readmissions(
        tmp_path, str(source / "encounters.parquet"), "--procedures", str(source / "procedures.parquet"),
        "--value-sets", str(shared / "data" / "value_sets"),
        "--drg", str(shared / "data" / "drg" / "ms_drg_weights_gmlos_fy2019_2026.csv"),
    )  # fmt: skip
    flags, said = pl.read_parquet(out / "encounters.parquet"), summary(out)

    assert status == OK
    assert flags.equals(pl.read_parquet(source / "expected.parquet"))
    assert said["level"] == "code"
    assert said["rows"] == said["index_stays"] + sum(said["not_index"].values())
    assert said["index_stays"] == (
        said["unplanned_readmissions"] + said["planned_readmissions"] + said["no_readmission"]
    )
    assert sum(one["index_stays"] for one in said["by_cohort"].values()) == said["index_stays"]


@pytest.mark.skipif(shutil.which("java") is None, reason="Java, which Spark needs, is absent")
def test_spark_gives_the_same_files(tmp_path: Path):
    rows = [ROW | {"encounter_id": f"A{number}", "patient_id": str(number // 2)} for number in range(6)]
    encounters = written(tmp_path / "e.csv", *rows, BACK | {"encounter_id": "B1"})
    status, out = readmissions(tmp_path, encounters)
    here = pl.read_parquet(out / "encounters.parquet")
    # In a process of its own: Java and its sockets end with it.
    command = [sys.executable, "-m", "app", "measure", "readmissions", "--encounters", encounters, "--engine", "spark",
               "--spark-master", "local[1]", "--out", str(tmp_path / "spark")]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (status, done.returncode) == (OK, OK), done.stderr[-500:]
    assert pl.read_parquet(tmp_path / "spark" / "encounters.parquet").equals(here)
    assert [path.name for path in sorted((tmp_path / "spark").iterdir())] == ["encounters.parquet", "summary.json"]
    assert summary(tmp_path / "spark")["settings"]["engine"] == "spark"


def test_ids_that_are_texts_stay_texts_and_results_may_be_csv(tmp_path: Path):
    rows = (ROW | {"encounter_id": "007"}, BACK | {"encounter_id": "A2"})
    status, out = readmissions(tmp_path, written(tmp_path / "e.csv", *rows), "--format", "csv")
    flags = pl.read_csv(out / "encounters.csv", infer_schema=False)

    assert status == OK
    assert flags["encounter_id"].to_list() == ["007", "A2"]
    assert flags["readmit_encounter_id"].to_list() == ["A2", None]


def test_procedures_join_by_ids_of_either_type(tmp_path: Path):
    given = written(tmp_path / "p.csv", {"encounter_id": "2", "seq": "1", "px": "XXXXXXX"})
    encounters = written(tmp_path / "e.csv", ROW, BACK | {"encounter_id": "B2"})

    assert readmissions(tmp_path, encounters, "--procedures", given)[0] == OK
    encounters = written(tmp_path / "e.csv", ROW, BACK)
    _, out = readmissions(tmp_path, encounters, "--procedures", given)
    assert summary(out)["unmapped"]["procedures"] == {"XXXXXXX": 1}


@pytest.mark.parametrize("column", [column.name for column in ENCOUNTERS])
def test_each_missing_column_is_named_with_what_it_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
):
    status, _ = readmissions(tmp_path, written(tmp_path / "e.csv", ROW, without=column))

    assert status == REFUSED
    assert f"e.csv: the column {column} is missing; it holds" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"admit_date": "03/01/2024"}, "line 3: admit_date must be"),
        ({"discharge_ts_utc": "soon"}, "line 3: discharge_ts_utc must be"),
        ({"birth_date": "1954-13-01"}, "line 3: birth_date must be"),
        ({"encounter_id": "1"}, "1 rows have an encounter_id that an earlier row has"),
        ({"patient_id": ""}, "the column patient_id is empty in 1 rows"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_by_its_line_and_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, str], sentence: str
):
    status, _ = readmissions(tmp_path, written(tmp_path / "e.csv", ROW, BACK | changed))
    said = capsys.readouterr().err

    assert status == REFUSED
    assert sentence in said
    value = next(iter(changed.values()))
    assert len(value) < 4 or value not in said


def test_a_parquet_column_of_the_wrong_type_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    pl.DataFrame([ROW]).with_columns(admit_date=pl.lit(20240301)).write_parquet(tmp_path / "e.parquet")

    assert readmissions(tmp_path, str(tmp_path / "e.parquet"))[0] == REFUSED
    assert "the column admit_date must hold the local day of admission" in capsys.readouterr().err


def test_an_unknown_ending_and_an_unknown_vintage_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert readmissions(tmp_path, written(tmp_path / "e.dat", ROW))[0] == REFUSED
    assert readmissions(tmp_path, written(tmp_path / "e.csv", ROW), "--vintage", "cms1999")[0] == REFUSED
    assert readmissions(tmp_path, str(tmp_path / "nowhere.csv"))[0] == USAGE
    said = capsys.readouterr().err
    assert "must end with .parquet or .csv" in said and "cms2021 or cms2019" in said


def test_length_of_stay_counts_stays_and_not_rows(tmp_path: Path):
    same_day = BACK | {
        "admit_date": "2024-03-05", "admit_ts_utc": "2024-03-05T23:00:00Z", "principal_dx": "I5023", "ms_drg": "291",
    }  # fmt: skip
    other = ROW | {"encounter_id": "3", "patient_id": "11", "ms_drg": ""}
    inside = ROW | {"encounter_id": "4", "patient_id": "12", "discharge_date": "", "discharge_ts_utc": ""}
    outpatient = ROW | {"encounter_id": "5", "patient_class": "O"}
    drg = tmp_path / "drg.csv"
    drg.write_text("fiscal_year,ms_drg,gmlos\n2024,291,3.9\n", encoding="utf-8")
    encounters = written(tmp_path / "e.csv", ROW, same_day, other, inside, outpatient)
    status = run(["measure", "los", "--encounters", encounters, "--drg", str(drg), "--out", str(tmp_path / "out")])
    said = summary(tmp_path / "out")
    stays = pl.read_parquet(tmp_path / "out" / "stays.parquet")

    assert status == OK
    assert stays.select("stay_id", "rows", "los_days").rows() == [(1, 2, 13), (3, 1, 4)]
    assert (said["stays"], said["mean"], said["without_expected"]) == (2, 8.5, 1)
    assert said["observed_expected"] == pytest.approx(13 / 3.9)
    assert said["excess_days"] == pytest.approx(9.1)
    assert said["unknown"] == {"no_drg": 1, "not_in_table": 0}
    assert said["left_out"] == {
        "rows_not_acute_inpatient": 1, "rows_with_invalid_dates": 0, "rows_merged_into_a_stay": 1, "stays_not_ended": 1,
    }  # fmt: skip
