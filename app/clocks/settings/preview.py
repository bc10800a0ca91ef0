"""What a term would change today: open stays computed with the terms as they are, and as they would be."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from app.clocks.commands import FAULTS
from app.clocks.engine import obligations
from app.clocks.facts import Policy, StayFacts
from app.clocks.gather import collect
from app.clocks.terms import Obligation
from app.clocks.upkeep.sweeping import BATCH
from app.kernel.deadlines import Standing
from app.platform.work import Reading

MOST_ROWS = 12
_FAR = datetime.max.replace(tzinfo=UTC)


class Change(StrEnum):
    """What becomes of an obligation, in the words of the page."""

    OVERDUE = "becomes overdue"  # in time by the present term, too late by the new one
    APPEARS = "appears"  # nothing is asked by the present term
    VANISHES = "vanishes"  # not asked any more
    IN_TIME = "is not overdue any more"  # too late by the present term, in time by the new one
    MOVES = "moves"  # due at another time; its standing stays


@dataclass(frozen=True, slots=True)
class Moved:
    """One obligation that differs: when it is due by the present terms, and by the new ones."""

    encounter_id: uuid.UUID
    change: Change
    before: datetime | None
    after: datetime | None


class Named(msgspec.Struct):
    """A stay as the first rows name it."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    place: str


@dataclass
class Preview:
    """All differences; `stays` is how many stays were computed, `faults` how many could not be."""

    stays: int = 0
    faults: int = 0
    moved: list[Moved] = field(default_factory=list)

    def counts(self) -> list[tuple[Change, int]]:
        """How many of each kind, what weighs most first."""
        counted = Counter(one.change for one in self.moved)
        return [(change, counted[change]) for change in Change]

    def first(self) -> list[Moved]:
        """The rows to name: what weighs most, then what is due first."""
        order = list(Change)
        return sorted(
            self.moved, key=lambda one: (order.index(one.change), one.after or one.before or _FAR, one.encounter_id)
        )[:MOST_ROWS]


_NAMES = """
select e.id, p.id, p.family, p.given, e.location from encounter e join patient p on p.id = e.patient_id
where e.id = any(%s)
"""


_STAYS = """
select e.id from encounter e where e.facility_id = %(facility)s and (e.status in ('registered', 'admitted', 'on_leave')
  or exists (select from obligation o where o.encounter_id = e.id and o.rule = %(rule)s and o.ended_at is null
             and o.required and o.closed_at is null))
order by e.id
"""


def preview(view: Reading, facility_id: int, rule_id: str, after: Sequence[Policy]) -> Preview:
    """Compute every stay in the house, and those left for which the rule is owed, both ways. Reads only."""
    found = Preview()
    stays: list[uuid.UUID] = view.values(_STAYS, {"facility": facility_id, "rule": rule_id})
    for start in range(0, len(stays), BATCH):
        for one in collect(view, stays[start : start + BATCH]):
            found.stays += 1
            try:
                facts = one.facts()
                found.moved += _compare(facts, msgspec.structs.replace(facts, policies=tuple(after)), rule_id)
            except FAULTS:
                found.faults += 1
    return found


def names(view: Reading, rows: Sequence[Moved]) -> dict[uuid.UUID, Named]:
    """Patients of the rows that are named."""
    return {one.encounter_id: one for one in view.rows(Named, _NAMES, ([row.encounter_id for row in rows],))}


def _compare(before: StayFacts, after: StayFacts, rule_id: str) -> Iterator[Moved]:
    old, new = _of_rule(before, rule_id), _of_rule(after, rule_id)
    for key in sorted(old.keys() | new.keys()):
        one, other = old.get(key), new.get(key)
        change = _change(one, other)
        if change is not None:
            yield Moved(uuid.UUID(before.id), change, one.due_at if one else None, other.due_at if other else None)


def _of_rule(facts: StayFacts, rule_id: str) -> dict[tuple[str, str], Obligation]:
    """What is still owed by a rule, by subject and start."""
    return {
        (one.subject, one.start_at.isoformat() if one.start_at else ""): one
        for one in obligations(facts)
        if one.rule == rule_id and one.open
    }


def _change(one: Obligation | None, other: Obligation | None) -> Change | None:
    if one is None or other is None:
        if other is None:
            return Change.VANISHES
        return Change.OVERDUE if other.standing is Standing.OVERDUE else Change.APPEARS
    if one.standing is not other.standing:
        return Change.OVERDUE if other.standing is Standing.OVERDUE else Change.IN_TIME
    return Change.MOVES if one.due_at != other.due_at else None
