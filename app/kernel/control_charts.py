"""Control charts: the mean of a series, limits of what chance alone would give, and the rules that a signal breaks.

Limits come from the series itself. XmR (individual values): mean and 2.66 times the mean moving range of neighbours,
which is three sigma (3 divided by 1.128, the expected range of two). u (counts in areas of unequal size) and p (shares
of unequal numbers): three sigma of the Poisson and of the binomial distribution for the size of each point.

The rules are tests 1, 2 and 4 of the Western Electric Statistical Quality Control Handbook (1956). A point on the mean
ends a run. Limits are computed anew only where something was done, once there are enough points on both sides of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import sqrt

XMR = 2.66
FEWEST = 12
"""Points below which no chart is drawn: limits of fewer say little."""
ENOUGH = 8
"""Points on each side of an action below which it is too early to say anything."""
RUN = 8


class Rule(StrEnum):
    """What chance alone rarely does."""

    BEYOND = "beyond"  # one point beyond three sigma
    NEAR = "near"  # two of three points in a row beyond two sigma on the same side
    SHIFT = "shift"  # eight or more points in a row on the same side of the mean

    @property
    def words(self) -> str:
        """As a chart says it."""
        return _WORDS[self]


_WORDS = {
    Rule.BEYOND: "a point beyond the 3-sigma limit",
    Rule.NEAR: "2 of 3 points beyond 2 sigma on one side",
    Rule.SHIFT: "8 or more points in a row on one side of the mean",
}


@dataclass(frozen=True, slots=True)
class Level:
    """What is expected at one point: the mean, and the limits three sigma away from it."""

    mean: float
    lower: float
    upper: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule that the points from `first` to `last` break, above or below the mean."""

    rule: Rule
    first: int
    last: int
    above: bool
    earlier: bool = False  # measured against the level from before an action


@dataclass(frozen=True, slots=True)
class Chart:
    """A series with what was expected at each point. `starts`: the points at which limits begin."""

    values: tuple[float, ...]
    levels: tuple[Level, ...]
    starts: tuple[int, ...]
    signals: tuple[Signal, ...]

    @property
    def drawn(self) -> bool:
        """Whether there are enough points for a chart; else a table says more."""
        return len(self.values) >= FEWEST


@dataclass(frozen=True, slots=True)
class Moved:
    """The series before and after something was done. Without a signal the difference may be chance."""

    before: float | None
    after: float | None
    points: int
    too_early: bool
    signal: Signal | None


Expects = Callable[[int, int, Sequence[int]], list[Level]]
"""From a stretch of points (first, beyond the last) to the levels of any points."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values with how to find what is expected of them."""

    values: tuple[float, ...]
    expects: Expects


def individuals(values: Sequence[float], *, floor: float | None = 0.0) -> Series:
    """XmR: one value each, limits from the moving range. `floor` is what no value can lie below."""
    kept = tuple(values)

    def expects(first: int, end: int, points: Sequence[int]) -> list[Level]:
        part = kept[first:end]
        mean = sum(part) / len(part)
        ranges = [abs(later - earlier) for earlier, later in pairwise(part)]
        reach = XMR * sum(ranges) / len(ranges) if ranges else 0.0
        level = Level(mean, _floored(mean - reach, floor), mean + reach, reach / 3)
        return [level] * len(points)

    return Series(kept, expects)


def rates(counts: Sequence[float], sizes: Sequence[float]) -> Series:
    """u: counts for sizes, such as lost days for hundreds of patient days. Sizes are above 0."""

    def expects(first: int, end: int, points: Sequence[int]) -> list[Level]:
        mean = sum(counts[first:end]) / sum(sizes[first:end])
        return [_level(mean, sqrt(mean / sizes[point]), None) for point in points]

    return Series(tuple(count / size for count, size in zip(counts, sizes, strict=True)), expects)


def shares(counts: Sequence[float], numbers: Sequence[float]) -> Series:
    """p: how many of a number, as a share from 0 to 1. Numbers are above 0."""

    def expects(first: int, end: int, points: Sequence[int]) -> list[Level]:
        mean = sum(counts[first:end]) / sum(numbers[first:end])
        return [_level(mean, sqrt(mean * (1 - mean) / numbers[point]), 1.0) for point in points]

    return Series(tuple(count / number for count, number in zip(counts, numbers, strict=True)), expects)


