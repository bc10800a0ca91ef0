"""A funnel plot: groups by their size and share, the share of all, limits of 95 % and 99.8 %, names of outliers."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.funnels import Standing, along, standing
from app.web.charts.axis import LINE, Label, figure, fixed, shortened, ticks, width_of

WIDTH, LEFT, RIGHT, HIGH, LOW = 900.0, 54.0, 836.0, 22.0, 264.0
NAME_WIDTH = 280.0
_POINTS = 56


@dataclass(frozen=True, slots=True)
class Group:
    """What a point stands for."""

    name: str
    hits: float
    size: int


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a chart: its key on the page, its title, what a size counts (`index stays`), what groups are (`units`);
    `names` is whether outliers may be named."""

    id: str
    title: str
    sizes: str
    groups: str
    names: bool = True


@dataclass(frozen=True, slots=True)
class Dot:
    """A group with its tooltip."""

    x: float
    y: float
    signal: bool
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, ready for `funnel` of `components/chart.html`."""

    id: str
    title: str
    desc: str
    grid: tuple[tuple[float, str], ...]
    scale: tuple[tuple[float, str], ...]
    inner: tuple[str, ...]
    outer: tuple[str, ...]
    mean: float
    mean_text: str
    dots: tuple[Dot, ...]
    names: tuple[Label, ...]
    foot: str


class _Frame:
    """From sizes and shares to places."""

    def __init__(self, largest: int, top: float) -> None:
        self.sizes = ticks(0.0, largest * 1.04, 6)
        self.shares = ticks(0.0, top, 5)

    def x(self, size: float) -> float:
        return round(LEFT + size / self.sizes[-1] * (RIGHT - LEFT), 1)

    def y(self, share: float) -> float:
        return round(LOW - min(share, self.shares[-1]) / self.shares[-1] * (LOW - HIGH), 1)


def outliers(groups: Sequence[Group], share: float) -> list[tuple[Group, Standing]]:
    """The groups outside the inner limits, those furthest from the share of all first."""
    found = [(one, standing(one.hits, one.size, share)) for one in groups]
    beyond = [(one, where) for one, where in found if where is not Standing.WITHIN]
    return sorted(beyond, key=lambda pair: (-abs(pair[0].hits / pair[0].size - share), pair[0].name))


def draw(groups: Sequence[Group], share: float, said: Said) -> Drawing:
    """The chart of groups about the share of all. Groups have at least one case."""
    largest = max(one.size for one in groups)
    top = min(1.0, max([one.hits / one.size for one in groups] + [share * 1.6, 0.02]) * 1.08)
    frame = _Frame(largest, top)
    smallest = max(2, min(one.size for one in groups) // 2)
    step = max(1.0, (frame.sizes[-1] - smallest) / _POINTS)
    sizes = sorted({min(round(smallest + step * place), int(frame.sizes[-1])) for place in range(_POINTS + 1)})
    lines = [(frame.x(size), one) for size, one in along(share, sizes)]
    beyond = outliers(groups, share)
    return Drawing(
        said.id, said.title, described(groups, share, said),
        tuple((frame.y(one), f"{figure(100 * one)} %") for one in frame.shares),
        tuple((frame.x(one), figure(one, 0)) for one in frame.sizes[1:]),
        (_path(frame, [(x, one.low) for x, one in lines]), _path(frame, [(x, one.high) for x, one in lines])),
        (_path(frame, [(x, one.far_low) for x, one in lines]), _path(frame, [(x, one.far_high) for x, one in lines])),
        frame.y(share), _percent(share), tuple(_dot(frame, one, share, said) for one in groups),
        tuple(_names(frame, beyond, groups)) if said.names else (),
        f"{said.sizes} of each group · dotted 95 %, dashed 99.8 % limits · line: all groups together",
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{fixed(100 * share)} %"


def _path(frame: _Frame, points: Sequence[tuple[float, float]]) -> str:
    """The line inside the frame; what lies above it is not drawn."""
    inside = [(x, frame.y(share)) for x, share in points if 0.0 < share <= frame.shares[-1]]
    return "M" + "L".join(f"{x} {y}" for x, y in inside) if inside else ""


def _dot(frame: _Frame, one: Group, share: float, said: Said) -> Dot:
    where = standing(one.hits, one.size, share)
    name = one.name if said.names else "One of them"
    title = f"{name}: {_percent(one.hits / one.size)} of {one.size:,}, {where.words}"
    return Dot(frame.x(one.size), frame.y(one.hits / one.size), where is not Standing.WITHIN, title)


def _names(frame: _Frame, beyond: Sequence[tuple[Group, Standing]], groups: Sequence[Group]) -> list[Label]:
    """Names of outliers beside their points: none on another name, and on no other point where there is room."""
    points = [(frame.x(one.size), frame.y(one.hits / one.size), one) for one in groups]
    taken: list[_Box] = []
    found = []
    for one, _ in beyond:
        x, y = frame.x(one.size), frame.y(one.hits / one.size) + 4
        text = shortened(one.name, NAME_WIDTH)
        boxes = [box for box in _around(x, y, width_of(text)) if not any(box.meets(other) for other in taken)]
        others = [_Box(at - 6, at + 6, down + 4, True) for at, down, other in points if other != one]
        clear = (box for box in boxes if not any(box.meets(other) for other in others))
        box = next(clear, boxes[0] if boxes else None)
        if box is not None:
            taken.append(box)
            found.append(Label(x + 9 if box.right else x - 9, box.y, text, "t-red" if box.right else "t-red end"))
    return found


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a name would be written: one line that ends below at `y`, to the right of its point or to the left."""

    start: float
    end: float
    y: float
    right: bool

    def meets(self, other: "_Box") -> bool:
        """Whether one covers a part of the other."""
        return self.start < other.end and other.start < self.end and abs(self.y - other.y) < LINE


