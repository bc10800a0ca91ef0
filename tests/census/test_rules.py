"""The rules of the census one by one, above all those without a vector. Every story is told in many orders."""

from typing import Any

import pytest

from app.census.rules import fold
from app.census.terms import AdtFact, EncounterState, FeedPolicy
from tests.census.replaying import taken
from tests.census.stories import POLICY, Story, lines, told

ADMITTED = "A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A\n"
DISCHARGED = "A03 | rec 03-14 11:30 | occ 03-14 11:20 | bed 4W^401^A | disp 01\n"


def stay(end: dict[str, Any], number: str = "V100") -> dict[str, Any]:
    found: dict[str, Any] = end["encounters"][number]
    return found


def state(text: str) -> EncounterState:
    facts = [one for one in taken(lines(text), POLICY) if isinstance(one, AdtFact)]
    return fold(facts, {POLICY.feed: POLICY}).encounters["HOSP|V100"]


def at(text: str) -> str:
    return f"2026{text[:2]}{text[3:5]}{text[6:]}00"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_two_facilities_may_use_the_same_numbers() -> None:
    end = told(
        ADMITTED + "A01 | facility NORTH | rec 03-10 09:15 | occ 03-10 09:00 | bed 4W^401^A^NORTH"
        " | patient NORTH/M100 | visit NORTH/V100"
    )

    assert [row["visit"] for row in end["census"]] == ["NORTH|V100", "V100"]
    assert set(end["patients"]) == {"M100", "NORTH|M100"}
    assert end["exceptions"] == []


def test_message_without_visit_goes_to_the_single_open_stay() -> None:
    end = told(ADMITTED + "A02 | visit none | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A")

    assert stay(end)["location"] == "ICU^03^A"
    assert end["exceptions"] == []


@pytest.mark.parametrize(
    "others",
    ["", ADMITTED + "A01 | visit V200 | rec 03-10 09:15 | occ 03-10 09:00 | bed 5N^1^A\n", ADMITTED + DISCHARGED],
    ids=["none", "two open", "discharged before"],
)
def test_message_without_visit_is_parked_where_no_single_stay_is_open(others: str) -> None:
    end = told(others + "A02 | id C9 | visit none | rec 03-15 14:05 | occ 03-15 14:00 | bed ICU^03^A")

    assert "NO_VISIT@C9" in end["exceptions"]
    assert all(row["location"] != "ICU^03^A" for row in end["census"])


def test_visit_of_another_patient_stays_with_the_first_and_is_flagged() -> None:
    end = told(
        ADMITTED + "A02 | id C2 | patient M200 | name CHEN^WEI | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A"
    )

    assert stay(end)["mrn"] == "M100"
    assert end["patients"]["M200"]["family"] == "CHEN"
    assert end["exceptions"] == ["VISIT_PATIENT_MISMATCH@C2"]


@pytest.mark.parametrize(
    "explanation",
    [
        "A40 | patient M200 | mrg M100 | rec 03-12 08:00",
        "A45 | patient M200 | mrg M100 | mrg-visit V100 | rec 03-11 08:00",
    ],
)
def test_mismatch_closes_itself_when_a_merge_or_move_explains_it(explanation: str) -> None:
    end = told(ADMITTED + "A02 | patient M200 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\n" + explanation)

    assert stay(end)["mrn"] == "M200"
    assert end["exceptions"] == []


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


# --- cancels ---------------------------------------------------------------------------------------------------------

TWO_TRANSFERS = (
    ADMITTED
    + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\nA02 | rec 03-12 10:10 | occ 03-12 10:00 | bed 5N^512^B\n"
)


def test_cancel_with_the_time_of_an_earlier_transfer_takes_that_one_back() -> None:
    end = told(TWO_TRANSFERS + "A12 | rec 03-12 11:00 | occ 03-11 14:00")

    assert [row[0] for row in stay(end)["locs"]] == ["4W^401^A", "5N^512^B"]


def test_cancel_without_a_time_takes_the_latest_back() -> None:
    end = told(TWO_TRANSFERS + "A12 | rec 03-12 11:00")

    assert [row[0] for row in stay(end)["locs"]] == ["4W^401^A", "ICU^03^A"]


def test_cancel_recorded_earlier_than_its_target_still_finds_it_by_time() -> None:
    end = told(
        ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\nA12 | rec 03-11 14:01 | occ 03-11 14:00"
    )

    assert stay(end)["location"] == "4W^401^A"
    assert end["exceptions"] == []


def test_repeated_cancel_takes_back_nothing_more() -> None:
    end = told(TWO_TRANSFERS + "A12 | rec 03-12 11:00\nA12 | rec 03-12 11:00 | sent 03-12 18:00")

    assert stay(end)["location"] == "ICU^03^A"
    assert end["exceptions"] == []


