"""When nurses go round, and when they write down what they did: two rounds a day, one at weekends (pure)."""

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.kernel.days import ONE_DAY, instant_of, local_day

SATURDAY = 5
_FORENOON = (time(8, 10), time(11, 35), time(11, 40))
_AFTERNOON = (time(12, 40), time(15, 55), time(16, 5))
_AT_WEEKENDS = (time(9, 30), time(11, 35), time(11, 45))
_MINUTE = timedelta(minutes=1)


class Round(NamedTuple):
    """Somebody goes round from `begins` to `ends`, and has recorded it all at `entered`."""

    begins: datetime
    ends: datetime
    entered: datetime
    weekend: bool


def rounds(person: str, after: datetime, zone: ZoneInfo) -> Iterator[Round]:
    """The rounds of a person that are not over at that instant, without end."""
    day = local_day(after, zone)
    while True:
        for one in _of_day(person, day, zone):
            if one.ends > after:
                yield one
        day += ONE_DAY


def _of_day(person: str, day: date, zone: ZoneInfo) -> Iterator[Round]:
    weekend = day.weekday() >= SATURDAY
    late = timedelta(minutes=zlib.crc32(f"{person} {day}".encode()) % 14)
    for begins, ends, entered in (_AT_WEEKENDS,) if weekend else (_FORENOON, _AFTERNOON):
        at = instant_of(day, entered, zone) + late
        yield Round(instant_of(day, begins, zone), instant_of(day, ends, zone), at, weekend)


def moment_in(one: Round, after: datetime, before: datetime | None, random: Random) -> datetime:
    """A whole minute of the round, after one instant and, where it can be, not after another."""
    begins = max(one.begins, after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE)
    ends = one.ends if before is None or before < begins else min(one.ends, before)
    minutes = max(0, int((ends - begins) / _MINUTE))
    return min(begins + _MINUTE * random.randint(0, minutes), one.entered)
