"""A criteria set from its text: TOML for people, JSON for the database, the same form in both.

Every fault is told with its line, what is wrong and what to do, so that a hospital can write its own sets.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from app.reviews.criteria.rules import MOST_POINTS
from app.reviews.criteria.terms import CriteriaSet, Measure, Point, Window

LARGEST = 200_000
"""Characters of the longest text that is read; the largest shipped set has a thirtieth of it."""
LONGEST_LINE = 160
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,11}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_PLACE = re.compile(r"at `\$([^`]*)`")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_TYPES = {
    "str": "text in quotes", "int": "a whole number", "array": "a list", "date": "a day such as 2026-03-01",
    "date | null": "a day such as 2026-03-01", "decimal": "a number", "decimal | null": "a number",
    "object": "an entry", "object | null": "an entry", "int | null": "a whole number", "float": "a number",
    "bool": "true or false", "datetime": "a day with a time",
}  # fmt: skip
_ENTRY = re.compile(r"\s*\[\[?\s*(\w+)\s*\]\]?")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")

Path = tuple[str | int, ...]


class Fault(msgspec.Struct, frozen=True):
    """One thing to correct. `line` is 0 where the whole text is meant."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}" if self.line else self.sentence


class Unreadable(ValueError):
    """The text is no criteria set; `faults` says what to correct, in the order of its lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(" ".join(str(one) for one in faults))
        self.faults = faults


def read_set(text: str) -> CriteriaSet:
    """The set that a TOML text describes. Unreadable when it does not describe one."""
    if len(text) > LARGEST:
        raise Unreadable([Fault(0, f"The text is longer than {LARGEST} characters. Divide the set.")])
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable([_syntax(str(error), text)]) from error
    except (ValueError, ArithmeticError) as error:
        raise Unreadable([Fault(0, "A number in the text is too large. Write one that can be measured.")]) from error
    except RecursionError as error:
        raise Unreadable([Fault(0, "The text is nested too deeply. Look for brackets that are not closed.")]) from error
    try:
        held = msgspec.convert(tree, CriteriaSet)
    except msgspec.ValidationError as error:
        raise Unreadable([_shape(str(error), text)]) from error
    faults = [Fault(_line(text, path), sentence) for path, sentence in (*_hidden(tree), *_meaning(held))]
    if faults:
        raise Unreadable(sorted(faults, key=lambda one: one.line))
    return held


def as_json(held: CriteriaSet) -> dict[str, Any]:
    """The set as the database keeps it: numbers as text, so that they stay exact."""
    kept = msgspec.to_builtins(held)
    assert isinstance(kept, dict)
    return kept


def from_json(kept: Mapping[str, Any]) -> CriteriaSet:
    """The set that was kept. It was checked when it came in."""
    return msgspec.convert(kept, CriteriaSet)


def _hidden(tree: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Characters that cannot be seen, which no page and no database can hold."""
    if isinstance(tree, str) and not tree.isprintable():
        yield path, "The text holds a line break or another character that cannot be seen. Write it in one line."
    elif isinstance(tree, dict):
        for name, value in tree.items():
            yield from _hidden(value, (*path, name))
    elif isinstance(tree, list):
        for at, value in enumerate(tree):
            yield from _hidden(value, (*path, at))


def _syntax(message: str, text: str) -> Fault:
    found = _AT_LINE.search(message)
    line = int(found[1]) if found and found[1] else len(text.splitlines())
    what = _AT_LINE.sub("", message).rstrip(".")
    return Fault(line, f"This is not TOML: {what[:1].lower()}{what[1:]}. Correct the line and choose the file again.")


def _shape(message: str, text: str) -> Fault:
    found = _PLACE.search(message)
    path: Path = tuple(name or int(index) for name, index in _STEP.findall(found[1])) if found else ()
    what = message.split(" - at ")[0].rstrip(".")
    for name, plain in _TYPES.items():
        what = what.replace(f"`{name}`", plain)
    where = f" ({_words(path)})" if path else ""
    return Fault(_line(text, path), f"{what.replace('`', '')}{where}. Write it as in the shipped sets.")


def _words(path: Path) -> str:
    """`points, entry 3, below`, as a person counts."""
    return ", ".join(f"entry {step + 1}" if isinstance(step, int) else step for step in path)


def _line(text: str, path: Path) -> int:
    """The line of an entry, or of a name in it where it stands on a line of its own."""
    lines = text.splitlines()
    entries = [at for at, line in enumerate(lines) if _ENTRY.match(line)]
    first, last, name = -1, next(iter(entries), len(lines)), path[0] if path else ""
    if len(path) >= 2 and isinstance(path[1], int):
        of_kind = [at for at in entries if (found := _ENTRY.match(lines[at])) and found[1] == path[0]]
        if path[1] < len(of_kind):
            first = of_kind[path[1]]
            last = next((at for at in entries if at > first), len(lines))
            name = path[2] if len(path) > 2 else ""
    wanted = re.compile(rf"\s*{name}\s*=") if name else None
    return next((at + 1 for at in range(max(first, 0), last) if wanted and wanted.match(lines[at])), first + 1)


