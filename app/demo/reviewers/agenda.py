"""What comes next: deeds by their instant. Whoever works at an instant does all that is due then, in one turn."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count

from app.platform.work import Who, Work, in_turns

Deed = Callable[[Work], object]


class Agenda:
    """Deeds that are still to be done, until the instant at which the history ends.

    Attributes:
        told: the instants at which something was recorded of each stay.
    """

    def __init__(self, people: Mapping[str, Who], until: datetime) -> None:
        self._people, self._until = people, until
        self._deeds: list[tuple[datetime, str, int, uuid.UUID, Deed]] = []
        self._numbers: Iterator[int] = count()
        self.told: dict[uuid.UUID, list[datetime]] = {}

    def add(self, at: datetime, person: str, stay: uuid.UUID, deed: Deed) -> None:
        """Have somebody do something at an instant; what lies after the end of the history is left undone."""
        if at <= self._until:
            heappush(self._deeds, (at.astimezone(UTC), person, next(self._numbers), stay, deed))

    def work_off(self) -> None:
        """Do everything, and what follows from it, in one transaction."""
        with in_turns() as turn:
            while self._deeds:
                at, person = self._deeds[0][:2]
                with turn(self._people[person], at) as work:
                    while self._deeds and self._deeds[0][:2] == (at, person):
                        *_, stay, deed = heappop(self._deeds)
                        self.told.setdefault(stay, []).append(at)
                        deed(work)
