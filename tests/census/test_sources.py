"""Whose word counts where several sources tell of one stay."""

from typing import Any

import msgspec
import pytest

from app.census.rules.sources import PRIORITY
from app.census.terms import AdtFact, EncounterState, EncounterStatus
from tests.census.replaying import taken
from tests.census.stories import lines
from tests.support.fhir import (
    POLICY,
    RECORDS,
    VISITS,
    bundle,
    coded,
    encounter,
    facts_of,
    folded,
    identifier,
    patient,
    placed,
)

END = {"start": "2026-03-10T08:00:00-04:00", "end": "2026-03-14T11:20:00-04:00"}
ADMITTED = "A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A | attending 1001^TENDING^ANN | dx R55 | name RIVERA"


def told(story: str, source: str = "hl7") -> list[AdtFact]:
    """The facts of a story, as if another source had told it."""
    facts = [one for one in taken(lines(story), POLICY) if isinstance(one, AdtFact)]
    return [msgspec.structs.replace(one, source=source, control_id=f"{source} {one.control_id}") for one in facts]


def from_record(**more: Any) -> list[AdtFact]:
    """The same stay as the record system tells it."""
    doctor = [{"type": [coded("ATND")], "individual": {"display": "Dr. Record"}}]
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p1"},
                 "encounter": {"reference": "Encounter/e1"}, "code": coded("I50.33")}  # fmt: skip
    stay = encounter(
        identifier=[identifier("V100", "VN", VISITS)], participant=doctor, serviceType=coded("CARD"),
        location=[placed("ICU")], **more,
    )  # fmt: skip
    known = patient(identifier=[identifier("M100", "MR", RECORDS)], name=[{"family": "Record"}],
                    address=[{"postalCode": "02467"}])  # fmt: skip
    return facts_of(bundle(stay, known, condition), first=50)


def stay(*facts: AdtFact) -> EncounterState:
    house = folded(msgspec.structs.replace(fact, sequence=place) for place, fact in enumerate(facts))
    [state] = house.encounters.values()
    return state


def test_every_kind_of_field_names_all_sources_once() -> None:
    assert {frozenset(order) for order in PRIORITY.values()} == {frozenset({"hl7", "fhir", "census"})}


def test_messages_have_the_course_and_the_record_the_problem_list() -> None:
    state = stay(*told(ADMITTED), *from_record(status="finished", period=END))

    assert state.status is EncounterStatus.ADMITTED
    assert state.location and state.location.text == "4W^401^A"
    assert state.text("attending_name") == "TENDING, ANN"
    assert [one.code for one in state.diagnoses] == ["I50.33"]
    assert state.text("service") == "CARD", "what the messages leave unsaid is filled in"
    assert len(state.sequences) == 2


def test_a_person_is_described_by_messages_and_completed_by_the_record() -> None:
    [person] = folded([*told(ADMITTED), *from_record()]).patients.values()

    assert (person.text("family"), person.text("zip"), person.text("dob")) == ("RIVERA", "02467", "19560412")


def test_the_record_alone_has_the_course() -> None:
    state = stay(*from_record(status="finished", period=END))

    assert state.status is EncounterStatus.DISCHARGED
    assert state.last_location and state.last_location.unit == "ICU"


def test_a_census_file_comes_last() -> None:
    file = told("A01 | rec 03-12 06:00 | occ 03-12 06:00 | bed 5N^1^A | attending 9^FILE | dx Z99", "census")

    beside_messages, beside_record = stay(*told(ADMITTED), *file), stay(*from_record(), *file)

    assert beside_messages.location and beside_messages.location.text == "4W^401^A"
    assert [one.code for one in beside_messages.diagnoses] == ["R55"]
    assert beside_record.location and beside_record.location.unit == "ICU"
    assert beside_record.text("attending_name") == "Dr. Record"
    alone = stay(*file)
    assert alone.location and alone.location.text == "5N^1^A"


@pytest.mark.parametrize("source", ["hl7", "fhir", "census"])
def test_a_repair_joins_whatever_tells_the_course(source: str) -> None:
    facts = from_record() if source == "fhir" else told(ADMITTED, source)
    repair = told("A03 | rec 03-14 12:00 | occ 03-14 11:20 | bed 4W^401^A | disp 01", "repair")

    state = stay(*facts, *repair)

    assert (state.status, state.disposition) == (EncounterStatus.DISCHARGED, "01")
    assert not state.inferred


def test_how_the_patient_left_is_filled_in_from_the_record() -> None:
    gone = told(ADMITTED + "\nA03 | rec 03-14 11:30 | occ 03-14 11:20 | bed 4W^401^A")
    known = from_record(status="finished", period=END, hospitalization={"dischargeDisposition": coded("snf")})

    assert stay(*gone, *known).disposition == "03"
    assert stay(*gone).disposition is None


def test_a_record_does_not_revive_what_messages_cancelled() -> None:
    cancelled = told(ADMITTED + "\nA11 | rec 03-10 09:00 | bed 4W^401^A")

    assert stay(*cancelled, *from_record()).status is EncounterStatus.CANCELLED
