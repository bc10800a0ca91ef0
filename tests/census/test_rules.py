"""The rules of the census one by one, above all those without a vector. Every story is told in many orders."""

import pytest

from app.census.rules import fold
from app.census.terms import AdtFact, EncounterState, FeedPolicy
from tests.census.replaying import taken
from tests.census.stories import ADMITTED, DISCHARGED, POLICY, Story, at, lines, stay, told


def state(text: str) -> EncounterState:
    facts = [one for one in taken(lines(text), POLICY) if isinstance(one, AdtFact)]
    return fold(facts, {POLICY.feed: POLICY}).encounters["HOSP|V100"]


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_movement_after_discharge_waits_even_when_recorded_before_it() -> None:
    end = told(ADMITTED + DISCHARGED + "A02 | id C3 | rec 03-14 10:00 | occ 03-14 12:00 | bed ICU^03^A")

    assert end["exceptions"] == ["MOVE_AFTER_DISCHARGE@C3"]
    assert stay(end)["last_location"] == "4W^401^A"


@pytest.mark.parametrize("event", ["A06", "A07", "A21", "A22"])
def test_every_kind_of_movement_is_parked_after_discharge(event: str) -> None:
    end = told(ADMITTED + DISCHARGED + f"{event} | id C3 | class O | rec 03-14 15:00 | occ 03-14 15:00 | bed ICU^03^A")

    assert end["exceptions"] == ["MOVE_AFTER_DISCHARGE@C3"]
    assert stay(end)["status"] == "discharged"
    assert stay(end)["class"] == "IP"


def test_discharge_by_day_alone_is_marked_as_such() -> None:
    found = state(ADMITTED + "A03 | rec 03-14 11:30 | discharge 20260314")

    assert found.discharge_precise is False
    assert found.start_precise is True


def test_last_recorded_discharge_time_wins() -> None:
    end = told(
        ADMITTED
        + "A03 | rec 03-14 12:30 | occ 03-14 11:05 | disp 06\nA03 | rec 03-14 11:30 | occ 03-14 11:20 | disp 01"
    )

    assert stay(end)["discharge_dt"] == at("03-14 1105")
    assert stay(end)["disposition"] == "06"


# --- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("class INPATIENT", "IP"), ("class B", "IP"), ("class V", "OBS"), ("class OBSERVATION", "OBS"),
        ("class O | type OBS", "OBS"), ("class O", "OP"), ("class EMERGENCY", "ED"), ("class R", "RCR"),
        ("class DAY CASE", "UNK"), ("class none", "IP"),
    ],
)  # fmt: skip
def test_class_of_an_admission(said: str, canonical: str) -> None:
    end = told(f"A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A | {said}")

    assert stay(end)["class"] == canonical
    assert bool(end["census"]) is (canonical in ("IP", "OBS"))


def test_registration_without_class_is_an_outpatient() -> None:
    end = told("A04 | class none | rec 03-10 08:15 | occ 03-10 08:00 | bed CLN^1^")

    assert (stay(end)["class"], stay(end)["status"]) == ("OP", "registered")


def test_pre_admission_by_a14_and_its_cancel() -> None:
    pending = "A14 | class P | rec 03-01 10:00 | occ 03-01 10:00\n"

    assert stay(told(pending))["status"] == "preadmit"
    assert stay(told(pending))["classes"] == []
    assert stay(told(pending + "A27 | rec 03-02 10:00"))["status"] == "cancelled"


def test_cancelled_pre_admission_leaves_a_cancelled_visit() -> None:
    end = told("A05 | class P | rec 03-01 10:00\nA38 | rec 03-02 10:00\nA08 | rec 03-03 10:00 | bed 4W^401^A")

    assert stay(end)["status"] == "cancelled"
    assert end["census"] == []


def test_update_of_a_pre_admission_admits_nobody() -> None:
    end = told("A05 | class I | rec 03-01 10:00 | bed SDS^^\nA08 | class I | rec 03-02 10:00 | bed 4W^401^A")

    assert stay(end)["status"] == "preadmit"
    assert end["census"] == []


def test_transfer_of_an_unknown_visit_infers_the_bed_before() -> None:
    end = told("A02 | rec 03-11 14:05 | occ 03-11 14:00 | admit 03-10 08:00 | prior 4W^401^A | bed ICU^03^A")

    assert stay(end)["inferred"] is True
    assert stay(end)["locs"] == [
        ["4W^401^A", at("03-10 0800"), at("03-11 1400")],
        ["ICU^03^A", at("03-11 1400"), None],
    ]


def test_discharge_of_an_unknown_visit_infers_the_stay() -> None:
    end = told("A03 | rec 03-14 11:30 | occ 03-14 11:20 | admit 03-10 08:00 | bed 4W^401^A | disp 01")

    assert stay(end)["status"] == "discharged"
    assert stay(end)["locs"] == [["4W^401^A", at("03-10 0800"), at("03-14 1120")]]


