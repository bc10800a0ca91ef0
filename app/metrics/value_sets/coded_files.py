"""The file of final codings, as docs/coded-file.md describes it: one line for each stay, CSV with a line of names."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.kernel.refusal import Refused

LARGEST_BYTES = 64 * 1024 * 1024
MOST_PROCEDURES = 25
NEEDED = ("visit_number", "principal_dx", "coded_on")
OPTIONAL = ("ms_drg", "disposition", "procedures")
DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
PROCEDURE = re.compile(r"[0-9A-HJ-NP-Z]{7}")


@dataclass(frozen=True, slots=True)
class Coding:
    """The final coding of one stay. `line` counts from 1 in the file; codes are without dots."""

    line: int
    visit_number: str
    principal_dx: str
    ms_drg: str
    disposition: str
    coded_on: date
    procedures: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Tells whether another line says the same."""
        said = (self.principal_dx, self.ms_drg, self.disposition, self.coded_on.isoformat(), *self.procedures)
        return hashlib.sha256("\t".join(said).encode()).hexdigest()


@dataclass(slots=True)
class CodedFile:
    """What a file says, and a sentence for each line that cannot be taken."""

    codings: list[Coding] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read(name: str, data: bytes) -> CodedFile:
    """The codings of a file. Refused when the file as a whole is none of the kind."""
    if len(data) > LARGEST_BYTES:
        raise Refused(f"{name} is larger than {LARGEST_BYTES // 1024**2} MiB. Split it.")
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
        names = {(one or "").strip().lower(): one for one in reader.fieldnames or ()}
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{name} is no CSV in UTF-8. Save it again as CSV in UTF-8.") from error
    lacking = [one for one in NEEDED if one not in names]
    if lacking:
        raise Refused(f"{name}, line 1: the column {lacking[0]} is missing; docs/coded-file.md names all columns.")
    try:
        return _codings(reader, names)
    except csv.Error as error:
        raise Refused(f"{name} is no CSV: the lines around {reader.line_num} cannot be told apart.") from error


def _codings(reader: "csv.DictReader[str]", names: Mapping[str, str]) -> CodedFile:
    """The lines under the head, each taken or refused with a sentence."""
    found = CodedFile()
    seen: set[str] = set()
    for row in reader:
        cells = {one: (row.get(names[one]) or "").strip() for one in (*NEEDED, *OPTIONAL) if one in names}
        try:
            coding = _coding(reader.line_num, cells)
            if coding.visit_number in seen:
                raise ValueError("the visit stands in an earlier line; give each stay once")
        except ValueError as error:
            found.refused.append(f"line {reader.line_num}: {error}")
            continue
        seen.add(coding.visit_number)
        found.codings.append(coding)
    return found


def _coding(line: int, cells: dict[str, str]) -> Coding:
    """One line; ValueError says what is wrong with it and what belongs there, without its values."""
    if not cells["visit_number"]:
        raise ValueError("visit_number is empty; give the number under which the stay is known")
    diagnosis = cells["principal_dx"].replace(".", "").upper()
    if DIAGNOSIS.fullmatch(diagnosis) is None:
        raise ValueError("principal_dx is no ICD-10-CM code; write it like I5023")
    try:
        coded_on = date.fromisoformat(cells["coded_on"])
    except ValueError:
        raise ValueError("coded_on is no day; write it like 2026-03-05") from None
    group, status = cells.get("ms_drg", ""), cells.get("disposition", "")
    if group and not re.fullmatch(r"\d{1,3}", group):
        raise ValueError("ms_drg is no group; write up to three digits or nothing")
    if status and not re.fullmatch(r"\d{1,2}", status):
        raise ValueError("disposition is no discharge status; write two digits or nothing")
    procedures = tuple(one.upper() for one in re.split(r"[\s;|]+", cells.get("procedures", "")) if one)
    if any(PROCEDURE.fullmatch(one) is None for one in procedures):
        raise ValueError(
            "procedures holds what is no ICD-10-PCS code; write codes of seven characters, a space between"
        )
    if len(procedures) > MOST_PROCEDURES:
        raise ValueError(f"procedures holds more than {MOST_PROCEDURES} codes, which is the most that a claim has")
    return Coding(
        line, cells["visit_number"], diagnosis, group.zfill(3) if group else "", status.zfill(2) if status else "",
        coded_on, procedures,
    )  # fmt: skip
