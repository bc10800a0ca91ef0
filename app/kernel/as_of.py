"""An earlier instant in an address: `2026-11-12T07:00`, by the facility's clocks.

Seconds may follow. The hour that comes twice when clocks go back needs its distance from UTC, `2026-11-01T01:30-06:00`;
without it the first of the two is meant. What cannot be shown is refused in a sentence.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from app.kernel.days import exists, happens_twice, instant_of
from app.kernel.refusal import Refused
from app.kernel.wording import clock_text, day_text

PARAMETER = "as-of"
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # older than any record that a feed of this kind can have sent
_AHEAD = "This time lies ahead: a page can be shown as of now or of an earlier time."
_LONG_AGO = f"Nothing was recorded before {EARLIEST.year}. Choose a later time."
_FORM = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(Z|[-+ ]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AsOf:
    """An earlier instant as a page shows it, in the zone of the facility."""

    at: datetime
    zone: tzinfo

    @property
    def local(self) -> datetime:
        return self.at.astimezone(self.zone)

    @property
    def address(self) -> str:
        """The one way in which addresses name this instant."""
        local = self.local
        wall = local.replace(tzinfo=None).isoformat(timespec="seconds" if local.second else "minutes")
        return wall + _offset(local) if self._twice else wall

    @property
    def text(self) -> str:
        """`Thu 12 Nov 2026 07:00`, with seconds where they were asked for."""
        local = self.local
        seconds = f":{local.second:02d}" if local.second else ""
        clock, _, which = clock_text(self.at, self.zone).partition(" ")
        return " ".join(part for part in (local.strftime("%a %-d %b %Y"), clock + seconds, which) if part)

    def short(self, now: datetime) -> str:
        """`Thu 12 Nov 07:00`; another year carries itself."""
        local = self.local
        day = day_text(local.date(), now.astimezone(self.zone).date())
        return f"{day} {self.text.partition(str(local.year))[2].strip()}"

    @property
    def _twice(self) -> bool:
        local = self.local
        return happens_twice(local.date(), local.time().replace(second=0, microsecond=0), self.zone)


def read_as_of(text: str, zone: tzinfo, now: datetime) -> AsOf:
    """The instant that an address names; Refused says why it cannot be shown."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise Refused("This time is not understood. Write day and time like 2026-11-12T07:00.")
    try:
        day, clock = date.fromisoformat(found[1]), time.fromisoformat(found[2])
    except ValueError:
        raise Refused(f"{found[1]} {found[2]} is no day and time of the calendar. Choose another.") from None
    _near(day, now)
    return _within(_instant(day, clock, found[3] or "", zone), zone, now)


def read_day_and_time(day: str, clock: str, zone: tzinfo, now: datetime) -> AsOf:
    """The same from the two fields of a form. A time left empty is the end of that day, but not later than now."""
    if clock.strip():
        return read_as_of(f"{day.strip()}T{clock.strip()}", zone, now)
    try:
        wanted = date.fromisoformat(day.strip())
    except ValueError:
        raise Refused("Choose the day to look back to.") from None
    _near(wanted, now)
    last = instant_of(wanted, time(23, 59), zone, later=True)
    if wanted > now.astimezone(zone).date():
        raise Refused(_AHEAD)
    return _within(min(last, _minute(now)), zone, now)


def steps(shown: AsOf | None, zone: tzinfo, now: datetime) -> list[tuple[str, AsOf | None]]:
    """Quick ways through time, in words: from what is shown, or from now. None is now itself."""
    base = shown.at if shown else _minute(now)
    morning = instant_of(now.astimezone(zone).date() - timedelta(days=1), time(7), zone)
    ways = [
        ("Yesterday 07:00", morning),
        ("A day earlier", _same_clock(base, -1, zone)),
        ("An hour earlier", base - timedelta(hours=1)),
    ]
    if shown:
        ways += [("An hour later", base + timedelta(hours=1)), ("A day later", _same_clock(base, 1, zone))]
    return [
        (words, AsOf(at, zone) if at <= now else None) for words, at in ways if at >= EARLIEST and (shown or at <= now)
    ]


def _instant(day: date, clock: time, offset: str, zone: tzinfo) -> datetime:
    if not exists(day, clock, zone):
        raise Refused(
            f"{clock:%H:%M} did not exist on {day:%-d %b %Y}: the clocks went forward. Choose a time before or after."
        )
    if not offset:
        return instant_of(day, clock, zone)
    sign = "+" if offset[0] in " +Z" else "-"  # a plus sign in an address is a space to those who decode it
    distance = "+00:00" if offset == "Z" else sign + offset[1:]
    wall = datetime.combine(day, clock, zone)
    for fold in (0, 1):
        if _offset(wall.replace(fold=fold)) == distance:
            return wall.replace(fold=fold).astimezone(UTC)
    raise Refused(f"The facility's clocks were not at {distance} from UTC then. Leave the distance out, or correct it.")


def _near(day: date, now: datetime) -> None:
    """Refuses years so far off that an instant in them cannot even be computed."""
    if day.year > now.year + 1:
        raise Refused(_AHEAD)
    if day.year < EARLIEST.year - 1:
        raise Refused(_LONG_AGO)


def _within(at: datetime, zone: tzinfo, now: datetime) -> AsOf:
    if at > now:
        raise Refused(_AHEAD)
    if at < EARLIEST:
        raise Refused(_LONG_AGO)
    return AsOf(at, zone)


def _same_clock(at: datetime, days: int, zone: tzinfo) -> datetime:
    local = at.astimezone(zone)
    clock = local.time().replace(microsecond=0)
    return instant_of(local.date() + timedelta(days=days), clock, zone, later=bool(local.fold))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
