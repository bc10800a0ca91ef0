"""Elements of FHIR resources, read tolerantly: what has an unexpected shape says nothing instead of breaking a stay.

Pure. Resources are plain JSON objects.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.terms import Instant

Resource = dict[str, Any]

_TIME = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


def part(value: object, *path: str) -> Resource:
    """The object at the end of the path; {} where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: object, name: str) -> list[Resource]:
    """The objects of a list; [] where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(value: object, name: str) -> str:
    """A string without blanks around it; "" where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found.strip() if isinstance(found, str) else ""


def codings(concept: object) -> list[Resource]:
    return parts(concept, "coding")


def codes(concept: object) -> set[str]:
    """The codes of a concept, in capitals."""
    return {text(one, "code").upper() for one in codings(concept)}


def display(concept: object) -> str:
    """A concept in words: its text, else the display of a coding, else a code."""
    found = codings(concept)
    return (
        text(concept, "text")
        or next((words for one in found if (words := text(one, "display"))), "")
        or next((code for one in found if (code := text(one, "code"))), "")
    )


def instant(value: object, zone: str) -> Instant | None:
    """A dateTime, date or instant in UTC; missing parts are the start of the period. None for anything else.

    Only the digits that were sent count as known: "2020-05" has 6. A time without offset belongs to the feed's zone,
    though FHIR wants one.
    """
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    *numbers, fraction, offset = found.groups()
    digits = sum(len(one) for one in numbers if one)
    year, month, day, hour, minute, second = (int(one) if one else None for one in numbers)
    whole = f"{year:04}-{month or 1:02}-{day or 1:02}T{hour or 0:02}:{minute or 0:02}:{min(second or 0, 59):02}"
    try:
        local = datetime.fromisoformat(f"{whole}{(offset or '').replace('Z', '+00:00')}")
        local = local.replace(microsecond=int(f"{fraction or '':0<6.6}"))
        at = local.astimezone(UTC) if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Instant(at, digits, str(value))


def span(value: object, zone: str) -> tuple[Instant | None, Instant | None]:
    """Start and end of the period of an element."""
    period = part(value, "period")
    return instant(period.get("start"), zone), instant(period.get("end"), zone)


def written_date(value: object) -> str:
    """A date as the digits that were sent, as HL7 writes it: "1972-12" is 197212."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    return "".join(one for one in found.groups()[:3] if one) if found else ""


def written_time(value: object) -> str:
    """A time as the digits that were sent and the offset, as HL7 writes it."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return ""
    *numbers, _fraction, offset = found.groups()
    return "".join(one for one in numbers if one) + (offset or "").replace("Z", "+0000").replace(":", "")


def extensions(value: object, url: str) -> Iterator[Resource]:
    for one in parts(value, "extension"):
        if text(one, "url") == url:
            yield one


def updated(resource: object, zone: str) -> Instant | None:
    """When this version of the resource was recorded."""
    return instant(part(resource, "meta").get("lastUpdated"), zone)
