"""The words of criteria sets, of the answers that a reviewer gives to one, and of what follows from them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import msgspec


class ReviewKind(StrEnum):
    """What is reviewed: which sets fit depends on it."""

    ADMISSION = "admission"  # whether the admission needs a hospital
    CONTINUED_STAY = "continued_stay"  # whether this day needs a hospital
    RETROSPECTIVE = "retrospective"  # a day looked at after the patient left
    PRE_ADMISSION = "pre_admission"  # whether a planned admission will need a hospital
    OBSERVATION = "observation"  # whether care under observation goes on, ends, or becomes an admission

    @property
    def label(self) -> str:
        """As a page calls it."""
        return _KINDS[self]


class Screen(StrEnum):
    """What the criteria say. It is a screen, not a determination."""

    MET = "met"  # the set qualifies: the care is appropriate at this level
    NOT_MET = "not_met"  # it does not qualify: a physician looks at it

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"met": "Met", "not_met": "Not met"}[self.value]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantity that decides a point. `below` and `above` are strict, `at_least` and `at_most` include the bound.

    Measures of one `part` stand for each other: one of them beyond its bound shows the part. Parts add up: a point
    with two parts needs both. `name` is unique in its set; `decimals` is the precision in which it is charted.
    """

    name: str
    label: str
    unit: str
    decimals: int = 0
    below: Decimal | None = None
    above: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    part: str = ""

    @property
    def step(self) -> Decimal:
        """One unit of the precision in which the quantity is charted."""
        return Decimal(1).scaleb(-self.decimals)


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How near the event must lie to what is looked at: elapsed hours, or calendar days of the facility.

    `days_ahead` lets the event come later than the day looked at; hours are always before. Both ends are included.
    """

    event: str  # what happened, as the form asks for its instant
    hours: int | None = None
    days: int | None = None
    days_ahead: int = 0


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One criterion. `text` is its short form for the page, `note` what a reviewer may ask about it."""

    code: str
    group: str
    text: str
    note: str = ""
    measures: tuple[Measure, ...] = ()
    window: Window | None = None
    requires: str = ""  # the group of which a point must be met too


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points under one heading. `need` is how many of them the set asks for, beside its own number."""

    code: str
    title: str
    need: int | Literal["all"] = 0
    one: str = "a point"  # a point of the group in a sentence: "A9 needs an intensity item"


class CriteriaSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a set, in force from `begins` to `ends` (the last day, included; open when None).

    A later version is another entry; a review keeps id and version, so that it stays readable. `at_least` is the
    number of met points that qualifies; a checklist asks for its groups instead and says 0 or 1 here.
    """

    id: str
    version: str
    title: str
    source: str
    licence: str
    applies_to: tuple[ReviewKind, ...]
    begins: date
    groups: tuple[Group, ...]
    points: tuple[Point, ...]
    at_least: int = 1
    ends: date | None = None
    instant: str = "the review"  # what the windows are counted from, in words
    note: str = ""

    def holds(self, on: date) -> bool:
        """Whether the version is in force on that day."""
        return self.begins <= on and (self.ends is None or on <= self.ends)

    def point(self, code: str) -> Point:
        """The point of that code. KeyError when the version has none."""
        for one in self.points:
            if one.code == code:
                return one
        raise KeyError(f"{self.id} {self.version} has no point {code}.")

    def of_group(self, group: str) -> tuple[Point, ...]:
        """The points under a heading, in order."""
        return tuple(one for one in self.points if one.group == group)


class Answers(msgspec.Struct, frozen=True):
    """What a reviewer says about one instant: points ticked, quantities by name, instants of events by point."""

    at: datetime
    zone: str  # of the facility; calendar days are its days
    ticked: frozenset[str] = frozenset()
    values: Mapping[str, Decimal] = {}
    events: Mapping[str, datetime] = {}


class Missing(msgspec.Struct, frozen=True):
    """A point that does not count, and why, in one sentence. `name` is the measure that says so, if one does."""

    code: str
    sentence: str
    name: str = ""


class Evaluation(msgspec.Struct, frozen=True):
    """What the answers come to.

    `missing` holds the points that the reviewer spoke of and that do not count. `contradicted` holds those of them
    that are ticked against the reviewer's own figures: nothing is signed before that is put right. `needs` says what
    would make the set qualify, where its parts ask for more than was given.
    """

    met: tuple[str, ...]
    missing: tuple[Missing, ...]
    qualifies: bool
    needs: tuple[str, ...] = ()
    contradicted: tuple[Missing, ...] = ()


class Override(msgspec.Struct, frozen=True):
    """A reviewer's judgment against what the criteria say, with its reason."""

    to: Screen
    reason: str


class Suggested(msgspec.Struct, frozen=True):
    """What the review says, and whether it says so against the criteria."""

    screen: Screen
    overridden: bool
    reason: str = ""


_KINDS = {
    ReviewKind.ADMISSION: "Admission",
    ReviewKind.CONTINUED_STAY: "Continued stay",
    ReviewKind.RETROSPECTIVE: "Retrospective",
    ReviewKind.PRE_ADMISSION: "Pre-admission",
    ReviewKind.OBSERVATION: "Observation",
}
