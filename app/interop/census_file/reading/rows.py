"""The rows of a census file in the words of the census, and a sentence for everything that was not taken.

Pure. A row stands for one visit: who lies where, in which class, under whom, at the instant of the file.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from app.census.terms import DEFAULT_CLASS_MAP, Instant, PatientClass
from app.interop.census_file.reading.columns import BY_NAME, Headers
from app.interop.census_file.reading.decoding import Line, table_of
from app.interop.census_file.reading.values import Spoiled, day_of, instant_of, names_of, number_of, sex_of

LONGEST_TEXT = 200
Made = TypeVar("Made")
_USABLE = re.compile(r"[\w-]+")


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row. Numbers are written `AUTHORITY|number`; an empty text is not said. Times are UTC."""

    line: int
    patient: str
    visit: str
    account: str = ""
    patient_class: PatientClass = PatientClass.INPATIENT
    family: str = ""
    given: str = ""
    birth: str = ""
    sex: str = ""
    unit: str = ""
    room: str = ""
    bed: str = ""
    attending: str = ""
    attending_name: str = ""
    service: str = ""
    admit: Instant | None = None
    expected: Instant | None = None
    discharge: Instant | None = None
    disposition: str = ""
    payer_code: str = ""
    payer_name: str = ""
    member: str = ""
    diagnosis: str = ""

    def leaves_by(self, moment: datetime) -> bool:
        """Whether the row says that the patient had gone by then."""
        return self.discharge is not None and self.discharge.at <= moment


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in one place of the file; `refused` says whether the row was left out for it."""

    line: int
    column: str
    sentence: str
    refused: bool = True


class Named(msgspec.Struct, frozen=True):
    """The numbers of a refused row, as far as they can be read: such a stay is not absent from the file."""

    line: int
    patient: str
    visit: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How one facility writes its files.

    Attributes:
        mapping: the facility's own headers, each to a column; "-" for one to be left out.
        mrn_width: digits of a record number, 0 where it varies.
        visit_width: digits of a visit number, 0 where it varies.
        padded: numbers without their leading zeros that this house knows with them.
    """

    authority: str
    timezone: str
    class_map: Mapping[str, PatientClass] = field(default_factory=lambda: dict(DEFAULT_CLASS_MAP))
    mapping: Mapping[str, str] = field(default_factory=dict)
    mrn_width: int = 0
    visit_width: int = 0
    padded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as it was understood. `whole` is false where part of it could not even be told apart into rows."""

    encoding: str
    delimiter: str
    headers: Headers
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    refused: tuple[Named, ...]
    whole: bool = True


def read(data: bytes, habits: Habits, taken_at: datetime) -> Contents:
    """Read a file. What is wrong with single rows stands in `problems`; raises Unreadable for the file as a whole."""
    table = table_of(data, habits.mapping)
    reading = _Reading(habits, table.headers, taken_at)
    for line in table.lines:
        reading.take(line, table.width)
    reading.drop_contradictions()
    reading.note_shared_beds()
    problems = sorted(reading.problems, key=lambda one: (one.line, one.column))
    return Contents(
        table.encoding, table.delimiter, table.headers, tuple(reading.rows), tuple(problems), tuple(reading.refused),
        reading.whole,
    )  # fmt: skip


class _Reading:
    """The rows so far."""

    def __init__(self, habits: Habits, headers: Headers, taken_at: datetime) -> None:
        self.habits, self.headers, self.taken_at = habits, headers, taken_at
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.refused: list[Named] = []
        self.whole = True

    def take(self, line: Line, width: int) -> None:
        if line.fault:
            more = " All that follows could not be read." if line.lost else ""
            self._refuse(line.number, "", f"The row cannot be told apart into cells: {line.fault}.{more} Correct the"
                         " quotation marks.", "", "")  # fmt: skip
            return
        if len(line.cells) != width:
            self._refuse(line.number, "", f"The row has {len(line.cells)} cells where the header has {width}. Put texts"
                         " that hold the delimiter between quotation marks.", "", "")  # fmt: skip
            return
        cells = _Cells(line, self.headers, self.habits)
        row = _row(cells, self.habits, self.taken_at)
        if row is not None and not cells.faults:
            self.rows.append(row)
            return
        for name, sentence in cells.faults:
            self.problems.append(Problem(line.number, self.headers.texts.get(name, ""), sentence))
        self._name(line.number, cells.texts.get("mrn", ""), cells.texts.get("visit_number", ""))

    def _refuse(self, line: int, column: str, sentence: str, patient: str, visit: str) -> None:
        self.problems.append(Problem(line, column, sentence))
        self._name(line, patient, visit)

    def _name(self, line: int, patient: str, visit: str) -> None:
        self.refused.append(Named(line, patient, visit))
        self.whole = self.whole and any(_USABLE.fullmatch(text) for text in (patient, visit))

    def drop_contradictions(self) -> None:
        """Rows that say the same are one. Of rows that say different things of one visit none is taken."""
        first: dict[str, Row] = {}
        against: dict[str, list[Row]] = {}
        for row in self.rows:
            known = first.setdefault(row.visit, row)
            if known is row:
                continue
            if msgspec.structs.replace(row, line=known.line) == known:
                said = f"The row repeats line {known.line}; it counts once."
                self.problems.append(Problem(row.line, "", said, False))
            else:
                against.setdefault(row.visit, [known]).append(row)
        for rows in against.values():
            lines = " and ".join(str(row.line) for row in rows)
            for row in rows:
                said = f"Lines {lines} say different things of one visit; none was taken. Find out which one holds."
                number = row.visit.partition("|")[2]
                self._refuse(row.line, self.headers.texts.get("visit_number", ""), said,
                             row.patient.partition("|")[2], number)  # fmt: skip
        self.rows = [row for visit, row in first.items() if visit not in against]

    def note_shared_beds(self) -> None:
        """Two patients in one bed are both taken, and named."""
        beds: dict[tuple[str, str, str], list[Row]] = {}
        for row in self.rows:
            if row.bed and not row.leaves_by(self.taken_at):
                beds.setdefault((row.unit, row.room, row.bed), []).append(row)
        for rows in beds.values():
            lines = " and ".join(str(row.line) for row in rows)
            for row in rows if len(rows) > 1 else ():
                said = f"Lines {lines} name one bed. Both patients were taken; check the bed on the unit."
                self.problems.append(Problem(row.line, self.headers.texts.get("bed", ""), said, False))


class _Cells:
    """The cells of one row by column, and what is wrong with them."""

    def __init__(self, line: Line, headers: Headers, habits: Habits) -> None:
        self.line = line.number
        self.texts = {name: line.cells[place].strip() for name, place in headers.places.items()}
        self.faults: list[tuple[str, str]] = []
        self._headers, self._habits = headers, habits

    def text(self, name: str) -> str:
        found = " ".join(self.texts.get(name, "").split())
        if len(found) > LONGEST_TEXT:
            self.fault(name, f"is longer than {LONGEST_TEXT} signs. Check the delimiter and the quotation marks.")
        return found

    def fault(self, name: str, sentence: str) -> None:
        header = self._headers.texts.get(name, "") or BY_NAME[name].label
        self.faults.append((name, f"{header} {sentence}"))

    def number(self, name: str, width: int = 0) -> str:
        try:
            found = number_of(self.texts.get(name, ""), width)
        except Spoiled as error:
            self.fault(name, str(error))
            return ""
        if found in self._habits.padded and name in ("mrn", "visit_number"):
            self.fault(name, "has lost its leading zeros: this house knows the number with them. Format the column as"
                       " text and export it again.")  # fmt: skip
        return found

    def time(self, name: str) -> Instant | None:
        try:
            return instant_of(self.texts.get(name, ""), self._habits.timezone)
        except Spoiled as error:
            self.fault(name, str(error))
            return None

    def made(self, name: str, make: Callable[[str], Made]) -> Made | None:
        try:
            return make(self.texts.get(name, ""))
        except Spoiled as error:
            self.fault(name, str(error))
            return None


def _row(cells: _Cells, habits: Habits, taken_at: datetime) -> Row | None:
    own = f"{habits.authority}|"
    patient = cells.number("mrn", habits.mrn_width)
    visit, account = cells.number("visit_number", habits.visit_width), cells.number("account_number")
    if not patient and not cells.faults:
        cells.fault("mrn", "is empty. Every row needs the number of its patient.")
    if not visit and not account and not cells.faults:
        cells.fault("visit_number", "is empty. Every row needs the number of its visit or account.")
    family, given = cells.text("last_name"), cells.text("first_name")
    if not family and cells.text("name"):
        family, given = names_of(cells.text("name"))
    admit, discharge = cells.time("admit_at"), cells.time("discharge_at")
    if admit and admit.at > taken_at:
        cells.fault("admit_at", "lies after the instant at which the file was taken. Check both.")
    if discharge and discharge.at > taken_at:
        cells.fault("discharge_at", "lies after the instant at which the file was taken. A planned day belongs into"
                    " expected_discharge_at.")  # fmt: skip
    if admit and discharge and (discharge.at < admit.at and (discharge.precise or discharge.text < admit.text[:10])):
        cells.fault("discharge_at", "lies before the admission. Check both times.")
    texts = {name: cells.text(name) for name in ("unit", "room", "bed", "service", "payer_code", "payer_name",
                                                 "diagnosis", "disposition", "attending_name")}  # fmt: skip
    row = {
        "attending": cells.number("attending_id"), "member": cells.text("member_number"),
        "birth": cells.made("birth_date", day_of), "sex": cells.made("sex", sex_of), "admit": admit,
        "expected": cells.time("expected_discharge_at"), "discharge": discharge,
        "patient_class": cells.made("patient_class", lambda text: _class(text, habits.class_map)),
    }  # fmt: skip
    if cells.faults:
        return None
    return Row(line=cells.line, patient=own + patient, visit=own + (visit or f"ACCT:{account}"), account=account,
               family=family.upper(), given=given.upper(), **texts, **row)  # type: ignore[arg-type]  # fmt: skip


def _class(text: str, class_map: Mapping[str, PatientClass]) -> PatientClass:
    """A row without a class is an inpatient: it stands in a list of who lies in a bed."""
    if not text:
        return PatientClass.INPATIENT
    words = {member.value: member for member in PatientClass if member is not PatientClass.UNKNOWN}
    found = class_map.get(text.upper()) or words.get(text.upper())
    if found is None:
        raise Spoiled("holds a code that the feed's own patient classes do not name. Add it to the settings of the"
                      " facility's feed and take the file again.")  # fmt: skip
    return found


def numbers_in(contents: Contents) -> set[str]:
    """Numbers of digits alone that do not begin with a zero: they may have lost one."""
    found = {key.partition("|")[2] for row in contents.rows for key in (row.patient, row.visit)}
    return {number for number in found if number.isdigit() and not number.startswith("0")}


def refused_lines(problems: Iterable[Problem]) -> int:
    """How many rows were left out."""
    return len({one.line for one in problems if one.refused})
