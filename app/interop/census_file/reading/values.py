"""Single cells: numbers, times, names. What a spreadsheet has spoiled is refused, never guessed.

Pure.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from app.census.terms import Instant

LONGEST_NUMBER = 60


class Spoiled(ValueError):
    """A cell that is not taken; the text says what is wrong and what to do, without the cell's own text."""


_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
_FRACTION = re.compile(r"\d+[.,]0+")
_SERIAL = re.compile(r"([1-9]\d{4}|[3-9]\d{3})([.,]\d+)?")
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(\D.*)?")
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?([+-]\d{4})?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp])?\.?[Mm]?\.?)?")


def number_of(text: str, width: int = 0) -> str:
    """An identifier as it stands. `width` is how many signs such numbers have in this house, 0 where it varies.

    Spreadsheets read numbers of patients as quantities: 0012345 becomes 12345, and 123456789012 becomes 1.23E+11.
    """
    text = text.removeprefix('="').removesuffix('"').removeprefix("'").strip()
    if _SCIENTIFIC.fullmatch(text):
        raise Spoiled("was rounded by a spreadsheet (as 1.23E+11). Format the column as text and export it again.")
    if _FRACTION.fullmatch(text):
        raise Spoiled("became a decimal number (as 123.0). Format the column as text and export it again.")
    if len(text) > LONGEST_NUMBER or not text.isprintable() or "|" in text:
        raise Spoiled("is no number of a patient or visit. Check that the columns are in the order of the header.")
    if width and text.isdigit() and len(text) < width:
        raise Spoiled(
            f"has lost its leading zeros: numbers of this house have {width} digits. Format the column as text and"
            " export it again."
        )
    return text


def instant_of(text: str, zone: str) -> Instant | None:
    """A time of the facility, or one with its own offset, in UTC. None for an empty cell."""
    if not text:
        return None
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, offset = found.groups()
        afternoon = ""
    elif found := _AMERICAN.fullmatch(text):
        month, day, year, hour, minute, second, afternoon = found.groups()
        offset = None
    else:
        raise Spoiled(_why_no_time(text))
    clock = _clock(hour, afternoon or "")
    digits = 8 if hour is None else 12 if second is None else 14
    try:
        local = datetime(int(year), int(month), int(day), clock, int(minute or 0), int(second or 0),
                         tzinfo=_offset(offset) or ZoneInfo(zone))  # fmt: skip
        at = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Spoiled("is no day of the calendar. Write it as 2026-03-05 06:00.") from error
    return Instant(at, digits, text)


def _clock(hour: str | None, afternoon: str) -> int:
    clock = int(hour or 0)
    if afternoon:
        if not 1 <= clock <= 12:
            raise Spoiled("mixes a 24-hour clock with AM or PM. Write it as 2026-03-05 06:00.")
        clock = clock % 12 + (12 if afternoon in "Pp" else 0)
    return clock


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    span = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-span if text[0] == "-" else span)


def _why_no_time(text: str) -> str:
    if _SERIAL.fullmatch(text):
        return "is a spreadsheet's count of days (as 45321). Format the column as date and export it again."
    if _TWO_DIGIT_YEAR.fullmatch(text):
        return "has a year of two digits (as 3/5/26), which is ambiguous. Write it as 2026-03-05."
    return "is no time that is understood. Write it as 2026-03-05 06:00."


def day_of(text: str) -> str:
    """A birth date as eight digits; "" for an empty cell."""
    found = instant_of(text, "UTC")
    if found is None:
        return ""
    return found.at.strftime("%Y%m%d")


def sex_of(text: str) -> str:
    """The letter of HL7 table 0001 for a letter or a word."""
    word = text.strip().upper()
    return {"MALE": "M", "FEMALE": "F", "UNKNOWN": "U", "OTHER": "O"}.get(word, word[:1])


def names_of(text: str) -> tuple[str, str]:
    """Family and given name of `last, first`, else of `first last`."""
    text = " ".join(text.split())
    if "," in text:
        family, _, given = text.partition(",")
        return family.strip(), given.strip()
    given, _, family = text.rpartition(" ")
    return family, given
