"""One fact of the census from a stored FHIR message: an Encounter with all that belongs to it, or a merged Patient.

Pure.
"""

import hashlib
from datetime import datetime

import msgspec

from app.census.terms import AdtFact, ExceptionKind, Group, Location, Prior, Step
from app.interop.adt import NotAccepted
from app.interop.fhir.bundles import BROKEN, Found, read_bundle
from app.interop.fhir.facts.course import Impossible, Place, course, started
from app.interop.fhir.facts.covers import diagnoses, in_order, insurance, payor
from app.interop.fhir.facts.elements import Resource, codes, codings, display, instant, part, parts, text, updated
from app.interop.fhir.facts.numbers import RECORD_NUMBERS, VISIT_NUMBERS, Habits, identifiers, number
from app.interop.fhir.facts.people import described, physician
from app.interop.fhir.links import Linked, Links
from app.interop.fhir.references import Held, Pool

APPLICATION = "FHIR"
ROLES = {"ATND": "attending", "REF": "referring", "ADM": "admitting"}
PRIORITIES = {"EM": "E", "UR": "U", "EL": "C", "R": "R"}
"""Type of admission (HL7 table 0007) by v3-ActPriority."""

DISPOSITIONS = {"HOME": "01", "SNF": "03", "REHAB": "62", "PSY": "65", "AADVICE": "07", "EXP": "20"}
"""UB-04 FL 17 by the discharge dispositions of FHIR, where one of its codes means one thing only."""

LABELS = {"ETH": "ETH", "42CFRPART2": "ETH", "PSY": "PSY", "EMP": "EMP", "CEL": "VIP", "VIP": "VIP",
          "R": "VIP", "V": "VIP"}  # fmt: skip
"""Hint of PV1-16 by security label: 42 CFR Part 2, psychiatry, employee, celebrity, and the restricted
confidentialities."""

_ROOMS = {"BD": "bed", "RO": "room"}
_HOUSES = frozenset({"SI", "BU", "HO", "VE", "RD", "JDN"})


def control_id(name: str, raw: bytes) -> str:
    """Names one version of a resource. FHIR messages have no control id; the bytes make it unlike all others."""
    return f"{name}@{hashlib.sha256(raw).hexdigest()[:12]}"


def to_fact(raw: bytes, habits: Habits, sequence: int, received_at: datetime) -> AdtFact | NotAccepted:
    """The fact of a stored message. `received_at` stands in only where neither resource nor bundle bears a clock."""
    kind = ExceptionKind.UNPARSEABLE
    try:
        files = read_bundle(raw)
    except BROKEN:
        return NotAccepted(kind, "AE", "This is not a FHIR bundle.", "Bundle", 0)
    if not files.found:
        return NotAccepted(kind, "AE", "The bundle holds no resource.", "Bundle", 0)
    first = files.found[0]
    if first.deleted:
        return _fact(raw, habits, first, _clock(first, habits, sequence, received_at))
    links = Links(Pool(files.found))
    try:
        about = Held(first)
        linked = links.of(about) if first.type == "Encounter" else links.of_patient(about)
        return _Reading(linked, habits, raw, sequence, received_at).fact()
    except Impossible as problem:
        words = str(problem)
        return NotAccepted(kind, "AE", words[:1].upper() + words[1:], first.type, 0)


class _Clock(msgspec.Struct, frozen=True):
    sequence: int
    recorded: datetime


def _clock(found: Found, habits: Habits, sequence: int, received_at: datetime) -> _Clock:
    told = instant(found.clock, habits.policy.timezone)
    return _Clock(sequence, told.at if told else received_at)


def _fact(
    raw: bytes, habits: Habits, about: Found, clock: _Clock, *groups: Group, steps: tuple[Step, ...] = ()
) -> AdtFact:
    begin = next((one for one in steps if one.event not in ("A31", "A40")), None)
    return AdtFact(
        sequence=clock.sequence,
        feed=habits.policy.feed,
        application=APPLICATION,
        facility=habits.policy.default_authority,
        control_id=control_id(about.name, raw),
        digest=hashlib.sha256(raw).hexdigest()[:32],
        event=about.type,
        recorded=clock.recorded,
        sent=clock.recorded,
        effective=begin.at if begin else clock.recorded,
        occurred=None,
        effective_digits=begin.digits if begin else 14,
        groups=groups,
        source="fhir",
        resource=about.name,
        course=steps,
    )


