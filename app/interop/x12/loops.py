"""The loops of a 278: who stands above whom (HL), and the segments of each level (2000A to 2000F)."""

from collections.abc import Iterator
from enum import StrEnum

from app.interop.x12.segments import Segment, TransactionSet
from app.interop.x12.terms import Finding


class LevelKind(StrEnum):
    """HL03."""

    SOURCE = "20"  # 2000A: the payer; in a notification the hospital
    RECEIVER = "21"  # 2000B: the hospital; in a notification the payer
    SUBSCRIBER = "22"
    DEPENDENT = "23"
    EVENT = "EV"  # 2000E: the stay
    SERVICE = "SS"  # 2000F: one service, procedure or room line


_ABOVE = {
    LevelKind.SOURCE: (None,),
    LevelKind.RECEIVER: (LevelKind.SOURCE,),
    LevelKind.SUBSCRIBER: (LevelKind.RECEIVER,),
    LevelKind.DEPENDENT: (LevelKind.SUBSCRIBER,),
    LevelKind.EVENT: (LevelKind.SUBSCRIBER, LevelKind.DEPENDENT),
    LevelKind.SERVICE: (LevelKind.EVENT,),
}

LEVEL_WORDS = {
    LevelKind.SOURCE: "payer",
    LevelKind.RECEIVER: "requester",
    LevelKind.SUBSCRIBER: "subscriber",
    LevelKind.DEPENDENT: "dependent",
    LevelKind.EVENT: "patient event",
    LevelKind.SERVICE: "service",
}


class Level:
    """One HL with its own segments, in order. `parent` is the level above; `children` those below."""

    __slots__ = ("children", "head", "kind", "parent", "segments")

    def __init__(self, head: Segment, kind: LevelKind, parent: "Level | None") -> None:
        self.head = head
        self.kind = kind
        self.parent = parent
        self.segments: list[Segment] = []
        self.children: list[Level] = []

    def all(self, name: str) -> list[Segment]:
        """The segments of this name, in order."""
        return [one for one in self.segments if one.name == name]

    def first(self, name: str) -> Segment | None:
        """The first segment of this name."""
        return next((one for one in self.segments if one.name == name), None)

    def qualified(self, name: str, *qualifiers: str) -> Segment | None:
        """The first segment of this name whose first element is one of these."""
        return next((one for one in self.segments if one.name == name and one.get(1) in qualifiers), None)

    def up(self) -> "Iterator[Level]":
        """This level and all above it, from below."""
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    def above(self, kind: LevelKind) -> "Level | None":
        """This level or the nearest above it that is of this kind."""
        return next((one for one in self.up() if one.kind is kind), None)


class Loops:
    """A transaction set as a tree: `header` holds what stands before the first HL."""

    def __init__(self, header: list[Segment], levels: list[Level], findings: list[Finding]) -> None:
        self.header = header
        self.levels = levels
        self.findings = findings

    def of(self, kind: LevelKind) -> list[Level]:
        """The levels of this kind, in order."""
        return [one for one in self.levels if one.kind is kind]


def loops(one: TransactionSet) -> Loops:
    """Build the tree. Levels that belong nowhere are left out with a severe finding."""
    header: list[Segment] = []
    levels: list[Level] = []
    findings: list[Finding] = []
    by_number: dict[str, Level] = {}
    here: list[Segment] | None = header
    for segment in one.segments:
        if segment.name != "HL":
            if here is not None:
                here.append(segment)
            continue
        level = _level(segment, by_number, findings)
        here = level.segments if level else None
        if level is not None:
            levels.append(level)
            by_number[segment.get(1)] = level
            if level.parent is not None:
                level.parent.children.append(level)
    return Loops(header, levels, findings)


def _level(segment: Segment, known: dict[str, Level], findings: list[Finding]) -> Level | None:
    def wrong(sentence: str) -> None:
        findings.append(Finding(segment.number, sentence))

    number, above = segment.get(1), segment.get(2)
    try:
        kind = LevelKind(segment.get(3))
    except ValueError:
        wrong("HL03 names no level that a 278 has.")
        return None
    if not number or number in known:
        wrong("HL01 is empty or names a level a second time.")
        return None
    parent = known.get(above) if above else None
    if above and parent is None:
        wrong("HL02 names a level above that is not there.")
        return None
    if (parent.kind if parent else None) not in _ABOVE[kind]:
        wrong(f"The level of the {LEVEL_WORDS[kind]} stands below a level to which it cannot belong.")
        return None
    return Level(segment, kind, parent)
