"""Shares with what chance may have made of them, and places in an ordered row."""

from collections.abc import Sequence
from math import ceil, sqrt

Z = 1.959963984540054
"""Both tails of a standard normal distribution beyond it hold 5 %."""


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (E. B. Wilson, 1927), each end within 0 to 1. ValueError without a case."""
    if not 0 <= hits <= of or of == 0:
        raise ValueError("A share needs at least one case, and no more hits than cases.")
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(now: tuple[int, int], then: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of one share less another, each as hits and cases (R. G. Newcombe, Statistics in Medicine 17
    (1998), p. 873, method 10): from the score intervals of both. ValueError without a case.

    Whether two intervals overlap is no such test: they may, and the shares differ all the same.
    """
    first, second = now[0] / now[1] if now[1] else 0.0, then[0] / then[1] if then[1] else 0.0
    (low, high), (other_low, other_high) = wilson(*now), wilson(*then)
    apart = first - second
    return (
        apart - sqrt((first - low) ** 2 + (other_high - second) ** 2),
        apart + sqrt((high - first) ** 2 + (second - other_low) ** 2),
    )


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least so many percent of all do not exceed (nearest rank); None without a value."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two in the middle; None without a value."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
