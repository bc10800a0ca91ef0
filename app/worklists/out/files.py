"""A list as a file: CSV for programs, XLSX for people. No value in either can become a formula or a link.

**CSV.** As app/web/paper/csv_files.py writes it, with the mark in the last three columns of every line.

**XLSX.** A sheet with the list, a sheet with the mark; the mark is also at the foot of every printed page. Texts are
written as texts whatever they hold.
"""

import io
from datetime import date, datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.web.paper.csv_files import csv_text, harmless
from app.worklists.out.taking import Taken

_MOST_LETTERS = 32_767  # in one cell of a workbook
_MOST_FOOT = 250  # letters of a foot line; the program that shows it takes 255
_CUT = " […]"
_WIDTHS = {"text": 18, "count": 9, "measure": 9, "day": 12, "instant": 17, "yes": 9}
_WIDE = {"name": 28, "note": 40, "flags": 30, "attending": 24, "payer": 24}


def csv_file(taken: Taken) -> bytes:
    """All rows with their mark, as CSV."""
    known = taken.mark.as_of or taken.mark.at
    mark = [harmless(taken.mark.by), *(one.isoformat(timespec="seconds") for one in (taken.mark.at, known))]
    return csv_text([one.name for one in taken.exports], taken.lines, mark).encode()


def xlsx_file(taken: Taken) -> bytes:
    """The list and its mark, as a workbook."""
    out = io.BytesIO()
    # Row by row: a workbook of any length takes the memory of one row.
    with Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        book.set_properties({"title": taken.built.spec.label, "author": taken.mark.by, "comments": taken.mark.text})
        sheet = book.add_worksheet("List")
        _set_page(sheet, taken)
        _write_list(sheet, taken, _Formats(book))
        _write_mark(book.add_worksheet("About this file"), taken)
    return out.getvalue()


class _Formats:
    """How days and instants look; they stay numbers that can be reckoned with."""

    def __init__(self, book: Workbook) -> None:
        self.head: Format = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.instant: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})


def _set_page(sheet: Worksheet, taken: Taken) -> None:
    mark = _cut(taken.mark.text.replace("&", "&&"), _MOST_FOOT - 40)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L&B{_cut(taken.built.spec.label.replace('&', '&&'), 60)}")
    sheet.set_footer(f"&L&8{mark}&R&8Page &P of &N")
    sheet.freeze_panes(1, 1)
    for number, one in enumerate(taken.exports):
        sheet.set_column(number, number, _WIDE.get(one.name, _WIDTHS[one.kind]))
    sheet.autofilter(0, 0, max(1, len(taken.lines)), len(taken.exports) - 1)


def _write_list(sheet: Worksheet, taken: Taken, formats: _Formats) -> None:
    for number, one in enumerate(taken.exports):
        sheet.write_string(0, number, one.label, formats.head)
    for row, line in enumerate(taken.lines, 1):
        for number, value in enumerate(line):
            _write_value(sheet, (row, number), value, formats)


def _write_value(sheet: Worksheet, cell: tuple[int, int], value: Any, formats: _Formats) -> None:
    row, column = cell
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case datetime():
            # A workbook knows no time zones: the facility's clocks, as the second sheet says.
            sheet.write_datetime(row, column, value.replace(tzinfo=None), formats.instant)
        case date():
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats.day)
        case _:
            sheet.write_string(row, column, _cut(str(value), _MOST_LETTERS))


def _write_mark(sheet: Worksheet, taken: Taken) -> None:
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    mark = taken.mark
    told = [
        ("List", taken.built.spec.label),
        ("Facility", mark.facility),
        ("View", taken.words),
        ("As known", "" if mark.as_of is None else mark.as_of.isoformat(timespec="seconds")),
        ("Taken out by", mark.by),
        ("Taken out at", mark.at.isoformat(timespec="seconds")),
        ("Times", f"By the clocks of the facility ({mark.at.tzinfo})"),
        ("Contains", "Patient data. Keep it where only those may read it who need it for the patients' care."),
    ]
    for row, (name, text) in enumerate((name, text) for name, text in told if text):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, _cut(text, _MOST_LETTERS))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT
