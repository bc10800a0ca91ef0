"""When the people of utilization review sit down to work, by the hospital's clock (pure).

What was done before is written down then, so that a day has few instants at which something becomes known.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from app.kernel.days import ONE_DAY, instant_of, local_day

SATURDAY = 5


class Shift(Enum):
    """Instants of a weekday and of a day of the weekend."""

    NURSE = ((time(9, 10), time(11, 20), time(14, 40)), (time(10, 5),))
    PHYSICIAN = ((time(10, 30), time(12, 50), time(16, 10)), (time(11, 30),))
    APPEALS = ((time(14, 40),), ())  # appeals are work of weekdays

    def of(self, day: date) -> Sequence[time]:
        """The instants of a day."""
        return self.value[1 if day.weekday() >= SATURDAY else 0]


def following(shift: Shift, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of a shift that comes after another."""
    day = local_day(after, zone)
    while True:
        for clock in shift.of(day):
            if (at := instant_of(day, clock, zone)) > after:
                return at
        day += ONE_DAY


def on_day(shift: Shift, day: date, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of a shift on a day or later, after another instant."""
    return following(shift, max(after, instant_of(day, time(0), zone) - timedelta(seconds=1)), zone)
