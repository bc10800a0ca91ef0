"""How days, instants, durations and ages are written on every page: absolute, in the facility's time, 24 hours."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from app.kernel.days import local_day

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def day_text(day: date, today: date) -> str:
    """`Thu 5 Mar`; a day of another year carries it."""
    return day.strftime("%a %-d %b") + ("" if day.year == today.year else f" {day.year}")


def clock_text(instant: datetime, zone: tzinfo) -> str:
    """`11:00`; in the hour that comes twice when clocks go back, the zone's letters say which of the two is meant."""
    local = instant.astimezone(zone)
    twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return f"{local.hour:02}:{local.minute:02}" + (f" {local.tzname()}" if twice else "")


def moment_text(instant: datetime, zone: tzinfo, now: datetime) -> str:
    """`11:00` for today, else `Thu 5 Mar 11:00`."""
    day, today = local_day(instant, zone), local_day(now, zone)
    clock = clock_text(instant, zone)
    return clock if day == today else f"{day_text(day, today)} {clock}"


def brief_text(instant: datetime, zone: tzinfo, now: datetime) -> str:
    """For narrow columns: `11:00` today, `Wed 11:00` in the last six days, `5 Mar 11:00` in this year, else the day."""
    day, today = local_day(instant, zone), local_day(now, zone)
    clock = clock_text(instant, zone)
    if day == today:
        return clock
    if timedelta(0) < today - day < timedelta(days=7):
        return f"{day:%a} {clock}"
    return f"{day:%-d %b} {clock}" if day.year == today.year else f"{day:%-d %b %Y}"


def dated_text(instant: datetime, zone: tzinfo, now: datetime, *, precise: bool = True) -> str:
    """Day and time also for today; only the day where no time of day was sent, since its midnight is not a fact."""
    day, today = local_day(instant, zone), local_day(now, zone)
    return day_text(day, today) + (f" {clock_text(instant, zone)}" if precise else "")


def full_text(instant: datetime, zone: tzinfo, *, precise: bool = True) -> str:
    """`Thu 5 Mar 2026 11:00`, for the title of a `<time>`."""
    day = local_day(instant, zone).strftime("%a %-d %b %Y")
    return f"{day} {clock_text(instant, zone)}" if precise else day


def iso_text(instant: datetime, zone: tzinfo, *, precise: bool = True) -> str:
    """Machine time with its offset, or the day alone."""
    local = instant.astimezone(zone)
    return local.isoformat(timespec="seconds") if precise else local.date().isoformat()


def running_text(passed: timedelta) -> str:
    """`35:36 h`, for clocks that count hours over days."""
    minutes = max(0, passed // MINUTE)
    return f"{minutes // 60}:{minutes % 60:02d} h"


def duration_text(passed: timedelta) -> str:
    """`24 min`, `1 h 41`, `30 h` up to two days, then `2 d`; elapsed time, so a night may have 23 or 25 hours."""
    minutes = max(0, passed // MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h {minutes % 60:02d}"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def birth_date(digits: str) -> date | None:
    """The day of birth, when the digits that were sent name a whole day that exists."""
    try:
        return datetime.strptime(digits[:8], "%Y%m%d").replace(tzinfo=UTC).date() if len(digits) >= 8 else None
    except ValueError:
        return None


def age_text(digits: str, today: date) -> str:
    """Years; months below two years, days below two months. Empty where it cannot be known."""
    born = birth_date(digits)
    if born is None or born > today:
        return ""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 2:
        return f"{(today - born).days} d"
    return f"{months} mo" if months < 24 else str(months // 12)


def birth_text(digits: str) -> str:
    """`12 Jun 1959`; what else was sent is shown as it came."""
    born = birth_date(digits)
    return born.strftime("%-d %b %Y") if born else digits
