"""Shares of talks that were won: the interval of Wilson against published values and its own properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.advisor.talks.rules import Share, said, wilson


@pytest.mark.parametrize(
    ("won", "held", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3: 81/263, 15/148, 0/20, 1/29.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (14, 23, 0.4079, 0.7784),
    ],
)
def test_the_interval_agrees_with_published_values(won: int, held: int, low: float, high: float):
    assert wilson(won, held) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 5000).flatmap(lambda held: st.tuples(st.integers(0, held), st.just(held))))
def test_the_interval_holds_the_share_and_mirrors_it(talks: tuple[int, int]):
    won, held = talks
    low, high = wilson(won, held)
    other_low, other_high = wilson(held - won, held)

    assert 0 <= low <= won / held + 1e-12 and won / held - 1e-12 <= high <= 1
    assert (other_low, other_high) == (pytest.approx(1 - high, abs=1e-9), pytest.approx(1 - low, abs=1e-9))


def test_what_is_said_of_a_share():
    assert said(Share(14, 23)) == "14 of 23 (61 %, 95 % interval 41 to 78 %)"
    assert said(Share(6, 9)).endswith(", few talks)")
    assert said(Share(0, 0)) == ""


@pytest.mark.parametrize(("won", "held"), [(0, 0), (2, 1), (-1, 3)])
def test_a_share_of_nothing_is_no_share(won: int, held: int):
    with pytest.raises(ValueError, match="at least one case"):
        wilson(won, held)
