"""What one day costs: the facility's own figures by setting, else a published average, always with its convention."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from app.avoidable_days.reasons.queries import policy
from app.avoidable_days.terms import CostConvention, CostSetting, Ownership
from app.platform.work import Reading

PUBLISHED_YEAR = 2022
PUBLISHED_SOURCE = "KFF, hospital adjusted expenses per inpatient day, 2022"
PUBLISHED = {Ownership.NONPROFIT: 316_700, Ownership.FOR_PROFIT: 238_300, Ownership.GOVERNMENT: 285_700}
"""Cents per day (rule sheet 8.3)."""
CAVEAT = (
    "A published average of all expenses. What is saved by one day less is commonly 20 to 40 % of it: set the"
    " facility's own variable direct cost for a figure that can be used."
)
_NARROWER = (CostSetting.UNIT_KIND, CostSetting.CLASS, CostSetting.FACILITY)


class Cost(msgspec.Struct, frozen=True):
    """A cost that a facility has set."""

    id: uuid.UUID
    facility_id: int
    setting: str
    setting_key: str
    cents: int
    convention: str
    source: str
    begins: date


@dataclass(frozen=True, slots=True)
class DayPrice:
    """What one day costs, in cents, and what the figure means. `published`: it stands in for one of the facility."""

    cents: int
    convention: CostConvention
    source: str
    published: bool = False


@dataclass(frozen=True)
class PriceList:
    """The costs of one facility; `price` finds the one for a day, None where nothing is set and no owner is named."""

    costs: Sequence[Cost]
    ownership: str = ""

    def price(self, day: date, unit_kind: str, patient_class: str) -> DayPrice | None:
        """The narrowest setting that held on the day: kind of unit, then class, then all days."""
        wanted = {CostSetting.UNIT_KIND: unit_kind, CostSetting.CLASS: patient_class, CostSetting.FACILITY: ""}
        for setting in _NARROWER:
            found = [
                one
                for one in self.costs
                if one.setting == setting and one.setting_key == wanted[setting] and one.begins <= day
            ]
            if found:
                last = max(found, key=lambda one: one.begins)
                return DayPrice(last.cents, CostConvention(last.convention), last.source)
        if not self.ownership:
            return None
        cents = PUBLISHED[Ownership(self.ownership)]
        return DayPrice(cents, CostConvention.ADJUSTED_EXPENSE, PUBLISHED_SOURCE, published=True)


_COSTS = """
select id, facility_id, setting, setting_key, cents, convention, source, begins from public.avoidable_cost
where facility_id = any(%s) and ended_at is null order by setting, setting_key, begins desc
"""


def costs(db: Reading, facility_id: int) -> list[Cost]:
    """What the facility has set and not taken back, the latest of each setting first."""
    return db.rows(Cost, _COSTS, ([facility_id],))


def price_lists(db: Reading, facilities: Iterable[int]) -> dict[int, PriceList]:
    """The costs of these facilities, each with the published average that stands in."""
    wanted = list(facilities)
    found = db.rows(Cost, _COSTS, (wanted,))
    return {
        key: PriceList([one for one in found if one.facility_id == key], policy(db, key).ownership) for key in wanted
    }
