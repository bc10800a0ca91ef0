"""Which tables are in, and what is missing for the fiscal year of today."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.drg.lookup import system_of
from app.kernel.wording import dated_text
from app.platform.work import Reading, reading
from app.regulations.drg import System, all_entries, fiscal_year
from app.security.viewer import Viewer

BOOKS: dict[System, str] = {
    "MS-DRG": "Table 5 of the IPPS final rule",
    "MS-LTC-DRG": "Table 11 of the LTCH PPS final rule",
}


class _Table(msgspec.Struct, frozen=True):
    system: str
    fiscal_year: int
    codes: int
    titles: int
    amlos: int
    refused: int
    source: str
    imported_at: datetime
    imported_by: str
    ended_at: datetime | None


_TABLES = """
select t.system, t.fiscal_year, t.codes, n.titles, n.amlos, t.refused, t.source, t.imported_at, t.imported_by,
  t.ended_at
from drg_table t, lateral (select count(*) filter (where e.title <> '') as titles, count(e.amlos) as amlos
  from drg_entry e where e.table_id = t.id) n
order by t.system, t.fiscal_year desc, t.imported_at desc
"""
_KINDS = "select distinct kind from facility order by kind"


def imported_tables(viewer: Viewer) -> dict[str, Any]:
    """Tables that hold, tables that were replaced, and sentences about what is missing, as text for the page."""
    zone = ZoneInfo(viewer.place.timezone if viewer.place else "UTC")
    with reading(viewer) as view:
        found = view.rows(_Table, _TABLES)
        missing = _missing(view, found, zone)
        shown = [_text(table, zone, view.now) for table in found]
    return {
        "missing": missing,
        "standing": [table for table in shown if not table["ended"]],
        "ended": [table for table in shown if table["ended"]],
    }


def _missing(view: Reading, found: list[_Table], zone: ZoneInfo) -> list[str]:
    year = fiscal_year(view.now.astimezone(zone).date())
    sentences = []
    for system in dict.fromkeys(system_of(kind) for kind in view.values(_KINDS)):
        years = {table.fiscal_year for table in found if table.system == system and table.ended_at is None}
        if year in years:
            continue
        imported = max((one for one in years if one < year), default=0)
        shipped = max((entry.fiscal_year for entry in all_entries() if entry.system == system), default=0)
        use = f"the table of fiscal year {imported}" if imported >= shipped else "the short table shipped with Daybook"
        sentences.append(
            f"{system} of fiscal year {year} is not imported: stays use {use}. It is {BOOKS[system]}, published by CMS."
        )
    return sentences


def _text(table: _Table, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    parts = [("titles", table.titles)] + ([("arithmetic means", table.amlos)] if table.system == "MS-DRG" else [])
    lacks = [f"{table.codes - count} without {text}" for text, count in parts if count < table.codes]
    return {
        "name": f"{table.system} {table.fiscal_year}",
        "codes": f"{table.codes}",
        "lacks": ", ".join(lacks) or "–",
        "refused": f"{table.refused}" if table.refused else "–",
        "source": table.source,
        "when": dated_text(table.imported_at, zone, now),
        "who": "command line" if table.imported_by == "import" else table.imported_by,
        "ended": dated_text(table.ended_at, zone, now) if table.ended_at else "",
    }
