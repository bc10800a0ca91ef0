"""FHIR resources for tests, written the short way, and what the census makes of them; all of it invented."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from app.census.rules import fold
from app.census.terms import AdtFact, EncounterState, FeedPolicy, House
from app.interop.adt import NotAccepted
from app.interop.fhir.bundles import read_bundle
from app.interop.fhir.facts.numbers import Habits
from app.interop.fhir.facts.stays import to_fact
from app.interop.fhir.links import Links
from app.interop.fhir.messages import bundle_of, deletion_of
from app.interop.fhir.references import Held, Pool

Json = dict[str, Any]

POLICY = FeedPolicy(timezone="America/New_York", default_authority="HOSP")
VISITS, RECORDS = "http://hosp.example/visits", "http://hosp.example/records"
HABITS = Habits(POLICY, frozenset({"HOSP", VISITS.upper(), RECORDS.upper()}))
RECEIVED = datetime(2026, 4, 1, tzinfo=UTC)


def coded(code: str, system: str = "", words: str = "") -> Json:
    coding = {"code": code, "system": system, "display": words}
    return {"coding": [{name: value for name, value in coding.items() if value}]}


def identifier(value: str, kind: str = "", system: str = "") -> Json:
    found: Json = {"value": value}
    if kind:
        found["type"] = coded(kind)
    if system:
        found["system"] = system
    return found


def patient(key: str = "p1", **more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": key,
        "identifier": [identifier(f"M-{key}", "MR", RECORDS)],
        "name": [{"use": "official", "family": "Rivera", "given": ["Carmen", "Ana"]}],
        "gender": "female",
        "birthDate": "1956-04-12",
        **more,
    }


def encounter(key: str = "e1", **more: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "id": key,
        "meta": {"lastUpdated": "2026-03-10T13:00:00Z"},
        "identifier": [identifier(f"V-{key}", "VN", VISITS)],
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2026-03-10T08:00:00-04:00"},
        **more,
    }


def placed(name: str, *, start: str = "", end: str = "", status: str = "active") -> Json:
    """An entry of Encounter.location, by display."""
    period = {field: value for field, value in (("start", start), ("end", end)) if value}
    return {"location": {"display": name}, "status": status, **({"period": period} if period else {})}


def updated(resource: Json, at: str) -> Json:
    return {**resource, "meta": {"lastUpdated": at}}


def bundle(*resources: Json, kind: str = "collection", **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, **more, "entry": [{"resource": one} for one in resources]}


def save(folder: Path, name: str, content: Json | Iterable[Json] | str | bytes) -> Path:
    """Write a document, or several as NDJSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, "utf-8")
    elif isinstance(content, dict):
        path.write_text(json.dumps(content), "utf-8")
    else:
        path.write_text("".join(json.dumps(one) + "\n" for one in content), "utf-8")
    return path


def facts_of(*bundles: Json, first: int = 1) -> list[AdtFact]:
    """The facts of every Encounter of bundles that were received together."""
    found = [one for held in bundles for one in read_bundle(json.dumps(held).encode()).found]
    links = Links(Pool(one for one in found if not one.deleted))
    facts: list[AdtFact] = []
    for one in found:
        if one.type != "Encounter":
            continue
        message = deletion_of(one) if one.deleted else bundle_of(links.of(Held(one)))
        fact = to_fact(message.raw, HABITS, first + len(facts), RECEIVED)
        assert isinstance(fact, AdtFact), fact
        facts.append(fact)
    return facts


def refusal_of(resource: Json, *others: Json) -> str:
    """The sentence with which an Encounter is refused."""
    found = read_bundle(json.dumps(bundle(resource, *others)).encode()).found
    outcome = to_fact(bundle_of(Links(Pool(found)).of(Held(found[0]))).raw, HABITS, 1, RECEIVED)
    assert isinstance(outcome, NotAccepted)
    return outcome.sentence


def folded(facts: Iterable[AdtFact]) -> House:
    return fold(facts, {POLICY.feed: POLICY})


def stay_of(resource: Json, *others: Json) -> EncounterState:
    """The one stay that an Encounter makes, with the usual patient."""
    house = folded(facts_of(bundle(resource, patient(), *others)))
    [state] = house.encounters.values()
    return state


def plain(house: House) -> Json:
    """A house without the receive sequence, which differs from order to order by its nature."""
    found: Json = msgspec.to_builtins(house)
    for one in [*found["exceptions"], *found["reviews"]]:
        one["sequence"] = None
    for stay in found["encounters"].values():
        stay["sequences"] = len(stay["sequences"])
    for name in ("exceptions", "reviews"):
        found[name].sort(key=repr)
    return found
