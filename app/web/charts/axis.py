"""Round numbers along an axis, figures in words, and labels that do not cover one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

LETTER = 6.1
"""Width of a letter of eleven pixels, in units of the drawing; on the safe side."""
LINE = 12.0
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def step_for(span: float, most: int) -> float:
    """The smallest round step that divides a span into no more than so many parts."""
    if span <= 0:
        return 1.0
    power = 10.0 ** floor(log10(span / most))
    return next(one * power for one in (*_ROUND, 20.0) if span / (one * power) <= most + 1e-9)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    step = step_for(high - low, most)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(place * step, 10) for place in range(first, max(last, first + 1) + 1)]


def figure(value: float, digits: int = 1) -> str:
    """`12`, `7.4`: no more digits than asked for, none where they are zero; thousands apart."""
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: float, digits: int = 1) -> str:
    """`12.0`, `7.4`: as many digits in each, so that figures below one another can be compared."""
    return f"{value:,.{digits}f}"


def percent(share: float) -> str:
    """`62 %`."""
    return f"{share * 100:.0f} %"


def width_of(text: str) -> float:
    """About how wide a text is drawn."""
    return len(text) * LETTER


def shortened(text: str, width: float) -> str:
    """The text, cut with an ellipsis where it would not fit."""
    most = int(width / LETTER)
    return text if len(text) <= most else text[: max(1, most - 1)].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place, and how it looks."""

    x: float
    y: float
    text: str
    kind: str = ""


def apart(labels: Sequence[Label], top: float, bottom: float, gap: float = LINE) -> list[Label]:
    """Labels of one column moved up and down until none covers another, in their order from top to bottom."""
    found = sorted(labels, key=lambda one: one.y)
    places = [min(max(one.y, top), bottom) for one in found]
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + gap)
    limit = bottom
    for place in reversed(range(len(places))):
        places[place] = min(places[place], limit)
        limit = places[place] - gap
    return [Label(one.x, round(y, 1), one.text, one.kind) for one, y in zip(found, places, strict=True)]


def in_rows(labels: Sequence[Label], left: float, right: float) -> list[Label]:
    """Labels of one line put into as many lines as they need, each a line below the one that it would cover.

    `x` is the left edge of each; one that would pass the right edge is moved to the left.
    """
    ends: list[float] = []
    found: list[Label] = []
    for one in sorted(labels, key=lambda label: label.x):
        x = max(left, min(one.x, right - width_of(one.text)))
        row = next((place for place, end in enumerate(ends) if end < x), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = x + width_of(one.text) + LETTER
        found.append(Label(round(x, 1), one.y + row * LINE, one.text, one.kind))
    return found
