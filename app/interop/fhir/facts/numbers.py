"""Numbers of patients and visits in FHIR, written `AUTHORITY|number` as everywhere in the census. Pure."""

from dataclasses import dataclass

from app.census.terms import FeedPolicy, Identifier
from app.interop.fhir.facts.elements import Resource, codes, part, parts, text

RECORD_NUMBERS = (frozenset({"MR", "MRN"}), frozenset({"PI"}))
"""Types of identifiers (HL7 table 0203) that make the medical record number, the better ones first."""

VISIT_NUMBERS = (frozenset({"VN"}),)


@dataclass(frozen=True, slots=True)
class Habits:
    """What a site decided about its feed. `names` are its authority and aliases, in capitals: an identifier system that
    is one of them numbers like the HL7 messages of the feed, and its numbers mean the same patients and visits."""

    policy: FeedPolicy
    names: frozenset[str] = frozenset()

    def authority(self, identifier: Resource) -> str:
        """Who gave the number: the feed's own authority, else the system of the identifier as it is written."""
        assigner = part(identifier, "assigner")
        system = text(identifier, "system")
        for name in (system, text(assigner, "display"), text(part(assigner, "identifier"), "value")):
            if name and name.upper() in self.names:
                return self.policy.default_authority
        return system.replace("|", "/") or self.policy.default_authority

    @property
    def of_resources(self) -> str:
        """The authority of resource ids, which stand in where a resource bears no number."""
        return resource_authority(self.policy.default_authority)


def resource_authority(own: str) -> str:
    """The authority of resource ids in a feed whose own authority this is."""
    return f"{own} FHIR"


def number(identifiers: list[Resource], types: tuple[frozenset[str], ...], habits: Habits) -> str:
    """The key of the best typed identifier, else of the first one; "" where there is none with a value."""
    valued = [one for one in identifiers if text(one, "value")]
    valued.sort(key=lambda one: text(one, "use") in ("old", "temp"))
    for wanted in types:
        typed = [one for one in valued if codes(part(one, "type")) & wanted]
        typed.sort(key=lambda one: habits.authority(one) != habits.policy.default_authority)
        if typed:
            return _key(typed[0], habits)
    return _key(valued[0], habits) if valued else ""


def _key(identifier: Resource, habits: Habits) -> str:
    return f"{habits.authority(identifier)}|{text(identifier, 'value')}"


def identifiers(resource: Resource, habits: Habits) -> tuple[Identifier, ...]:
    """Everything by which the resource is known."""
    return tuple(
        Identifier(habits.authority(one), value, next(iter(sorted(codes(part(one, "type")))), ""))
        for one in parts(resource, "identifier")
        if (value := text(one, "value"))
    )
