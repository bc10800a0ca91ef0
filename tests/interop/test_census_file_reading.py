"""Single cells and lines of census files: what is taken, and the sentence for what is refused."""

import pytest

from app.census.terms import PatientClass
from app.interop.census_file.reading.decoding import Unreadable
from app.interop.census_file.reading.rows import Contents, Habits, read
from tests.support.census_files import SIX

HABITS = Habits("NORTH", "America/Chicago", mrn_width=6)


def one(**cells: str) -> Contents:
    """A file of one row with these cells."""
    row = {"mrn": "001234", "visit_number": "V1"} | cells
    return read(f"{','.join(row)}\n{','.join(row.values())}\n".encode(), HABITS, SIX)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mrn", "1234", "lost its leading zeros"),
        ("mrn", "1.23E+11", "rounded by a spreadsheet"),
        ("mrn", "123456.0", "decimal number"),
        ("mrn", "", "is empty"),
        ("visit_number", "1.5e+7", "rounded by a spreadsheet"),
        ("visit_number", "", "is empty"),
        ("admit_at", "45321", "count of days"),
        ("admit_at", "3/5/26", "two digits"),
        ("admit_at", "2026-02-30", "no day of the calendar"),
        ("admit_at", "yesterday", "no time that is understood"),
        ("admit_at", "2026-03-06", "after the instant"),
        ("admit_at", "03/01/2026 14:00 PM", "24-hour clock"),
        ("discharge_at", "2026-03-09", "expected_discharge_at"),
        ("birth_date", "18692", "count of days"),
        ("patient_class", "QX", "own patient classes"),
        ("unit", "x" * 300, "longer than"),
    ],
)
def test_a_spoiled_cell_is_refused_with_line_column_and_reason(name: str, text: str, said: str) -> None:
    found = one(**{name: text})

    (problem,) = found.problems
    assert (found.rows, problem.line, problem.column, problem.refused) == ((), 2, name, True)
    assert said in problem.sentence
    assert not text or text not in problem.sentence or text in ("1.23E+11", "3/5/26", "45321")


@pytest.mark.parametrize(
    ("text", "at", "digits"),
    [
        ("2026-03-01 08:00", "2026-03-01T14:00:00+00:00", 12),
        ("2026-03-01T08:00:30", "2026-03-01T14:00:30+00:00", 14),
        ("2026-03-01 08:00-05:00", "2026-03-01T13:00:00+00:00", 12),
        ("2026-03-01T08:00Z", "2026-03-01T08:00:00+00:00", 12),
        ("03/01/2026 2:30 PM", "2026-03-01T20:30:00+00:00", 12),
        ("3/1/2026 12:05 am", "2026-03-01T06:05:00+00:00", 12),
        ("20260301", "2026-03-01T06:00:00+00:00", 8),
        ("2026-03-01", "2026-03-01T06:00:00+00:00", 8),
    ],
)
def test_times_are_of_the_facility_unless_they_say_otherwise(text: str, at: str, digits: int) -> None:
    (row,) = one(admit_at=text).rows

    assert row.admit is not None
    assert (row.admit.at.isoformat(), row.admit.digits) == (at, digits)


def test_an_excel_text_formula_keeps_its_zeros() -> None:
    data = b'mrn,visit_number\n"=""001234""",V1\n'

    assert [row.patient for row in read(data, HABITS, SIX).rows] == ["NORTH|001234"]


def test_a_row_without_a_class_is_an_inpatient_and_an_account_stands_for_a_visit() -> None:
    (row,) = read(b"mrn,account\n001234,A9\n", HABITS, SIX).rows

    assert (row.patient_class, row.visit) == (PatientClass.INPATIENT, "NORTH|ACCT:A9")


def test_rows_that_repeat_count_once_and_rows_that_contradict_not_at_all() -> None:
    data = b"mrn,visit,unit\n000001,V1,4W\n000001,V1,4W\n000002,V2,4W\n000002,V2,ICU\n"

    found = read(data, HABITS, SIX)

    assert [row.visit for row in found.rows] == ["NORTH|V1"]
    assert [(each.line, each.refused) for each in found.problems] == [(3, False), (4, True), (5, True)]
    assert "Lines 4 and 5" in found.problems[1].sentence
    assert {each.visit for each in found.refused} == {"V2"}


def test_line_numbers_count_lines_within_quotation_marks() -> None:
    data = b'mrn,visit,diagnosis\n000001,V1,"chest\npain"\n2,V2,x\n'

    found = read(data, HABITS, SIX)

    assert [row.diagnosis for row in found.rows] == ["chest pain"]
    assert [each.line for each in found.problems] == [4]


def test_a_broken_quotation_mark_costs_its_row_or_what_follows() -> None:
    stray = read(b'mrn,visit,unit\n000001,V1,"4"W\n000002,V2,4W\n', HABITS, SIX)
    assert [row.visit for row in stray.rows] == ["NORTH|V2"]

    unclosed = read(b'mrn,visit,unit\n000001,V1,4W\n000002,V2,"4W\n000003,V3,4W\n', HABITS, SIX)
    assert [row.visit for row in unclosed.rows] == ["NORTH|V1"]
    assert not unclosed.whole


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"unit,bed\n4W,1\n", "record number"),
        (b"mrn,MRN,visit\n1,2,3\n", "two columns"),
        (b"PK\x03\x04rest", "workbook"),
        (b"mrn,visit\n\x81,2\n", "Line 2"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data, HABITS, SIX)


def test_a_facilitys_own_headers_come_first() -> None:
    habits = Habits("NORTH", "America/Chicago", mapping={"Pat No": "mrn", "MRN": "-", "Zone": "unit"})

    found = read(b"MRN,Pat No,visit,Zone\n9,1,V1,4W\n", habits, SIX)

    assert [(row.patient, row.unit) for row in found.rows] == [("NORTH|1", "4W")]
    assert found.headers.ignored == ("MRN",)
