"""Wounds by their assessments: area, trend in words, when the next assessment is due. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.ltac.course.terms import Stage

EVERY = timedelta(days=7)
"""Days between assessments where nobody set another: weekly is usual, and said as such."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An assessment: sizes in centimetres, None where it was not measured; `next_on` is the next one as it was set."""

    day: date
    length: float | None = None
    width: float | None = None
    depth: float | None = None
    stage: Stage | None = None
    healed: bool = False
    next_on: date | None = None

    @property
    def area(self) -> float | None:
        """Length times width, in square centimetres: the usual figure, which overstates round wounds. Healed is 0."""
        if self.healed:
            return 0.0
        if self.length is None or self.width is None:
            return None
        return round(self.length * self.width, 2)


def figure(number: float) -> str:
    """`12`, `7.5`: at most one decimal."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


def size_text(one: Measured) -> str:
    """`4 x 3 x 0.5 cm, 12 cm2`; what was not measured is left out."""
    sides = [side for side in (one.length, one.width, one.depth) if side is not None]
    if one.healed:
        return "healed"
    if not sides:
        return "not measured"
    text = " x ".join(figure(side) for side in sides) + " cm"
    return f"{text}, {figure(one.area)} cm2" if one.area is not None else text


def trend(checks: Sequence[Measured]) -> str:
    """`12 to 7 cm2` from the first area to the last; one area alone is said as it is; empty where none was measured."""
    ordered = sorted(checks, key=lambda one: one.day)
    areas = [one.area for one in ordered if one.area is not None]
    if ordered and ordered[-1].healed:
        return "healed"
    if not areas:
        return ""
    first, last = figure(areas[0]), figure(areas[-1])
    return f"{last} cm2" if len(areas) == 1 else f"{first} to {last} cm2"


def direction(checks: Sequence[Measured]) -> int:
    """-1 where the last area is smaller than the one before it, 1 where it is larger, else 0."""
    areas = [one.area for one in sorted(checks, key=lambda one: one.day) if one.area is not None]
    if len(areas) < 2 or areas[-1] == areas[-2]:
        return 0
    return -1 if areas[-1] < areas[-2] else 1


def next_due(found_on: date, checks: Sequence[Measured]) -> date | None:
    """The day of the next assessment: as set, else a week after the last, at once without any; None where it healed."""
    last = latest(checks)
    if last is None:
        return found_on
    return None if last.healed else last.next_on or last.day + EVERY


def latest(checks: Sequence[Measured]) -> Measured | None:
    """The last assessment; of two on one day the one that was given later."""
    ordered = sorted(checks, key=lambda one: one.day)
    return ordered[-1] if ordered else None
