"""Limits of a funnel plot: how far the share of a group of some size lies from the share of all by chance alone.

D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005), p. 1185,
appendix A.1.1: quantiles of the binomial distribution, interpolated so that the limits are smooth lines. With r the
smallest number for which P(R <= r) >= p, the limit is (r - a) / n, a = (P(R <= r) - p) / (P(R <= r) - P(R <= r - 1)).
By chance alone one group of twenty lies outside the inner limits, and two of a thousand outside the outer ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

INNER = 0.025
"""Beyond either inner limit lie 2.5 % by chance: limits of 95 %."""
OUTER = 0.001
"""Beyond either outer limit lies 0.1 %: limits of 99.8 %."""
_NEGLIGIBLE = 1e-18
_START = -9.0  # standard deviations below the mean at which less than any limit asks for has been passed


class Standing(StrEnum):
    """Where a group lies between the limits."""

    WITHIN = "within"  # inside the limits of 95 %: what is seen is what chance gives
    ABOVE = "above"  # above 95 %
    FAR_ABOVE = "far_above"  # above 99.8 %
    BELOW = "below"  # below 95 %
    FAR_BELOW = "far_below"  # below 99.8 %

    @property
    def words(self) -> str:
        """As a table says it."""
        return _WORDS[self]


_WORDS = {
    Standing.WITHIN: "within",
    Standing.ABOVE: "above 95 %",
    Standing.FAR_ABOVE: "above 99.8 %",
    Standing.BELOW: "below 95 %",
    Standing.FAR_BELOW: "below 99.8 %",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares between which groups of one size are expected, inner and outer."""

    low: float
    high: float
    far_low: float
    far_high: float


def quantile(share: float, size: int, part: float) -> float:
    """The interpolated quantile of hits divided by the size. ValueError without a size, or outside 0 to 1."""
    if size < 1 or not 0 <= share <= 1 or not 0 < part < 1:
        raise ValueError("A limit needs a size of at least 1, a share from 0 to 1, and a part between 0 and 1.")
    if share in (0.0, 1.0):
        return share
    hits = max(0, int(size * share + _START * sqrt(size * share * (1 - share))) - 1)
    mass = _mass(share, size, hits)
    passed = _up_to(share, size, hits, mass)
    while passed < part and hits < size:
        hits += 1
        mass *= (size - hits + 1) / hits * share / (1 - share)
        passed += mass
    beyond = (passed - part) / mass if mass > 0 else 0.0
    return min(1.0, max(0.0, (hits - max(0.0, beyond)) / size))


def _mass(share: float, size: int, hits: int) -> float:
    ways = lgamma(size + 1) - lgamma(hits + 1) - lgamma(size - hits + 1)
    return exp(ways + hits * log(share) + (size - hits) * log1p(-share))


def _up_to(share: float, size: int, hits: int, mass: float) -> float:
    """P(R <= hits), summed downwards until what follows adds nothing."""
    found, part = mass, mass
    for one in range(hits, 0, -1):
        part *= one / (size - one + 1) * (1 - share) / share
        found += part
        if part < _NEGLIGIBLE:
            break
    return found


@lru_cache(maxsize=8192)
def limits(share: float, size: int) -> Limits:
    """The four limits for groups of this size about the share of all."""
    return Limits(*(quantile(share, size, part) for part in (INNER, 1 - INNER, OUTER, 1 - OUTER)))


def standing(hits: float, size: int, share: float) -> Standing:
    """Where a group lies. One on a limit is inside it."""
    own, around = hits / size, limits(share, size)
    if own > around.high:
        return Standing.FAR_ABOVE if own > around.far_high else Standing.ABOVE
    if own < around.low:
        return Standing.FAR_BELOW if own < around.far_low else Standing.BELOW
    return Standing.WITHIN


def along(share: float, sizes: Sequence[int]) -> list[tuple[int, Limits]]:
    """The limits at these sizes, for the lines of a drawing."""
    return [(size, limits(share, size)) for size in sizes]
