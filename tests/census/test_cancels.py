"""What a cancel takes back, by its time or as the latest, and what stays (ADT rules, section 5)."""

import pytest

from tests.census.stories import ADMITTED, DISCHARGED, stay, told

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


def test_cancel_sent_once_more_later_with_the_same_time_finds_its_work_done() -> None:
    end = told(TWO_TRANSFERS + "A12 | rec 03-12 11:00 | occ 03-12 10:00\nA12 | rec 03-12 11:30 | occ 03-12 10:00")

    assert stay(end)["location"] == "ICU^03^A"
    assert end["exceptions"] == []
