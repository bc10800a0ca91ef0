"""The columns of a census file: what each is called, whether it must be there, and which other headers mean it.

Pure. docs/census-file.md says the same to those who write such files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `form` says how its cells are written; `synonyms` are headers understood without a mapping."""

    name: str
    label: str
    form: str
    example: str
    synonyms: tuple[str, ...] = ()


NUMBER = "as the hospital writes it, with leading zeros"
TEXT = "text"
TIME = "2026-03-05 06:00, with or without offset; or 03/05/2026 06:00"

COLUMNS: tuple[Column, ...] = (
    Column("mrn", "Record number", NUMBER, "0012345",
           ("medical record number", "patient id", "mrn id", "med rec", "med rec no", "unit number", "patient mrn")),
    Column("visit_number", "Visit number", NUMBER, "V100045",
           ("visit", "visit id", "encounter", "encounter id", "encounter number", "csn", "har", "visit no", "fin")),
    Column("account_number", "Account number", NUMBER, "A900",
           ("account", "acct", "acct number", "account no", "hospital account", "patient account")),
    Column("name", "Name", "last, first", "RIVERA, CARMEN", ("patient", "patient name", "full name")),
    Column("last_name", "Last name", TEXT, "RIVERA", ("family", "family name", "surname", "lname")),
    Column("first_name", "First name", TEXT, "CARMEN", ("given", "given name", "fname")),
    Column("birth_date", "Birth date", "2026-03-05 or 03/05/2026", "1951-03-05", ("dob", "date of birth", "born")),
    Column("sex", "Sex", "letter or word", "F", ("gender", "administrative sex")),
    Column("patient_class", "Class", "a code of the feed's class map", "I",
           ("class", "pt class", "patient type", "patient status", "encounter class")),
    Column("unit", "Unit", "code of the unit", "4W",
           ("nursing unit", "ward", "department", "location unit", "nurse unit", "floor unit")),
    Column("room", "Room", TEXT, "401", ("room number", "room no")),
    Column("bed", "Bed", TEXT, "A", ("bed number", "bed no", "bed id")),
    Column("attending_id", "Attending, number", NUMBER, "1001",
           ("attending npi", "attending number", "attending provider id", "attending physician id")),
    Column("attending_name", "Attending, name", "last, first", "TENDING, ANN",
           ("attending", "attending physician", "attending provider", "attending md")),
    Column("service", "Service", "code", "MED", ("hospital service", "medical service", "specialty")),
    Column("admit_at", "Admitted", TIME, "2026-03-01 14:05",
           ("admit date", "admit time", "admission date", "admission time", "admitted", "admit dt", "adm date",
            "admit date time", "admission date time")),
    Column("expected_discharge_at", "Expected discharge", TIME, "2026-03-07",
           ("expected discharge", "edd", "expected discharge date", "anticipated discharge date")),
    Column("discharge_at", "Discharged", TIME, "2026-03-06 11:20",
           ("discharge date", "discharge time", "discharged", "discharge dt", "discharge date time", "disch date")),
    Column("disposition", "Disposition", "code, UB-04 form locator 17", "01", ("discharge disposition", "disch disp")),
    Column("payer_code", "Payer, code", TEXT, "MCARE",
           ("payer", "payor", "insurance", "primary payer", "payer id", "primary insurance", "financial class")),
    Column("payer_name", "Payer, name", TEXT, "Medicare", ("payor name", "primary payer name", "insurance name")),
    Column("member_number", "Member number", NUMBER, "1EG4-TE5-MK72", ("member id", "policy number", "subscriber id")),
    Column("diagnosis", "Diagnosis", "code or words", "CHF", ("admit diagnosis", "admitting diagnosis", "reason")),
)  # fmt: skip

BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
VISIT = ("visit_number", "account_number")
"""One of these must be there beside `mrn`."""


def plain(header: str) -> str:
    """A header without what people write in different ways: capitals, spaces, signs."""
    return "".join(letter for letter in header.casefold() if letter.isalnum())


_KNOWN = {plain(word): column.name for column in COLUMNS for word in (column.name, *column.synonyms)}


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers of a file were taken to mean.

    Attributes:
        places: where each column stands.
        texts: each column's header as the file writes it.
        ignored: headers that mean none of the columns.
        twice: columns that two headers claim.
    """

    places: Mapping[str, int]
    texts: Mapping[str, str]
    ignored: tuple[str, ...]
    twice: tuple[str, ...]

    @property
    def missing(self) -> str:
        """What must be there and is not, in words; "" where the file can be read."""
        lacking = [] if "mrn" in self.places else ["the record number (mrn)"]
        if not any(name in self.places for name in VISIT):
            lacking.append("the visit number (visit_number) or the account number (account_number)")
        return " and ".join(lacking)


def understand(cells: Sequence[str], mapping: Mapping[str, str]) -> Headers:
    """What each header means. `mapping` is the feed's own: header to column, "-" for one to be left out."""
    own = {plain(header): column for header, column in mapping.items()}
    places: dict[str, int] = {}
    texts: dict[str, str] = {}
    ignored: list[str] = []
    twice: list[str] = []
    order = sorted(range(len(cells)), key=lambda place: plain(cells[place]) not in own)  # the feed's own word first
    for place in order:
        text = cells[place].strip()
        name = own.get(plain(text)) or _KNOWN.get(plain(text), "")
        if name not in BY_NAME:
            ignored += [text] if text else []
        elif name in places:
            if plain(text) == plain(texts[name]):
                twice.append(name)
            else:
                ignored.append(text)
        else:
            places[name], texts[name] = place, text
    return Headers(places, texts, tuple(ignored), tuple(twice))
