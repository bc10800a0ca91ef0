"""When a patient is going to leave: the latest word of the feed, of the plan and of what is booked.

Each of them may be told anew at any time, and the one that was told last says the day. Where that one knows only the
day, the hour comes from another one that means the same day, the booked one first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from app.clocks.facts import Event
from app.clocks.terms import EventKind
from app.kernel.days import instant_of, local_day

DEPARTURE_HOUR = time(11, 0)
"""When a patient is taken to leave on a day for which only the day is known; the sentence of the rule shows it."""

_UNKNOWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Word:
    """A departure as somebody told it at `told_at`. Where only its day is known, `precise` is False."""

    at: datetime
    told_at: datetime | None
    precise: bool = True


def by_day(at: datetime, zone: ZoneInfo) -> datetime:
    """The usual hour of the same local day."""
    return instant_of(local_day(at, zone), DEPARTURE_HOUR, zone)


def planned(feed: Word | None, told: Iterable[Event], zone: ZoneInfo) -> Iterator[Event]:
    """The departure as planned, with the destination of the plan; nothing where nobody has said a day."""
    events = list(told)
    expected = _last(events, EventKind.EXPECTED_DISCHARGE)
    booked = _last(events, EventKind.DEPARTURE_BOOKED)
    words = [word for word in (_word(booked, precise=True), feed, _word(expected, precise=False)) if word is not None]
    if not words:
        return
    latest = max(words, key=lambda word: word.told_at or _UNKNOWN)
    day = local_day(latest.at, zone)
    hours = [latest, *(word for word in words if local_day(word.at, zone) == day)]
    at = next((word.at for word in hours if word.precise), None) or by_day(latest.at, zone)
    yield Event(kind=EventKind.DISCHARGE_PLANNED, at=at, to=expected.to if expected is not None else "")


def _last(events: Iterable[Event], kind: EventKind) -> Event | None:
    return max((event for event in events if event.kind is kind), key=lambda event: event.at, default=None)


def _word(event: Event | None, *, precise: bool) -> Word | None:
    return Word(event.until, event.at, precise) if event is not None and event.until is not None else None
