"""Components in which every stay can be folded by itself: each number means one patient or visit from first to last.

That is the rule: patients with many stays, connected by nothing but their own number, or by beds that were swapped. A
stay is then folded where something of its own became known, so that the work grows with the messages, not with their
square. What merges, moves, renames, strikes out or names no visit is folded as a whole (`histories`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from app.census.rules.identity import IDENTITY, STAYS
from app.census.terms import AdtFact


@dataclass
class Plain:
    """Which visits and persons each fact of a plain component tells of.

    Attributes:
        patients: the patient of every visit.
        visits: the visits of every fact, by its sequence; `persons` likewise.
    """

    patients: dict[str, str] = field(default_factory=dict)
    visits: dict[int, tuple[str, ...]] = field(default_factory=dict)
    persons: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def stays(self) -> dict[str, list[str]]:
        """The visits of every patient."""
        found: dict[str, list[str]] = {}
        for visit, patient in self.patients.items():
            found.setdefault(patient, []).append(visit)
        return found


def plain(facts: Iterable[AdtFact]) -> Plain | None:
    """What each fact tells of, or None where the stays cannot be told apart so simply."""
    found = Plain()
    resources: dict[tuple[str, str], tuple[str, str]] = {}
    for fact in facts:
        if not _is_plain(fact):
            return None
        for group in fact.groups:
            if group.visit and found.patients.setdefault(group.visit, group.patient) != group.patient:
                return None
            if fact.resource and group.visit:
                own = group.patient, group.visit
                if resources.setdefault((fact.feed, fact.resource), own) != own:
                    return None
    for fact in facts:
        groups = [(group.patient, group.visit) for group in fact.groups]
        if fact.resource and not groups:
            groups = [own for own in (resources.get((fact.feed, fact.resource)),) if own]
        found.visits[fact.sequence] = tuple(dict.fromkeys(visit for _, visit in groups if visit))
        found.persons[fact.sequence] = tuple(dict.fromkeys(patient for patient, _ in groups))
    return found


def _is_plain(fact: AdtFact) -> bool:
    if fact.strikes is not None or fact.event in IDENTITY or any(group.priors for group in fact.groups):
        return False
    if fact.resource:  # who it is about is said by its only group, whatever it tells of the person
        return len(fact.groups) < 2 and all(group.visit for group in fact.groups) and not _joins(fact)
    return fact.event not in STAYS or all(group.visit for group in fact.groups)


def _joins(fact: AdtFact) -> bool:
    return any(step.event in IDENTITY for step in fact.course)


def by_instant(
    facts: Iterable[AdtFact], known: Mapping[int, datetime], first: datetime
) -> dict[datetime, list[AdtFact]]:
    """The facts by the instant at which they became known, those known before the first together with it; in order."""
    found: dict[datetime, list[AdtFact]] = {}
    for fact in sorted(facts, key=lambda one: (known[one.sequence], one.sequence)):
        found.setdefault(max(known[fact.sequence], first), []).append(fact)
    return found
