"""What is recorded about the patient's choice. Names and words stay in the record."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceEvent(Event):
    """Base of what happens to a list of vendors and its choice."""

    facility_id: int
    list_id: uuid.UUID
    care_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceListMade(ChoiceEvent):
    """A list was made and frozen as it is shown."""

    name: ClassVar[str] = "choice_list.made"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceListEnded(ChoiceEvent):
    """A list counts no more: replaced by another one, or made by mistake."""

    name: ClassVar[str] = "choice_list.ended"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRecorded(ChoiceEvent):
    """The patient answered. `vendor_id` is the first choice; empty without one."""

    name: ClassVar[str] = "choice.recorded"
    choice_id: uuid.UUID
    vendor_id: uuid.UUID | None
    outcome: str
    chosen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceAmended(ChoiceEvent):
    """What was recorded of an answer was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "choice.amended"
    choice_id: uuid.UUID
    vendor_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceStruckOut(ChoiceEvent):
    """An answer was recorded by mistake and counts no more."""

    name: ClassVar[str] = "choice.struck_out"
    choice_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLinkMade(ChoiceEvent):
    """A list was shared by a link."""

    name: ClassVar[str] = "choice_link.made"
    link_id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLinksEnded(ChoiceEvent):
    """The links of a list were closed before their time."""

    name: ClassVar[str] = "choice_link.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceMarked(ChoiceEvent):
    """Somebody who had a link marked a wish; it counts once staff record it."""

    name: ClassVar[str] = "choice_link.marked"
    link_id: uuid.UUID