def _around(x: float, y: float, wide: float) -> list[_Box]:
    """The places for a name, the nearest first."""
    lines = [min(max(y, HIGH), LOW) + LINE * step for step in range(-20, 21)]
    near = sorted((round(line, 1) for line in lines if HIGH <= line <= LOW), key=lambda line: abs(line - y))
    right, left = x + 9 + wide <= RIGHT, x - 9 - wide >= LEFT
    return [
        box for line in near
        for box, room in ((_Box(x + 9, x + 9 + wide, line, True), right or not left),
                          (_Box(x - 9 - wide, x - 9, line, False), left))
        if room
    ]  # fmt: skip


def described(groups: Sequence[Group], share: float, said: Said) -> str:
    """The result in words, for who cannot see the drawing."""
    text = f"{len(groups)} {said.groups} by number of {said.sizes}. All together {_percent(share)}."
    beyond = outliers(groups, share)
    if not beyond:
        return f"{text} All lie within the limits of 95 percent."
    if not said.names:
        return f"{text} {len(beyond)} lie outside the limits of 95 percent."
    each = [f"{one.name}, {_percent(one.hits / one.size)} of {one.size:,}, {where.words}" for one, where in beyond[:6]]
    more = f"; and {len(beyond) - 6} more" if len(beyond) > 6 else ""
    return f"{text} Outside the limits: {'; '.join(each)}{more}."


def finding(groups: Sequence[Group], share: float, said: Said) -> str:
    """The result in one sentence, for the title of the card: `Oncology and 5 South are above the limit`."""
    beyond = outliers(groups, share)
    if not beyond:
        return f"All {len(groups)} {said.groups} are within the limits of chance"
    if not said.names:
        return f"{len(beyond)} of {len(groups)} {said.groups} are outside the limits of chance"
    sides = [
        ("above", [one.name for one, where in beyond if where in (Standing.ABOVE, Standing.FAR_ABOVE)]),
        ("below", [one.name for one, where in beyond if where in (Standing.BELOW, Standing.FAR_BELOW)]),
    ]
    parts = [f"{_listed(names)} {'lies' if len(names) == 1 else 'lie'} {side}" for side, names in sides if names]
    return f"{' and '.join(parts)} the limits of chance"


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
