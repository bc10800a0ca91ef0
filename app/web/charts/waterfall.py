"""A waterfall: from all cases to those that count, step by step what is taken away and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.axis import shortened

WIDTH, LABELS, LEFT, RIGHT = 900.0, 390.0, 400.0, 800.0
TOP, ROW, HEIGHT = 10.0, 25.0, 16.0


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a chart: its key on the page, its title, what all are (`All discharges`), and those left."""

    id: str
    title: str
    whole: str
    left: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A step, or one of the two ends."""

    label: str
    kind: str
    x: float
    y: float
    text_y: float
    width: float
    value_x: float
    value: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for `waterfall` of `components/chart.html`."""

    id: str
    title: str
    desc: str
    height: float
    bars: tuple[Bar, ...]
    links: tuple[tuple[float, float, float], ...]


def draw(whole: int, steps: Sequence[tuple[str, int]], said: Said) -> Drawing:
    """The chart of what is taken from the whole; steps of nothing are left out."""
    taken = [(name, number) for name, number in steps if number]
    left, bars, links = whole, [], []
    bars.append(_bar(said.whole, "keep", (0, whole, whole), 0))
    for place, (name, number) in enumerate(taken, start=1):
        bars.append(_bar(name, "drop", (left - number, number, whole), place))
        left -= number
        links.append((_x(left, whole), bars[-1].y, bars[-1].y + ROW + 2))
    bars.append(_bar(said.left, "keep", (0, left, whole), len(taken) + 1))
    each = "; ".join(f"{number:,} {name}" for name, number in taken)
    desc = f"{whole:,} {said.whole.lower()} less {each or 'nothing'} leaves {left:,} {said.left.lower()}."
    return Drawing(said.id, said.title, desc, TOP + ROW * len(bars) + 6, tuple(bars), tuple(links))


def _x(value: float, whole: int) -> float:
    return round(LEFT + value / max(whole, 1) * (RIGHT - LEFT), 1)


def _bar(label: str, kind: str, part: tuple[int, int, int], place: int) -> Bar:
    """`part`: from where, how much, of what."""
    first, number, whole = part
    y = TOP + ROW * place
    width = round(max(1.0, _x(first + number, whole) - _x(first, whole)), 1)
    value = f"{number:,}" if kind == "keep" else f"− {number:,}"
    return Bar(shortened(label, LABELS), kind, _x(first, whole), y, y + 12, width, RIGHT + 8, value)
