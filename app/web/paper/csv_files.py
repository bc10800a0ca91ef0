"""CSV files for programs, in which no value can become a formula.

RFC 4180, UTF-8, texts in quotes, days and instants as ISO 8601, yes and no as `true` and `false`. A text that a
spreadsheet could take for a formula (it begins, after blanks, with `=`, `+`, `-`, `@`, a tab or a line end, or one of
their full-width forms) or that begins with an apostrophe gets an apostrophe in front; who reads the file as data takes
one leading apostrophe off (`plain`). The mark stands in the last three columns of every line, so that no line is
anything but data: who took the file out, when, and as of when its values were known.
"""

import csv
import io
from datetime import date, datetime
from typing import Any

MARK_COLUMNS = ("exported_by", "exported_at", "known_at")
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def harmless(text: str) -> str:
    """The text as CSV carries it: never the beginning of a formula."""
    return f"'{text}" if text[:1] == "'" or text[:1] in FORMULA_STARTS or text.strip()[:1] in FORMULA_STARTS else text


def plain(text: str) -> str:
    """The text that `harmless` was given."""
    return text.removeprefix("'")


def csv_text(names: list[str], lines: list[tuple[Any, ...]], mark: list[str] | None = None) -> str:
    """The lines under their names; with a mark, it follows in more columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*names, *(MARK_COLUMNS if mark else ())])
    for line in lines:
        writer.writerow([*map(_csv_value, line), *(mark or ())])
    return out.getvalue()


def _csv_value(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case str():
            return harmless(value)
    return value
