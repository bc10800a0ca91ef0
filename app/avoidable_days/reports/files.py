"""The figures of a report as a file: what was asked, the bars and the points, one below the other or on sheets."""

import csv
import io
from dataclasses import dataclass

from xlsxwriter import Workbook

from app.avoidable_days.reports.asking import Figure
from app.avoidable_days.reports.breakdown import By, pareto
from app.avoidable_days.reports.queries import Study, cost_of, priced_rows
from app.avoidable_days.reports.trend import points

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
Cell = str | float | int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its name and the names of its columns."""

    name: str
    heads: list[str]
    lines: list[list[Cell]]


def sheets(found: Study, facility: str) -> list[Sheet]:
    """What the page shows: the choice, the bars, the points."""
    choice = found.choice
    cost = cost_of(priced_rows(found.figure(Figure.DAYS)), found.prices)
    said: list[list[Cell]] = [
        ["facility", facility], ["first", choice.first.isoformat()], ["last", choice.last.isoformat()],
        ["phase", choice.phase.value], ["unit", choice.unit], ["service", choice.service],
        ["party", choice.party.value if choice.party else ""],
        ["controllable", choice.controllable.value if choice.controllable else ""], ["reason", choice.code],
        ["patient_days", found.nights.height], ["excess_days", found.excess.height],
        ["excess_days_with_reason", int(found.excess["explained"].sum())], ["drafts_waiting", found.drafts.height],
        ["days_without_price", cost.unpriced],
    ]  # fmt: skip
    said += [[f"cost_{one}", round(cents / 100, 2)] for one, cents in cost.cents.items()]
    bars: list[list[Cell]] = [
        [one.key if choice.by is By.REASON else "", one.label, one.days, one.stays, round(one.share, 6),
         round(one.running, 6)]
        for one in pareto(found.entries, choice.by)
    ]  # fmt: skip
    every = points(found.entries, found.nights, choice.first, choice.last)
    trend: list[list[Cell]] = [
        [one.first.isoformat(), one.last.isoformat(), one.days, one.patient_days,
         round(one.rate, 6) if one.patient_days else ""]
        for one in every
    ]  # fmt: skip
    return [
        Sheet("report", ["name", "value"], said),
        Sheet("pareto", ["code", choice.by.value, "days", "stays", "share", "running_share"], bars),
        Sheet("trend", ["first", "last", "days", "patient_days", "per_100_patient_days"], trend),
    ]


def as_csv(found: list[Sheet]) -> bytes:
    """All tables in one file; the first column names the table, and no text can become a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for sheet in found:
        writer.writerow(["table", *sheet.heads])
        writer.writerows([sheet.name, *map(_harmless, line)] for line in sheet.lines)
    return text.getvalue().encode()


def _harmless(value: Cell) -> Cell:
    if not isinstance(value, str):
        return value
    starts = (value[:1], value.strip()[:1])
    return f"'{value}" if value[:1] == "'" or any(one in _FORMULA_STARTS for one in starts if one) else value


def as_workbook(found: list[Sheet]) -> bytes:
    """A sheet for each table; texts are written as texts whatever they hold."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for sheet in found:
        page = book.add_worksheet(sheet.name)
        page.set_column(0, max(len(sheet.heads) - 1, 0), 18)
        lines: list[list[Cell]] = [[*sheet.heads], *sheet.lines]
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, str):
                    page.write_string(row, column, value)
                else:
                    page.write_number(row, column, value)
    book.close()
    return file.getvalue()
