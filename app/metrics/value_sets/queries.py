"""The value sets that figures on our own stays are made with, and which vintages there are."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from app.metrics.readmissions.value_sets import Level, ValueSets
from app.metrics.value_sets.building import DEFAULT_VINTAGE, of_categories, of_rows
from app.metrics.value_sets.maps import CategoryMaps, with_changes
from app.metrics.value_sets.published import Row
from app.platform.work import Reading


class Vintage(msgspec.Struct):
    """A vintage that was imported and holds. `codes`: rows of all its lists."""

    vintage: str
    source: str
    codes: int
    imported_at: datetime


_VINTAGES = (
    "select vintage, source, codes, imported_at from value_set_vintage where ended_at is null order by vintage desc"
)
_ROWS = (
    "select c.list, c.code, c.value from value_set_code c join value_set_vintage v on v.id = c.vintage_id"
    " where v.vintage = %s and v.ended_at is null"
)
SINGLE_CODES = ("pr3_pcs", "pr4_cm", "surgery_pcs")
"""The lists that name single codes beside the categories."""
_SINGLE_CODES = """
select count(*) from unnest(%s::text[]) as l (list) where exists (
  select from value_set_code c join value_set_vintage v on v.id = c.vintage_id
  where v.vintage = %s and v.ended_at is null and c.list = l.list)
"""
_PLACED = "select code, ccs from code_category where system = %s and ended_at is null"


class _Placed(msgspec.Struct):
    code: str
    ccs: int


class _Row(msgspec.Struct):
    list: str
    code: str
    value: str


def vintages(db: Reading) -> list[Vintage]:
    """The vintages that were imported and hold, the newest name first."""
    return db.rows(Vintage, _VINTAGES)


def in_use(db: Reading) -> str:
    """Which vintage figures on our own stays are made with: the newest imported, else the newest that is shipped."""
    imported = [one.vintage for one in vintages(db)]
    return imported[0] if imported else DEFAULT_VINTAGE


class InForce(msgspec.Struct, frozen=True):
    """Which lists figures on our own stays are made with, and how finely they look."""

    vintage: str
    level: Level

    @property
    def brief(self) -> str:
        """For a line beside the figure."""
        return f"lists {self.vintage}" + (", categories alone" if self.level is Level.CATEGORY else "")

    @property
    def told(self) -> str:
        """In full, with how transfers are told, for the definition of the figure."""
        if self.level is Level.CODE:
            how = "categories and the single codes beside them"
        else:
            how = (
                "categories alone, since the published tables are not imported: whether a return was planned, and the"
                " cohort, may differ for some stays"
            )
        return f"Code lists of vintage {self.vintage}, {how}. Transfers are linked by dates, not by disposition."


def in_force(db: Reading) -> InForce:
    """The vintage in use and its level, by two statements."""
    vintage = in_use(db)
    single = db.value(_SINGLE_CODES, (list(SINGLE_CODES), vintage))
    return InForce(vintage, Level.CODE if single == len(SINGLE_CODES) else Level.CATEGORY)


def value_sets(db: Reading, maps: CategoryMaps, vintage: str = "") -> ValueSets:
    """The lists of a vintage (else of the one in use): imported, else the shipped categories alone.

    Codes that somebody put into a category are in the maps. Refused when the vintage is neither imported nor shipped.
    """
    wanted = vintage or in_use(db)
    found = db.rows(_Row, _ROWS, (wanted,))
    completed = CategoryMaps(
        with_changes(maps.dx, placed(db, "dx")), with_changes(maps.px, placed(db, "px")), maps.dx_titles, maps.px_titles
    )
    if found:
        return of_rows(wanted, (Row(row.list, row.code, row.value) for row in found), completed)
    return of_categories(wanted, completed)


def placed(db: Reading, system: str) -> Mapping[str, int]:
    """Codes that somebody put into a category, with its number; `system` dx or px."""
    return {row.code: row.ccs for row in db.rows(_Placed, _PLACED, (system,))}
