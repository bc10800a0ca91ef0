"""Agreement of two readings by examples worked out by hand and at random; draws; the life cycle of a second reading."""

import uuid
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, unreachable
from app.reviews.criteria.terms import Screen
from app.reviews.sampling.rules import LIFE, agreement, check_reason, draw
from app.reviews.sampling.terms import ReadingAction, ReadingState
from app.reviews.terms import Outcome

TABLE = Path(__file__).parents[2] / "scenarios" / "reviews" / "agreement.table"
ANSWERS = st.sampled_from([one.value for one in Outcome])
PAIRS = st.lists(st.tuples(ANSWERS, ANSWERS), max_size=40)
KEYS = st.lists(st.uuids(), unique=True, max_size=60)


def cases() -> Iterator[tuple[str, ...]]:
    for line in TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(part.strip() for part in line.split("|"))


def of_counts(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for part in text.split():
        answers, _, number = part.partition("=")
        first, _, second = answers.partition("/")
        found += [(first, second)] * int(number)
    return found


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case[0])
def test_examples(case: tuple[str, ...]):
    _, counts, number, agreed, kappa = case

    found = agreement(of_counts(counts))

    assert (found.number, found.agreed) == (int(number), int(agreed))
    assert found.kappa == (None if kappa == "-" else Fraction(kappa))


@given(PAIRS)
def test_kappa_lies_between_minus_one_and_one_and_never_above_the_share_that_agrees(pairs: list[tuple[str, str]]):
    found = agreement(pairs)

    if found.kappa is not None and found.share is not None:
        assert -1 <= found.kappa <= 1
        assert found.kappa <= found.share
        assert (found.kappa == 1) == (found.agreed == found.number)


@given(PAIRS)
def test_neither_order_of_pairs_nor_which_reading_comes_first_matters(pairs: list[tuple[str, str]]):
    found = agreement(pairs)

    assert agreement(reversed(pairs)) == found
    assert agreement((second, first) for first, second in pairs) == found


@given(st.lists(ANSWERS, max_size=40))
def test_perfect_agreement_is_one_where_two_answers_occur_and_not_defined_otherwise(answers: list[str]):
    found = agreement((one, one) for one in answers)

    assert found.agreed == found.number == len(answers)
    assert found.kappa == (1 if len(set(answers)) > 1 else None)


@given(KEYS, st.integers(1, 100), st.text(max_size=12))
def test_a_draw_takes_its_share_and_is_the_same_whatever_the_order(keys: list[uuid.UUID], percent: int, seed: str):
    taken = draw(keys, percent, seed)

    assert draw(reversed(keys), percent, seed) == taken
    assert set(taken) <= set(keys) and len(set(taken)) == len(taken)
    assert Fraction(len(keys) * percent, 100) <= len(taken) < Fraction(len(keys) * percent, 100) + 1


@given(KEYS, st.integers(1, 99), st.text(max_size=12))
def test_a_larger_share_holds_the_smaller_one(keys: list[uuid.UUID], percent: int, seed: str):
    assert set(draw(keys, percent, seed)) <= set(draw(keys, percent + 1, seed))


def test_the_draw_of_a_seed_is_the_same_on_every_machine():
    keys = [uuid.UUID(int=number) for number in range(40)]

    assert [one.int for one in draw(keys, 10, "spring")] == SPRING
    assert [one.int for one in draw(keys, 10, "autumn")] != SPRING


SPRING = [5, 3, 28, 36]


def test_every_pair_of_state_and_action_leads_on_or_is_refused():
    for state in ReadingState:
        for action in ReadingAction:
            if (state, action) in LIFE:
                assert after(LIFE, state, action) is LIFE[state, action]
            else:
                with pytest.raises(Refused):
                    after(LIFE, state, action)
    assert finals(LIFE) == [ReadingState.WITHDRAWN]
    assert unreachable(LIFE, ReadingState.WAITING) == []


@pytest.mark.parametrize(
    ("outcome", "by_points", "sentence"),
    [
        (Outcome.MET, Screen.NOT_MET, "The points say otherwise"),
        (Outcome.NOT_MET, Screen.MET, "The points say otherwise"),
        (Outcome.NOT_MET, Screen.NOT_MET, "not met"),
        (Outcome.NOT_MET, None, "not met"),
        (Outcome.PENDING, Screen.MET, "missing"),
        (Outcome.PENDING, None, "missing"),
    ],
)
def test_what_needs_its_reason_is_refused_without(outcome: Outcome, by_points: Screen | None, sentence: str):
    with pytest.raises(Refused, match=sentence) as refused:
        check_reason(outcome, by_points, "")
    assert refused.value.field == "reason"
    check_reason(outcome, by_points, "Because of this")


def test_what_the_points_say_needs_no_reason_when_met():
    check_reason(Outcome.MET, Screen.MET, "")
    check_reason(Outcome.MET, None, "")
