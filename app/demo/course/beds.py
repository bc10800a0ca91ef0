"""Which beds are free. A bed belongs to one stay at a time and is cleaned before the next."""

from collections.abc import Sequence
from datetime import datetime

from app.demo.hospital import Bed, FacilityPlan


class BedBoard:
    """Free beds of both facilities with the instant from which each can be used."""

    def __init__(self, facilities: Sequence[FacilityPlan], since: datetime) -> None:
        self._free: dict[str, list[tuple[datetime, Bed]]] = {}
        self._unit_of: dict[str, tuple[str, bool]] = {}
        self._ready: dict[Bed, datetime] = {}
        self._total = {facility.code: facility.licensed_beds for facility in facilities}
        self._taken = {facility.code: 0 for facility in facilities}
        for facility in facilities:
            for unit in facility.units:
                self._free[unit.code] = [(since, bed) for bed in unit.beds]
                self._unit_of[unit.code] = (facility.code, unit.licensed)

    def take(self, units: Sequence[str], at: datetime) -> Bed | None:
        """The longest empty bed of the first unit that has one, now occupied; None when all are full."""
        for unit in units:
            free = self._free[unit]
            if free and free[0][0] <= at:
                ready, bed = free.pop(0)
                self._ready[bed] = ready
                self._count(unit, 1)
                return bed
        return None

    def release(self, bed: Bed, ready: datetime) -> None:
        """Give the bed back; it can be used again from `ready` on."""
        free = self._free[bed.unit]
        place = len(free)
        while place and free[place - 1][0] > ready:
            place -= 1
        free.insert(place, (ready, bed))
        self._count(bed.unit, -1)

    def ready_since(self, bed: Bed) -> datetime | None:
        """Since when an occupied bed could be used; None for places that nobody reserves, such as a waiting room."""
        return self._ready.get(bed)

    def occupancy(self, facility: str) -> float:
        """Occupied share of the licensed beds."""
        return self._taken[facility] / self._total[facility]

    def free_in(self, unit: str) -> int:
        """Beds of a unit that nobody holds, ready or still being cleaned."""
        return len(self._free[unit])

    def _count(self, unit: str, change: int) -> None:
        facility, licensed = self._unit_of[unit]
        if licensed:
            self._taken[facility] += change
