"""Weights and geometric mean lengths of stay of diagnosis-related groups, by fiscal year.

Only the groups that the simulated hospital uses; a site imports the complete tables. Figures: `data/gmlos.toml`.
"""

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

System = Literal["MS-DRG", "MS-LTC-DRG"]


class DrgEntry(msgspec.Struct, frozen=True):
    """One group in one fiscal year.

    `gmlos` and `short_stay_threshold` are in days. The threshold is five sixths of the GMLOS (42 CFR 412.529) and
    exists for long-term care hospitals only. `source` names the published table.
    """

    drg: str
    system: System
    fiscal_year: int
    title: str
    weight: float
    gmlos: float
    source: str
    citation: str
    checked_on: date
    short_stay_threshold: float | None = None


def fiscal_year(on: date) -> int:
    """The federal fiscal year of a day: it begins on 1 October of the calendar year before."""
    return on.year + 1 if on.month >= 10 else on.year


@cache
def all_entries() -> tuple[DrgEntry, ...]:
    """Every figure of the short table, ordered by system, group and fiscal year."""
    text = resources.files("app.regulations").joinpath("data/gmlos.toml").read_text(encoding="utf-8")
    found = []
    for table in tomllib.loads(text)["table"]:
        common = {name: value for name, value in table.items() if name != "entries"}
        found += [msgspec.convert(common | entry, DrgEntry, strict=True) for entry in table["entries"]]
    return tuple(sorted(found, key=lambda entry: (entry.system, entry.drg, entry.fiscal_year)))


def gmlos(drg: str, system: System, on: date, *, same_year: bool = False) -> DrgEntry | None:
    """The group's figures on a day (the day of discharge), None when the short table does not know them.

    Where the table has no figures for that fiscal year, the latest earlier year answers; its `fiscal_year` says so and
    belongs beside the figure on a screen. A measure that may only use the year's own table asks with `same_year`.
    """
    year = fiscal_year(on)
    usable = [entry for entry in _by_group().get((system, drg), ()) if entry.fiscal_year <= year]
    if not usable or (same_year and usable[-1].fiscal_year != year):
        return None
    return usable[-1]


@cache
def _by_group() -> dict[tuple[System, str], tuple[DrgEntry, ...]]:
    groups: dict[tuple[System, str], tuple[DrgEntry, ...]] = {}
    for entry in all_entries():
        key = (entry.system, entry.drg)
        groups[key] = (*groups.get(key, ()), entry)
    return groups
