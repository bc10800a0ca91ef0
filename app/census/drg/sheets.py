"""Files as the publisher gives them out, as grids of text: CSV, tab-separated text, XLSX, and ZIP archives of these."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.kernel.refusal import Refused

LARGEST_BYTES = 64 * 1024 * 1024  # the largest published table is below one megabyte
_PREFERRED = (".csv", ".txt", ".tsv", ".xlsx")  # an archive holds the same table in several forms
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")

Grid = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of text. `name` says where it was: file, member of an archive, sheet of a workbook."""

    name: str
    rows: Grid


def sheets(name: str, data: bytes) -> Iterator[Sheet]:
    """All tables of one file, an archive's in the order in which they are preferred.

    What a file is, is decided by its content and not by its name. Refused says what cannot be read.
    """
    if len(data) > LARGEST_BYTES:
        raise Refused(f"{name} is larger than {LARGEST_BYTES // 1024**2} MiB, so it is no published table.")
    if not data.startswith(b"PK\x03\x04"):
        yield Sheet(name, _text_rows(name, data))
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if "xl/workbook.xml" in archive.namelist():
                yield from _workbook(name, data)
            else:
                yield from _members(name, archive)
    except (zipfile.BadZipFile, EOFError) as error:
        raise Refused(f"{name} is a damaged archive. Fetch it again.") from error


def _members(name: str, archive: zipfile.ZipFile) -> Iterator[Sheet]:
    known = [one for one in archive.infolist() if one.filename.lower().endswith(_PREFERRED)]
    known.sort(key=lambda one: _PREFERRED.index("." + one.filename.lower().rpartition(".")[2]))
    for member in known:
        inside = f"{name}: {member.filename}"
        if member.file_size > LARGEST_BYTES:
            raise Refused(f"{inside} is larger than {LARGEST_BYTES // 1024**2} MiB, so it is no published table.")
        yield from sheets(inside, archive.read(member))


def _workbook(name: str, data: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = [["" if cell is None else str(cell).strip() for cell in row] for row in sheet.values]
            yield Sheet(f"{name}: {sheet.title}", rows)
    except (InvalidFileException, KeyError, ValueError) as error:
        raise Refused(f"{name} is no workbook that can be read. Save it again as XLSX.") from error


def _text_rows(name: str, data: bytes) -> Grid:
    text = _decoded(name, data)
    head = text[:20_000]
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise Refused(f"{name} is no table of text. Give CSV, tab-separated text, XLSX or a ZIP of these.") from error


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
