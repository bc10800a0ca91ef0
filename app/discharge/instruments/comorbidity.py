"""Comorbidity points of LACE from ICD-10-CM codes.

Groups of codes are those of Quan and others 2005 (Med Care 43:1130), read as prefixes. Where Quan has one group for
renal disease and LACE has two, stage 4 and 5, dialysis and transplant status count as moderate or severe: this division
is our own; so are the codes for cancer that the clinical modification has beside them (C4A, C7A, C7B, C86). Points are
those of van Walraven and others 2010 (CMAJ 182:551).
"""

from collections.abc import Iterable

import msgspec


class Group(msgspec.Struct, frozen=True):
    """A group of diagnoses, its points, and the group that takes its place when that is there too."""

    code: str
    label: str
    points: int
    prefixes: tuple[str, ...]
    within: str = ""


def _codes(text: str) -> tuple[str, ...]:
    """`I21 I25.2 E10.2-5`: prefixes without dots, a hyphen runs over the last digit or letter's number."""
    found: list[str] = []
    for word in text.split():
        first, _, last = word.replace(".", "").partition("-")
        if not last:
            found.append(first)
            continue
        stem, begin = first[: -len(last)], first[-len(last) :]
        found += [f"{stem}{number:0{len(last)}d}" for number in range(int(begin), int(last) + 1)]
    return tuple(found)


def _diabetes(digits: str) -> str:
    return " ".join(f"E{kind}.{digit}" for kind in ("10", "11", "12", "13", "14") for digit in digits)


GROUPS = (
    Group("infarction", "Prior myocardial infarction", 1, _codes("I21 I22 I25.2")),
    Group("cerebrovascular", "Cerebrovascular disease", 1, _codes("G45 G46 H34.0 I60-69")),
    Group(
        "vascular",
        "Peripheral vascular disease",
        1,
        _codes("I70 I71 I73.1 I73.8 I73.9 I77.1 I79.0 I79.2 K55.1 K55.8 K55.9 Z95.8 Z95.9"),
    ),
    Group("diabetes", "Diabetes without complications", 1, _codes(_diabetes("01689")), within="diabetes_damage"),
    Group(
        "heart_failure",
        "Congestive heart failure",
        2,
        _codes("I09.9 I11.0 I13.0 I13.2 I25.5 I42.0 I42.5-9 I43 I50 P29.0"),
    ),
    Group("diabetes_damage", "Diabetes with end-organ damage", 2, _codes(_diabetes("23457"))),
    Group(
        "pulmonary",
        "Chronic pulmonary disease",
        2,
        _codes("I27.8 I27.9 J40-47 J60-67 J68.4 J70.1 J70.3"),
    ),
    Group(
        "mild_organ",
        "Mild liver or renal disease",
        2,
        _codes(
            "B18 K70.0-3 K70.9 K71.3-5 K71.7 K73 K74 K76.0 K76.2-4 K76.8 K76.9 Z94.4"
            " I13.10 N03.2-7 N05.2-7 N18.1-3 N18.9 N19 N25.0"
        ),
        within="severe_organ",
    ),
    Group(
        "tumour",
        "Any tumour, lymphoma or leukaemia",
        2,
        _codes("C00-26 C30-34 C37-41 C43 C4A C45-58 C60-76 C7A C81-86 C88 C90-97"),
        within="metastatic",
    ),
    Group("dementia", "Dementia", 3, _codes("F00-03 F05.1 G30 G31.1")),
    Group("connective", "Connective tissue disease", 3, _codes("M05 M06 M31.5 M32-34 M35.1 M35.3 M36.0")),
    Group("aids", "AIDS", 4, _codes("B20-22 B24")),
    Group(
        "severe_organ",
        "Moderate or severe liver or renal disease",
        4,
        _codes(
            "I85.0 I85.9 I86.4 I98.2 K70.4 K71.1 K72.1 K72.9 K76.5-7 I12.0 I13.11 I13.2 N18.4-6 Z49.0-2 Z94.0 Z99.2"
        ),
    ),
    Group("metastatic", "Metastatic solid tumour", 6, _codes("C77-80 C7B")),
)
BY_CODE = {group.code: group for group in GROUPS}


def plain(code: str) -> str:
    """A code as it is compared: upper case, without its dot."""
    return code.replace(".", "").strip().upper()


def named(codes: Iterable[str], prefixes: Iterable[str]) -> list[str]:
    """Those of these codes that begin with one of the prefixes."""
    begins = tuple(plain(one) for one in prefixes)
    return [code for code in codes if plain(code).startswith(begins)] if begins else []


def groups_of(codes: Iterable[str]) -> list[Group]:
    """The groups that the codes fall into; the heavier one stands for the lighter one of the same disease."""
    known = [plain(code) for code in codes]
    found = {group.code for group in GROUPS if any(code.startswith(group.prefixes) for code in known)}
    return [group for group in GROUPS if group.code in found and group.within not in found]


def sum_of(groups: Iterable[Group]) -> int:
    """The points of these groups together, before LACE caps them."""
    return sum(group.points for group in groups)


def lace_points(total: int) -> int:
    """Points for LACE: up to three as they are, four and more are five."""
    return total if total <= 3 else 5
