"""Fields that forms have in common."""

import uuid
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.kernel.entered import kept_time, true_time
from app.kernel.refusal import Refused


def empty_is_none(value: object) -> object:
    """A field that was left empty says nothing."""
    return None if value == "" else value


def one_line(text: str) -> str:
    """Text without line breaks and double spaces."""
    return " ".join(text.split())


Name = Annotated[str, Field(max_length=120), AfterValidator(one_line)]
Words = Annotated[str, Field(max_length=2000), AfterValidator(str.strip)]
Reason = Annotated[str, Field(min_length=3, max_length=300), AfterValidator(one_line)]
Day = Annotated[date | None, BeforeValidator(empty_is_none)]
Clock = Annotated[time | None, BeforeValidator(empty_is_none)]
Key = Annotated[uuid.UUID | None, BeforeValidator(empty_is_none)]


class StrikeOut(BaseModel):
    """Why a record does not count."""

    reason: Reason


def past_instant(on: date | None, at: time | None, now: datetime, zone: ZoneInfo, before: datetime | None) -> datetime:
    """When something took place, as a form says it. Refused for the future.

    `before` is what was recorded of it; a correction that says no time leaves it as it is.
    """
    if before is not None and ((on is None and at is None) or kept_time(on, at, before, zone)):
        return before
    found = true_time(on, at, now, zone)
    if found > now:
        raise Refused("This time lies in the future. Write when it took place.", field="on")
    return found
