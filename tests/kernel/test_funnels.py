"""Funnel limits: against the definition in exact fractions, and against the normal approximation of large groups."""

from fractions import Fraction
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.funnels import INNER, OUTER, Standing, limits, quantile, standing


def by_definition(share: Fraction, size: int, part: Fraction) -> Fraction:
    """Spiegelhalter 2005, appendix A.1.1, without rounding."""
    passed = Fraction(0)
    for hits in range(size + 1):
        mass = comb(size, hits) * share**hits * (1 - share) ** (size - hits)
        passed += mass
        if passed >= part:
            return (hits - (passed - part) / mass) / size
    return Fraction(1)


@pytest.mark.parametrize("size", [5, 12, 40, 141, 431])
@pytest.mark.parametrize("share", ["0.022", "0.132", "0.5", "0.9"])
@pytest.mark.parametrize("part", ["0.001", "0.025", "0.975", "0.999"])
def test_a_limit_is_what_the_definition_says(size: int, share: str, part: str) -> None:
    exact = max(Fraction(0), by_definition(Fraction(share), size, Fraction(part)))

    assert quantile(float(share), size, float(part)) == pytest.approx(float(exact), abs=1e-9)


@pytest.mark.parametrize(
    ("share", "part", "hits", "passed", "before"),
    [
        (0.5, 0.025, 6, 0.0577, 0.0207),
        (0.5, 0.975, 14, 0.9793, 0.9423),
        (0.1, 0.975, 5, 0.9887, 0.9568),
        (0.1, 0.999, 7, 0.9996, 0.9976),
        (0.3, 0.025, 2, 0.0355, 0.0076),
    ],
)
def test_limits_worked_by_hand_from_a_table(share: float, part: float, hits: int, passed: float, before: float) -> None:
    """Twenty cases: P(R <= r) and P(R <= r - 1) as the usual tables of the cumulative binomial distribution print them
    (such as National Bureau of Standards, Applied Mathematics Series 6, 1950), in the formula of the appendix."""
    expected = (hits - (passed - part) / (passed - before)) / 20

    assert quantile(share, 20, part) == pytest.approx(expected, abs=2.5e-3)


@pytest.mark.parametrize("share", [0.1, 0.132, 0.4])
def test_large_groups_have_the_limits_of_the_normal_distribution(share: float) -> None:
    size = 20_000

    found = limits(share, size)

    spread = sqrt(share * (1 - share) / size)
    assert found.high == pytest.approx(share + 1.959964 * spread, abs=2e-4)
    assert found.far_low == pytest.approx(share - 3.090232 * spread, abs=2e-4)


def test_groups_of_the_worked_drawing_lie_where_it_shows_them() -> None:
    """The drawing of the house: a hospital of 13.2 %, eleven units."""
    groups = {"5 South": (71, 431), "Oncology": (31, 141), "Ortho": (33, 402), "4 West": (28, 212)}

    found = {name: standing(hits, size, 390 / 2957) for name, (hits, size) in groups.items()}

    assert found == {
        "5 South": Standing.ABOVE, "Oncology": Standing.ABOVE, "Ortho": Standing.BELOW, "4 West": Standing.WITHIN,
    }  # fmt: skip


@given(st.floats(0.01, 0.99), st.integers(1, 3000))
def test_limits_enclose_the_share_and_the_outer_ones_the_inner(share: float, size: int) -> None:
    found = limits(share, size)

    step = 1 / size
    assert 0 <= found.far_low <= found.low <= share + step
    assert share - step <= found.high <= found.far_high <= 1


@given(st.floats(0.02, 0.98), st.integers(10, 1000))
def test_limits_of_hits_mirror_those_of_misses(share: float, size: int) -> None:
    hits, misses = limits(share, size), limits(1 - share, size)

    assert hits.high == pytest.approx(1 - misses.low, abs=1.01 / size)
    assert hits.far_low == pytest.approx(1 - misses.far_high, abs=1.01 / size)


def test_nobody_and_everybody_leave_no_room() -> None:
    assert quantile(0.0, 10, INNER) == 0.0
    assert quantile(1.0, 10, 1 - OUTER) == 1.0
    with pytest.raises(ValueError):
        quantile(0.1, 0, INNER)
