"""What is recorded about unusual accesses. The events name the patient and not the stay: a stay's own history is read
by those who are watched."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailWatched(Event):
    """The rules were put to one day of the trail, with so many findings that were not known before."""

    name: ClassVar[str] = "trail.watched"
    facility_id: int
    day: date
    people: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAsked(Event):
    """The privacy officer asked for the rules to be put to some days."""

    name: ClassVar[str] = "trail.watch_asked"
    facility_id: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFound(Event):
    """A rule pointed to something unusual."""

    name: ClassVar[str] = "access.found"
    facility_id: int
    finding_id: uuid.UUID
    pattern: str
    user_id: uuid.UUID
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDecided(Event):
    """The privacy officer decided about a finding, or decided anew."""

    name: ClassVar[str] = "access.decided"
    facility_id: int
    finding_id: uuid.UUID
    pattern: str
    user_id: uuid.UUID
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDecisionTakenBack(Event):
    """A decision was made by mistake; the finding is open again."""

    name: ClassVar[str] = "access.decision_taken_back"
    facility_id: int
    finding_id: uuid.UUID
    pattern: str
    user_id: uuid.UUID
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRuleSet(Event):
    """The limits of a rule were set, or it was laid to rest, with the reason."""

    name: ClassVar[str] = "watch_rule.set"
    facility_id: int
    pattern: str
    resting: bool
    limits: dict[str, int]
    reason: str
