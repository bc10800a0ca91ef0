"""What is known of a diagnosis-related group on a day: from the imported tables, else from the short table shipped."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from app.platform.work import Reading
from app.regulations import drg
from app.regulations.drg import System, fiscal_year


class Group(msgspec.Struct, frozen=True):
    """One group in the fiscal year `fiscal_year`, which may be an earlier one than asked for.

    `short_stay_threshold` is as published, else five sixths of the geometric mean (42 CFR 412.529); days. `imported`
    False: from the short table that comes with the program.
    """

    system: str
    fiscal_year: int
    code: str
    title: str
    weight: float | None
    gmlos: float | None
    amlos: float | None
    short_stay_threshold: float | None
    imported: bool = True


def system_of(kind: str) -> System:
    """Which system pays a facility of this kind: long-term care hospitals have their own."""
    return "MS-LTC-DRG" if kind == "ltch" else "MS-DRG"


def normal_code(text: str) -> str:
    """A group's number as the tables write it: three digits."""
    text = text.strip()
    return text.lstrip("0").zfill(3) if text.isdigit() else text


class Groups:
    """The figures of some groups, read once and asked for any number of stays."""

    def __init__(self, years: Mapping[str, set[int]], known: Mapping[tuple[str, int, str], Group]) -> None:
        self._years, self._known = years, known

    def has_year(self, system: System, year: int) -> bool:
        """Whether the table of a fiscal year was taken in."""
        return year in self._years.get(system, ())

    def find(self, system: System, code: str, on: date) -> Group | None:
        """The group's figures on a day: of discharge, else of today. None when no table knows it.

        The table of the day's fiscal year decides; a group that it does not name has ended. Where that year is
        missing, the newest earlier table answers.
        """
        code = normal_code(code)
        newest = max((year for year in self._years.get(system, ()) if year <= fiscal_year(on)), default=0)
        shipped = drg.gmlos(code, system, on)
        if shipped is None or newest >= shipped.fiscal_year:
            return self._known.get((system, newest, code))
        return Group(
            system, shipped.fiscal_year, code, shipped.title, shipped.weight, shipped.gmlos, None,
            shipped.short_stay_threshold, imported=False,
        )  # fmt: skip

    def gmlos(self, kind: str, code: str, on: date) -> float | None:
        """The geometric mean length of stay in days, at a facility of this kind. None where there is none, never 0."""
        found = self.find(system_of(kind), code, on) if code else None
        return (found.gmlos or None) if found else None


_QUERY = """
select t.system, t.fiscal_year, e.code, e.title, e.weight, e.gmlos, e.amlos, e.short_stay_threshold
from drg_table t left join drg_entry e on e.table_id = t.id and e.code = any(%s)
where t.ended_at is null
"""


class _Row(msgspec.Struct, frozen=True):
    system: str
    fiscal_year: int
    code: str | None
    title: str | None
    weight: float | None
    gmlos: float | None
    amlos: float | None
    threshold: float | None


def groups(view: Reading, codes: Iterable[str]) -> Groups:
    """What the tables say of these groups, in all years."""
    asked = sorted({normal_code(code) for code in codes if code})
    years: dict[str, set[int]] = {}
    known: dict[tuple[str, int, str], Group] = {}
    for row in view.rows(_Row, _QUERY, (asked,)) if asked else ():
        years.setdefault(row.system, set()).add(row.fiscal_year)
        if row.code is not None:
            known[row.system, row.fiscal_year, row.code] = Group(
                row.system, row.fiscal_year, row.code, row.title or "", row.weight, row.gmlos, row.amlos,
                _threshold(row),
            )  # fmt: skip
    return Groups(years, known)


def _threshold(row: _Row) -> float | None:
    if row.threshold is not None or row.system != "MS-LTC-DRG" or not row.gmlos:
        return row.threshold
    return round(row.gmlos * 5 / 6, 1)
