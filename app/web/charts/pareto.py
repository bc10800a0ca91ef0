"""A Pareto chart: horizontal bars in falling order, the first that pass 60 % set apart, the running share as a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.axis import figure, percent, shortened, ticks, width_of

VITAL = 0.60
"""The first bars that together pass this share are the ones that matter."""
MOST_BARS = 12
WIDTH, LABELS, LEFT, RIGHT, SHARES = 900.0, 338.0, 348.0, 790.0, 812.0
TOP, ROW, HEIGHT = 26.0, 25.0, 17.0


@dataclass(frozen=True, slots=True)
class Bar:
    """What a bar stands for: its name, a mark behind it such as a code, and how much it is."""

    label: str
    mark: str
    value: float


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar with its texts, in units of the drawing."""

    label: str
    mark: str
    kind: str
    y: float
    text_y: float
    width: float
    value_x: float
    value: str
    share: str
    point_x: float
    point_y: float
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for `pareto` of `components/chart.html`."""

    id: str
    title: str
    desc: str
    foot: str
    height: float
    bottom: float
    bars: tuple[DrawnBar, ...]
    lines: tuple[tuple[float, str], ...]
    scale: tuple[tuple[float, str], ...]
    path: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a chart: its key on the page, its title, and what is counted (`days`)."""

    id: str
    title: str
    unit: str


def vital(values: Sequence[float]) -> int:
    """How many of the values, which fall, are needed to pass 60 % of their sum."""
    whole, running = sum(values), 0.0
    for place, value in enumerate(values, start=1):
        running += value
        if whole and running >= VITAL * whole - 1e-9:
            return place
    return 0


def finding(bars: Sequence[Bar], what: str, unit: str) -> str:
    """The result in one sentence, for the title of the card: `Four reasons make 62 % of the days`."""
    whole = sum(one.value for one in bars)
    if not whole:
        return f"No {unit} in this period"
    count = vital([one.value for one in bars])
    share = percent(sum(one.value for one in bars[:count]) / whole)
    if count == 1:
        return f"{bars[0].label} makes {share} of the {unit}"
    return f"{_number(count)} {what} make {share} of the {unit}"


def _number(count: int) -> str:
    words = ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    return words[count] if count < len(words) else str(count)


def draw(bars: Sequence[Bar], said: Said) -> Drawing:
    """The chart of bars that are in falling order; the smallest ones together are the last bar."""
    shown, rest = _folded(bars)
    whole = sum(one.value for one in bars)
    many = vital([one.value for one in bars])
    longest = max((one.value for one in shown), default=0.0)
    marks = ticks(0.0, longest or 1.0, 4)
    top = max(marks[-1], longest * 1.15)
    running, drawn = 0.0, []
    for place, one in enumerate(shown):
        running += one.value
        kind = "lo" if rest and place == len(shown) - 1 else ("hi" if place < many else "")
        drawn.append(_bar(one, place, _Scale(top, whole, running, kind, said.unit)))
    bottom = TOP + ROW * len(shown) - 4
    return Drawing(
        said.id, said.title, _described(bars, said), f"{said.unit} (bars) and running share (line)", bottom + 34,
        bottom, tuple(drawn), tuple((_x(one, top), figure(one)) for one in marks if one <= top),
        tuple((LEFT + part * (RIGHT - LEFT), percent(part)) for part in (0.0, 0.5, 1.0)),
        "M" + "L".join(f"{one.point_x:.1f} {one.point_y:.1f}" for one in drawn) if drawn else "",
    )  # fmt: skip


def _folded(bars: Sequence[Bar]) -> tuple[list[Bar], int]:
    if len(bars) <= MOST_BARS:
        return list(bars), 0
    rest = bars[MOST_BARS - 1 :]
    return [*bars[: MOST_BARS - 1], Bar(f"All other, {len(rest)}", "", sum(one.value for one in rest))], len(rest)


@dataclass(frozen=True, slots=True)
class _Scale:
    top: float
    whole: float
    running: float
    kind: str
    unit: str


def _x(value: float, top: float) -> float:
    return round(LEFT + value / top * (RIGHT - LEFT), 1)


def _bar(one: Bar, place: int, scale: _Scale) -> DrawnBar:
    y = TOP + place * ROW
    end = _x(one.value, scale.top)
    share = scale.running / scale.whole if scale.whole else 0.0
    point = round(LEFT + share * (RIGHT - LEFT), 1)
    text = figure(one.value)
    value_x = end + 6
    if value_x - 8 < point < value_x + width_of(text) + 4:
        value_x = point + 9
    room = LABELS - 6 - (width_of(one.mark) + 8 if one.mark else 0)
    title = f"{one.label}{' ' + one.mark if one.mark else ''}: {text} {scale.unit}, together {percent(share)}"
    return DrawnBar(
        shortened(one.label, room), one.mark, scale.kind, y, y + 13, round(end - LEFT, 1), round(value_x, 1), text,
        percent(share), point, y + HEIGHT / 2, title,
    )  # fmt: skip


def _described(bars: Sequence[Bar], said: Said) -> str:
    if not bars:
        return f"No {said.unit}."
    whole = sum(one.value for one in bars)
    first = ", ".join(f"{one.label} {figure(one.value)}" for one in bars[:4])
    many = vital([one.value for one in bars])
    share = percent(sum(one.value for one in bars[:many]) / whole) if whole else "0 %"
    count = "One bar" if len(bars) == 1 else f"{len(bars)} bars in falling order"
    return (
        f"{count} with a line for the running share. {first}. The first {many} make {share} of {figure(whole)}"
        f" {said.unit}."
    )
