"""Whose stay it is and under which number: keys, merges, moves and renamings (ADT rules, sections 2 and 7)."""

import pytest

from tests.census.stories import ADMITTED, DISCHARGED, at, stay, told


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


@pytest.mark.parametrize(
    "joined",
    [
        "A06 | visit V900 | mrg-visit E900 | rec 03-10 07:10 | occ 03-10 07:00 | bed 4W^401^A",
        "A01 | visit V900 | rec 03-10 07:10 | occ 03-10 07:00 | bed 4W^401^A\n"
        "A42 | visit V900 | mrg-visit E900 | rec 03-10 09:00",
    ],
)
def test_closing_the_emergency_number_does_not_end_the_stay_that_goes_on(joined: str) -> None:
    end = told(
        "A04 | visit E900 | class E | rec 03-10 02:15 | occ 03-10 02:10 | bed ED^12^\n"
        "A03 | visit E900 | class E | rec 03-10 07:00 | occ 03-10 06:55 | disp 09\n" + joined
    )

    assert [row["visit"] for row in end["census"]] == ["V900"]
    assert stay(end, "V900")["classes"][0] == ["ED", at("03-10 0210"), at("03-10 0700")]
    assert end["exceptions"] == []