def _level(mean: float, sigma: float, ceiling: float | None) -> Level:
    upper = mean + 3 * sigma
    return Level(mean, _floored(mean - 3 * sigma, 0.0), upper if ceiling is None else min(upper, ceiling), sigma)


def _floored(value: float, floor: float | None) -> float:
    return value if floor is None else max(value, floor)


def chart(series: Series, actions: Sequence[int] = ()) -> Chart:
    """The series with its limits and signals. `actions`: the first points after something was done.

    An action with fewer than eight points on one side keeps the limits that were: it is too early for others.
    """
    count = len(series.values)
    if not count:
        return Chart((), (), (), ())
    starts = _starts(actions, count)
    levels: list[Level] = []
    signals: list[Signal] = []
    for place, first in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else count
        points = range(first, end)
        own = series.expects(first, end, points)
        signals += find_signals(series.values[first:end], own, first)
        if place:
            old = series.expects(starts[place - 1], first, points)
            signals += [
                Signal(one.rule, one.first, one.last, one.above, True)
                for one in find_signals(series.values[first:end], old, first)
                if one.rule is Rule.SHIFT
            ]
        levels += own
    return Chart(series.values, tuple(levels), tuple(starts), tuple(signals))


def _starts(actions: Sequence[int], count: int) -> list[int]:
    found = [0]
    for one in sorted(set(actions)):
        if one - found[-1] >= ENOUGH and count - one >= ENOUGH:
            found.append(one)
    return found


def find_signals(values: Sequence[float], levels: Sequence[Level], offset: int = 0) -> list[Signal]:
    """Every rule that these points break; `offset` is the number of the first of them."""
    found = [
        Signal(Rule.BEYOND, offset + place, offset + place, value > level.mean)
        for place, (value, level) in enumerate(zip(values, levels, strict=True))
        if value > level.upper or value < level.lower
    ]
    found += _near(values, levels, offset)
    found += _shifts(values, levels, offset)
    return found


def _near(values: Sequence[float], levels: Sequence[Level], offset: int) -> list[Signal]:
    """Each stretch of three, of whose points two lie far out on one side; the stretch begins and ends with such."""
    sides = [
        0 if abs(value - level.mean) <= 2 * level.sigma else (1 if value > level.mean else -1)
        for value, level in zip(values, levels, strict=True)
    ]
    found: list[Signal] = []
    for place, side in enumerate(sides):
        before = next((place - back for back in (1, 2) if place >= back and sides[place - back] == side), None)
        if side and before is not None:
            found.append(Signal(Rule.NEAR, offset + before, offset + place, side > 0))
    return found


def _shifts(values: Sequence[float], levels: Sequence[Level], offset: int) -> list[Signal]:
    sides = [(value > level.mean) - (value < level.mean) for value, level in zip(values, levels, strict=True)]
    found: list[Signal] = []
    first = 0
    for place in range(len(sides) + 1):
        if place < len(sides) and sides[place] == sides[first]:
            continue
        if sides and sides[first] and place - first >= RUN:
            found.append(Signal(Rule.SHIFT, offset + first, offset + place - 1, sides[first] > 0))
        first = place
    return found


def moved(series: Series, at: int) -> Moved:
    """Whether the series moved when something was done before the point `at`: the points after it are measured against
    the limits of those before it."""
    count = len(series.values)
    before, after = series.values[:at], series.values[at:]
    early = len(before) < ENOUGH or len(after) < ENOUGH
    signal = None
    if not early:
        levels = series.expects(0, at, range(at, count))
        found = find_signals(after, levels, at)
        ranked = {Rule.SHIFT: 0, Rule.BEYOND: 1, Rule.NEAR: 2}
        signal = min(found, key=lambda one: (ranked[one.rule], one.first), default=None)
    return Moved(_middle(series, 0, at), _middle(series, at, count), len(after), early, signal)


def _middle(series: Series, first: int, end: int) -> float | None:
    return series.expects(first, end, [first])[0].mean if end > first else None