class _Reading:
    """One message while it is read."""

    def __init__(self, linked: Linked, habits: Habits, raw: bytes, sequence: int, received_at: datetime) -> None:
        self.linked, self.habits, self.raw = linked, habits, raw
        self.zone = habits.policy.timezone
        about = linked.encounter.found
        own = updated(linked.encounter.body, self.zone) or instant(about.clock, self.zone)
        told = [one.body for one in linked.conditions] + [one for one, _ in (*linked.ranked, *linked.coverages)]
        clocks = [found.at for one in told if (found := updated(one, self.zone))]
        self.clock = _Clock(sequence, max([*clocks, own.at]) if own else received_at)

    def fact(self) -> AdtFact:
        linked = self.linked
        patient = self._patient()
        merge = self._merge(patient)
        steps: list[Step] = []
        group = Group(patient=patient)
        if linked.encounter.found.type == "Encounter":
            places = [self._place(entry, chain) for entry, chain in linked.places]
            known = [one for one in places if one is not None]
            steps.extend(course(linked.encounter.body, known, self.habits.policy, self.clock.recorded))
            group = self._group(patient)
        if linked.patient is not None:
            body = linked.patient.body
            told = updated(body, self.zone)
            at = told.at if told else self.clock.recorded
            group = msgspec.structs.replace(
                group, person=described(body), identifiers=identifiers(body, self.habits)
            )  # fmt: skip
            if not merge or merge[0].patient == patient:  # a replaced record describes nobody any more
                steps.append(Step("A31", at))
            if merge:
                steps.append(Step("A40", at))
        groups = (group, *merge)
        return _fact(self.raw, self.habits, linked.encounter.found, self.clock, *groups, steps=tuple(steps))

    # --- numbers -----------------------------------------------------------------------------------------------------

    def _patient(self) -> str:
        held = self.linked.patient
        if held is None:
            named = part(self.linked.encounter.body, "subject", "identifier")
            return number([named], RECORD_NUMBERS, self.habits)
        return self._record_number(held)

    def _record_number(self, held: Held) -> str:
        found = number(parts(held.body, "identifier"), RECORD_NUMBERS, self.habits) or self._by_id(held)
        if not found:
            raise Impossible("the patient bears neither an identifier nor an id.")
        return found

    def _by_id(self, held: Held) -> str:
        key = held.found.id or held.found.url.removeprefix("urn:uuid:")
        return f"{self.habits.of_resources}|{key}" if key else ""

    def _visit(self) -> str:
        held = self.linked.encounter
        found = number(parts(held.body, "identifier"), VISIT_NUMBERS, self.habits) or self._by_id(held)
        if not found:
            raise Impossible("the encounter bears neither an identifier nor an id.")
        return found

    def _merge(self, patient: str) -> tuple[Group, ...]:
        """Who stands for the patient now, or whom he or she stands for: an A40 in the words of HL7."""
        for kind, other in self.linked.successors:
            key = self._record_number(other)
            if key == patient:
                continue
            if kind == "replaced-by":
                return (Group(patient=key, person=described(other.body), priors=(Prior(patient),)),)
            return (Group(patient=patient, priors=(Prior(key),)),)
        return ()

    # --- fields ------------------------------------------------------------------------------------------------------

    def _group(self, patient: str) -> Group:
        linked = self.linked
        told = linked.ranked or linked.conditions
        paid = [(one, payer) for one, payer in linked.coverages]
        payers = {id(one): payer for one, payer in paid}
        covers = [
            found
            for one in in_order(one for one, _ in paid)
            if (found := insurance(one, payers[id(one)], text(payor(one), "display")))
        ]
        return Group(
            patient=patient,
            visit=self._visit(),
            texts={name: value for name, value in self._texts().items() if value},
            diagnoses=diagnoses(linked.ranked, [one.body for one in linked.conditions]) if told else None,
            insurances=tuple(covers) if paid else None,
        )

    def _texts(self) -> dict[str, str]:
        body = self.linked.encounter.body
        stay = part(body, "hospitalization")
        texts = {
            "service": display(body.get("serviceType")),
            "admit_reason": next((words for one in parts(body, "reasonCode") if (words := display(one))), ""),
            "admit_type": next((PRIORITIES.get(code, code) for code in sorted(codes(body.get("priority")))), ""),
            "admit_source": _code(stay.get("admitSource")),
            "disposition": _disposition(stay.get("dischargeDisposition")),
            "vip": self._label(),
        }
        for role, name in ROLES.items():
            one = self._physician(role)
            if one is not None:
                texts[name], texts[f"{name}_name"] = one
        return texts

    def _label(self) -> str:
        """The strictest hint of the security labels of encounter and patient."""
        bodies = [self.linked.encounter.body, *([self.linked.patient.body] if self.linked.patient else ())]
        found = {
            LABELS.get(text(one, "code").upper()) for body in bodies for one in parts(part(body, "meta"), "security")
        }
        return next((hint for hint in ("ETH", "PSY", "VIP", "EMP") if hint in found), "")

    def _physician(self, role: str) -> tuple[str, str] | None:
        """The participant of a role at present, else the last one."""
        found = [
            (one, who) for one, who in self.linked.physicians if any(role in codes(kind) for kind in parts(one, "type"))
        ]
        if not found:
            return None

        def since(entry: tuple[Resource, Resource]) -> tuple[bool, str]:
            begin, period = started(entry[0], self.zone), part(entry[0], "period")
            return not text(period, "end"), begin.at.isoformat() if begin else ""

        one, who = max(found, key=since)
        key, name = physician(who, text(part(one, "individual"), "display"))
        key = key or text(part(one, "individual"), "reference").rpartition("/")[2]
        return (key, name) if key or name else None

    def _place(self, entry: Resource, chain: list[Resource]) -> Place | None:
        """Bed, room and unit by their physical type; a place without a type is a unit, a building is none."""
        names = {"unit": "", "room": "", "bed": ""}
        for one in chain or [{}]:
            kinds = codes(one.get("physicalType"))
            said = text(part(entry, "location"), "display")
            level = next((_ROOMS[kind] for kind in kinds if kind in _ROOMS), "" if kinds & _HOUSES else "unit")
            value = (
                text(one, "name") or next((text(number, "value") for number in parts(one, "identifier")), "") or said
            )
            if level and not names[level]:
                names[level] = value.replace("^", " ")
        if not any(names.values()):
            return None
        where = Location(names["unit"], names["room"], names["bed"], self.habits.policy.default_authority)
        return Place(where, text(entry, "status"), started(entry, self.zone))


def _code(concept: object) -> str:
    return next((code for one in codings(concept) if (code := text(one, "code"))), "") or text(concept, "text")


def _disposition(concept: object) -> str:
    """The code of UB-04 FL 17 where one is given or meant; what FHIR cannot say so clearly stays as it was sent."""
    for one in codings(concept):
        code = text(one, "code")
        if code.isascii() and code.isdigit():
            return code.zfill(2)
    sent = _code(concept)
    return DISPOSITIONS.get(sent.upper(), sent)
