"""P0: the census is a pure function of the set of accepted messages, whatever they are and however they arrive.

Messages are drawn at random, sensible or not: what is tested is that no order of arrival, no repetition and no way of
folding piece by piece makes a difference.
"""

import itertools

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from app.census.rendering import render
from app.census.rules import bed_conflicts, control_id_reuse, fold
from app.census.terms import AdtFact, House
from app.interop.adt import SUPPORTED
from tests.census.replaying import taken
from tests.census.stories import POLICY, message

PATIENTS = st.sampled_from(["M1", "M2", "M3"])
VISITS = st.sampled_from(["V1", "V2", "V3", "none"])
BEDS = st.sampled_from(["4W^1^A", "4W^2^A", "ICU^1^", "none"])
TIMES = st.integers(0, 9).map(lambda hour: f"03-10 {hour:02}:00")
EVENTS = st.sampled_from(
    [*sorted(SUPPORTED), *["A01", "A02", "A03", "A08", "A11", "A12", "A13", "A40", "A47", "A50"] * 3]
)


@st.composite
def told_messages(draw: st.DrawFn) -> list[AdtFact]:
    written = []
    for place in range(draw(st.integers(1, 9))):
        parts = [
            draw(EVENTS),
            f"id C{place}",
            f"rec {draw(TIMES)}",
            f"patient {draw(PATIENTS)}",
            f"visit {draw(VISITS)}",
        ]
        parts.append(f"bed {draw(BEDS)}")
        parts.append(f"class {draw(st.sampled_from(['I', 'O', 'E', 'P', 'OBS', 'none']))}")
        parts.append(f"account {draw(st.sampled_from(['A1', 'A2', 'none']))}")
        if draw(st.booleans()):
            parts.append(f"occ {draw(TIMES)}")
        if draw(st.integers(0, 3)) == 0:
            parts.append(f"discharge {draw(TIMES)}")
        if draw(st.booleans()):
            parts.extend([f"mrg {draw(PATIENTS)}", f"mrg-visit {draw(VISITS)}", f"mrg-account {draw(VISITS)}"])
        parts.append(f"attending {draw(st.sampled_from(['1001^A', '1002^B', 'none']))}")
        if draw(st.integers(0, 4)) == 0:
            parts.extend(["and", f"patient {draw(PATIENTS)}", f"visit {draw(VISITS)}", f"bed {draw(BEDS)}"])
        written.append(message(" | ".join(parts), place))
    return [one for one in taken(written, POLICY) if isinstance(one, AdtFact)]


def plain(house: House) -> dict[str, object]:
    """A house without what names the receive sequence, which differs from order to order by its nature."""
    found = msgspec.to_builtins(house)
    for one in [*found["exceptions"], *found["reviews"]]:
        one["sequence"] = None
    for stay in found["encounters"].values():
        stay["sequences"] = len(stay["sequences"])
    for name in ("exceptions", "reviews"):
        found[name].sort(key=repr)
    return found


def whole(facts: list[AdtFact]) -> dict[str, object]:
    return plain(fold(facts, {POLICY.feed: POLICY}))


@settings(max_examples=150, deadline=None)
@given(told_messages(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_gives_one_state(facts: list[AdtFact], random: object) -> None:
    expected = whole(facts)
    shuffled = [*facts, *facts[:2]]

    random.shuffle(shuffled)  # type: ignore[attr-defined]
    received = [msgspec.structs.replace(fact, sequence=place) for place, fact in enumerate(shuffled)]

    assert whole(received) == expected


@settings(max_examples=150, deadline=None)
@given(told_messages())
def test_folding_touched_components_equals_folding_everything(facts: list[AdtFact]) -> None:
    components: dict[str, House] = {}
    members: list[tuple[set[str], list[AdtFact]]] = []

    for fact in facts:  # as they arrive: join what shares a number, and fold only that
        keys, joined = set(fact.keys), [fact]
        for known in [one for one in members if one[0] & keys]:
            members.remove(known)
            components.pop(min(known[0]))
            keys |= known[0]
            joined = [*known[1], *joined]
        members.append((keys, joined))
        components[min(keys)] = fold(joined, {POLICY.feed: POLICY})
    together = House(patients={}, encounters={}, exceptions=[], reviews=[])
    for house in components.values():
        together.patients.update(house.patients)
        together.encounters.update(house.encounters)
        together.exceptions.extend(house.exceptions)
        together.reviews.extend(house.reviews)

    assert plain(together) == whole(facts)
    assert render(together, POLICY) == render(fold(facts, {POLICY.feed: POLICY}), POLICY)


@settings(max_examples=100, deadline=None)
@given(told_messages())
def test_state_keeps_its_own_promises(facts: list[AdtFact]) -> None:
    house = fold(facts, {POLICY.feed: POLICY})

    for stay in house.encounters.values():
        assert house.patients[stay.patient].merged_into is None, "a stay belongs to a root"
        for rows in (stay.locations, stay.classes, stay.attendings, stay.leaves):
            for row in rows:
                assert row.end is None or row.start < row.end, "no row ends before it begins"
            for before, after in itertools.pairwise(rows):
                assert before.end is not None and before.end <= after.start, "rows do not overlap"
        assert (stay.discharge_at is not None) is (stay.status == "discharged")
        assert not (stay.status.in_census and not stay.patient_class.bedded)
    for patient in house.patients.values():
        assert patient.merged_into is None or house.patients[patient.merged_into].merged_into is None, (
            "chains end in a root"
        )
    assert bed_conflicts(house.encounters.values()) is not None
    assert control_id_reuse(facts) == []


@settings(max_examples=50, deadline=None)
@given(told_messages())
def test_facts_survive_being_stored(facts: list[AdtFact]) -> None:
    assert [msgspec.json.decode(msgspec.json.encode(fact), type=AdtFact) for fact in facts] == facts
