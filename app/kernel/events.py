"""What happened, as values: every command records at least one event, and the audit row is made from it.

A feature declares its events in its own `events.py`::

    @dataclass(frozen=True, slots=True, kw_only=True)
    class NoticeDelivered(Event):
        name: ClassVar[str] = "notice.delivered"
        delivered_at: datetime

`name` is noun, dot, past participle. It is stored for years: rename the class freely, never the name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
SUBJECT = ("encounter_id", "patient_id")

_events: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. The two ids say whom it concerns; an event about no patient leaves them empty."""

    name: ClassVar[str]
    encounter_id: UUID | None = None
    patient_id: UUID | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # type.__init_subclass__ is not reached by super() here: `slots=True` builds the class a second time.
        # For the same reason this runs twice for each event; the second, slotted class replaces the first.
        name = cls.__dict__.get("name")
        if name is None:
            return  # an abstract event in between, such as a common base of all referral events
        if not NAME.fullmatch(name):
            raise ValueError(f"{cls.__qualname__}: the name {name!r} must read noun.past_participle in lower case.")
        known = _events.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"The event name {name!r} belongs to {known.__module__}.{known.__qualname__} already.")
        _events[name] = cls

    def facts(self) -> dict[str, Any]:
        """Particulars for the audit row, ready for JSON: all fields but the subject, which has columns of its own."""
        return {part.name: _plain(getattr(self, part.name)) for part in fields(self) if part.name not in SUBJECT}


def registered() -> Mapping[str, type[Event]]:
    """All events of the modules imported so far, by name."""
    return dict(_events)


def _plain(value: Any) -> Any:
    """The value as JSON knows it. An event must not carry what has no plain form: TypeError."""
    match value:
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case UUID() | Decimal():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((_plain(item) for item in value), key=str)
        case list() | tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    raise TypeError(f"An event cannot carry a {type(value).__name__}: it has no plain form for the audit row.")
