"""The instant that somebody means who writes a day and a time of the facility's clocks into a form."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.kernel.days import exists, instant_of, local_day
from app.kernel.refusal import Refused

FULL = "%H:%M"
WATCH = timedelta(minutes=2)
"""How far the clock of who records something may be ahead of ours."""


def true_time(on: date | None, at: time | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that a day and a time of the facility's clocks name; what is not said is now.

    The minute of now is now itself, and so is one that a watch shows a little early. A time that came twice is the last
    one that has been. Refused for a time that the night of daylight saving skips, and for a day alone.
    """
    today = local_day(now, zone)
    if at is None:
        if on not in (None, today):
            raise Refused("Write the time of day too.", field="at")
        return now
    day = on or today
    if not exists(day, at, zone):
        raise Refused("This time did not exist: the clocks were put forward that night.", field="at")
    local = now.astimezone(zone)
    if day == today and at.strftime(FULL) == local.strftime(FULL):
        return now
    said, again = (instant_of(day, at, zone, later=later) for later in (False, True))
    if again <= now:
        return again
    return now if now < said <= now + WATCH else said


def kept_time(on: date | None, at: time | None, before: datetime, zone: ZoneInfo) -> bool:
    """Whether day and time are still those that a form showed of a recorded instant, which it shows without seconds."""
    shown = before.astimezone(zone)
    return (on, at) == (shown.date(), time(shown.hour, shown.minute))
