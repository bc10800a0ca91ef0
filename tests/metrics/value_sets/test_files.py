"""Value sets from files: both published layouts against the shipped categories, and what is refused."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from app.kernel.refusal import Refused
from app.metrics.readmissions.value_sets import Level
from app.metrics.value_sets import maps as maps_module
from app.metrics.value_sets.building import of_categories, of_folder
from app.metrics.value_sets.maps import CategoryMaps, category_maps, with_changes
from app.metrics.value_sets.published import read_folder
from app.regulations.readmissions import VINTAGES, UnknownVintage, categories, category_lists

CATEGORY_LISTS = ("pr1_ccs", "pr2_ccs", "pr3_ccs", "pr4_ccs", "exclusion_ccs", "cohort_ccs", "surgery_ccs")
COHORTS = "ccs,specialty_cohort,procedure_or_diagnosis\n"
SMALL = {
    "always_planned_ccs_procedure_category": "ccs_procedure_category,description\n64,Marrow\n",
    "always_planned_ccs_diagnosis_category": "ccs_diagnosis_category,description\n45,Chemotherapy\n",
    "potentially_planned_ccs_procedure_category": "ccs_procedure_category\n1\n2\n",
    "potentially_planned_icd_10_pcs": "icd_10_pcs\n0270046\n",
    "acute_diagnosis_ccs": "ccs_diagnosis_category\n2\n",
    "acute_diagnosis_icd_10_cm": "icd_10_cm\nA15.0\n",
    "exclusion_ccs_diagnosis_category": (
        "ccs_diagnosis_category,exclusion_category\n650,Psychiatric\n254,Rehabilitation\n"
    ),
    "specialty_cohort": COHORTS + "1,Medicine,Diagnosis\n3,Surgery/Gynecology,Procedure\n",
    "surgery_gynecology_cohort": "icd_10_pcs\n0270046\n",
}


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> CategoryMaps:
    return category_maps(tmp_path_factory.mktemp("maps"))


def folder(tmp_path: Path, **changed: str) -> Path:
    """A folder with all tables, some of them with other contents; an empty text leaves the file out."""
    for name, text in {**SMALL, **changed}.items():
        if text:
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("vintage", "counts"),
    [("cms2021", (65, 2521, 80, 12333, 1676)), ("cms2019", (63, 1187, 80, 12234, 957))],
)
def test_shipped_categories_are_those_of_the_published_tables(
    shared: Path, maps: CategoryMaps, vintage: str, counts: tuple[int, ...]
):
    published = of_folder(shared / "data" / "value_sets", vintage, maps)
    shipped = of_categories(vintage, maps)

    for name in CATEGORY_LISTS:
        assert getattr(shipped, name) == getattr(published, name), name
    sizes = (published.pr3_ccs, published.pr3_pcs, published.pr4_ccs, published.pr4_cm, published.surgery_pcs)
    assert tuple(map(len, sizes)) == counts
    assert (published.level, shipped.level) == (Level.CODE, Level.CATEGORY)
    assert len(published.exclusion_ccs) == 47
    assert len(published.cohort_ccs) + len(published.surgery_ccs) == 276


def test_shipped_maps_are_the_published_ones(shared: Path, maps: CategoryMaps):
    for name, ours in (("ccs_dx_icd10cm_2019_1", maps.dx), ("ccs_pr_icd10pcs_2019_1", maps.px)):
        theirs = pl.read_csv(shared / "data" / "value_sets" / f"{name}.csv", infer_schema=False)
        theirs.columns = ["code", "ccs"]
        assert ours.sort("code").equals(theirs.with_columns(pl.col("ccs").cast(pl.Int32)).sort("code"))


def test_maps_are_kept_in_a_compact_file_and_come_from_it_the_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = category_maps(tmp_path / "deep" / "folder")
    kept = list((tmp_path / "deep" / "folder").iterdir())
    monkeypatch.setattr(maps_module, "_published", lambda system: pytest.fail(f"{system} is read a second time"))
    second = category_maps(tmp_path / "deep" / "folder")

    assert [path.name for path in kept] == ["ccs-2019.1.parquet"]
    assert first.dx.equals(second.dx)
    assert first.px_titles == second.px_titles
    assert (first.dx.height, first.px.height) == (72_446, 79_758)


def test_maps_work_where_nothing_can_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    assert category_maps(tmp_path / "file").dx_titles[2] == "Septicemia (except in labor)"


def test_a_change_adds_a_code_or_takes_the_place_of_what_the_map_says(maps: CategoryMaps):
    changed = with_changes(maps.dx, {"U071": 122, "A150": 7})
    found = dict(changed.filter(pl.col("code").is_in(["U071", "A150", "A154"])).iter_rows())

    assert found == {"U071": 122, "A150": 7, "A154": 1}
    assert changed.height == maps.dx.height + 1


def test_a_list_of_categories_has_ranges_with_both_ends():
    assert categories("1-3,7") == {1, 2, 3, 7}
    with pytest.raises(ValueError, match="invalid literal"):
        categories("1-x")


def test_every_shipped_vintage_says_where_it_comes_from():
    for vintage in VINTAGES:
        lists = category_lists(vintage)
        assert lists.vintage == vintage
        assert "CMS" in lists.citation
        assert lists.checked_on <= date(2100, 1, 1)
    with pytest.raises(UnknownVintage, match="cms1999"):
        category_lists("cms1999")


def test_an_unknown_vintage_without_tables_is_refused(maps: CategoryMaps):
    with pytest.raises(Refused, match="cms2021 or cms2019"):
        of_categories("cms1999", maps)


def test_a_small_folder_is_read_and_dots_are_taken_out(tmp_path: Path, maps: CategoryMaps):
    found = of_folder(folder(tmp_path), "site-2026", maps)

    assert found.pr4_cm == {"A150"}
    assert found.pr3_ccs == {1, 2}
    assert found.surgery_ccs == {3}
    assert found.vintage == "site-2026"


def test_a_map_in_the_folder_completes_the_shipped_one(tmp_path: Path, maps: CategoryMaps):
    found = of_folder(folder(tmp_path, ccs_dx_icd10cm_2019_1="icd_10_cm,ccs\nU07.1,122\n"), "site-2026", maps)

    assert dict(found.dx_ccs.filter(pl.col("code") == "U071").iter_rows()) == {"U071": 122}
    assert found.dx_ccs.height == maps.dx.height + 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"acute_diagnosis_ccs": ""}, "acute_diagnosis_ccs.csv is missing"),
        ({"acute_diagnosis_ccs": "ccs_diagnosis_category\n2\nx\n"}, "acute_diagnosis_ccs.csv, line 3: the category"),
        ({"acute_diagnosis_ccs": "number\n2\n"}, "acute_diagnosis_ccs.csv, line 1: a column ccs or"),
        ({"acute_diagnosis_ccs": "ccs_diagnosis_category\n"}, "acute_diagnosis_ccs.csv holds no row"),
        ({"potentially_planned_icd_10_pcs": "icd_10_pcs\n02700\n"}, "line 2: the code must be an ICD-10-PCS code"),
        ({"acute_diagnosis_icd_10_cm": "icd_10_cm\n150\n"}, "line 2: the code must be an ICD-10-CM code"),
        ({"exclusion_ccs_diagnosis_category": "ccs_diagnosis_category,category\n650,Other\n"}, "line 2: the kind"),
        ({"specialty_cohort": COHORTS + "1,Medicin,Diagnosis\n"}, "the cohort must be"),
        ({"specialty_cohort": COHORTS + "1,Medicine,Procedure\n"}, "goes with a"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_with_file_and_line(tmp_path: Path, changed: dict[str, str], sentence: str):
    with pytest.raises(Refused, match=sentence):
        read_folder(folder(tmp_path, **changed), "site-2026")


def test_files_that_begin_with_the_vintage_go_before_the_others(shared: Path):
    newer = read_folder(shared / "data" / "value_sets", "cms2021")
    older = read_folder(shared / "data" / "value_sets", "cms2019")

    assert newer.digest != older.digest
    assert sum(row.list == "surgery_pcs" for row in older.rows) == 957


@pytest.mark.parametrize("vintage", ["", "CMS 2021", "../x", "-a"])
def test_a_vintage_has_a_plain_name(tmp_path: Path, vintage: str):
    with pytest.raises(Refused, match="A vintage is named"):
        read_folder(folder(tmp_path), vintage)
