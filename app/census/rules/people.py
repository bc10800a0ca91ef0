"""Persons as their messages tell of them: who is who, what they are called, and which number stands for which.

Pure. A fold asks for all persons of a set of facts; `People` follows them while facts become known one after the other.
"""

from collections.abc import Iterable

from app.census.rules.identity import Person, Registry, recorded_place
from app.census.rules.sources import expanded, filled, without_repeats
from app.census.terms import AdtFact, PatientState, PatientStatus


def people_of(registry: Registry, numbers: Iterable[str]) -> dict[str, PatientState]:
    """The states of these numbers, all of which the registry knows."""
    found = {}
    for number in numbers:
        person = registry.people[number]
        root: Person = person.root
        if person.number != number:  # a name that the person no longer bears
            found[number] = PatientState(
                key=number, origin=None, status=PatientStatus.MERGED, merged_into=root.number, texts=_valued(person)
            )
            continue
        status = PatientStatus.DELETED if person.deleted else PatientStatus.ACTIVE
        found[number] = PatientState(
            key=number,
            origin=person.origin,
            numbers=tuple(dict.fromkeys(person.numbers)),
            status=status if root is person else PatientStatus.MERGED,
            merged_into=None if root is person else root.number,
            texts=_valued(person),
            identifiers=tuple(
                one for several in {**person.weaker_identifiers, **person.identifiers}.values() for one in several
            ),
            last_recorded=person.last_recorded,
        )
    return found


def _valued(person: Person) -> dict[str, str]:
    texts = filled(person.weaker, person.texts) if person.weaker else person.texts
    return {name: value for name, value in texts.items() if value}


class People:
    """The persons of facts that become known one after the other.

    Facts that are recorded after all others, which is the rule, are read on; all are read again only where one was
    recorded before, repeats another or tells anew of a resource.
    """

    def __init__(self) -> None:
        self._facts: list[AdtFact] = []
        self._registry = Registry()
        self._last: tuple[object, ...] | None = None
        self._told: set[object] = set()

    def add(self, facts: list[AdtFact]) -> None:
        """Take in facts that are known from now on."""
        self._facts += facts
        names = {name for fact in facts for name in _names(fact)}
        events = sorted(expanded(without_repeats(facts)), key=recorded_place)
        first = recorded_place(events[0]) if events else None
        if self._told & names or (first is not None and self._last is not None and first < self._last):
            events = sorted(expanded(without_repeats(self._facts)), key=recorded_place)
            self._registry = Registry()
        self._told |= names
        self._registry.read(events)
        if events:
            self._last = recorded_place(events[-1])

    def states(self, numbers: Iterable[str]) -> dict[str, PatientState]:
        """What is known of those of these numbers that are known."""
        return people_of(self._registry, (number for number in numbers if number in self._registry.people))


def _names(fact: AdtFact) -> list[object]:
    """By what another fact may say that this one counts no longer."""
    found: list[object] = [(fact.application, fact.facility, fact.control_id, fact.digest), fact.sequence]
    if fact.resource:
        found.append((fact.feed, fact.resource))
    return found + ([fact.strikes] if fact.strikes is not None else [])
