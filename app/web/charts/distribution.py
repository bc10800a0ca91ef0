"""A distribution: how many cases lie in each interval of a value, with its median and quartiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from app.kernel.shares import median, percentile
from app.web.charts.axis import Label, figure, in_rows, step_for, ticks

WIDTH, LEFT, RIGHT, HIGH, LOW = 900.0, 44.0, 870.0, 40.0, 244.0
MOST_BARS = 24
_REACH = 98  # percent of the cases that the bars show one by one; what is longer stands in the last


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a chart: its key on the page, its title, the unit of the values (`days`), what is counted (`stays`)."""

    id: str
    title: str
    unit: str
    cases: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Cases with a value from `first` to below `end`; the last one has no end."""

    first: float
    end: float | None
    cases: int

    @property
    def words(self) -> str:
        """`3 to 4`, `20 and more`."""
        if self.end is None:
            return f"{figure(self.first, 2)} and more"
        return f"{figure(self.first, 2)} to {figure(self.end, 2)}"


@dataclass(frozen=True, slots=True)
class Spread:
    """Intervals with median and quartiles; the quartiles are values that occur (nearest rank)."""

    intervals: tuple[Interval, ...]
    low: float
    middle: float
    high: float
    cases: int


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval as it is drawn."""

    x: float
    y: float
    width: float
    height: float
    title: str
    last: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for `distribution` of `components/chart.html`."""

    id: str
    title: str
    desc: str
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, str], ...]
    scale: tuple[tuple[float, str], ...]
    marks: tuple[float, ...]
    notes: tuple[Label, ...]
    foot: str


def spread(values: Sequence[float]) -> Spread | None:
    """The distribution of these values; None without one. Intervals have one width; what is very long stands together
    in the last, so that the others can be told apart."""
    if not values:
        return None
    ordered = sorted(values)
    reach = percentile(ordered, _REACH) or ordered[-1]
    first = min(0.0, ordered[0])
    step = step_for(max(reach - first, 1e-9), MOST_BARS - 1)
    start = floor(first / step) * step
    count = max(1, min(MOST_BARS, floor((ordered[-1] - start) / step + 1e-9) + 1))
    numbers = [0] * count
    for one in ordered:
        numbers[min(count - 1, floor((one - start) / step + 1e-9))] += 1
    beyond = ordered[-1] >= start + step * count - 1e-9
    intervals = tuple(
        Interval(
            round(start + place * step, 6),
            None if beyond and place == count - 1 else round(start + (place + 1) * step, 6),
            number,
        )
        for place, number in enumerate(numbers)
    )
    middle = median(ordered)
    quarter, rest = percentile(ordered, 25), percentile(ordered, 75)
    assert middle is not None and quarter is not None and rest is not None, "there is a value"
    return Spread(intervals, quarter, middle, rest, len(ordered))


def finding(found: Spread, said: Said) -> str:
    """The result in one sentence: `Half of 2,957 stays take 3 to 7 days, the middle one 4`."""
    if found.low == found.high:
        return f"Half of {found.cases:,} {said.cases} take {figure(found.middle, 1)} {said.unit}"
    span = f"{figure(found.low, 1)} to {figure(found.high, 1)} {said.unit}"
    return f"Half of {found.cases:,} {said.cases} take {span}, the middle one {figure(found.middle, 1)}"


def draw(found: Spread, said: Said) -> Drawing:
    """The chart."""
    marks = ticks(0.0, max(one.cases for one in found.intervals), 4)
    width = (RIGHT - LEFT) / len(found.intervals)
    start = found.intervals[0].first
    last = found.intervals[-1]
    step = found.intervals[0].end - start if found.intervals[0].end is not None else 1.0

    def x(value: float) -> float:
        return round(min(RIGHT, LEFT + (value - start) / step * width), 1)

    def y(cases: float) -> float:
        return round(LOW - cases / marks[-1] * (LOW - HIGH), 1)

    bars = tuple(
        Bar(round(LEFT + place * width + 0.5, 1), y(one.cases), round(max(1.0, width - 1), 1),
            round(LOW - y(one.cases), 1), f"{one.words} {said.unit}: {one.cases:,} {said.cases}", one.end is None)
        for place, one in enumerate(found.intervals)
    )  # fmt: skip
    each = max(1, -(-len(found.intervals) // 12))
    scale = tuple((x(one.first), figure(one.first, 2)) for one in found.intervals[::each])
    lines = [(found.low, "quarter"), (found.middle, "median"), (found.high, "three quarters")]
    notes = in_rows([Label(x(value) + 4, 12, f"{name} {figure(value, 1)}") for value, name in lines], LEFT, RIGHT)
    foot = f"{said.unit}; each bar {figure(step, 2)} wide" + (f", the last {last.words}" if last.end is None else "")
    return Drawing(
        said.id, said.title, described(found, said), bars, tuple((y(one), figure(one, 0)) for one in marks), scale,
        tuple(x(value) for value, _ in lines), tuple(notes), foot,
    )  # fmt: skip


def described(found: Spread, said: Said) -> str:
    """The result in words, for who cannot see the drawing."""
    most = max(found.intervals, key=lambda one: one.cases)
    return (
        f"{found.cases:,} {said.cases}. A quarter lies at or below {figure(found.low, 1)} {said.unit}, the median is"
        f" {figure(found.middle, 1)}, three quarters lie at or below {figure(found.high, 1)}. Most frequent:"
        f" {most.words} {said.unit}, {most.cases:,} {said.cases}."
    )
