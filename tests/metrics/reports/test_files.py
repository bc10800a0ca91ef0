"""Figures and cases as files: as many lines as the page says, harmless to spreadsheets, marked, recorded."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest
from openpyxl import load_workbook

from app.metrics.reports.files.figures import CASE_COLUMNS
from app.metrics.reports.files.writing import PATIENTS, Mark, Taken, written
from app.metrics.reports.queries import shipped_key
from app.metrics.reports.terms import FileForm
from app.metrics.terms import MeasureId
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.metrics.study.planted import Planted, plant
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def cases(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Planted]:
    return plant(world, monkeypatch)


def asked() -> str:
    today = now().date()
    return f"first={today - timedelta(days=400)}&last={today - timedelta(days=40)}"


def within(cases: list[Planted], measure: MeasureId) -> list[Planted]:
    today = now().date()
    days = (today - timedelta(days=400), today - timedelta(days=40))
    return [one for one in cases if one.measure == measure and days[0] <= one.day <= days[1]]


def table(content: bytes, form: FileForm) -> list[dict[str, object]]:
    """The lines of a file under the names of their columns."""
    if form is FileForm.PARQUET:
        return pl.read_parquet(io.BytesIO(content)).to_dicts()
    if form is FileForm.CSV:
        return list(csv.DictReader(io.StringIO(content.decode())))  # type: ignore[arg-type]
    sheet = load_workbook(io.BytesIO(content))["Table"]
    heads, *rows = sheet.iter_rows(values_only=True)
    names = [str(one).lower().replace(" ", "_") for one in heads]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("form", FileForm)
def test_a_file_of_cases_has_every_case_of_the_list(
    cases: list[Planted], browser_for: BrowserFor, form: FileForm
) -> None:
    mine = within(cases, MeasureId.READMISSION)
    answer = browser_for("dora").get(f"/measures/readmission/cases.{form}?{asked()}&among=all")

    rows = table(answer.content, form)
    assert answer.headers["content-type"].startswith(form.media_type.partition(";")[0])
    assert len(rows) == len(mine), "a protected stay has a line of its own"
    hidden = [row for row in rows if row["family"] == "Protected stay"]
    assert len(hidden) == sum(1 for one in mine if one.patient_id == cases[300].patient_id) == 1
    assert all(not row["visit"] and not row["day"] for row in hidden)
    counted = sum(1 for row in rows if str(row["counted"]).lower() == "true")
    assert counted == sum(1 for one in mine if not one.excluded) - (not cases[300].excluded)
    if form is not FileForm.XLSX:
        assert {row["exported_by"] for row in rows} == {"Dora Quist"}


def test_taking_cases_out_is_recorded_with_everybody_who_was_in_it(
    cases: list[Planted], browser_for: BrowserFor
) -> None:
    browser_for("dora").get(f"/measures/readmission/cases.csv?{asked()}&among=excluded&reason=died")

    with reading(everywhere("test")) as db:
        event = db.value("select facts from audit_event where name = 'measures.taken_out'")
        kind, patients = db.one(lambda *row: row, "select kind, patients from phi_access where kind = 'export'")
    died = [one for one in within(cases, MeasureId.READMISSION) if one.excluded == "died"]
    assert event["form"] == "csv" and event["lines"] == len(died) and "reason=died" in event["asked"]
    assert kind == "export" and len(patients) == len({one.patient_id for one in died} - {cases[300].patient_id})


@pytest.mark.parametrize("form", FileForm)
def test_figures_of_a_file_are_those_of_the_cases(
    cases: list[Planted], browser_for: BrowserFor, form: FileForm
) -> None:
    mine = [one for one in within(cases, MeasureId.READMISSION) if not one.excluded]
    answer = browser_for("dora").get(f"/measures/readmission/figures.{form}?{asked()}")

    rows = table(answer.content, form)
    whole = next(row for row in rows if not row["by"])
    hits = sum(one.numerator or 0 for one in mine)
    assert (float(str(whole["numerator"])), int(str(whole["cases"]))) == (hits, len(mine))
    assert float(str(whole["value"])) == pytest.approx(100 * hits / len(mine)) and whole["unit"] == "%"
    for name in ("unit", "payer"):
        parts = [row for row in rows if row["by"] == name]
        assert sum(int(str(row["cases"])) for row in parts) == len(mine)
    ward = next(row for row in rows if row["by"] == "unit" and row["member"] == "5 South")
    assert int(str(ward["cases"])) == sum(1 for one in mine if one.unit == "5 South")
    assert "Case1" not in str(rows)


def test_a_piece_of_a_month_is_dated_from_its_own_first_day(cases: list[Planted], browser_for: BrowserFor) -> None:
    first = (now().date() - timedelta(days=900)).replace(day=15)
    answer = browser_for("dora").get(f"/measures/los/figures.csv?first={first}&last={now().date()}")

    months = [row for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))) if row["by"] == "month"]

    assert months[0]["first"] == first.isoformat()


@pytest.mark.parametrize("form", FileForm)
def test_the_figures_of_a_report_have_each_of_its_measures(
    cases: list[Planted], browser_for: BrowserFor, world: World, form: FileForm
) -> None:
    key = shipped_key(world.facility["NORTH"])
    rows = table(browser_for("dora").get(f"/reports/{key}/figures.{form}").content, form)

    measures = dict.fromkeys(str(row["measure"]) for row in rows)
    assert list(measures)[:2] == ["readmission", "los"] and len(measures) == 14
    assert [row["by"] for row in rows if row["measure"] == "los"][1] == "other period"


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "@cmd", "-2", "\t=1", "  =1", "＝1", "'quoted"])
def test_no_text_becomes_a_formula(text: str) -> None:
    line = tuple(text if str(kind) == "String" else None for kind in CASE_COLUMNS.values())
    taken = Taken("Cases", "all", CASE_COLUMNS, [line], Mark(text, "North", now(), PATIENTS))

    row = table(written(taken, FileForm.CSV), FileForm.CSV)[0]
    assert row["family"] == row["exported_by"] == f"'{text}"
    book = load_workbook(io.BytesIO(written(taken, FileForm.XLSX)))
    for sheet in book:
        assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)
    assert book["Table"]["C2"].value is not None and "patient data" in str(book["About this file"]["B6"].value)
    assert table(written(taken, FileForm.PARQUET), FileForm.PARQUET)[0]["family"] == text


def test_who_may_not_take_lists_out_gets_no_cases(cases: list[Planted], browser_for: BrowserFor) -> None:
    assert browser_for("dana").get(f"/measures/readmission/cases.csv?{asked()}").status_code in (403, 404)
    assert browser_for("dora").get("/measures/nothing/cases.csv").status_code == 404
    assert browser_for("dora").get(f"/measures/readmission/cases.pdf?{asked()}").status_code == 404


def test_too_many_cases_for_a_file_are_refused(
    cases: list[Planted], browser_for: BrowserFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.metrics.reports.files.pages.MOST_CASES", 10)
    answer = browser_for("dora").get(f"/measures/readmission/cases.csv?{asked()}")
    assert answer.status_code == 409 and "up to 10 cases" in answer.text
