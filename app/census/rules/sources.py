"""Facts of several sources in one stay: whose word counts for which field, and what a whole course means in events.

Pure. Nothing here depends on the order of arrival: which source leads is a matter of the set of facts, and of several
versions of one resource the one recorded last stands.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from app.census.rules.identity import SNAPSHOT, Entry
from app.census.rules.timeline import RELEVANT
from app.census.terms import AdtFact, Group, Instant, Step

HL7, FHIR, CENSUS, REPAIR = "hl7", "fhir", "census", "repair"

PRIORITY: Mapping[str, tuple[str, ...]] = {
    "course": (HL7, FHIR, CENSUS),  # bed, class, leaves, beginning and end
    "texts": (HL7, FHIR, CENSUS),  # attending physician, service and what else a stay says in words
    "person": (HL7, FHIR, CENSUS),  # name, date of birth, numbers
    "diagnoses": (FHIR, HL7, CENSUS),  # the problem list is kept in the record, messages carry excerpts
    "insurances": (HL7, FHIR, CENSUS),
}
"""Whose word counts, the strongest first. The course comes from one source alone; every other field is filled in by the
weaker ones where the stronger is silent. A repair counts like HL7, and joins whichever course leads."""


# --- one stay --------------------------------------------------------------------------------------------------------


def several(entries: Sequence[Entry]) -> bool:
    """Whether more than one source tells of the stay."""
    first = entries[0].fact.source if entries else HL7
    return any(entry.fact.source != first for entry in entries)


def leading(entries: list[Entry]) -> list[Entry]:
    """The entries that make the course: those of the strongest source that tells one, and all repairs."""
    if not several(entries):
        return entries
    telling = {entry.fact.source for entry in entries if entry.event in RELEVANT}
    lead = next((source for source in PRIORITY["course"] if source in telling), None)
    if lead is None:
        return entries
    for entry in entries:
        entry.cancel = None
    return [entry for entry in entries if entry.fact.source in (lead, REPAIR)]


def weakest_first(field: str, entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The entries of each source, so that a stronger word overwrites a weaker one."""
    if not several(entries):
        yield entries
        return
    for source in reversed(PRIORITY[field]):
        yield [entry for entry in entries if _as_source(entry.fact) == source]


def strongest_that_says(name: str, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries of the strongest source that says this text of a stay, for its history."""
    if not several(entries):
        return entries
    found: Sequence[Entry] = ()
    for part in weakest_first("texts", entries):
        if any(name in entry.group.texts for entry in part):
            found = part
    return found


def _as_source(fact: AdtFact) -> str:
    return HL7 if fact.source == REPAIR else fact.source


# --- whole courses ---------------------------------------------------------------------------------------------------


def expanded(facts: list[AdtFact]) -> list[AdtFact]:
    """The facts with every course written out in events; the last version of a resource speaks for all of them."""
    if not any(fact.resource for fact in facts):
        return facts
    found: list[AdtFact] = []
    versions: dict[tuple[str, str], list[AdtFact]] = {}
    for fact in facts:
        if fact.resource:
            versions.setdefault((fact.feed, fact.resource), []).append(fact)
        else:
            found.append(fact)
    for one in versions.values():
        found.extend(_events(sorted(one, key=_version)))
    return found


def _version(fact: AdtFact) -> tuple[datetime, int, str]:
    """The later one counts; of two of one instant the one that tells more, as an export may leave out what it can."""
    told = sum(len(one.person) + len(one.diagnoses or ()) + len(one.insurances or ()) for one in fact.groups)
    return fact.recorded, told, fact.digest


def _events(versions: Sequence[AdtFact]) -> Iterator[AdtFact]:
    """A version without groups says that the resource was deleted: the stay that the one before it told of never was.

    Older versions stay with the stay as messages of it, and say nothing.
    """
    whole = next((one for one in reversed(versions) if one.groups), None)
    if whole is None:
        return
    group = whole.groups[0]
    if group.visit is not None:
        silent = (Group(patient=group.patient, visit=group.visit),)
        yield replace(whole, event=SNAPSHOT, groups=(_snapshot(group),), course=())
        for one in versions:
            if one is not whole:
                yield replace(one, event=SNAPSHOT, groups=silent, course=())
    for step in whole.course:
        yield _event(whole, step)
    if versions[-1] is not whole and group.visit is not None:
        end = versions[-1]
        yield _event(replace(whole, recorded=end.recorded, sent=end.sent), Step("A23", end.recorded))


def _snapshot(group: Group) -> Group:
    """What the stay says in fields, without the person, who has a clock of his or her own."""
    texts = {name: value for name, value in group.texts.items() if name != "disposition"}
    return Group(
        patient=group.patient,
        visit=group.visit,
        texts=texts,
        diagnoses=group.diagnoses,
        insurances=group.insurances,
    )


def _event(whole: AdtFact, step: Step) -> AdtFact:
    group = whole.groups[0]
    if step.event in ("A31", "A40"):  # about the person: what the step names is when it was recorded
        told = whole.groups[1] if step.event == "A40" else replace(group, visit=None, texts={})
        return replace(whole, event=step.event, recorded=step.at, effective=step.at, groups=(told,), course=())
    ends = step.event == "A03"
    said = group.texts.get("disposition") if ends else None
    told = Group(
        patient=group.patient,
        visit=group.visit,
        patient_class=step.patient_class,
        location=None if step.event == "A15" else step.location,
        pending_location=step.location if step.event == "A15" else None,
        texts={} if said is None else {"disposition": said},
        times={"discharge": Instant(step.at, step.digits, "")} if ends else {},
    )
    return replace(
        whole, event=step.event, effective=step.at, effective_digits=step.digits, groups=(told,), course=()
    )  # fmt: skip


def filled(parts: Mapping[str, Mapping[str, str]], strongest: Mapping[str, str]) -> dict[str, str]:
    """The texts of a person: those of the strongest source, and of the others what it leaves unsaid."""
    found: dict[str, str] = {}
    for source in reversed(PRIORITY["person"]):
        found.update(parts.get(source, {}))
    return {**found, **strongest}


# --- which facts count ------------------------------------------------------------------------------------------------


def without_repeats(facts: Iterable[AdtFact]) -> list[AdtFact]:
    """The facts without exact repeats: same sender, same control id, same bytes (D-1). The first received stays.

    Nor with what was struck out.
    """
    facts = list(facts)
    struck = {fact.strikes for fact in facts if fact.strikes is not None}
    first: dict[tuple[str, str, str, str], AdtFact] = {}
    for fact in facts:
        if struck and (fact.sequence in struck or fact.strikes is not None):
            continue
        key = (fact.application, fact.facility, fact.control_id, fact.digest)
        known = first.get(key)
        if known is None or fact.sequence < known.sequence:
            first[key] = fact
    return list(first.values())
