"""FHIR and HL7 together are still a set: no order of arrival, no repetition, no way of storing makes a difference."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from app.census.terms import AdtFact
from tests.census.replaying import taken
from tests.census.stories import message
from tests.support.fhir import (
    POLICY,
    RECORDS,
    VISITS,
    Json,
    bundle,
    coded,
    encounter,
    facts_of,
    folded,
    identifier,
    patient,
    placed,
    plain,
)

HOURS = st.integers(0, 9)
PATIENTS, VISIT_NUMBERS = st.sampled_from(["M1", "M2"]), st.sampled_from(["V1", "V2"])
STATUSES = st.sampled_from(["planned", "arrived", "in-progress", "onleave", "finished", "cancelled",
                            "entered-in-error", "unknown"])  # fmt: skip
CLASSES = st.sampled_from(["IMP", "OBSENC", "EMER", "AMB", "PRENC"])


def at(hour: int) -> str:
    return f"2026-03-10T{hour:02}:00:00-04:00"


@st.composite
def resources(draw: st.DrawFn) -> Json:
    """A bundle with a version of one of three encounters, and its patient."""
    who, key, start = draw(PATIENTS), draw(st.sampled_from(["e1", "e2", "e3"])), draw(HOURS)
    more: dict[str, Any] = {
        "identifier": [identifier(draw(VISIT_NUMBERS), "VN", VISITS)],
        "status": draw(STATUSES),
        "class": {"code": draw(CLASSES)},
        "subject": {"reference": f"Patient/{who}"},
        "period": {"start": at(start)} | ({"end": at(draw(st.integers(start, 10)))} if draw(st.booleans()) else {}),
        "meta": {"lastUpdated": at(draw(HOURS))},
        "location": [placed(draw(st.sampled_from(["4W", "ICU"])), start=at(draw(HOURS)))] * draw(st.integers(0, 1)),
        "classHistory": [{"class": {"code": draw(CLASSES)}, "period": {"start": at(draw(HOURS))}}]
        * draw(st.integers(0, 1)),
    }
    link = {"link": [{"type": "replaced-by", "other": {"reference": "Patient/M9"}}]} if draw(st.booleans()) else {}
    named = {"identifier": [identifier(who, "MR", RECORDS)], "meta": {"lastUpdated": at(draw(HOURS))},
             "name": [{"family": draw(st.sampled_from(["Rivera", "Chen"]))}]}  # fmt: skip
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": f"Patient/{who}"},
                 "code": coded(draw(st.sampled_from(["I50.9", "J18.9"]))),
                 "encounter": {"reference": f"Encounter/{key}"}}  # fmt: skip
    found = [encounter(key, **more), patient(who, **named, **link)] + [condition] * draw(st.integers(0, 1))
    return bundle(*found, patient("M9", identifier=[identifier("M9", "MR", RECORDS)]))


@st.composite
def mixtures(draw: st.DrawFn) -> list[AdtFact]:
    bundles = draw(st.lists(resources(), max_size=4))
    written = [
        message(
            f"{draw(st.sampled_from(['A01', 'A02', 'A03', 'A08', 'A11', 'A13', 'A40', 'A31']))} | id C{place}"
            f" | rec 03-10 {draw(HOURS):02}:30 | patient {draw(PATIENTS)} | visit {draw(VISIT_NUMBERS)}"
            f" | bed {draw(st.sampled_from(['4W^1^A', 'ICU^1^', 'none']))} | mrg {draw(PATIENTS)}",
            place,
        )
        for place in range(draw(st.integers(0, 4)))
    ]
    facts = [fact for one in bundles for fact in facts_of(one)]
    facts += [one for one in taken(written, POLICY) if isinstance(one, AdtFact)]
    for place, fact in enumerate(facts):
        if fact.source == "hl7" and draw(st.integers(0, 4)) == 0:
            facts[place] = msgspec.structs.replace(fact, source=draw(st.sampled_from(["repair", "census"])))
    return [msgspec.structs.replace(fact, sequence=place) for place, fact in enumerate(facts)]


@settings(max_examples=150, deadline=None)
@given(mixtures(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_a_mixture_gives_one_state(facts: list[AdtFact], random: Any) -> None:
    expected = plain(folded(facts))
    shuffled = [*facts, *facts[:2]]

    random.shuffle(shuffled)

    received = [msgspec.structs.replace(fact, sequence=place) for place, fact in enumerate(shuffled)]
    assert plain(folded(received)) == expected


@settings(max_examples=100, deadline=None)
@given(mixtures())
def test_a_fact_comes_back_from_storage_as_it_was(facts: list[AdtFact]) -> None:
    encoded = msgspec.json.encode(facts)

    assert plain(folded(msgspec.json.decode(encoded, type=list[AdtFact]))) == plain(folded(facts))


@settings(max_examples=100, deadline=None)
@given(mixtures())
def test_what_is_connected_is_folded_as_within_the_whole(facts: list[AdtFact]) -> None:
    members: list[tuple[set[str], list[AdtFact]]] = []
    for fact in facts:
        keys, joined = set(fact.keys), [fact]
        for known in [one for one in members if one[0] & keys]:
            members.remove(known)
            keys |= known[0]
            joined = [*known[1], *joined]
        members.append((keys, joined))

    together = {key: state for _, part in members for key, state in plain(folded(part))["encounters"].items()}

    assert together == plain(folded(facts))["encounters"]


@settings(max_examples=100, deadline=None)
@given(mixtures())
def test_stays_keep_their_promises(facts: list[AdtFact]) -> None:
    house = folded(facts)

    for stay in house.encounters.values():
        assert house.patients[stay.patient].merged_into is None
        assert stay.sequences and len(set(stay.sequences)) == len(stay.sequences)
        for rows in (stay.locations, stay.classes, stay.attendings, stay.leaves):
            assert all(row.end is None or row.start < row.end for row in rows)
