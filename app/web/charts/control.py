"""A control chart: points, mean, limits, the rule that was broken in words, dotted lines where something was done."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.control_charts import Chart, Rule, Signal
from app.web.charts.axis import LINE, Label, apart, figure, fixed, in_rows, ticks, width_of

WIDTH, LEFT, RIGHT, HIGH, LOW = 900.0, 44.0, 836.0, 34.0, 244.0
_RULES = {Rule.BEYOND: 1, Rule.NEAR: 2, Rule.SHIFT: 3}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a chart: its key on the page, its title, what limits rest on, what a point is (`week`), and the
    unit behind the figures of the scale (`%`)."""

    id: str
    title: str
    limits: str
    point: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with its tooltip."""

    x: float
    y: float
    signal: bool
    title: str


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done before a point; `words` stand beside its dotted line."""

    before: int
    words: str


@dataclass(frozen=True, slots=True)
class Later:
    """A point that may still change: drawn apart, and no part of mean, limits or rules."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for `control` of `components/chart.html`."""

    id: str
    title: str
    desc: str
    height: float
    high: float
    low: float
    grid: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]
    path: str
    means: tuple[str, ...]
    limits: tuple[str, ...]
    ends: tuple[Label, ...]
    actions: tuple[float, ...]
    notes: tuple[Label, ...]
    days: tuple[tuple[float, str], ...]
    foot: tuple[str, ...]
    later: tuple[Dot, ...] = ()
    onward: str = ""
    band: tuple[float, float] = (0.0, 0.0)  # where what may still change begins, and how wide that is


@dataclass(frozen=True, slots=True)
class _Frame:
    """From points and values to places."""

    count: int
    bottom: float
    top: float
    high: float
    low: float

    def x(self, point: float) -> float:
        width = (RIGHT - LEFT) / max(self.count, 1)
        return round(LEFT + (point + 0.5) * width, 1)

    def y(self, value: float) -> float:
        span = self.top - self.bottom
        return round(self.low - (value - self.bottom) / span * (self.low - self.high), 1)


def draw(
    chart: Chart, labels: Sequence[str], said: Said, done: Sequence[Done] = (), later: Sequence[Later] = ()
) -> Drawing:
    """The chart; `labels` name the points, and `later` are those that follow them and may still change."""
    coming = [one.value for one in later]
    upmost = max([*chart.values, *coming, *(one.upper for one in chart.levels)], default=1.0)
    lowest = min([0.0, *chart.values, *coming, *(one.lower for one in chart.levels)])
    marks = ticks(lowest, upmost, 5)
    count = len(labels) + len(later)
    lines = [Label(LEFT + 4, 12, one.words) for one in done]
    rows = in_rows([Label(_edge(one, count) + 4, 12, one.words) for one in done], LEFT, RIGHT) if lines else []
    high = max([HIGH, *(one.y + LINE for one in rows)])
    frame = _Frame(count, marks[0], marks[-1], high, LOW + high - HIGH)
    foot = tuple(_foot(chart, said, later))
    return Drawing(
        said.id, said.title, described(chart, said, labels, later), frame.low + 34 + 15 * len(foot), high, frame.low,
        tuple((frame.y(one), f"{figure(one, 2)} {said.unit}".strip()) for one in marks),
        tuple(_dot(chart, frame, (place, text), said) for place, text in enumerate(labels)),
        "M" + "L".join(f"{frame.x(place)} {frame.y(value)}" for place, value in enumerate(chart.values)),
        tuple(_steps(frame, [one.mean for one in chart.levels], chart.starts)),
        tuple(
            path
            for values in ([one.upper for one in chart.levels], [one.lower for one in chart.levels])
            for path in _steps(frame, values, chart.starts)
        ),
        tuple(_ends(chart, frame, said)), tuple(_edge(one, count) for one in done), tuple(rows),
        tuple(_days(frame, [*labels, *(one.label for one in later)])), foot, *_apart(chart, frame, said, later),
    )  # fmt: skip


def _apart(
    chart: Chart, frame: _Frame, said: Said, later: Sequence[Later]
) -> tuple[tuple[Dot, ...], str, tuple[float, float]]:
    """Points that may still change, the line that leads to them, and the band behind them."""
    if not later:
        return (), "", (0.0, 0.0)
    first, width = len(chart.values), (RIGHT - LEFT) / frame.count
    dots = tuple(
        Dot(frame.x(first + place), frame.y(one.value), False,
            f"{one.label}: {_short(chart, one.value, said)}, provisional")
        for place, one in enumerate(later)
    )  # fmt: skip
    begun = [(frame.x(first - 1), frame.y(chart.values[-1]))] if first else []
    path = "M" + "L".join(f"{x} {y}" for x, y in [*begun, *((one.x, one.y) for one in dots)])
    return dots, path, (round(LEFT + first * width, 1), round(len(later) * width, 1))


def _edge(done: Done, count: int) -> float:
    width = (RIGHT - LEFT) / max(count, 1)
    return round(LEFT + done.before * width, 1)


