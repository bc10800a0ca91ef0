"""Weaning by its days: examples worked by hand, and what holds for any course."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ltac.course.rules.weaning import Charted, first_trial, letter, weaning
from app.ltac.course.terms import Outcome, Support, Trial, WeaningState

TABLE = Path(__file__).parents[2] / "scenarios" / "ltac" / "weaning.table"
FIRST = date(2026, 2, 20)
MEANING = {
    "V": Charted(Support.VENTILATED), "S": Charted(Support.TRIAL), "T": Charted(Support.COLLAR),
    "t": Charted(Support.COLLAR, collar_hours=24), "F": Charted(Support.FREE),
}  # fmt: skip


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def read(letters: str) -> tuple[dict[date, Charted], set[date]]:
    charted = {day(place): MEANING[one] for place, one in enumerate(letters, start=1) if one in MEANING}
    return charted, {day(place) for place, one in enumerate(letters, start=1) if one == "X"}


def rows() -> list[list[str]]:
    lines = TABLE.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("row", rows(), ids=[row[0] for row in rows()])
def test_the_days_tell_how_weaning_stands(row: list[str]):
    _, letters, left, outcome, liberated, free, longest, plateau, relapses = row
    found = weaning(*read(letters), day(int(left)) if left else None)

    assert found.outcome is Outcome(outcome)
    assert found.liberated_on == (day(int(liberated)) if liberated else None)
    assert (found.free_days, found.longest, found.plateau) == (int(free), int(longest), int(plateau))
    assert found.relapses == tuple(day(int(one)) for one in relapses.split())
    assert found.prolonged is (int(longest) >= 21)


def test_a_charted_day_keeps_its_letter_when_the_patient_leaves_in_the_evening():
    charted, away = read("VX")

    letters = [letter(day(number), charted, {*away, day(1)}) for number in (1, 2, 3)]
    assert letters == [WeaningState.VENTILATED, WeaningState.AWAY, WeaningState.UNKNOWN]


@pytest.mark.parametrize(
    ("one", "free", "long"),
    [
        (Charted(Support.COLLAR, collar_hours=24), True, False),
        (Charted(Support.COLLAR, ventilated_hours=0), True, False),
        (Charted(Support.COLLAR, collar_hours=16), False, False),
        (Charted(Support.COLLAR, collar_hours=16, ventilated_hours=8), False, True),
        (Charted(Support.COLLAR, ventilated_hours=5.9), False, False),
        (Charted(Support.COLLAR, ventilated_hours=6), False, True),
        (Charted(Support.TRIAL), False, True),
    ],
)
def test_hours_decide_about_nights_and_about_prolonged_ventilation(one: Charted, free: bool, long: bool):
    assert (one.free, one.long) == (free, long)


@pytest.mark.parametrize(
    ("days", "today", "in_time", "number"),
    [
        ({1: Charted(Support.VENTILATED), 2: Charted(Support.TRIAL, Trial.FAILED)}, 3, True, 2),
        ({1: Charted(Support.VENTILATED), 3: Charted(Support.TRIAL, Trial.PASSED)}, 3, False, 3),
        ({1: Charted(Support.VENTILATED)}, 2, None, None),
        ({1: Charted(Support.VENTILATED)}, 3, False, None),
        ({1: Charted(Support.VENTILATED), 2: Charted(Support.VENTILATED, Trial.NOT_DONE, "shock")}, 3, True, None),
    ],
)
def test_a_breathing_trial_is_tried_by_day_two(
    days: dict[int, Charted], today: int, in_time: bool | None, number: int | None
):
    found = first_trial({day(place): one for place, one in days.items()}, FIRST, day(today))

    assert found is not None
    assert (found.in_time, found.day_number) == (in_time, number)


def test_who_is_not_ventilated_at_admission_is_not_asked_for_a_trial():
    assert first_trial({day(1): Charted(Support.FREE), day(9): Charted(Support.VENTILATED)}, FIRST, day(9)) is None


LETTERS = st.text(alphabet="VSTtFX.", min_size=1, max_size=40)


@given(LETTERS)
def test_liberation_holds_for_the_last_days_and_ends_with_any_ventilation(letters: str):
    charted, away = read(letters)
    found = weaning(charted, away)

    if found.liberated_on is not None:
        since = [one for at, one in charted.items() if at >= found.liberated_on]
        assert len(since) == found.free_days >= 2
        assert all(one.free for one in since)
        assert found.plateau == 0
        again = weaning({**charted, max(charted) + timedelta(days=1): Charted(Support.VENTILATED)}, away)
        assert again.liberated_on is None
        assert again.relapses == (*found.relapses, max(charted) + timedelta(days=1))
    assert found.longest <= sum(1 for one in charted.values() if one.long) <= found.ventilated_days


@given(LETTERS, st.integers(1, 45))
def test_an_outcome_at_discharge_is_weaned_only_after_two_days_that_are_known_and_free(letters: str, left: int):
    charted, away = read(letters)
    found = weaning(charted, away, day(left))

    last = [charted.get(day(left - 1)), charted.get(day(left - 2))]
    if found.outcome is Outcome.WEANED:
        assert all(one is not None and one.free for one in last)
    if found.outcome is Outcome.UNKNOWN:
        assert None in last or MEANING["T"] in (charted.get(day(left)), *last)
    if found.outcome is Outcome.DEPENDENT:
        assert any(one in (MEANING["V"], MEANING["S"]) for one in (charted.get(day(left)), *last))
