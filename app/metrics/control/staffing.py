"""Expected work of the stays of each unit against the minutes of those who have them and are here. Pure."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHIFT_MINUTES = 400
"""What one person can do on stays in a day: this product's own, no published figure. It is the work of the 20 usual
stays by which the expected minutes are set (RULES 11.3); meetings, breaks and calls take the rest of eight hours."""


@dataclass(frozen=True, slots=True)
class Load:
    """A stay as staffing sees it: its unit, whose it is (None: nobody who is here), its expected minutes."""

    unit: str
    patient_class: str
    owner: uuid.UUID | None
    minutes: int


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """A unit: its stays, their minutes, minutes of those who have them, their names."""

    unit: str
    stays: int
    inpatients: int
    expected: int
    on_duty: int
    owners: tuple[str, ...]
    nobody: int

    @property
    def balance(self) -> int:
        """Minutes to spare; below zero when there is more work than time."""
        return self.on_duty - self.expected


def units(loads: Sequence[Load], names: Mapping[uuid.UUID, str]) -> list[UnitLoad]:
    """Units by what they lack, the most first. Who has stays on several units is on duty in each by the share of work
    there, so that the minutes of all units add up to those of the people."""
    whole: Counter[uuid.UUID] = Counter()
    by_unit: defaultdict[str, list[Load]] = defaultdict(list)
    for one in loads:
        by_unit[one.unit].append(one)
        if one.owner is not None:
            whole[one.owner] += one.minutes
    found = [_unit(unit, stays, whole, names) for unit, stays in by_unit.items()]
    return sorted(found, key=lambda one: (one.balance, one.unit))


def _unit(unit: str, stays: list[Load], whole: Counter[uuid.UUID], names: Mapping[uuid.UUID, str]) -> UnitLoad:
    here: Counter[uuid.UUID] = Counter()
    for one in stays:
        if one.owner is not None:
            here[one.owner] += one.minutes
    duty = sum(SHIFT_MINUTES * minutes / whole[person] for person, minutes in here.items() if whole[person])
    return UnitLoad(
        unit, len(stays), sum(1 for one in stays if one.patient_class == "IP"), sum(one.minutes for one in stays),
        round(duty), tuple(sorted(names[person] for person in here)), sum(1 for one in stays if one.owner is None),
    )  # fmt: skip
