"""When a facility's day is built. Pure: its clock, its hour and what was built already are given."""

from datetime import date, datetime, time, timedelta, tzinfo

from app.kernel.days import ONE_DAY, instant_of, local_day

LATE_AFTER = timedelta(minutes=10)


def due_at(day: date, build_at: time, zone: tzinfo) -> datetime:
    """The instant at which the day is to be built.

    A time that the clocks skip in spring means the first minute after the gap; one that comes twice in autumn means the
    first of the two.
    """
    return instant_of(day, build_at, zone)


def present_day(now: datetime, build_at: time, zone: tzinfo) -> date:
    """The day whose lists are in force: before the hour of the build it is still yesterday's."""
    today = local_day(now, zone)
    return today if now >= due_at(today, build_at, zone) else today - ONE_DAY


def to_build(now: datetime, build_at: time, zone: tzinfo, newest: date | None, since: datetime) -> date | None:
    """The day that has to be built now, if any: a day once, and none from before the facility existed."""
    day = present_day(now, build_at, zone)
    if (newest is not None and newest >= day) or due_at(day, build_at, zone) < since:
        return None
    return day


def is_late(due: datetime, built: datetime) -> bool:
    """Whether a build came so late that people should know of it."""
    return built - due > LATE_AFTER
