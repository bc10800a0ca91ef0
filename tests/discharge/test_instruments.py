"""Instruments against published examples, and what must hold of any score."""

from datetime import date, timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.discharge.instruments.comorbidity import GROUPS, groups_of, lace_points, sum_of
from app.discharge.instruments.complexity import Tier, complexity, tier_of, weighted_caseload
from app.discharge.instruments.rules import DayCount, HospitalVersion, hospital, lace, simplified
from app.discharge.instruments.scores import SCORES
from app.discharge.instruments.terms import Answer, Instrument, Known, Score, Source
from app.kernel.refusal import Refused

TABLE = Path(__file__).parents[1] / "scenarios" / "discharge" / "instruments.table"
LINES = [
    [cell.strip() for cell in line.split("|")]
    for line in TABLE.read_text().splitlines()
    if line.strip() and not line.startswith("#")
]
TODAY = date(2026, 3, 20)
FACTS = {"days", "type", "ed", "adm", "dx"}


def known(text: str) -> Known:
    said = dict(word.split("=") for word in text.split())
    return Known(
        today=TODAY,
        arrived_on=TODAY - timedelta(days=int(said["days"])) if "days" in said else None,
        admit_type=said.get("type", ""),
        ed_visits=int(said["ed"]) if "ed" in said else None,
        admissions=int(said["adm"]) if "adm" in said else None,
        diagnoses=tuple(said["dx"].split(",")) if "dx" in said else (),
        answers={name: Answer(value) for name, value in said.items() if name not in FACTS},
    )


def scored(name: str, facts: Known) -> Score:
    if name == "lace":
        return lace(facts)
    if name == "simplified":
        return simplified(facts)
    return hospital(facts, HospitalVersion(name.split()[1]))


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_a_score_is_what_its_table_says(line: list[str]):
    _, name, facts, total, points = line

    found = scored(name, known(facts))

    assert ["-" if part.points is None else str(part.points) for part in found.parts] == points.split()
    assert ("-" if found.total is None else str(found.total)) == total


def test_a_missing_part_is_named_and_leaves_no_band():
    found = lace(known("days=5 type=E ed=2"))

    assert found.missing == ["C Comorbidity"] and not found.complete
    assert (found.at_least, found.total, found.band, found.meaning) == (9, None, "", "")


def test_days_may_count_admission_and_discharge_both():
    assert [lace(known("days=3 type=C ed=0 dx=I10"), count).total for count in DayCount] == [3, 4]


def test_a_running_score_says_so_until_the_patient_left():
    stay = Known(today=TODAY, arrived_on=TODAY, departed_on=None)
    gone = Known(today=TODAY, arrived_on=date(2026, 3, 1), departed_on=date(2026, 3, 4))

    assert (lace(stay).kind, lace(gone).kind) == ("running", "final")
    assert lace(gone).parts[0].points == 3  # days end with the departure, not today


def test_what_somebody_said_outranks_the_feed_and_carries_its_author():
    facts = Known(today=TODAY, arrived_on=TODAY, ed_visits=0, answers={"ed_visits": Answer("3", "Dana Whitlow RN")})

    part = lace(facts).parts[3]

    assert (part.points, part.source, part.by) == (3, Source.MANUAL, "Dana Whitlow RN")


@given(st.lists(st.sampled_from([code for group in GROUPS for code in group.prefixes])))
def test_the_heavier_group_of_one_disease_stands_alone(codes: list[str]):
    found = {group.code for group in groups_of(codes)}

    assert not {"tumour", "metastatic"} <= found and not {"diabetes", "diabetes_damage"} <= found
    assert 0 <= lace_points(sum_of(groups_of(codes))) <= 5


@given(days=st.integers(0, 400), ed=st.integers(0, 50), total=st.integers(0, 40), emergent=st.booleans())
def test_lace_stays_in_its_range_and_never_falls_with_time(days: int, ed: int, total: int, emergent: bool):
    text = f"type={'E' if emergent else 'C'} ed={ed} comorbidity={total}"
    now, later = lace(known(f"days={days} {text}")), lace(known(f"days={days + 1} {text}"))

    assert 0 <= (now.total or 0) <= (later.total or 0) <= 19


@pytest.mark.parametrize(
    ("instrument", "text", "band"),
    [("braden", "9", "very high risk"), ("braden", "19", "low risk"), ("brass", "11", "medium"), ("pps", "40", "")],
)
def test_an_imported_score_is_named_by_its_band(instrument: str, text: str, band: str):
    one = SCORES[Instrument(instrument)]

    assert one.band(one.read(text)) == band


@pytest.mark.parametrize(
    ("instrument", "text"), [("pps", "45"), ("braden", "5"), ("cfs", "10"), ("ecog", "-1"), ("brass", "2.5")]
)
def test_a_score_outside_its_range_is_refused_with_the_range(instrument: str, text: str):
    with pytest.raises(Refused, match=r"whole number, \d"):
        SCORES[Instrument(instrument)].read(text)


def test_complexity_shows_its_parts_and_its_tier():
    facts = Known(
        today=TODAY, arrived_on=TODAY - timedelta(days=10), age=84, admissions=3, gmlos=4.0, intensive_days=2,
        points=frozenset({"confused", "lives_alone"}), has_payer=True,
    )  # fmt: skip

    found = complexity(facts, lace_at_least=11)

    assert {part.code: part.points for part in found.parts} == {
        "age": 1, "admissions": 2, "lace": 2, "intensive": 3, "cognition": 2, "alone": 1, "long": 2,
    }  # fmt: skip
    assert (found.total, found.band) == (13, "complex")


def test_any_time_in_intensive_care_counts_for_complexity():
    """The rule asks whether the patient was there, not for a whole day."""
    found = complexity(Known(today=TODAY, arrived_on=TODAY, intensive=True, intensive_days=0), lace_at_least=0)

    assert [(part.code, part.points, part.value) for part in found.parts] == [("intensive", 3, "intensive care")]


@pytest.mark.parametrize(("code", "points"), [("C86.1", 2), ("C7A.090", 2), ("C4A.9", 2), ("C7B.02", 6), ("D45", 0)])
def test_cancers_of_the_clinical_modification_count(code: str, points: int):
    assert sum_of(groups_of([code])) == points


def test_tiers_begin_where_they_should_and_weigh_a_caseload():
    assert [tier_of(points).value for points in (0, 3, 4, 7, 8)] == [
        "routine", "routine", "moderate", "moderate", "complex",
    ]  # fmt: skip
    assert weighted_caseload([Tier.ROUTINE, Tier.MODERATE, Tier.COMPLEX]) == 3.75
