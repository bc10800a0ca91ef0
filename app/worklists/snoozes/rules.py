"""When a stay that was put aside comes back. Pure: the clock of the facility is given."""

from datetime import date, datetime, time, timedelta, tzinfo

from app.kernel.days import ONE_DAY, instant_of, local_day
from app.kernel.refusal import Refused
from app.worklists.snoozes.terms import ReturnTime, SnoozeKind, SnoozeReason

AFTERNOON = time(13, 0)
MORNING = time(7, 0)
LONGEST = timedelta(days=30)
SOONEST = timedelta(minutes=5)


def offered(now: datetime, zone: tzinfo) -> list[ReturnTime]:
    """The return times that make sense at this hour, the usual one first."""
    afternoon = instant_of(local_day(now, zone), AFTERNOON, zone)
    today = [ReturnTime.AFTERNOON] if afternoon - now > timedelta(hours=1) else []
    return [ReturnTime.HOUR, *today, ReturnTime.TOMORROW, ReturnTime.CHANGE, ReturnTime.OWN]


def returns_at(
    choice: ReturnTime, now: datetime, zone: tzinfo, on: date | None = None, at: time | None = None
) -> datetime | None:
    """The instant at which the stay comes back, None for one that waits for a change.

    Refused for a time that has passed, is too near, or lies more than 30 days ahead.
    """
    today = local_day(now, zone)
    match choice:
        case ReturnTime.CHANGE:
            return None
        case ReturnTime.HOUR:
            return now + timedelta(hours=1)
        case ReturnTime.TOMORROW:
            return instant_of(today + ONE_DAY, MORNING, zone)
        case ReturnTime.AFTERNOON:
            moment = instant_of(today, AFTERNOON, zone)
        case ReturnTime.OWN:
            if on is None and at is None:
                raise Refused("Say on which day, or at which time, the stay should come back.", field="on")
            # Held near before it is an instant: the last day of the calendar has none in UTC.
            day = min(max(on or today, today - ONE_DAY), today + LONGEST + 2 * ONE_DAY)
            moment = instant_of(day, at or MORNING, zone)
    if moment < now + SOONEST:
        raise Refused("The stay would be back at once. Choose a later time.", field="at" if at else "on")
    if moment > now + LONGEST:
        raise Refused(f"A stay is put aside for up to {LONGEST.days} days. Choose an earlier day.", field="on")
    return moment


def kind_of(choice: ReturnTime, not_needed: bool) -> SnoozeKind:
    """Waiting for a change says that nothing is needed; so does the person who ticks it."""
    return SnoozeKind.NOT_NEEDED if not_needed or choice is ReturnTime.CHANGE else SnoozeKind.SNOOZE


def check(reason: SnoozeReason, detail: str) -> None:
    """Refused for another reason that is not said."""
    if reason is SnoozeReason.OTHER and not detail:
        raise Refused("Say the reason in your own words.", field="detail")
