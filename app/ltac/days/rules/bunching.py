"""Whether discharges gather just past the short-stay threshold: a look at the days around it, for compliance. Pure.

Method. Discharges at the standard rate are counted by covered days relative to the first day past the threshold (0),
from ten days before to ten after. A Poisson count whose logarithm is a straight line in the day is fitted to the days
outside `WATCHED` (the first three days past the threshold) and `SHADOW` (the two before it, from which a delayed
discharge would be missing). Its sum over `WATCHED` is what would be expected. The exact one-sided mid-p is the chance
of more discharges there under a Poisson count of that mean, and half the chance of just so many.

Limits. The expectation is an estimate whose own uncertainty the mid-p leaves out, so it is too small when few
discharges stand behind the fit; below `ENOUGH` none is given. Groups with other thresholds are laid over each other.
Many looks at many months find something by chance. More discharges than expected are a question to ask, with the
clinical readiness of each stay, and prove no intention.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

REACH = 10
WATCHED = (0, 1, 2)
SHADOW = (-2, -1)
ENOUGH = 30
"""Discharges outside the days that are watched or shadowed that a fit needs."""
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Bunching:
    """Counts by relative day from -10 to 10, the fitted counts, and the comparison over the days that are watched.

    Without `expected` the discharges allow no fit; `why` says so.
    """

    counts: tuple[tuple[int, int], ...]
    fitted: tuple[float, ...]
    observed: int
    total: int
    expected: float | None = None
    mid_p: float | None = None
    why: str = ""


def bunching(relative_days: Iterable[int]) -> Bunching:
    """The comparison for these discharges; those further away than ten days do not take part."""
    near = [day for day in relative_days if abs(day) <= REACH]
    counts = tuple((day, near.count(day)) for day in range(-REACH, REACH + 1))
    observed = sum(count for day, count in counts if day in WATCHED)
    outside = [(day, count) for day, count in counts if day not in (*WATCHED, *SHADOW)]
    if (known := sum(count for _, count in outside)) < ENOUGH:
        why = f"{known} discharges on the days around it; {ENOUGH} are needed for a comparison."
        return Bunching(counts, (), observed, len(near), why=why)
    if not all(any(count for day, count in outside if (day > 0) is side) for side in (False, True)):
        why = "All discharges around it lie on one side, so that nothing says how many to expect at it."
        return Bunching(counts, (), observed, len(near), why=why)
    level, slope = _fit(outside)
    fitted = tuple(exp(level + slope * day) for day, _ in counts)
    expected = sum(exp(level + slope * day) for day in WATCHED)
    return Bunching(counts, fitted, observed, len(near), expected, mid_p(observed, expected))


def mid_p(observed: int, expected: float) -> float:
    """The chance of more than `observed` under a Poisson count, and half the chance of just as many."""
    term = exp(-expected)
    below = 0.0
    for number in range(observed):
        below += term
        term *= expected / (number + 1)
    return max(0.0, 1.0 - below - term / 2)


def _fit(points: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Level and slope of the logarithm with the greatest likelihood, by Newton's method.

    It exists where there are counts on both sides.
    """
    level, slope = log(sum(count for _, count in points) / len(points)), 0.0
    for _ in range(_STEPS):
        means = [exp(level + slope * day) for day, _ in points]
        first = sum(count - mean for (_, count), mean in zip(points, means, strict=True))
        second = sum(day * (count - mean) for (day, count), mean in zip(points, means, strict=True))
        a, b = sum(means), sum(day * mean for (day, _), mean in zip(points, means, strict=True))
        c = sum(day * day * mean for (day, _), mean in zip(points, means, strict=True))
        size = a * c - b * b
        move = ((c * first - b * second) / size, (a * second - b * first) / size)
        # A long step is cut, so that counts on a single day cannot throw the search off.
        cut = min(1.0, 1.0 / max(abs(move[0]), 10 * abs(move[1]), 1e-12))
        level, slope = level + cut * move[0], slope + cut * move[1]
        if abs(move[0]) + abs(move[1]) < 1e-10:
            break
    return level, slope
