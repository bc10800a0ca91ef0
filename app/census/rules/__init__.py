"""The census as a pure function of the set of accepted messages (ADT rules, P0).

`fold` neither knows nor needs the order of arrival. An incremental caller folds the facts that share a number with a
new one, transitively (`AdtFact.keys`), and gets for them what a fold of everything would give.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.census.rules.identity import Entry, Registry, Visit, recorded_place
from app.census.rules.people import People, people_of
from app.census.rules.sources import expanded, without_repeats
from app.census.rules.stay import stay
from app.census.terms import (
    AdtException,
    AdtFact,
    EncounterState,
    EncounterStatus,
    ExceptionKind,
    FeedPolicy,
    House,
    PatientClass,
    Review,
)

__all__ = ["People", "bed_conflicts", "control_id_reuse", "fold"]


def fold(facts: Iterable[AdtFact], policies: Mapping[str, FeedPolicy]) -> House:
    """State of all patients and stays that the facts name. `policies` by feed; an unknown feed has the default ones.

    Conflicts of beds reach across everything that is folded apart: ask `bed_conflicts` for them.
    """
    distinct = without_repeats(facts)
    registry = Registry()
    registry.read(expanded(distinct))
    house = House(patients={}, encounters={}, exceptions=control_id_reuse(distinct), reviews=[])
    problems = _Problems(house)
    visits = {id(visit.present): visit.present for visit in registry.visits.values()}
    states = {key: _state(visit, policies, problems) for key, visit in visits.items()}
    for visit in _place_visitless(registry, visits, states, problems):
        problems.forget(visit)
        states[id(visit)] = _state(visit, policies, problems)
    for kind, fact in registry.problems:
        problems.add(kind, fact)
    for fact, visit in registry.mismatches():
        problems.add(ExceptionKind.VISIT_PATIENT_MISMATCH, fact, visit)
    for key, visit in visits.items():
        state = states[key]
        if state is not None:
            house.encounters[visit.number] = state
    problems.close()
    house.patients.update(people_of(registry, registry.people))
    house.exceptions.extend(_multiple_open(house.encounters.values()))
    house.reviews.extend(
        Review(kind=kind, sequence=fact.sequence, control_id=fact.control_id, patients=numbers)
        for kind, fact, numbers in registry.reviews
    )
    return house


def control_id_reuse(facts: Iterable[AdtFact]) -> list[AdtException]:
    """One exception for every control id under which a sender sent different messages (D-3)."""
    found: dict[tuple[str, str, str], AdtFact] = {}
    reused: dict[tuple[str, str, str], AdtFact] = {}
    for fact in facts:
        key = (fact.application, fact.facility, fact.control_id)
        other = found.setdefault(key, fact)
        if other.digest != fact.digest:
            reused[key] = max(other, fact, key=lambda one: one.sequence)
    return [
        AdtException(kind=ExceptionKind.CONTROL_ID_REUSE, about=fact.control_id, sequence=fact.sequence)
        for fact in reused.values()
    ]


def bed_conflicts(stays: Iterable[EncounterState]) -> list[AdtException]:
    """Beds of one facility in which two patients of the census lie (K-BED). Nobody is evicted."""
    beds: dict[tuple[str, str], list[EncounterState]] = defaultdict(list)
    for one in stays:
        if one.status.in_census and one.location and one.location.bed:
            beds[one.location.facility, one.location.text].append(one)
    return [
        AdtException(kind=ExceptionKind.BED_CONFLICT, about=text, encounter=together[0].key)
        for (_, text), together in beds.items()
        if len(together) > 1
    ]


class _Problems:
    """Exceptions while they are found; those of a visit can be taken back when it is folded once more."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._found: list[tuple[ExceptionKind, AdtFact, Visit | None]] = []

    def add(self, kind: ExceptionKind, fact: AdtFact, visit: Visit | None = None) -> None:
        self._found.append((kind, fact, visit))

    def forget(self, visit: Visit) -> None:
        self._found = [entry for entry in self._found if entry[2] is not visit]

    def close(self) -> None:
        for kind, fact, visit in self._found:
            known = visit is not None and visit.number in self._house.encounters
            self._house.exceptions.append(
                AdtException(
                    kind=kind,
                    about=fact.control_id,
                    sequence=fact.sequence,
                    patient=fact.groups[0].patient if fact.groups else None,
                    encounter=visit.number if visit is not None and known else None,
                )
            )


def _state(visit: Visit, policies: Mapping[str, FeedPolicy], problems: _Problems) -> EncounterState | None:
    if not visit.entries:
        return None
    policy = policies.get(visit.entries[-1].fact.feed) or FeedPolicy()
    state, found = stay(visit, policy)
    for kind, fact in found:
        problems.add(kind, fact, visit)
    return state


def _place_visitless(
    registry: Registry, visits: Mapping[int, Visit], states: Mapping[int, EncounterState | None], problems: _Problems
) -> list[Visit]:
    """Give messages without visit and account to the one open stay of the patient, or park them (I-ACCT).

    Which stays were open is judged by the messages that do name a visit, so that no order of arrival matters.
    """
    touched: dict[int, Visit] = {}
    for entry, person in registry.visitless:
        open_visits = [
            visit
            for key, visit in visits.items()
            if visit.owner is not None and visit.owner.root is person.root and _was_open(states[key], entry)
        ]
        if len(open_visits) != 1:
            problems.add(ExceptionKind.NO_VISIT, entry.fact)
            continue
        visit = open_visits[0]
        visit.entries.append(entry)
        touched[id(visit)] = visit
    for visit in touched.values():
        visit.entries.sort(key=lambda entry: recorded_place(entry.fact))
    return list(touched.values())


def _was_open(state: EncounterState | None, entry: Entry) -> bool:
    if state is None or state.start_at is None or state.status is EncounterStatus.CANCELLED:
        return False
    return state.start_at <= entry.effective and (state.discharge_at is None or entry.effective <= state.discharge_at)


def _multiple_open(stays: Iterable[EncounterState]) -> list[AdtException]:
    """Patients with two open inpatient stays, which usually is a discharge that never came (K-MULTI)."""
    count: dict[str, int] = defaultdict(int)
    for one in stays:
        if one.status.in_census and one.patient_class is PatientClass.INPATIENT:
            count[one.patient] += 1
    return [
        AdtException(kind=ExceptionKind.MULTIPLE_OPEN_IP, about=patient, patient=patient)
        for patient, several in count.items()
        if several > 1
    ]
