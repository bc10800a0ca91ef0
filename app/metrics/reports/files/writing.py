"""A table as CSV, XLSX or parquet. No text can become a formula or a link; every file says who took it out, when."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.metrics.reports.files.figures import Line, columns_text
from app.metrics.reports.terms import FileForm
from app.web.paper.csv_files import MARK_COLUMNS, csv_text, harmless

_MOST_LETTERS = 32_767  # in one cell of a workbook
_MOST_FOOT = 200  # letters of a foot line; the program that shows it takes 255
FIGURES = "Figures without patients. Crude: not adjusted for how ill patients were."
PATIENTS = "Contains patient data. Keep it where only those may read it who need it."


@dataclass(frozen=True, slots=True)
class Mark:
    """Who took a file out of which facility, and when, by the clocks of the facility; what it holds."""

    by: str
    facility: str
    at: datetime
    holds: str

    @property
    def text(self) -> str:
        """One line."""
        at = self.at.strftime("%a %-d %b %Y %H:%M %Z")
        return f"Taken out by {self.by} · {self.facility} · {at} · {self.holds}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A table to take out: its title, what was asked for in words, its columns and lines."""

    title: str
    asked: str
    columns: dict[str, pl.DataType]
    lines: Sequence[Line]
    mark: Mark


def written(taken: Taken, form: FileForm) -> bytes:
    """The file."""
    if form is FileForm.CSV:
        return _csv(taken)
    return _xlsx(taken) if form is FileForm.XLSX else _parquet(taken)


def _csv(taken: Taken) -> bytes:
    mark = taken.mark
    at = mark.at.isoformat(timespec="seconds")
    return csv_text(list(taken.columns), list(taken.lines), [harmless(mark.by), at, at]).encode()


def _parquet(taken: Taken) -> bytes:
    """The mark stands in columns, as in CSV: it goes with every part of the table."""
    mark, zone = taken.mark, str(taken.mark.at.tzinfo)
    instant = pl.Datetime("us", zone)
    columns = {**taken.columns, **dict(zip(MARK_COLUMNS, (pl.String(), instant, instant), strict=True))}
    lines = [(*line, mark.by, mark.at, mark.at) for line in taken.lines]
    file = io.BytesIO()
    pl.DataFrame(lines, schema=columns, orient="row").write_parquet(file)
    return file.getvalue()


def _xlsx(taken: Taken) -> bytes:
    out = io.BytesIO()
    # Row by row: a workbook of any length takes the memory of one row.
    with Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        book.set_properties({"title": taken.title, "author": taken.mark.by, "comments": taken.mark.text})
        sheet = book.add_worksheet("Table")
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        foot = taken.mark.text.replace("&", "&&")[:_MOST_FOOT]
        sheet.set_footer(f"&L&8{foot}&R&8Page &P of &N")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(taken.columns) - 1, 16)
        head, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        for column, name in enumerate(columns_text(list(taken.columns))):
            sheet.write_string(0, column, name, head)
        for row, line in enumerate(taken.lines, 1):
            for column, value in enumerate(line):
                _cell(sheet, (row, column), value, day)
        _about(book.add_worksheet("About this file"), taken)
    return out.getvalue()


def _cell(sheet: Worksheet, at: tuple[int, int], value: Any, day: Any) -> None:
    row, column = at
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case date():
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)
        case _:
            sheet.write_string(row, column, str(value)[:_MOST_LETTERS])


def _about(sheet: Worksheet, taken: Taken) -> None:
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    mark = taken.mark
    told = [
        ("Table", taken.title), ("Facility", mark.facility), ("Asked", taken.asked), ("Taken out by", mark.by),
        ("Taken out at", mark.at.isoformat(timespec="seconds")), ("Holds", mark.holds),
    ]  # fmt: skip
    for row, (name, text) in enumerate(told):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text[:_MOST_LETTERS])