def _meaning(held: CriteriaSet) -> Iterator[tuple[Path, str]]:
    """What has the right form and still makes no set."""
    yield from _head(held)
    groups = {group.code for group in held.groups}
    yield from _twice("groups", [group.code for group in held.groups])
    yield from _twice("points", [point.code for point in held.points])
    for at, group in enumerate(held.groups):
        size = len(held.of_group(group.code))
        if size == 0:
            yield ("groups", at), f"Group {group.code} has no point. Give it one or take it away."
        elif group.need != "all" and not 0 <= group.need <= size:
            yield ("groups", at, "need"), f"Group {group.code} has {size} points; need cannot be {group.need}."
    seen: set[str] = set()
    for at, point in enumerate(held.points):
        path: Path = ("points", at)
        for name, sentence in _point(point, groups):
            yield (*path, name), sentence
        for measure in point.measures:
            if measure.name in seen:
                yield (*path, "measures"), f"The quantity {measure.name} stands twice. Give each its own name."
            seen.add(measure.name)


def _head(held: CriteriaSet) -> Iterator[tuple[Path, str]]:
    if not _NAME.fullmatch(held.id):
        yield ("id",), "An id is 2 to 40 small letters, digits and underscores, and begins with a letter."
    if not _VERSION.fullmatch(held.version):
        yield ("version",), "A version is 1 to 20 letters, digits, points and hyphens."
    for name, value in (("title", held.title), ("source", held.source), ("licence", held.licence)):
        if not value.strip():
            yield (name,), f"Write the {name}: whoever reads a review later must know it."
    if not held.applies_to:
        yield ("applies_to",), "Name at least one kind of review."
    if held.ends is not None and held.ends < held.begins:
        yield ("ends",), "The last day lies before the first one."
    if not 1 <= len(held.points) <= MOST_POINTS:
        yield (), f"A set has 1 to {MOST_POINTS} points, since each has its key. This one has {len(held.points)}."
    if not 0 <= held.at_least <= len(held.points):
        yield ("at_least",), f"at_least cannot be {held.at_least}: the set has {len(held.points)} points."
    elif held.at_least == 0 and all(group.need == 0 for group in held.groups):
        yield ("at_least",), "Nothing would have to be met. Set at_least, or need of a group."


def _twice(where: str, codes: list[str]) -> Iterator[tuple[Path, str]]:
    for code, count in Counter(codes).items():
        if count > 1:
            second = [at for at, one in enumerate(codes) if one == code][1]
            yield (where, second, "code"), f"The code {code} stands twice in {where}. Give each its own."


def _point(point: Point, groups: set[str]) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(point.code):
        yield "code", "A code is a letter and up to 11 letters, digits, hyphens and underscores."
    if point.group not in groups:
        yield "group", f"Point {point.code} names the group {point.group}, which the set does not have."
    if not point.text.strip() or len(point.text) > LONGEST_LINE:
        yield "text", f"Write the text of point {point.code} with at most {LONGEST_LINE} characters."
    if point.requires and (point.requires not in groups or point.requires == point.group):
        yield "requires", f"Point {point.code} can require another group of this set only."
    if point.window is not None:
        yield from _window(point.code, point.window)
    for measure in point.measures:
        yield from _measure(measure)


def _window(code: str, window: Window) -> Iterator[tuple[str, str]]:
    if (window.hours is None) == (window.days is None):
        yield "window", f"The window of point {code} needs either hours or days."
    elif not 0 < (window.hours or window.days or 0) <= 10_000 or not 0 <= window.days_ahead <= 10_000:
        yield "window", f"The window of point {code} needs numbers above 0 and up to 10000."
    elif window.hours is not None and window.days_ahead:
        yield "window", f"The window of point {code} counts hours, so it cannot have days_ahead."
    if not window.event.strip():
        yield "window", f"The window of point {code} needs the name of its event."


def _measure(measure: Measure) -> Iterator[tuple[str, str]]:
    bounds = (measure.below, measure.above, measure.at_least, measure.at_most)
    given = [bound for bound in bounds if bound is not None]
    low = [bound for bound in (measure.below, measure.at_most) if bound is not None]
    high = [bound for bound in (measure.above, measure.at_least) if bound is not None]
    if not _NAME.fullmatch(measure.name):
        yield "measures", "The name of a quantity is 2 to 40 small letters, digits and underscores."
    if not 0 <= measure.decimals <= 4:
        yield "measures", f"decimals of {measure.name} is a number from 0 to 4."
    elif not given or not all(bound.is_finite() and 0 <= bound <= 10_000 for bound in given):
        yield "measures", f"{measure.name} needs below, above, at_least or at_most: a number from 0 to 10000."
    elif any(bound != bound.quantize(measure.step) for bound in given):
        yield "measures", f"A bound of {measure.name} has more decimals than the quantity. Raise decimals."
    elif low and high and max(low) >= min(high):
        yield "measures", f"Every value of {measure.name} would do: the lower bound must lie below the upper one."
