"""What a list of medicines amounts to."""

from datetime import date

import pytest

from app.discharge.teaching.forms import ListMedicine
from app.discharge.teaching.rules import burden, renewals, taught_back


def test_stopped_medicines_are_no_burden():
    assert burden([{"change": "new"}, {"change": "stopped"}, {"change": "same"}]) == 2


@pytest.mark.parametrize(
    ("result", "signs", "counts"),
    [("full", "Weight up 3 lb in a day", True), ("full", "", False), ("partly", "Weight up 3 lb in a day", False)],
)
def test_teach_back_counts_in_full_and_with_signs_of_danger(result: str, signs: str, counts: bool):
    assert taught_back({"teach_back": result, "red_flags": signs}) is counts


def test_programs_to_be_renewed_within_thirty_days_come_by_their_day():
    listed = [{"name": "a", "renews_on": "2026-04-04"}, {"name": "b", "renews_on": "2026-03-10"},
              {"name": "c", "renews_on": "2026-04-05"}, {"name": "d", "renews_on": None}]  # fmt: skip

    assert [one["name"] for one in renewals(listed, date(2026, 3, 5))] == ["b", "a"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"applied_on": "2026-03-01"}, "Name the assistance program"),
        ({"program": "State plan", "applied_on": "2026-03-01", "renews_on": "2026-03-01"}, "lies after the day"),
    ],
)
def test_a_program_needs_a_name_and_a_renewal_after_its_application(said: dict[str, str], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        ListMedicine.model_validate({"name": "Apixaban"} | said)
