"""The short table of diagnosis-related groups."""

import csv
from datetime import date
from pathlib import Path

import pytest

from app.demo.cases import ELECTIVE_ADMISSIONS, EMERGENCY_ADMISSIONS, LONG_TERM, OBSERVATION
from app.regulations.drg import all_entries, fiscal_year, gmlos

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "drg"


@pytest.mark.parametrize(
    ("on", "year"), [(date(2025, 9, 30), 2025), (date(2025, 10, 1), 2026), (date(2026, 1, 1), 2026)]
)
def test_fiscal_year(on: date, year: int) -> None:
    assert fiscal_year(on) == year


def test_the_year_of_the_day_counts() -> None:
    before, after = gmlos("871", "MS-DRG", date(2025, 9, 30)), gmlos("871", "MS-DRG", date(2025, 10, 1))
    assert before is not None and after is not None
    assert (before.gmlos, before.fiscal_year) == (4.9, 2025)
    assert (after.gmlos, after.weight, after.fiscal_year) == (4.8, 1.9425, 2026)


def test_a_later_year_gets_the_latest_figures_unless_the_year_must_match() -> None:
    found = gmlos("871", "MS-DRG", date(2027, 5, 1))
    assert found is not None and found.fiscal_year == 2026
    assert gmlos("871", "MS-DRG", date(2027, 5, 1), same_year=True) is None


def test_unknown_groups_and_years_have_no_figures() -> None:
    assert gmlos("999", "MS-DRG", date(2026, 1, 1)) is None
    assert gmlos("871", "MS-DRG", date(2019, 1, 1)) is None


def test_long_term_figures_are_their_own_and_carry_the_short_stay_threshold() -> None:
    found = gmlos("207", "MS-LTC-DRG", date(2026, 1, 1))
    assert found is not None
    assert (found.gmlos, found.short_stay_threshold, found.fiscal_year) == (31.9, 26.6, 2021)
    for entry in all_entries():
        if entry.system == "MS-LTC-DRG":
            assert entry.short_stay_threshold == pytest.approx(entry.gmlos * 5 / 6, abs=0.06)
        else:
            assert entry.short_stay_threshold is None


def test_every_group_of_the_case_mix_has_figures() -> None:
    for case in (*EMERGENCY_ADMISSIONS, *ELECTIVE_ADMISSIONS, *OBSERVATION):
        assert gmlos(case.drg, "MS-DRG", date(2026, 1, 1), same_year=True) is not None, case
    for case in LONG_TERM:
        assert gmlos(case.drg, "MS-LTC-DRG", date(2026, 1, 1)) is not None, case


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published tables are not beside the repository (../shared)")
def test_figures_are_those_of_the_published_tables() -> None:
    published = {}
    for name, number in (
        ("ms_drg_weights_gmlos_fy2019_2026.csv", "ms_drg"),
        ("ltch_ms_ltc_drg_fy2019_2021.csv", "ms_ltc_drg"),
    ):
        system = "MS-DRG" if number == "ms_drg" else "MS-LTC-DRG"
        with (PUBLISHED / name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if not row["gmlos"]:
                    continue
                threshold = row.get("sso_threshold_5_6ths")
                figures = float(row["relative_weight"]), float(row["gmlos"]), float(threshold) if threshold else None
                published[system, row[number], int(row["fiscal_year"])] = figures
    for entry in all_entries():
        key = entry.system, entry.drg, entry.fiscal_year
        assert (entry.weight, entry.gmlos, entry.short_stay_threshold) == published[key]
