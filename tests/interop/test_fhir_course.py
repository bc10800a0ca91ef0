"""What an Encounter becomes: status, class, places, leaves, and times as precise as they were sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.census.terms import Diagnosis, EncounterStatus, PatientClass, Sensitivity
from tests.support.fhir import (
    VISITS,
    bundle,
    coded,
    encounter,
    facts_of,
    folded,
    identifier,
    patient,
    placed,
    refusal_of,
    stay_of,
    updated,
)

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
ENDED = {"start": "2026-03-10T08:00:00-04:00", "end": "2026-03-14T11:20:00-04:00"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("planned", EncounterStatus.PREADMIT),
        ("arrived", EncounterStatus.ADMITTED),
        ("triaged", EncounterStatus.ADMITTED),
        ("in-progress", EncounterStatus.ADMITTED),
        ("onleave", EncounterStatus.ON_LEAVE),
        ("finished", EncounterStatus.DISCHARGED),
        ("unknown", EncounterStatus.DISCHARGED),
        ("cancelled", EncounterStatus.CANCELLED),
        ("entered-in-error", EncounterStatus.CANCELLED),
    ],
)
def test_every_status_of_an_inpatient(status: str, expected: EncounterStatus) -> None:
    assert stay_of(encounter(status=status, period=ENDED)).status is expected


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        ("IMP", PatientClass.INPATIENT, EncounterStatus.ADMITTED),
        ("ACUTE", PatientClass.INPATIENT, EncounterStatus.ADMITTED),
        ("NONAC", PatientClass.INPATIENT, EncounterStatus.ADMITTED),
        ("OBSENC", PatientClass.OBSERVATION, EncounterStatus.ADMITTED),
        ("EMER", PatientClass.EMERGENCY, EncounterStatus.REGISTERED),
        ("AMB", PatientClass.OUTPATIENT, EncounterStatus.REGISTERED),
        ("VR", PatientClass.OUTPATIENT, EncounterStatus.REGISTERED),
        ("PRENC", PatientClass.PREADMIT, EncounterStatus.PREADMIT),
        ("I", PatientClass.INPATIENT, EncounterStatus.ADMITTED),
        ("house-made", PatientClass.UNKNOWN, EncounterStatus.REGISTERED),
    ],
)
def test_every_class(code: str, kind: PatientClass, status: EncounterStatus) -> None:
    state = stay_of(encounter(**{"class": {"code": code}}))

    assert (state.patient_class, state.status) == (kind, status)


@pytest.mark.parametrize("status", ["arrived", "in-progress", "triaged", "unknown", "finished", "planned"])
@pytest.mark.parametrize("code", ["AMB", "VR", "HH", "FLD", "SS", "EMER", "PRENC"])
def test_visits_without_a_bed_are_never_on_the_census(code: str, status: str) -> None:
    assert not stay_of(encounter(status=status, **{"class": {"code": code}})).status.in_census


def test_a_class_history_is_a_course_of_classes() -> None:
    history = [
        {"class": {"code": "OBSENC"}, "period": {"start": "2026-03-10T10:00:00-04:00",
                                                 "end": "2026-03-11T09:00:00-04:00"}},
        {"class": {"code": "EMER"}, "period": {"start": "2026-03-10T08:00:00-04:00",
                                               "end": "2026-03-10T10:00:00-04:00"}},
    ]  # fmt: skip
    state = stay_of(encounter(classHistory=history))

    assert [(row.value, row.start.isoformat()[:16]) for row in state.classes] == [
        ("ED", "2026-03-10T12:00"), ("OBS", "2026-03-10T14:00"), ("IP", "2026-03-11T13:00"),
    ]  # fmt: skip
    assert state.inpatient_at == datetime(2026, 3, 11, 13, tzinfo=UTC)


def test_places_are_a_course_of_beds() -> None:
    places = [
        placed("ICU", start="2026-03-12T03:00:00-04:00"),
        placed("4 West", start="2026-03-10T08:00:00-04:00", end="2026-03-12T03:00:00-04:00", status="completed"),
        placed("Rehab", status="planned"),
    ]
    state = stay_of(encounter(location=places))

    assert [row.value.unit for row in state.locations] == ["4 West", "ICU"]
    assert (state.pending_kind, state.pending_location and state.pending_location.unit) == ("transfer", "Rehab")


def test_bed_room_and_ward_of_one_place_are_found_through_what_they_lie_in() -> None:
    houses = [
        {"resourceType": "Location", "id": "bed", "name": "A", "physicalType": coded("bd"),
         "partOf": {"reference": "Location/room"}},
        {"resourceType": "Location", "id": "room", "name": "401", "physicalType": coded("ro"),
         "partOf": {"reference": "Location/ward"}},
        {"resourceType": "Location", "id": "ward", "name": "4W", "physicalType": coded("wa"),
         "partOf": {"reference": "Location/house"}},
        {"resourceType": "Location", "id": "house", "name": "Hospital", "physicalType": coded("bu")},
    ]  # fmt: skip
    state = stay_of(encounter(location=[{"location": {"reference": "Location/bed"}}]), *houses)

    assert state.location and state.location.text == "4W^401^A"


def test_ward_and_bed_in_two_entries_of_one_instant_are_one_place() -> None:
    ward = {"resourceType": "Location", "id": "w", "name": "4W", "physicalType": coded("wa")}
    bed = {"resourceType": "Location", "id": "b", "name": "A", "physicalType": coded("bd")}
    places = [{"location": {"reference": f"Location/{key}"}, "period": {"start": "2026-03-10"}} for key in "wb"]

    state = stay_of(encounter(location=places, period={"start": "2026-03-10"}), ward, bed)

    assert state.location and state.location.text == "4W^^A" and len(state.locations) == 1


def test_a_leave_and_the_return_from_it() -> None:
    history = [
        {"status": "onleave", "period": {"start": "2026-03-11T10:00:00-04:00", "end": "2026-03-12T18:00:00-04:00"}}
    ]
    state = stay_of(encounter(statusHistory=history))

    assert state.status is EncounterStatus.ADMITTED
    assert [(row.start.day, row.end and row.end.day) for row in state.leaves] == [(11, 12)]


def test_a_discharge_with_how_the_patient_left() -> None:
    stay = {"dischargeDisposition": coded("exp"), "admitSource": coded("emd")}
    state = stay_of(encounter(status="finished", period=ENDED, hospitalization=stay))

    assert state.discharge_at == datetime(2026, 3, 14, 15, 20, tzinfo=UTC)
    assert (state.disposition, state.died, state.text("admit_source")) == ("20", True, "emd")


@pytest.mark.parametrize(("sent", "kept"), [("3", "03"), ("62", "62"), ("snf", "03"), ("oth", "oth"), ("hosp", "hosp")])
def test_dispositions_are_ub04_where_they_say_so(sent: str, kept: str) -> None:
    stay = {"dischargeDisposition": coded(sent)}

    assert stay_of(encounter(status="finished", period=ENDED, hospitalization=stay)).disposition == kept


@pytest.mark.parametrize(
    ("sent", "at", "precise"),
    [
        ("2026", datetime(2026, 1, 1, 5, tzinfo=UTC), False),
        ("2026-02", datetime(2026, 2, 1, 5, tzinfo=UTC), False),
        ("2026-02-03", datetime(2026, 2, 3, 5, tzinfo=UTC), False),
        ("2026-02-03T08:15:00Z", datetime(2026, 2, 3, 8, 15, tzinfo=UTC), True),
        ("2026-02-03T08:15:00.250+10:00", datetime(2026, 2, 2, 22, 15, 0, 250_000, tzinfo=UTC), True),
        ("2026-02-03T08:15", datetime(2026, 2, 3, 13, 15, tzinfo=UTC), True),  # no offset: the zone of the feed
    ],
)
def test_times_are_as_precise_as_they_were_sent(sent: str, at: datetime, precise: bool) -> None:
    state = stay_of(encounter(period={"start": sent}))

    assert (state.start_at, state.start_precise) == (at, precise)


def test_a_stay_of_one_day_known_by_its_date_alone_ends_on_that_day() -> None:
    period = {"start": "2026-03-10T08:00:00-04:00", "end": "2026-03-10"}
    state = stay_of(encounter(status="finished", period=period))

    assert (state.discharge_at, state.discharge_precise) == (START, False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "gone"}, "status"),
        ({"status": None}, "status"),
        ({"class": {}}, "no class"),
        ({"class": "IMP"}, "no class"),
        ({"period": {}}, "no beginning"),
        ({"period": {"start": "last week"}}, "no beginning"),
        ({"period": {"start": "2026-03-14", "end": "2026-03-10"}}, "ends before it begins"),
        ({"status": "finished", "period": {"start": "2026-03-10T08:00:00Z", "end": "2026-03-10T07:00:00Z"}},
         "ends before it begins"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    sentence = refusal_of(encounter(**change), patient())

    assert words in sentence and sentence.endswith(".") and "Rivera" not in sentence and "M-p1" not in sentence


@pytest.mark.parametrize("wrong", [None, [], "x", 7, {"coding": "x"}, [{"x": 1}], {"period": []}])
@pytest.mark.parametrize("field", ["location", "participant", "classHistory", "statusHistory", "diagnosis", "meta",
                                   "hospitalization", "serviceType", "reasonCode", "priority"])  # fmt: skip
def test_a_field_of_another_shape_says_nothing(field: str, wrong: object) -> None:
    assert stay_of(encounter(**{field: wrong})).status is EncounterStatus.ADMITTED


def test_numbers_come_from_typed_identifiers_then_the_first_then_the_id() -> None:
    typed = [identifier("X1", "", "urn:x"), identifier("V100", "VN", VISITS)]
    cases = {
        "HOSP|V100": encounter(identifier=typed),
        "urn:x|X1": encounter(identifier=typed[:1]),
        "HOSP FHIR|e1": encounter(identifier=[]),
    }
    assert {key: stay_of(one).key for key, one in cases.items()} == {key: key for key in cases}


def test_an_authority_that_is_not_the_feeds_keeps_its_numbers_apart() -> None:
    state = stay_of(encounter(identifier=[identifier("V100", "VN", "http://other.example/visits")]))

    assert state.key == "http://other.example/visits|V100"


def test_a_person_is_described_in_the_words_of_the_census() -> None:
    died = patient(
        deceasedDateTime="2026-03-11T04:12:00-04:00",
        name=[{"use": "old", "family": "Before"}, {"use": "official", "family": "Rivera", "given": ["Ana"]}],
        communication=[{"language": coded("fr")}, {"language": coded("es"), "preferred": True}],
        address=[{"use": "home", "postalCode": "02467"}],
        telecom=[{"system": "email", "value": "x"}, {"system": "phone", "value": "555-0101"}],
    )
    [person] = folded(facts_of(bundle(encounter(), died))).patients.values()

    assert person.texts == {
        "family": "Rivera", "given": "Ana", "dob": "19560412", "sex": "F", "zip": "02467", "phone": "555-0101",
        "language": "es", "deceased": "Y", "deceased_at": "20260311041200-0400",
    }  # fmt: skip


def test_the_attending_physician_by_role_and_not_the_first_participant() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okoye", "given": ["Ife"]}],
              "identifier": [identifier("99", "", "urn:x"), identifier("1234567893", "",
                                                                       "http://hl7.org/fhir/sid/us-npi")]}  # fmt: skip
    people = [
        {"type": [coded("PPRF")], "individual": {"display": "Somebody"}},
        {"type": [coded("ATND")], "individual": {"reference": "Practitioner/d1"}},
        {"type": [coded("REF")], "individual": {"display": "Dr. Far"}},
    ]
    state = stay_of(encounter(participant=people), doctor)

    assert (state.text("attending"), state.text("attending_name")) == ("1234567893", "Okoye, Ife")
    assert state.text("referring_name") == "Dr. Far"
    assert [row.value for row in state.attendings] == ["1234567893"]


def test_conditions_by_icd10_and_without_what_was_entered_in_error() -> None:
    def condition(key: str, *codings: tuple[str, str], **more: Any) -> dict[str, Any]:
        code = {"coding": [{"system": system, "code": code} for system, code in codings], "text": f"words {key}"}
        return {"resourceType": "Condition", "id": key, "subject": {"reference": "Patient/p1"}, "code": code, **more}

    icd, snomed = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
    here = {"encounter": {"reference": "Encounter/e1"}}
    found = [
        condition("c1", (snomed, "42343007"), (icd, "I50.33")),
        condition("c2", (snomed, "13645005"), **here),
        condition("c3", (icd, "Z99.9"), verificationStatus=coded("entered-in-error"), **here),
        condition("c4", (icd, "A00.0"), encounter={"reference": "Encounter/other"}),
    ]
    named = [{"condition": {"reference": "Condition/c1"}, "use": coded("AD"), "rank": 1}]

    state = stay_of(encounter(diagnosis=named), *found)

    assert state.diagnoses == (Diagnosis("I50.33", "words c1", "A"), Diagnosis("13645005", "words c2", "W"))


def test_coverages_in_their_order_and_only_those_in_force() -> None:
    def coverage(key: str, **more: Any) -> dict[str, Any]:
        return {"resourceType": "Coverage", "id": key, "status": "active", "beneficiary": {"reference": "Patient/p1"},
                "payor": [{"display": f"Payer {key}"}], **more}  # fmt: skip

    payer = {"resourceType": "Organization", "id": "o", "name": "Harbor Plan", "identifier": [identifier("60054")]}
    kinds = [{"type": coded("group"), "value": "G7"}, {"type": coded("plan"), "value": "gold"}]
    state = stay_of(
        encounter(),
        coverage("b", order=2),
        coverage("a", order=1, payor=[{"reference": "Organization/o"}], subscriberId="S1", period={"start": "2026-01"},
                 **{"class": kinds}),
        coverage("c", status="cancelled"),
        payer,
    )  # fmt: skip

    assert [one.name for one in state.insurances] == ["Harbor Plan", "Payer b"]
    first = state.insurances[0]
    assert (first.company, first.plan, first.group, first.member, first.effective) == (
        "60054", "gold", "G7", "S1", "202601",
    )  # fmt: skip


@pytest.mark.parametrize(("label", "hint"), [("ETH", Sensitivity.PART2), ("R", Sensitivity.VIP),
                                             ("PSY", Sensitivity.PSYCHIATRIC),
                                             ("EMP", Sensitivity.EMPLOYEE), ("N", Sensitivity.NONE)])  # fmt: skip
def test_security_labels_protect_a_stay(label: str, hint: Sensitivity) -> None:
    assert stay_of(encounter(meta={"security": [{"code": label}]})).sensitivity is hint


def test_a_later_version_replaces_the_course_and_an_earlier_one_does_not() -> None:
    ended = updated(encounter(status="finished", period=ENDED, location=[placed("ICU")]), "2026-03-14T16:00:00Z")
    before = encounter(location=[placed("4 West")])

    for facts in (
        facts_of(bundle(before, patient()), bundle(ended)),
        facts_of(bundle(ended), bundle(before, patient())),
    ):
        [state] = folded(facts).encounters.values()
        assert state.status is EncounterStatus.DISCHARGED
        assert [row.value.unit for row in state.locations] == ["ICU"]
        assert sorted(state.sequences) == [1, 2]


def test_without_a_clock_of_its_own_a_resource_has_that_of_its_bundle() -> None:
    bare = encounter(meta={})
    [fact] = facts_of(bundle(bare, patient(), timestamp="2026-03-10T14:00:00Z"))

    assert fact.recorded == datetime(2026, 3, 10, 14, tzinfo=UTC)


def test_a_corrected_number_or_patient_leaves_no_second_stay_behind() -> None:
    wrong = encounter()
    right = updated(encounter(identifier=[identifier("V-right", "VN", VISITS)], subject={"reference": "Patient/p2"}),
                    "2026-03-10T15:00:00Z")  # fmt: skip
    house = folded(facts_of(bundle(wrong, patient(), patient("p2")), bundle(right)))

    assert [(one.key, one.patient) for one in house.encounters.values()] == [("HOSP|V-right", "HOSP|M-p2")]


def test_a_deleted_encounter_never_was() -> None:
    gone = {"resourceType": "Bundle", "type": "transaction", "timestamp": "2026-03-11T00:00:00Z",
            "entry": [{"request": {"method": "DELETE", "url": "Encounter/e1"}}]}  # fmt: skip
    facts = facts_of(bundle(encounter(), patient()), gone)

    [state] = folded(facts).encounters.values()
    assert state.status is EncounterStatus.CANCELLED
    assert folded(facts[1:]).encounters == {}


@pytest.mark.parametrize(("old", "new"), [("replaced-by", None), (None, "replaces")])
def test_a_replaced_patient_is_merged(old: str | None, new: str | None) -> None:
    def linked(kind: str | None, other: str) -> dict[str, Any]:
        return {"link": [{"type": kind, "other": {"reference": f"Patient/{other}"}}]} if kind else {}

    people = (patient("p1", **linked(old, "p2")), patient("p2", **linked(new, "p1")))
    visits = (encounter("e1"), encounter("e2", subject={"reference": "Patient/p2"}))
    house = folded(facts_of(bundle(*visits, *people)))

    assert {one.patient for one in house.encounters.values()} == {"HOSP|M-p2"}
    assert house.patients["HOSP|M-p1"].merged_into == "HOSP|M-p2"
