"""Table 5 (MS-DRG) and Table 11 (MS-LTC-DRG) of the yearly payment rules, read from a grid of text.

The agency words its column headings anew in most years, so a column is known by what its heading must say. The tables:
42 CFR 412.60 (weights and lengths of stay of MS-DRGs), 42 CFR 412.515 and 412.529 (MS-LTC-DRGs and the short-stay
outlier threshold, five sixths of the geometric mean). Lengths of stay and thresholds are in days.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.census.drg.sheets import Grid, Sheet
from app.kernel.refusal import Refused
from app.regulations.drg import System

HEADING_ROWS = 40  # titles and notes stand above the headings
MOST_DAYS = 400.0
_CODE = re.compile(r"0*(\d{1,3})(?:\.0+)?\*?")
_YEAR = re.compile(r"(?:FY|fiscal year)[\s_']*(20\d\d)", re.IGNORECASE)
_ABSENT = frozenset({"", ".", "*", "-", "--", "n/a", "na", "none"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One group of one year. None where the table gives no figure: a group without cases has none."""

    code: str
    title: str | None = None
    mdc: str | None = None
    type: str | None = None
    weight: float | None = None
    gmlos: float | None = None
    amlos: float | None = None
    short_stay_threshold: float | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out, and why. `line` counts from 1 in the file."""

    line: int
    why: str


@dataclass(slots=True)
class Published:
    """One table: a system, a fiscal year, its groups. `columns` are those that the file has."""

    system: System
    fiscal_year: int
    columns: frozenset[str]
    entries: dict[str, Entry] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def _has(*words: str, without: Sequence[str] = ()) -> Callable[[str], bool]:
    return lambda text: all(word in text for word in words) and not any(word in text for word in without)


def _is(*texts: str) -> Callable[[str], bool]:
    return lambda text: text in texts


_COLUMNS: Mapping[str, tuple[Callable[[str], bool], ...]] = {
    "fiscal_year": (_is("fiscal year", "fy", "federal fiscal year"),),
    "code": (_is("ms drg", "ms ltc drg", "drg", "drg code", "ms drg code", "ms drg number", "ltc drg"),
             lambda text: re.fullmatch(r"(final |proposed )?(fy 20\d\d )?ms (ltc )?drgs?( \d)?", text) is not None),
    "title": (_has("title"), _has("description")),
    "mdc": (lambda text: text.split(" ")[0] == "mdc",),
    "type": (_is("type", "drg type", "ms drg type"),),
    "weight": (_has("weight", without=("before", "prior", "uncapped", "without", "change")),),
    "gmlos": (_has("geometric"), _has("gmlos")),
    "amlos": (_has("arithmetic"), _has("amlos")),
    "short_stay_threshold": (_has("short stay", without=("ipps",)), _has("sso", without=("ipps",))),
}  # fmt: skip
_NUMBERS = {"weight": "weight", "gmlos": "geometric mean", "amlos": "arithmetic mean",
            "short_stay_threshold": "short-stay threshold"}  # fmt: skip


def tables(sheet: Sheet, fiscal_year: int | None = None) -> list[Published]:
    """The tables of a sheet, one for each fiscal year in it; empty when the sheet holds no such table.

    `fiscal_year` is taken where the sheet does not say; of a sheet with a column for the year, only that year is
    taken. Raises Refused when nobody says which year it is.
    """
    found = _headings(sheet.rows)
    if found is None:
        return []
    place, columns = found
    system: System = "MS-LTC-DRG" if _is_long_term(sheet.rows[place]) else "MS-DRG"
    whole = None if "fiscal_year" in columns else (fiscal_year or _year_of(sheet, place))
    by_year: dict[int, Published] = {}
    for line, row in enumerate(sheet.rows[place + 1 :], place + 2):
        year = whole or _year_in(_cell(row, columns["fiscal_year"]))
        if year is None or (fiscal_year is not None and year != fiscal_year):
            continue
        table = by_year.get(year)
        if table is None:
            table = by_year[year] = Published(system, year, frozenset(columns) - {"fiscal_year", "code"})
        _take(table, line, row, columns)
    return [table for table in by_year.values() if table.entries]


def _headings(rows: Grid) -> tuple[int, dict[str, int]] | None:
    """The row of headings and the place of every column; the code and the geometric mean must be there."""
    for place, row in enumerate(rows[:HEADING_ROWS]):
        texts = [_plain(cell) for cell in row]
        columns: dict[str, int] = {}
        for name, tests in _COLUMNS.items():
            places = [number for number, text in enumerate(texts) if text and any(test(text) for test in tests)]
            if places:
                columns[name] = places[-1] if name == "weight" else places[0]
        if "code" in columns and "gmlos" in columns:
            return place, columns
    return None


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", heading.lower()).strip()


def _is_long_term(headings: Sequence[str]) -> bool:
    return any("ltc" in _plain(text).split(" ") for text in headings)


def _year_of(sheet: Sheet, place: int) -> int:
    above = [" ".join(cell for cell in row if cell) for row in sheet.rows[: place + 1]]
    for text in (*above, sheet.name.replace("_", " ").replace("-", " ")):
        years = set(_YEAR.findall(text))
        if len(years) == 1:
            return int(years.pop())
    raise Refused(f"{sheet.name} does not say of which fiscal year it is. Say so with --fiscal-year.")


def _year_in(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20\d\d", text) else None


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _take(table: Published, line: int, row: Sequence[str], columns: Mapping[str, int]) -> None:
    """Add one row to the table, or say why it is left out. Notes below the table are neither."""
    cells = {name: _cell(row, place) for name, place in columns.items()}
    code = _CODE.fullmatch(cells["code"])
    if code is None:
        if any(_figure(cells.get(name, "")) is not None for name in _NUMBERS if name in cells):
            table.bad.append(BadRow(line, "the group's number cannot be read; it has one to three digits"))
        return
    number = code[1].zfill(3)
    try:
        figures = {name: _checked(cells[name], name) for name in _NUMBERS if name in cells}
    except ValueError as error:
        table.bad.append(BadRow(line, f"group {number}: {error}"))
        return
    if number in table.entries:
        table.bad.append(BadRow(line, f"group {number} was given before in the same year"))
        return
    texts = {name: cells[name] for name in ("title", "mdc", "type") if name in cells}
    table.entries[number] = Entry(number, **texts, **figures)  # type: ignore[arg-type]


def _figure(text: str) -> float | None:
    try:
        return float(text.replace(",", "").rstrip("*"))
    except ValueError:
        return None


def _checked(text: str, name: str) -> float | None:
    if text.lower() in _ABSENT:
        return None
    value = _figure(text)
    if value is None:
        raise ValueError(f"the {_NUMBERS[name]} is not a number")
    if not 0 <= value <= MOST_DAYS:
        raise ValueError(f"the {_NUMBERS[name]} is not between 0 and {MOST_DAYS:g}")
    return value
