"""What belongs to an Encounter: patient, places, physicians, conditions and coverages, wherever the files hold them.

Pure.
"""

from dataclasses import dataclass, field
from functools import cached_property

from app.interop.fhir.bundles import Fault
from app.interop.fhir.facts.course import Impossible
from app.interop.fhir.facts.covers import payor
from app.interop.fhir.facts.elements import Resource, part, parts, text
from app.interop.fhir.references import Ambiguous, Held, Pool

_CHAIN = 8
"""Places that lie in one another, at most: bed, room, ward, wing, floor, building, site, and one to spare."""


@dataclass(slots=True)
class Linked:
    """An Encounter with what it refers to and what refers to it. `used` is all of that, each once."""

    encounter: Held
    patient: Held | None = None
    successors: list[tuple[str, Held]] = field(default_factory=list)  # kind of Patient.link, and the other one
    places: list[tuple[Resource, list[Resource]]] = field(default_factory=list)  # entry, and places from inside out
    physicians: list[tuple[Resource, Resource]] = field(default_factory=list)  # participant, Practitioner or {}
    ranked: list[tuple[Resource, str]] = field(default_factory=list)  # conditions that the encounter names
    conditions: list[Held] = field(default_factory=list)
    coverages: list[tuple[Resource, Resource]] = field(default_factory=list)  # coverage, Organization or {}
    used: dict[int, Held] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def use(self, held: Held | None) -> Held | None:
        """Note a resource as needed; what is contained comes along with its container."""
        if held is not None:
            kept = held.container or held
            self.used[id(kept)] = kept
        return held


class Links:
    """Finds what belongs together in a pool. `faults` are resources that are invalid and left out."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.faults = [_fault(Held(one), "the resource is not a JSON object.") for one in pool.unreadable]

    def of(self, encounter: Held) -> Linked:
        """Raises Impossible where the encounter names no patient whom the files or an identifier tell."""
        linked = Linked(encounter)
        linked.used[id(encounter)] = encounter
        linked.patient = self._patient(linked)
        if linked.patient is not None:
            self._successors(linked, linked.patient)
        self._places(linked)
        self._physicians(linked)
        self._conditions(linked)
        self._coverages(linked)
        return linked

    def of_patient(self, patient: Held) -> Linked:
        """A patient without any encounter, for what was merged."""
        linked = Linked(patient, patient)
        linked.used[id(patient)] = patient
        self._successors(linked, patient)
        return linked

    def _patient(self, linked: Linked) -> Held | None:
        subject = part(linked.encounter.body, "subject")
        if not subject:
            raise Impossible("the encounter names no patient.")
        try:
            found = self.pool.follow(subject, linked.encounter, "Patient")
        except Ambiguous:
            raise Impossible("the identifier of the patient is borne by several patients of the files.") from None
        if found is None and not text(part(subject, "identifier"), "value"):
            raise Impossible("the encounter refers to a patient who is not in the files.")
        return linked.use(found)

    def _successors(self, linked: Linked, patient: Held) -> None:
        for one in parts(patient.body, "link"):
            kind = text(one, "type")
            if kind not in ("replaced-by", "replaces"):
                continue
            other = self._follow(linked, part(one, "other"), patient, "Patient")
            if other is not None:
                linked.successors.append((kind, other))
            else:
                sentence = "it is merged with a patient who is not in the files; the merge is left out."
                linked.faults.append(_fault(patient, sentence))

    def _follow(self, linked: Linked, reference: object, source: Held, *kinds: str) -> Held | None:
        for kind in kinds:
            try:
                found = self.pool.follow(reference, source, kind)
            except Ambiguous:
                continue
            if found is not None:
                return linked.use(found)
        return None

    def _places(self, linked: Linked) -> None:
        for one in parts(linked.encounter.body, "location"):
            chain: list[Resource] = []
            reference, source = part(one, "location"), linked.encounter
            while len(chain) < _CHAIN and (held := self._follow(linked, reference, source, "Location")):
                chain.append(held.body)
                reference, source = part(held.body, "partOf"), held
            linked.places.append((one, chain))

    def _physicians(self, linked: Linked) -> None:
        for one in parts(linked.encounter.body, "participant"):
            reference = part(one, "individual")
            held = self._follow(linked, reference, linked.encounter, "Practitioner", "PractitionerRole")
            if held is not None and held.found.type == "PractitionerRole":
                held = self._follow(linked, part(held.body, "practitioner"), held, "Practitioner")
            linked.physicians.append((one, held.body if held is not None else {}))

    def _conditions(self, linked: Linked) -> None:
        named: set[str] = set()
        diagnoses = parts(linked.encounter.body, "diagnosis")
        diagnoses.sort(key=lambda one: one["rank"] if isinstance(one.get("rank"), int) else 1 << 30)
        for one in diagnoses:
            held = self._follow(linked, part(one, "condition"), linked.encounter, "Condition")
            if held is not None:
                named.add(held.found.name)
                use = next(iter(parts(one.get("use"), "coding")), {})
                linked.ranked.append((held.body, text(use, "code")))
        for held in self._conditions_by_encounter.get(linked.encounter.found.name, ()):
            if held.found.name not in named:
                linked.conditions.append(held)
                linked.use(held)

    def _coverages(self, linked: Linked) -> None:
        if linked.patient is None:
            return
        for held in self._coverages_by_patient.get(linked.patient.found.name, ()):
            linked.use(held)
            payer = self._follow(linked, payor(held.body), held, "Organization", "Patient", "RelatedPerson")
            known = payer.body if payer is not None and payer.found.type == "Organization" else {}
            linked.coverages.append((held.body, known))

    @cached_property
    def _conditions_by_encounter(self) -> dict[str, list[Held]]:
        found: dict[str, list[Held]] = {}
        for held in self.pool.all("Condition"):
            if not part(held.body, "subject"):
                self.faults.append(_fault(held, "the condition names no patient and is left out."))
                continue
            self._file(found, part(held.body, "encounter"), held, "Encounter")
        return found

    @cached_property
    def _coverages_by_patient(self) -> dict[str, list[Held]]:
        found: dict[str, list[Held]] = {}
        for held in self.pool.all("Coverage"):
            if not part(held.body, "beneficiary"):
                self.faults.append(_fault(held, "the coverage names no beneficiary and is left out."))
            elif not payor(held.body):
                self.faults.append(_fault(held, "the coverage names no payer and is left out."))
            else:
                self._file(found, part(held.body, "beneficiary"), held, "Patient")
        return found

    def _file(self, found: dict[str, list[Held]], reference: Resource, held: Held, kind: str) -> None:
        try:
            owner = self.pool.follow(reference, held, kind)
        except Ambiguous:
            self.faults.append(_fault(held, "it refers to an identifier that several resources bear; it is left out."))
            return
        if owner is not None:
            found.setdefault(owner.found.name, []).append(held)

    def check(self) -> None:
        """Look at every condition and coverage, also when no encounter of the files asked for any."""
        for looked_at in (self._conditions_by_encounter, self._coverages_by_patient):
            looked_at.keys()


def _fault(held: Held, sentence: str) -> Fault:
    return Fault(held.found.place, sentence, held.found.name)