def _dot(chart: Chart, frame: _Frame, point: tuple[int, str], said: Said) -> Dot:
    place, text = point
    value, level = chart.values[place], chart.levels[place]
    told = [one.rule.words for one in chart.signals if one.first <= place <= one.last]
    low, high = _short(chart, level.lower, said), _short(chart, level.upper, said)
    title = f"{text}: {_short(chart, value, said)}, expected {low} to {high}"
    return Dot(frame.x(place), frame.y(value), bool(told), "; ".join([title, *dict.fromkeys(told)]))


def _steps(frame: _Frame, values: Sequence[float], starts: Sequence[int]) -> list[str]:
    """A path for each stretch, with a step where the size of the points changes."""
    width = (RIGHT - LEFT) / max(frame.count, 1)
    found = []
    for place, first in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(values)
        parts = [
            f"{LEFT + point * width:.1f} {frame.y(values[point])}L{LEFT + (point + 1) * width:.1f}"
            f" {frame.y(values[point])}"
            for point in range(first, end)
            if point == first or values[point] != values[point - 1] or point == end - 1
        ]
        found.append("M" + "L".join(parts))
    return found


def _short(chart: Chart, value: float, said: Said) -> str:
    """A figure beside the drawing: one digit where the chart goes to ten and beyond."""
    return f"{fixed(value, 1 if max(one.upper for one in chart.levels) >= 10 else 2)} {said.unit}".strip()


def _ends(chart: Chart, frame: _Frame, said: Said) -> list[Label]:
    if not chart.levels:
        return []
    last = chart.levels[-1]
    labels = [
        Label(RIGHT + 5, frame.y(last.upper) + 4, _short(chart, last.upper, said)),
        Label(RIGHT + 5, frame.y(last.mean) + 4, _short(chart, last.mean, said), "t-green"),
        Label(RIGHT + 5, frame.y(last.lower) + 4, _short(chart, last.lower, said)),
    ]
    return apart(labels, frame.high, frame.low + 4)


def _days(frame: _Frame, labels: Sequence[str]) -> list[tuple[float, str]]:
    """As many names of points as fit beside each other, the same number of points apart."""
    if not labels:
        return []
    room = max(map(width_of, labels)) + 14
    each = max(1, -(-int(room) // max(1, int((RIGHT - LEFT) / len(labels)))))
    return [(frame.x(place), text) for place, text in enumerate(labels) if place % each == 0]


def _foot(chart: Chart, said: Said, later: Sequence[Later]) -> list[str]:
    told = {one.rule for one in chart.signals}
    found = [
        f"Filled: rule {_RULES[rule]}, {rule.words}{_where(chart, rule)}." for rule in Rule if rule in told
    ]  # fmt: skip
    if not told:
        found = ["No rule is broken: what is seen is what chance gives."]
    if later:
        found.append("Hatched: provisional, may still change; no part of mean, limits and rules.")
    return [*found, f"Line: mean. Dashed: {said.limits}. Dotted: something was done."]


def _where(chart: Chart, rule: Rule) -> str:
    earlier = any(one.earlier for one in chart.signals if one.rule is rule)
    return " from before the action" if earlier else ""


def described(chart: Chart, said: Said, labels: Sequence[str], later: Sequence[Later] = ()) -> str:
    """The result in words, for who cannot see the drawing."""
    if not chart.values:
        return "No points."
    first, last = chart.levels[0], chart.levels[-1]
    text = f"Control chart of {len(labels)} {said.point}s, {labels[0]} to {labels[-1]}."
    low, high = _short(chart, first.lower, said), _short(chart, first.upper, said)
    text += f" Mean {_short(chart, first.mean, said)}, limits {low} to {high}."
    if len(chart.starts) > 1:
        text += f" Since {labels[chart.starts[-1]]} the mean is {_short(chart, last.mean, said)}."
    told = strongest(chart.signals)
    text += f" {sentence(told, labels) if told else 'No rule is broken.'}"
    each = ", ".join(f"{one.label} {_short(chart, one.value, said)}" for one in later)
    return f"{text} Provisional and not judged: {each}." if later else text


def strongest(signals: Sequence[Signal]) -> Signal | None:
    """The signal to name first: a shift before single points, the latest of its kind."""
    ranked = {Rule.SHIFT: 2, Rule.BEYOND: 1, Rule.NEAR: 0}
    return max(signals, key=lambda one: (ranked[one.rule], one.last), default=None)


def sentence(one: Signal, labels: Sequence[str]) -> str:
    """A signal in words."""
    side = "above" if one.above else "below"
    if one.rule is Rule.SHIFT:
        mean = "the mean from before the action" if one.earlier else "the mean"
        return f"{one.last - one.first + 1} in a row {side} {mean} from {labels[one.first]}: a shift."
    if one.rule is Rule.BEYOND:
        return f"{labels[one.first]} lies {side} the 3-sigma limit."
    return f"Two of three far {side} the mean, {labels[one.first]} to {labels[one.last]}."
