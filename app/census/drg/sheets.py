"""Files as the publisher gives them out, as grids of text: CSV, tab-separated text, XLSX, and ZIP archives of these."""

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.kernel.refusal import Refused

LARGEST_BYTES = 16 * 1024 * 1024  # the largest published table is below one megabyte
MOST_COLUMNS = 200
MOST_ROWS = 1_100_000  # a workbook may say that all of its rows are used
MOST_MEMBERS = 100
MOST_DELIMITERS = 20_000  # in one line; no published table has a tenth of the columns that they would make
_PIECE = 1024 * 1024
_UNPACKING = (
    zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, struct.error,
)  # fmt: skip
"""What reading an archive raises: damaged, packed in a way that is not known here, or locked with a password."""
_PREFERRED = (".csv", ".txt", ".tsv", ".xlsx")  # an archive holds the same table in several forms
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")

Grid = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text. `name` says where it was: file, member of an archive, sheet of a workbook."""

    name: str
    rows: Grid


def sheets(name: str, data: bytes, *, inside: bool = False) -> Iterator[Sheet]:
    """All tables of one file, an archive's in the order in which they are preferred; `inside`: of an archive's member.

    What a file is, is decided by its content and not by its name. Refused says what cannot be read.
    """
    if len(data) > LARGEST_BYTES:
        raise Refused(f"{name} is larger than {LARGEST_BYTES // 1024**2} MiB, so it is no published table.")
    if not data.startswith(b"PK\x03\x04"):
        yield Sheet(name, _text_rows(name, data))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > 4 * LARGEST_BYTES:
                raise Refused(f"{name} holds more than {4 * LARGEST_BYTES // 1024**2} MiB. Give the tables alone.")
            if "xl/workbook.xml" in archive.namelist():
                _check_unpacked(name, archive)
                yield from _workbook(name, data)
            elif inside:
                raise Refused(f"{name} is an archive within an archive. Unpack the outer one first.")
            else:
                yield from _members(name, archive)
    except _UNPACKING as error:
        raise Refused(f"{name} is a damaged or locked archive. Fetch it again, or unpack it first.") from error


def _members(name: str, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    known = [
        one
        for one in archive.infolist()
        if one.filename.lower().endswith(_PREFERRED) and not one.filename.rpartition("/")[2].startswith("._")
    ]
    known.sort(key=lambda one: _PREFERRED.index("." + one.filename.lower().rpartition(".")[2]))
    if len(known) > MOST_MEMBERS:
        raise Refused(f"{name} holds more than {MOST_MEMBERS} files. Give the tables alone.")
    for member in known:
        place = f"{name}: {member.filename}"
        if member.file_size > LARGEST_BYTES:
            raise Refused(f"{place} is larger than {LARGEST_BYTES // 1024**2} MiB, so it is no published table.")
        with archive.open(member) as file:
            data = file.read(LARGEST_BYTES + 1)  # never all: a directory may say less than there is
        yield from sheets(place, data, inside=True)


def _check_unpacked(name: str, archive: zipfile.ZipFile) -> None:
    """Unpack in small pieces what another library will unpack whole. Refused where its directory told other sizes."""
    left = 4 * LARGEST_BYTES
    for member in archive.infolist():
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise Refused(f"{name} holds more than {4 * LARGEST_BYTES // 1024**2} MiB. Give the tables alone.")


def _workbook(name: str, data: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield Sheet(f"{name}: {sheet.title}", _rows(name, sheet.values))
    except (InvalidFileException, LookupError, ValueError, SyntaxError, TypeError, AttributeError, OSError) as error:
        raise Refused(f"{name} is no workbook that can be read. Save it again as XLSX.") from error


def _rows(name: str, found: Iterable[Sequence[object]]) -> Grid:
    """The cells as text. Refused for more of them than any published table has."""
    rows: list[list[str]] = []
    for row in found:
        used = next((place for place in range(len(row), 0, -1) if row[place - 1] not in (None, "")), 0)
        if used > MOST_COLUMNS or len(rows) == MOST_ROWS:
            raise Refused(f"{name} is too wide or too long for a published table. Give the table alone.")
        rows.append(["" if cell is None else str(cell).strip() for cell in row[:used]])
    return rows


def _text_rows(name: str, data: bytes) -> Grid:
    text = _decoded(name, data)
    head = text[:20_000]
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return _rows(name, csv.reader(_narrow(name, io.StringIO(text), delimiter), delimiter=delimiter))
    except csv.Error as error:
        raise Refused(f"{name} is no table of text. Give CSV, tab-separated text, XLSX or a ZIP of these.") from error


def _narrow(name: str, lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """The lines. Refused for one that would fill memory with its cells before they could be counted."""
    for line in lines:
        if line.count(delimiter) > MOST_DELIMITERS:
            raise Refused(f"{name} is too wide for a published table. Give the table alone.")
        yield line


def _decoded(name: str, data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARKS):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Refused(f"{name} is no table of text. Give CSV, tab-separated text, XLSX or a ZIP of these.")
    return text
