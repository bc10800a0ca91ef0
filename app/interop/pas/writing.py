"""A request for review as a PAS bundle: the Claim first, then everything that it names, each under a key of its own.

The keys follow from our number of the transmission, so that the same message is the same bundle, and another message
never shares a key with it. Of a case that goes on every item is said again: what is new is marked, what is withdrawn
too, and an item keeps its place (PAS 2.2.1, profile of the updated claim).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.interop.pas import codes
from app.interop.x12.terms import Kind, Organization, Person, Said
from app.kernel.refusal import Refused
from app.payers.requests.terms import CertificationType, Days, Diagnosis, ReviewRequest, ServiceLevel

Json = dict[str, Any]
NAMESPACE = uuid.UUID("5f0c8f3e-1f0a-5d0f-9a4b-6a7c3d1f2b90")
_GENDERS = {"F": "female", "M": "male", "U": "unknown"}
_ROLES = {"principal", "admitting"}


def bundle(said: Said, at: datetime, earlier: Sequence[ReviewRequest] = ()) -> Json:
    """The bundle to submit. `at` is an instant; `earlier` are the requests of this case before, oldest first.

    Refused for what PAS has no form for (notifications) and for what a payer could not match (no member number).
    """
    return _Writer(said, at, tuple(earlier)).bundle()


class _Writer:
    """One message; every resource has a key made of its name."""

    def __init__(self, said: Said, at: datetime, earlier: tuple[ReviewRequest, ...]) -> None:
        if said.kind in (Kind.ADMISSION, Kind.DISCHARGE):
            raise Refused("PAS has no notifications of admission or discharge. Tell this payer by telephone or X12.")
        if not said.parties.subscriber.member_id:
            raise Refused("The member number of this patient with the payer is missing.")
        if at.tzinfo is None:
            raise ValueError("an instant needs its offset")
        self.said, self.at, self.earlier = said, at, earlier
        self.request, self.parties = said.request, said.parties

    def key(self, name: str) -> str:
        """`urn:uuid:...` of one resource of this message."""
        return f"urn:uuid:{self.plain_key(name)}"

    def plain_key(self, name: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{self.parties.trace_origin}/{self.said.reference}/{name}"))

    def to(self, name: str) -> Json:
        return {"reference": self.key(name)}

    def bundle(self) -> Json:
        found = [("claim", self.claim()), *self.people(), *self.organizations(), ("encounter", self.encounter())]
        if self.earlier:
            found.append(("previous", self.previous()))
        return {
            "resourceType": "Bundle",
            "id": self.plain_key("bundle"),
            "identifier": {"system": self.system("transmission"), "value": self.said.reference},
            "type": "collection",
            "timestamp": self.at.isoformat(timespec="seconds"),
            "entry": [{"fullUrl": self.key(name), "resource": {**one, "id": self.plain_key(name)}}
                      for name, one in found],
        }  # fmt: skip

    def system(self, what: str) -> str:
        """Under which our numbers are unique."""
        return f"urn:daybook:{self.parties.trace_origin}:{what}"

    # --- the claim ---------------------------------------------------------------------------------------------------

    def claim(self) -> Json:
        profile = "profile-claim-inquiry" if self.said.kind is Kind.INQUIRY else "profile-claim"
        made = self.head(f"{profile}-update" if self.earlier else profile, self.request.event_trace)
        made["extension"] = [
            _coded("extension-levelOfServiceCode", codes.LEVEL, self.request.service_level.value),
            {"url": codes.ENCOUNTER, "valueReference": self.to("encounter")},
        ]
        if self.earlier:
            made["related"] = [{"claim": self.to("previous"), "relationship": _concept(
                f"{codes.TERMINOLOGY}ex-relatedclaimrelationship", "prior")}]  # fmt: skip
        if self.request.diagnoses:
            made["diagnosis"] = [_diagnosis(place, one) for place, one in enumerate(self.request.diagnoses, 1)]
        if self.parties.attending is not None:
            made["careTeam"] = [{"sequence": 1, "provider": self.to("attending"), "role": _concept(
                f"{codes.TERMINOLOGY}claimcareteamrole", "primary")}]  # fmt: skip
        if facts := self.facts():
            made["supportingInfo"] = [{"sequence": place, **one} for place, one in enumerate(facts, 1)]
        made["item"] = self.items()
        return made

    def head(self, profile: str, trace: str) -> Json:
        urgent = self.request.service_level is not ServiceLevel.ELECTIVE
        return {
            "resourceType": "Claim",
            "meta": {"profile": [codes.PAS + profile]},
            "identifier": [{"system": self.system("event-trace"), "value": trace, "assigner": {
                "identifier": {"system": self.system("origin"), "value": self.parties.trace_origin}}}],
            "status": "active",
            "type": _concept(f"{codes.TERMINOLOGY}claim-type", "institutional"),
            "use": "preauthorization",
            "patient": self.to("patient"),
            "created": self.at.isoformat(timespec="seconds"),
            "insurer": self.to("insurer"),
            "provider": self.to("requester"),
            "priority": _concept(f"{codes.TERMINOLOGY}processpriority", "stat" if urgent else "normal"),
            "insurance": [{"sequence": 1, "focal": True, "coverage": self.to("coverage")}],
        }  # fmt: skip

    def facts(self) -> list[Json]:
        asked = [one.days for one in (*self.earlier, self.request) if one.days is not None]
        found: list[Json] = []
        if asked:
            found.append({**_category(codes.PATIENT_EVENT), "timingPeriod": _period(
                Days(min(one.first for one in asked), max(one.until for one in asked)))})  # fmt: skip
        if self.request.admitted_on:
            found.append({**_category(codes.ADMITTED), "timingDate": self.request.admitted_on.isoformat()})
        if self.request.discharged_on:
            found.append({**_category(codes.DISCHARGED), "timingDate": self.request.discharged_on.isoformat()})
        if self.request.message:
            found.append({**_category(codes.MESSAGE), "valueString": self.request.message})
        return found

    def items(self) -> list[Json]:
        """Every item of the case; the last one is what this message asks. A cancellation withdraws them all."""
        asked = [self.item(place, one) for place, one in enumerate(self.earlier, 1)]
        last = self.item(len(asked) + 1, self.request, self.said.quantity)
        if self.earlier:
            last["extension"].append({"url": codes.PAS + "extension-infoChanged", "valueCode": "added"})
        if self.request.certification_type is CertificationType.CANCEL:
            for one in (*asked, last):
                one["modifierExtension"] = [{"url": codes.PAS + "modifierextension-infoCancelledFlag",
                                             "valueBoolean": True}]  # fmt: skip
        return [*asked, last]

    def item(self, place: int, asked: ReviewRequest, quantity: int | None = None) -> Json:
        extensions = [
            _coded("extension-serviceItemRequestType", codes.REQUEST_TYPE, codes.ADMISSION_REVIEW),
            _coded("extension-certificationType", codes.CERTIFICATION, asked.certification_type.value),
            {"url": codes.PAS + "extension-itemTraceNumber",
             "valueIdentifier": {"system": self.system("event-trace"), "value": asked.event_trace}},
        ]  # fmt: skip
        if asked.authorization_number:
            extensions.append(_text("extension-authorizationNumber", asked.authorization_number))
        if asked.reference:
            extensions.append(_text("extension-administrationReferenceNumber", asked.reference))
        service = _concept(codes.SERVICE_TYPE, asked.service_type)
        made: Json = {
            "extension": extensions,
            "sequence": place,
            "category": service,
            "productOrService": service,
            "locationCodeableConcept": _concept(codes.BILL_TYPE, codes.INPATIENT_BILL),
        }
        if asked.days is not None:
            made["servicedPeriod"] = _period(asked.days)
            quantity = asked.days.count
        if quantity is not None:
            made["quantity"] = {"value": quantity, "unit": "day", "system": codes.UCUM, "code": "d"}
        return made

    def previous(self) -> Json:
        """The claim as it stood before this message."""
        made = self.head("profile-claim", self.earlier[-1].event_trace)
        made["item"] = [self.item(place, one) for place, one in enumerate(self.earlier, 1)]
        return made

    # --- what the claim names ----------------------------------------------------------------------------------------

    def people(self) -> list[tuple[str, Json]]:
        subscriber, dependent = self.parties.subscriber, self.parties.dependent
        coverage: Json = {
            "resourceType": "Coverage",
            "meta": {"profile": [codes.PAS + "profile-coverage"]},
            "status": "active",
            "subscriberId": subscriber.member_id,
            "subscriber": self.to("subscriber" if dependent else "patient"),
            "beneficiary": self.to("patient"),
            "relationship": _concept(f"{codes.TERMINOLOGY}subscriber-relationship", "other" if dependent else "self"),
            "payor": [self.to("insurer")],
        }
        found = [("patient", self.person(dependent or subscriber)), ("coverage", coverage)]
        if dependent is not None:
            found.append(("subscriber", self.person(subscriber)))
        if (doctor := self.parties.attending) is not None:
            names: Json = {"family": doctor.family, **({"given": [doctor.given]} if doctor.given else {})}
            found.append(("attending", {
                "resourceType": "Practitioner", "meta": {"profile": [codes.PAS + "profile-practitioner"]},
                "identifier": [{"system": codes.NPI, "value": doctor.npi}], "name": [names],
            }))  # fmt: skip
        return found

    def person(self, one: Person) -> Json:
        given = [part for part in (one.given, one.middle) if part]
        made: Json = {
            "resourceType": "Patient",
            "meta": {"profile": [codes.PAS + "profile-beneficiary"]},
            "name": [{"family": one.family, **({"given": given} if given else {})}],
            "gender": _GENDERS[one.sex],
        }
        if one.member_id:
            made["identifier"] = [{"type": _concept(f"{codes.TERMINOLOGY}v2-0203", "MB"),
                                   "system": self.system("member"), "value": one.member_id}]  # fmt: skip
        if one.birth_date:
            made["birthDate"] = one.birth_date.isoformat()
        return made

    def organizations(self) -> list[tuple[str, Json]]:
        found = [
            ("insurer", self.organization(self.parties.payer, "profile-insurer")),
            ("requester", self.organization(self.parties.requester, "profile-requestor")),
        ]
        if self.parties.facility != self.parties.requester:
            found.append(("facility", self.organization(self.parties.facility, "profile-organization")))
        return found

    def organization(self, one: Organization, profile: str) -> Json:
        system = codes.NPI if one.qualifier == "XX" else self.system(f"organization-{one.qualifier}")
        made: Json = {
            "resourceType": "Organization",
            "meta": {"profile": [codes.PAS + profile]},
            "identifier": [{"system": system, "value": one.number}],
            "active": True,
            "name": one.name,
        }
        telecom = [{"system": how, "value": number} for how, number in (("phone", one.phone), ("fax", one.fax))
                   if number]  # fmt: skip
        if telecom:
            made["telecom"] = telecom
        if one.contact:
            made["contact"] = [{"name": {"text": one.contact}}]
        return made

    def encounter(self) -> Json:
        asked = self.request
        made: Json = {
            "resourceType": "Encounter",
            "meta": {"profile": [codes.PAS + "profile-encounter"]},
            "status": "finished" if asked.discharged_on else "in-progress",
            "class": {"system": f"{codes.TERMINOLOGY}v3-ActCode", "code": "IMP"},
            "subject": self.to("patient"),
            "serviceProvider": self.to("facility" if self.parties.facility != self.parties.requester else "requester"),
        }
        period = {"start": asked.admitted_on, "end": asked.discharged_on}
        if known := {name: day.isoformat() for name, day in period.items() if day is not None}:
            made["period"] = known
        hospitalization: Json = {}
        if self.said.admission_source:
            hospitalization["admitSource"] = _concept(codes.POINT_OF_ORIGIN, self.said.admission_source)
        if self.said.patient_status:
            hospitalization["dischargeDisposition"] = _concept(codes.DISCHARGE_STATUS, self.said.patient_status)
        if hospitalization:
            made["hospitalization"] = hospitalization
        return made


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _coded(extension: str, system: str, code: str) -> Json:
    return {"url": codes.PAS + extension, "valueCodeableConcept": _concept(system, code)}


def _text(extension: str, value: str) -> Json:
    return {"url": codes.PAS + extension, "valueString": value}


def _category(word: str) -> Json:
    return {"category": _concept(codes.CATEGORY, word)}


def _period(days: Days) -> Json:
    return {"start": days.first.isoformat(), "end": days.until.isoformat()}


def _diagnosis(place: int, one: Diagnosis) -> Json:
    code = f"{one.code[:3]}.{one.code[3:]}" if len(one.code) > 3 else one.code
    made: Json = {"sequence": place, "diagnosisCodeableConcept": _concept(codes.ICD_10, code)}
    if one.role in _ROLES:
        made["type"] = [_concept(codes.DIAGNOSIS_ROLE, one.role)]
    return made
