"""What to simulate."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

# Before the history begins the hospital runs unheard for this long, so that it is as full on the first day as later.
WARM_UP = timedelta(days=40)


class Plan(msgspec.Struct, frozen=True):
    """The same plan always gives the same messages, byte for byte.

    `now` is an aware instant; `days` of history end there. `beds` and `ltch_beds` are licensed beds.
    """

    now: datetime
    seed: int = 1
    beds: int = 250
    ltch_beds: int = 40
    days: int = 120
    time_zone: str = "America/Chicago"

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("The instant that the history ends at needs a time zone.")
        if self.days < 1:
            raise ValueError("The history needs at least one day.")

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of both facilities."""
        return ZoneInfo(self.time_zone)

    @property
    def start(self) -> datetime:
        """First instant of the history. Stays that are open then are told from their beginning."""
        return self.now - timedelta(days=self.days)
