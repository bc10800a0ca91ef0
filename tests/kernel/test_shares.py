"""Shares and their differences against published examples of R. G. Newcombe, Statistics in Medicine 17 (1998)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.shares import difference, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_score_interval_of_a_share(hits: int, of: int, low: float, high: float) -> None:
    """Page 857, table I, method 3."""
    assert wilson(hits, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("now", "then", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference(now: tuple[int, int], then: tuple[int, int], low: float, high: float) -> None:
    """Page 873, table II, method 10."""
    assert difference(now, then) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


shares = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(shares, shares)
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(
    now: tuple[int, int], then: tuple[int, int]
) -> None:
    low, high = difference(now, then)

    assert -1 - 1e-9 <= low <= now[0] / now[1] - then[0] / then[1] <= high <= 1 + 1e-9
    assert difference(then, now) == (pytest.approx(-high), pytest.approx(-low))


def test_no_difference_without_a_case() -> None:
    with pytest.raises(ValueError, match="case"):
        difference((1, 2), (0, 0))
