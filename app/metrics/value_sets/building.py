"""From lists to what the measure reads: of the shipped categories alone, or of published tables."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from app.kernel.refusal import Refused
from app.metrics.readmissions.value_sets import Cohort, Exclusion, ValueSets
from app.metrics.value_sets.maps import CategoryMaps, with_changes
from app.metrics.value_sets.published import Row, read_folder
from app.regulations.readmissions import VINTAGES, UnknownVintage, category_lists

DEFAULT_VINTAGE = "cms2021"

Changes = Mapping[str, int]


def of_categories(vintage: str, maps: CategoryMaps) -> ValueSets:
    """The lists that come with the program. Refused when it has none of this vintage."""
    try:
        lists = category_lists(vintage)
    except UnknownVintage:
        raise Refused(
            f"The program comes with no lists {vintage}. Choose {' or '.join(VINTAGES)}, or import that vintage first."
        ) from None
    return ValueSets(
        vintage=vintage,
        dx_ccs=maps.dx,
        px_ccs=maps.px,
        pr1_ccs=lists.always_planned_procedures,
        pr2_ccs=lists.always_planned_diagnoses,
        pr3_ccs=lists.potentially_planned_procedures,
        pr4_ccs=lists.acute_diagnoses,
        exclusion_ccs={ccs: Exclusion(kind) for kind, members in lists.excluded.items() for ccs in members},
        cohort_ccs={ccs: Cohort(name) for name, members in lists.cohorts.items() for ccs in members},
        surgery_ccs=lists.surgery_procedures,
    )


def of_rows(vintage: str, rows: Iterable[Row], maps: CategoryMaps) -> ValueSets:
    """The lists of published tables. Where these map codes themselves, that completes and corrects the maps."""
    lists: dict[str, dict[str, str]] = {}
    for row in rows:
        lists.setdefault(row.list, {})[row.code] = row.value
    return ValueSets(
        vintage=vintage,
        dx_ccs=_with_published(maps.dx, lists.get("dx_ccs", {})),
        px_ccs=_with_published(maps.px, lists.get("px_ccs", {})),
        pr1_ccs=_categories(lists, "pr1_ccs"),
        pr2_ccs=_categories(lists, "pr2_ccs"),
        pr3_ccs=_categories(lists, "pr3_ccs"),
        pr4_ccs=_categories(lists, "pr4_ccs"),
        exclusion_ccs={int(code): Exclusion(kind) for code, kind in lists.get("exclusion_ccs", {}).items()},
        cohort_ccs={int(code): Cohort(name) for code, name in lists.get("cohort_ccs", {}).items()},
        surgery_ccs=_categories(lists, "surgery_ccs"),
        pr3_pcs=frozenset(lists.get("pr3_pcs", ())),
        pr4_cm=frozenset(lists.get("pr4_cm", ())),
        surgery_pcs=frozenset(lists.get("surgery_pcs", ())),
    )


def of_folder(folder: Path, vintage: str, maps: CategoryMaps) -> ValueSets:
    """The lists of the published tables in a folder. Refused names the file and line that cannot be taken."""
    return of_rows(vintage, read_folder(folder, vintage).rows, maps)


def _categories(lists: Mapping[str, Mapping[str, str]], name: str) -> frozenset[int]:
    return frozenset(int(code) for code in lists.get(name, ()))


def _with_published(known: pl.DataFrame, published: Mapping[str, str]) -> pl.DataFrame:
    return with_changes(known, {code: int(ccs) for code, ccs in published.items()})
