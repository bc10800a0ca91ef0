"""From the bytes of a file to its lines and cells: encoding, delimiter, quotation marks.

Pure.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.interop.census_file.reading.columns import Headers, understand

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LONGEST_CELL = 100_000
MOST_LINES = 100_000
MOST_COLUMNS = 500
"""Beyond these nothing is a census, and telling it apart would take the memory of the machine."""
SEARCHED = 20
"""Lines above the header line: a title, a date of printing."""

_BYTE_ORDER = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Unreadable(Exception):
    """The file as a whole cannot be read; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of one row and the line in which it begins; `fault` where its cells cannot be told apart."""

    number: int
    cells: list[str]
    fault: str = ""
    lost: bool = False  # what follows could not be read either


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: as a byte-order mark says, else UTF-8, else Windows Western."""
    if not data.strip():
        raise Unreadable("The file is empty. Export it again.")
    if data.startswith(_WORKBOOKS):
        raise Unreadable("The file is a workbook of a spreadsheet program. Save the sheet as CSV UTF-8 and take that.")
    for mark, name in _BYTE_ORDER:
        if data.startswith(mark):
            return _checked(data, name), name
    name = _without_mark(data)
    return _checked(data, name), name


def _without_mark(data: bytes) -> str:
    head = data[:400]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _checked(data: bytes, name: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        where = data[: error.start].count(b"\n") + 1
        raise Unreadable(
            f"Line {where} holds bytes that are no text in any encoding that is known here (UTF-8, UTF-16, Windows"
            " Western). Save the file as CSV UTF-8; a spreadsheet of another form must be exported as CSV first."
        ) from error
    if "\0" in text:
        raise Unreadable("The file is not a text file. Export the census as CSV.")
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its header line found. `lines` are the rows below it."""

    encoding: str
    delimiter: str
    headers: Headers
    width: int
    lines: tuple[Line, ...]


def table_of(data: bytes, mapping: Mapping[str, str]) -> Table:
    """Find delimiter and header line: the first line that names all that must be there. Raises Unreadable."""
    text, encoding = decoded(data)
    if text[:4].lower() == "sep=":  # a line that some spreadsheets write for themselves
        text = "\n" + text.partition("\n")[2]
    if text.count("\n") + text.count("\r") - text.count("\r\n") > MOST_LINES:
        raise Unreadable(f"The file has more than {MOST_LINES:,} lines. A census has one for each patient who is here.")
    best: Headers | None = None
    for delimiter in DELIMITERS:
        lines = _lines(text, delimiter)
        for place, line in enumerate(lines[:SEARCHED]):
            headers = understand(line.cells[:MOST_COLUMNS], mapping)
            if not headers.missing and not line.fault:
                if len(line.cells) > MOST_COLUMNS:
                    raise Unreadable(f"Line {line.number} has more than {MOST_COLUMNS} columns. Export fewer of them.")
                if headers.twice:
                    raise Unreadable(
                        f"Line {line.number} has two columns with the header {headers.texts[headers.twice[0]]}."
                        " Give one of them another name, or take it out."
                    )
                return Table(encoding, delimiter, headers, len(line.cells), tuple(_below(lines, place)))
            if best is None or len(headers.places) > len(best.places):
                best = headers
    lacking = best.missing if best is not None and best.places else "a header line with the names of the columns"
    raise Unreadable(
        f"The file lacks {lacking}. Add it, or say in the settings of the facility's census file which header means it."
    )


def _below(lines: list[Line], header: int) -> Iterator[Line]:
    for line in lines[header + 1 :]:
        if line.fault or any(cell.strip() for cell in line.cells):
            yield line


def _lines(text: str, delimiter: str) -> list[Line]:
    """All rows. A row with broken quotation marks says so, and reading goes on below it."""
    csv.field_size_limit(LONGEST_CELL)
    found: list[Line] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            found.append(Line(number, next(reader)))
        except StopIteration:
            return found
        except csv.Error as error:
            lost = "unexpected end" in str(error) or "limit" in str(error)
            fault = "a quotation mark is not closed" if lost else "a quotation mark stands where none may be"
            found.append(Line(number, [], fault, lost))
            if lost:
                return found
