"""Category lists of the hospital-wide readmission measure, one file of `data/` for each vintage of its tables.

They let the measure run before any published table is imported: at the level of categories. The single ICD-10 codes
that the tables name beside the categories are not here.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

VINTAGES = ("cms2021", "cms2019")
_FILES = {"cms2021": "readmissions_2021.toml", "cms2019": "readmissions_2019.toml"}

Categories = frozenset[int]


class UnknownVintage(LookupError):
    """The program comes with no category lists of this name."""


class CategoryLists(msgspec.Struct, frozen=True):
    """CCS categories of one vintage.

    `excluded` is in the order in which exclusions are tried; `cohorts` are those that the principal diagnosis decides,
    `surgery_procedures` the procedures that put a stay into Surgery/Gynecology before them.
    """

    vintage: str
    title: str
    citation: str
    checked_on: date
    note: str
    always_planned_procedures: Categories
    always_planned_diagnoses: Categories
    potentially_planned_procedures: Categories
    acute_diagnoses: Categories
    excluded: Mapping[str, Categories]
    surgery_procedures: Categories
    cohorts: Mapping[str, Categories]


class _Planned(msgspec.Struct, forbid_unknown_fields=True):
    always_procedures: str
    always_diagnoses: str
    potentially_procedures: str
    acute_diagnoses: str


class _Surgery(msgspec.Struct, forbid_unknown_fields=True):
    procedures: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    vintage: str
    title: str
    citation: str
    checked_on: date
    note: str
    planned: _Planned
    excluded: dict[str, str]
    surgery: _Surgery
    cohorts: dict[str, str]


@cache
def category_lists(vintage: str) -> CategoryLists:
    """The lists of a vintage. UnknownVintage when the program does not come with it."""
    if vintage not in _FILES:
        raise UnknownVintage(f"There are no category lists {vintage!r}; there are {', '.join(VINTAGES)}.")
    text = resources.files("app.regulations").joinpath(f"data/{_FILES[vintage]}").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text), _File)
    return CategoryLists(
        vintage=found.vintage,
        title=found.title,
        citation=found.citation,
        checked_on=found.checked_on,
        note=found.note,
        always_planned_procedures=categories(found.planned.always_procedures),
        always_planned_diagnoses=categories(found.planned.always_diagnoses),
        potentially_planned_procedures=categories(found.planned.potentially_procedures),
        acute_diagnoses=categories(found.planned.acute_diagnoses),
        excluded=_named(found.excluded),
        surgery_procedures=categories(found.surgery.procedures),
        cohorts=_named(found.cohorts),
    )


def _named(lists: Mapping[str, str]) -> Mapping[str, Categories]:
    return MappingProxyType({name: categories(text) for name, text in lists.items()})


def categories(text: str) -> Categories:
    """The numbers of a list such as `11-45,254`; a range includes both ends. ValueError for anything else."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
