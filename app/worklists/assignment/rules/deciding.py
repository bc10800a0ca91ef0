"""Which rule gives a stay to whom. The first rule that fits and has somebody present decides."""

import heapq
import uuid
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from app.worklists.assignment.rules.minutes import StayFacts, duration_text


class Rule(msgspec.Struct, frozen=True):
    """Stays that fit go to the one of these people with the least expected work. Empty means any."""

    id: uuid.UUID
    place: int
    name: str
    units: frozenset[str]
    services: frozenset[str]
    payers: frozenset[str]
    classes: frozenset[str]
    people: tuple[uuid.UUID, ...]


class Person(msgspec.Struct):
    """A colleague who is present, with the expected minutes of today so far."""

    id: uuid.UUID
    name: str
    minutes: int = 0


class Decision(msgspec.Struct, frozen=True):
    """A stay's owner to be, by which rule and why in a sentence."""

    stay_id: uuid.UUID
    to: uuid.UUID
    rule_id: uuid.UUID
    because: str


Weighed = tuple[StayFacts, int]  # a stay and its expected minutes


def fits(rule: Rule, stay: StayFacts) -> bool:
    """Whether the rule speaks of this stay."""
    return (
        (not rule.units or stay.unit in rule.units)
        and (not rule.services or stay.service in rule.services)
        and (not rule.payers or stay.payer in rule.payers)
        and (not rule.classes or stay.patient_class in rule.classes)
    )


class _Pool:
    """The present people of one rule; the one with the least minutes first. Their loads only grow, so a stale entry
    is found when it comes up."""

    def __init__(self, rule: Rule, present: Mapping[uuid.UUID, Person]) -> None:
        self.rule = rule
        self.people = [present[one] for one in dict.fromkeys(rule.people) if one in present]
        self._heap = [(one.minutes, one.name, index) for index, one in enumerate(self.people)]
        heapq.heapify(self._heap)

    def least(self) -> Person:
        while True:
            minutes, name, index = self._heap[0]
            person = self.people[index]
            if person.minutes == minutes:
                return person
            heapq.heapreplace(self._heap, (person.minutes, name, index))

    def because(self, person: Person) -> str:
        first = f"Rule {self.rule.place}, {self.rule.name}: "
        if len(self.people) == 1:
            others = len(set(self.rule.people)) - 1
            return first + ("always this person." if not others else "the only one present.")
        work = duration_text(person.minutes)
        return f"{first}least expected work of {len(self.people)} present, {work}."


def decide(stays: Iterable[Weighed], rules: Sequence[Rule], present: Mapping[uuid.UUID, Person]) -> list[Decision]:
    """An owner for every stay that a rule speaks of, the most laborious first. Adds to the minutes of `present`."""
    pools = [_Pool(rule, present) for rule in sorted(rules, key=lambda rule: rule.place)]
    known: dict[tuple[str, str, str, str], _Pool | None] = {}
    found = []
    for stay, minutes in sorted(stays, key=lambda one: (-one[1], one[0].id)):
        kind = (stay.unit, stay.service, stay.payer, stay.patient_class)
        if kind not in known:
            known[kind] = next((pool for pool in pools if pool.people and fits(pool.rule, stay)), None)
        pool = known[kind]
        if pool is None:
            continue
        person = pool.least()
        found.append(Decision(stay.id, person.id, pool.rule.id, pool.because(person)))
        person.minutes += minutes
    return found