def test_transfer_recorded_after_the_cancel_stands() -> None:
    end = told(
        ADMITTED + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\nA12 | rec 03-11 14:30 | occ 03-11 14:00\n"
        "A02 | rec 03-11 15:00 | occ 03-11 14:00 | bed ICU^04^A"
    )

    assert stay(end)["location"] == "ICU^04^A"


def test_bed_named_by_a_cancelled_transfer_wins_over_history() -> None:
    end = told(
        ADMITTED
        + "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A\nA12 | id C3 | rec 03-11 14:30 | bed 4W^409^A"
    )

    assert stay(end)["location"] == "4W^409^A"
    assert end["exceptions"] == ["A12_LOCATION_MISMATCH@C3"]


def test_cancelled_discharge_voids_every_correction_of_it() -> None:
    end = told(
        ADMITTED
        + DISCHARGED
        + "A03 | rec 03-14 12:00 | occ 03-14 11:05 | disp 06\nA13 | rec 03-14 13:00 | bed 4W^401^A"
    )

    assert stay(end)["status"] == "admitted"
    assert stay(end)["disposition"] is None


def test_update_of_a_discharge_that_was_cancelled_later_is_no_exception() -> None:
    end = told(ADMITTED + DISCHARGED + "A08 | rec 03-14 12:00 | discharge 03-14 11:25\nA13 | rec 03-14 13:00")

    assert end["exceptions"] == []


@pytest.mark.parametrize(("cancel", "status"), [("A52 | rec 03-14 11:00", "admitted"), ("", "on_leave")])
def test_leave_taken_back(cancel: str, status: str) -> None:
    end = told(ADMITTED + "A21 | rec 03-14 10:00 | occ 03-14 09:55\n" + cancel)

    assert stay(end)["status"] == status


def test_return_from_leave_taken_back() -> None:
    end = told(
        ADMITTED + "A21 | rec 03-14 10:00 | occ 03-14 09:55\nA22 | rec 03-15 10:00 | occ 03-15 09:55 | bed 4W^409^A\n"
        "A53 | rec 03-15 11:00 | occ 03-15 09:55"
    )

    assert (stay(end)["status"], stay(end)["location"]) == ("on_leave", "4W^401^A")


def test_change_of_attending_taken_back_with_its_repetitions() -> None:
    end = told(
        "A01 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^401^A | attending 1001^SMITH\n"
        "A54 | rec 03-11 09:00 | attending 1002^PATEL\nA08 | rec 03-11 10:00 | attending 1002^PATEL\n"
        "A55 | rec 03-11 11:00 | attending 1009^NOBODY"
    )

    assert stay(end)["attending"] == "1001"


def test_cancelled_admission_of_an_emergency_patient_leaves_the_emergency_visit() -> None:
    end = told(
        "A04 | class E | rec 03-10 02:15 | occ 03-10 02:10 | bed ED^12^\n"
        "A01 | rec 03-10 07:10 | occ 03-10 07:00 | bed 4W^401^A\nA11 | rec 03-10 08:00"
    )

    assert (stay(end)["status"], stay(end)["class"]) == ("registered", "ED")


@pytest.mark.parametrize("cancel", ["A11", "A12", "A13", "A25", "A26", "A27", "A38", "A52", "A53", "A55"])
def test_cancel_without_target_changes_nothing_and_stays_open(cancel: str) -> None:
    text = "A08 | rec 03-10 08:15 | bed 4W^401^A\n"

    end = told(text + f"{cancel} | id C2 | rec 03-11 10:00 | bed 9X^9^Z")

    assert end["encounters"] == told(text)["encounters"]
    assert end["exceptions"] == ["ORPHAN_CANCEL@C2"]


# --- identity --------------------------------------------------------------------------------------------------------


def test_chain_of_merges_points_to_its_root() -> None:
    end = told(
        ADMITTED.replace("A01 |", "A01 | patient MA |")
        + "A40 | patient MB | mrg MA | rec 03-10 12:00\nA40 | patient MC | mrg MB | rec 03-10 13:00"
    )

    assert {number: one["merged_into"] for number, one in end["patients"].items()} == {
        "MA": "MC",
        "MB": "MC",
        "MC": None,
    }
    assert stay(end)["mrn"] == "MC"


@pytest.mark.parametrize("segments", ["patient M100 | and | patient T555", "patient T555 | and | patient M100"])
def test_unmerge_gives_every_stay_back_to_its_home_number(segments: str) -> None:
    end = told(
        ADMITTED + "A01 | patient T555 | visit V200 | class O | rec 03-10 09:00 | occ 03-10 08:55\n"
        "A40 | patient M100 | mrg T555 | rec 03-10 12:00\n"
        "A08 | patient M100 | visit V200 | class O | rec 03-10 13:00\n"
        f"A37 | {segments} | rec 03-11 12:00"
    )

    assert stay(end, "V200")["mrn"] == "T555"
    assert stay(end)["mrn"] == "M100"
    assert {one["status"] for one in end["patients"].values()} == {"active"}
    assert end["exceptions"] == []