def test_transfer_without_bed_moves_nobody() -> None:
    assert stay(told(ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00"))["location"] == "4W^401^A"


def test_conversion_to_outpatient_leaves_the_census_and_keeps_the_bed() -> None:
    end = told(ADMITTED + "A07 | class O | rec 03-11 10:05 | occ 03-11 10:00")

    assert end["census"] == []
    assert (stay(end)["status"], stay(end)["class"], stay(end)["location"]) == ("registered", "OP", "4W^401^A")
    assert stay(end)["inpatient_dt"] is None
    assert stay(end)["classes"][0] == ["IP", at("03-10 0800"), at("03-11 1000")]


@pytest.mark.parametrize("disposition", ["20", "40", "41", "42"])
def test_dispositions_of_those_who_died(disposition: str) -> None:
    found = state(ADMITTED + f"A03 | rec 03-14 11:30 | occ 03-14 11:20 | disp {disposition}")

    assert found.died is True


def test_update_moves_to_another_bed_only_where_the_site_wants_it() -> None:
    text = ADMITTED + "A08 | rec 03-11 09:00 | bed 4W^405^B"
    off = FeedPolicy(timezone=POLICY.timezone, default_authority="HOSP", a08_moves=False)

    assert stay(told(text))["location"] == "4W^405^B"
    assert stay(told(text, off))["location"] == "4W^401^A"


def test_update_changes_the_class_only_where_the_site_wants_it() -> None:
    text = ADMITTED + "A08 | id C2 | class O | type OBS | rec 03-11 09:00"
    off = FeedPolicy(timezone=POLICY.timezone, default_authority="HOSP", a08_class=False)

    assert stay(told(text))["class"] == "OBS"
    assert told(text)["exceptions"] == ["IMPLIED_CLASS_CHANGE@C2"]
    assert stay(told(text, off))["class"] == "IP"
    assert told(text, off)["exceptions"] == []


def test_update_recorded_before_the_transfer_it_follows_is_stale() -> None:
    end = told(
        ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\nA08 | rec 03-11 14:02 | bed 4W^401^A"
    )

    assert stay(end)["location"] == "ICU^03^A"


def test_update_that_repeats_a_cancelled_transfer_does_not_revive_it() -> None:
    end = told(
        ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\n"
        "A08 | rec 03-11 14:10 | bed ICU^03^A\nA12 | rec 03-11 14:30 | bed 4W^401^A"
    )

    assert stay(end)["locs"] == [["4W^401^A", at("03-10 0800"), None]]
    assert end["exceptions"] == []


def test_update_never_reopens_a_discharged_stay() -> None:
    end = told(ADMITTED + DISCHARGED + "A08 | rec 03-15 09:00 | bed 5N^1^A | class O")

    assert stay(end)["status"] == "discharged"
    assert stay(end)["last_location"] == "4W^401^A"
    assert end["exceptions"] == []


@pytest.mark.parametrize("event", ["A09", "A10", "A32", "A33"])
def test_tracking_moves_nobody(event: str) -> None:
    end = told(ADMITTED + f"{event} | rec 03-11 09:00 | bed RAD^CT1^")

    assert stay(end)["location"] == "4W^401^A"


def test_transfer_ends_what_was_pending_and_discharge_ends_all() -> None:
    pending = ADMITTED + "A15 | rec 03-11 09:00 | pending ICU^03^A\n"

    assert stay(told(pending))["pending"] == ["transfer", "ICU^03^A"]
    assert stay(told(pending + "A02 | rec 03-11 10:00 | bed ICU^03^A"))["pending"] is None
    assert stay(told(ADMITTED + "A16 | rec 03-11 09:00 | expected 03-14 10:00\n" + DISCHARGED))["pending"] is None


def test_withdrawn_discharge_plan_takes_its_date_along() -> None:
    end = told(ADMITTED + "A16 | rec 03-11 09:00 | planned 03-13 10:00\nA25 | rec 03-11 10:00")

    assert stay(end)["pending"] is None
    assert stay(end)["expected_discharge"] is None


def test_swap_of_beds_has_no_moment_of_conflict() -> None:
    end = told(
        ADMITTED + "A01 | patient M200 | visit V200 | rec 03-10 08:25 | occ 03-10 08:20 | bed 4W^402^A\n"
        "A17 | rec 03-11 10:00 | occ 03-11 09:55 | bed 4W^402^A | and | patient M200 | visit V200 | bed 4W^401^A"
    )

    assert [row["location"] for row in end["census"]] == ["4W^402^A", "4W^401^A"]
    assert end["exceptions"] == []


def test_deleted_visit_may_begin_afresh() -> None:
    end = told(ADMITTED + "A23 | rec 03-10 10:00\nA01 | rec 03-12 09:05 | occ 03-12 09:00 | bed 3E^310^A")

    assert stay(end)["locs"] == [["3E^310^A", at("03-12 0900"), None]]


def test_deleted_person_stays_visible_with_an_open_stay() -> None:
    end = told(ADMITTED + "A29 | rec 03-10 10:00")

    assert [row["visit"] for row in end["census"]] == ["V100"]


@pytest.mark.parametrize("event", ["A20", "A60", "A61", "A62"])
def test_events_without_meaning_for_the_census_are_taken_silently(event: str) -> None:
    end = told(ADMITTED + f"{event} | rec 03-11 09:00 | bed ICU^03^A | name OTHER^NAME")

    assert end["acks"] == ["AA", "AA"]
    assert stay(end)["location"] == "4W^401^A"
    assert end["exceptions"] == []


@pytest.mark.parametrize("event", ["A24", "A35", "A36", "A51", "Z01"])
def test_unknown_events_are_kept_as_exceptions(event: str) -> None:
    end = told(ADMITTED + f"{event} | id C2 | rec 03-11 09:00 | bed ICU^03^A")

    assert end["acks"] == ["AA", "AA"]
    assert end["exceptions"] == ["UNSUPPORTED_EVENT@C2"]


# --- fields ----------------------------------------------------------------------------------------------------------


def test_legal_name_is_preferred_and_parts_are_deleted_one_by_one() -> None:
    end = told(
        ADMITTED + "A08 | rec 03-11 08:00 | name NICK^NAME^^^^^N~LEGAL^PERSON^M^^^^L\n"
        'A31 | rec 03-12 08:00 | name LEGAL^PERSON^""'
    )

    person = end["patients"]["M100"]
    assert (person["family"], person["given"], person["middle"]) == ("LEGAL", "PERSON", None)


def test_diagnoses_are_emptied_by_a_single_deleted_one() -> None:
    end = told(ADMITTED + 'A08 | rec 03-11 08:00 | dx I10,E11.9\nA08 | rec 03-12 08:00 | dx ""')

    assert stay(end)["dx"] == []


def test_cancel_says_nothing_about_fields_but_those_of_the_person() -> None:
    end = told(ADMITTED + DISCHARGED + "A13 | rec 03-14 13:00 | attending 1009^NOBODY | dx Z00 | name NEW^NAME")

    assert stay(end)["attending"] is None
    assert stay(end)["dx"] == []
    assert end["patients"]["M100"]["family"] == "NEW"


# --- exceptions that close themselves --------------------------------------------------------------------------------


def test_one_bed_in_two_facilities_is_no_conflict() -> None:
    other = "A01 | patient M200 | visit V200 | rec 03-12 10:00 | occ 03-12 09:55 | bed "

    assert told(ADMITTED + other + "4W^401^A^NORTH")["exceptions"] == []
    assert told(ADMITTED + other + "4W^401^A^HOSP")["exceptions"] == ["BED_CONFLICT@4W^401^A"]
    assert told(ADMITTED.replace("4W^401^A", "4W^^") + other + "4W^^")["exceptions"] == []


def test_reopening_without_a13_closes_when_the_a13_comes() -> None:
    text = ADMITTED + DISCHARGED + "A01 | id C3 | rec 03-14 14:10 | occ 03-14 14:00 | bed 4W^402^A\n"

    assert told(text)["exceptions"] == ["REOPEN_WITHOUT_A13@C3"]
    assert told(text + "A13 | rec 03-14 13:00")["exceptions"] == []


def test_control_id_reused_for_other_content_is_processed_and_flagged() -> None:
    story = Story(lines(ADMITTED + "A02 | id C1 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A"))

    assert story.after()["exceptions"] == ["CONTROL_ID_REUSE@C1"]
    assert stay(story.after())["location"] == "ICU^03^A"


def test_same_bytes_again_change_nothing() -> None:
    messages = lines(ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A")

    assert Story([*messages, messages[0], messages[1]]).in_order(range(4)) == Story(messages).in_order(range(2))


# --- what a later or earlier word may change -------------------------------------------------------------------------


def test_movement_at_the_minute_of_discharge_still_happened() -> None:
    end = told(ADMITTED + DISCHARGED + "A02 | rec 03-14 11:25 | occ 03-14 11:20 | bed DL^1^")

    assert end["exceptions"] == []
    assert stay(end)["status"] == "discharged"


def test_expected_time_in_an_earlier_update_does_not_correct_the_discharge() -> None:
    end = told(ADMITTED + "A08 | rec 03-13 09:00 | discharge 03-14 09:00\n" + DISCHARGED)

    assert stay(end)["discharge_dt"] == at("03-14 1120")
    assert end["exceptions"] == []


def test_update_recorded_before_the_conversion_keeps_the_new_class() -> None:
    end = told(
        "A04 | class O | type OBS | rec 03-10 09:15 | occ 03-10 09:00 | bed OBS^07^A\n"
        "A06 | rec 03-11 15:05 | occ 03-11 15:00\nA08 | class O | type OBS | rec 03-11 15:03"
    )

    assert stay(end)["class"] == "IP"
    assert end["exceptions"] == []


def test_update_without_patient_type_does_not_end_an_observation() -> None:
    end = told(
        "A04 | class O | type OBS | rec 03-10 09:15 | occ 03-10 09:00 | bed OBS^07^A\nA08 | class O | rec 03-10 12:00"
    )

    assert stay(end)["class"] == "OBS"
    assert end["exceptions"] == []