def test_swapped_patient_numbers_follow_the_recorded_clock() -> None:
    end = told(
        "A01 | patient MA | visit V1 | name ALVAREZ^ANA | rec 03-10 08:00 | occ 03-10 08:00 | bed 4W^1^A\n"
        "A01 | patient MB | visit V2 | name BROWN^BO | rec 03-10 08:10 | occ 03-10 08:10 | bed 4W^2^A\n"
        "A47 | patient TMP | mrg MA | rec 03-10 12:00\nA47 | patient MA | mrg MB | rec 03-10 12:01\n"
        "A47 | patient MB | mrg TMP | rec 03-10 12:02\n"
        "A08 | patient MA | visit V1 | name ALVAREZ^ANNA | rec 03-10 11:00"
    )

    assert (stay(end, "V1")["mrn"], stay(end, "V2")["mrn"]) == ("MB", "MA")
    assert end["patients"]["MB"]["given"] == "ANNA"
    assert end["patients"]["MA"]["given"] == "BO"
    assert end["patients"]["TMP"]["merged_into"] == "MB"


def test_swapped_visit_numbers_follow_the_recorded_clock() -> None:
    end = told(
        "A01 | visit V1 | rec 03-10 08:00 | occ 03-10 08:00 | bed 4W^1^A\n"
        "A01 | patient M2 | visit V2 | rec 03-10 08:10 | occ 03-10 08:10 | bed 4W^2^A\n"
        "A50 | visit TMP | mrg-visit V1 | rec 03-10 12:00\n"
        "A50 | patient M2 | visit V1 | mrg-visit V2 | rec 03-10 12:01\n"
        "A50 | visit V2 | mrg-visit TMP | rec 03-10 12:02\n"
        "A02 | visit V1 | rec 03-10 11:00 | occ 03-10 10:55 | bed ICU^1^A"
    )

    assert [(row["visit"], row["mrn"], row["location"]) for row in end["census"]] == [
        ("V1", "M2", "4W^2^A"),
        ("V2", "M100", "ICU^1^A"),
    ]
    assert end["exceptions"] == []


def test_renamed_visit_keeps_its_course_and_takes_late_messages() -> None:
    end = told(
        ADMITTED + "A50 | visit V900 | mrg-visit V100 | rec 03-10 12:00\n"
        "A02 | visit V100 | rec 03-10 11:00 | occ 03-10 10:55 | bed ICU^1^A\nA03 | visit V100 | rec 03-12 11:00"
    )

    assert set(end["encounters"]) == {"V900"}
    assert stay(end, "V900")["last_location"] == "ICU^1^A"
    assert stay(end, "V900")["status"] == "discharged"


def test_conversion_names_the_old_visit_in_mrg_5() -> None:
    end = told(
        "A04 | visit E900 | class E | rec 03-10 02:15 | occ 03-10 02:10 | bed ED^12^\n"
        "A06 | visit V900 | mrg-visit E900 | rec 03-10 07:10 | occ 03-10 07:00 | bed 4W^401^A"
    )

    assert set(end["encounters"]) == {"V900"}
    assert stay(end, "V900")["start_dt"] == at("03-10 0210")
    assert stay(end, "V900")["inferred"] is False


def test_account_that_fits_two_visits_is_not_guessed() -> None:
    visit = "A04 | class E | account A900 | rec 03-10 02:15 | occ 03-10 02:10 | bed ED^12^ | visit "
    end = told(
        visit + "E1\n" + visit + "E2\nA06 | visit V900 | account A901 | mrg-account A900 | rec 03-10 07:10 | bed 4W^1^A"
    )

    assert set(end["encounters"]) == {"E1", "E2", "V900"}


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A39", "A40", "A42", "A44", "A45", "A46", "A47", "A50"])
def test_identity_event_without_prior_numbers_is_flagged(event: str) -> None:
    end = told(ADMITTED + f"{event} | id C2 | rec 03-10 12:00")

    assert end["acks"] == ["AA", "AA"]
    assert "MERGE_WITHOUT_MRG@C2" in end["exceptions"]
    assert stay(end)["mrn"] == "M100"


def test_move_of_all_of_a_patient_waits_for_a_person() -> None:
    end = told(ADMITTED + "A43 | patient M777 | mrg M100 | rec 03-10 12:00")

    assert stay(end)["mrn"] == "M100"
    assert end["exceptions"] == []


def test_several_merges_in_one_message() -> None:
    end = told("A40 | patient M1 | mrg T1 | rec 03-10 12:00 | and | patient M2 | mrg T2")

    assert (end["patients"]["T1"]["merged_into"], end["patients"]["T2"]["merged_into"]) == ("M1", "M2")


def test_later_message_under_a_retired_number_updates_the_survivor() -> None:
    end = told("A40 | patient M1 | mrg T1 | rec 03-10 12:00\nA31 | patient T1 | name LATER^WORD | rec 03-11 12:00")

    assert end["patients"]["M1"]["family"] == "LATER"


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
