"""What is recorded about disclosures. Recipient and content stay in the record; the trail keeps keys and kinds."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRecorded(Event):
    """Somebody recorded that a record went out."""

    name: ClassVar[str] = "disclosure.recorded"
    facility_id: int
    disclosure_id: uuid.UUID
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureAmended(Event):
    """A recorded disclosure was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "disclosure.amended"
    facility_id: int
    disclosure_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureStruckOut(Event):
    """A disclosure was recorded by mistake and is not accounted for."""

    name: ClassVar[str] = "disclosure.struck_out"
    facility_id: int
    disclosure_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureSuspended(Event):
    """For a time the accounting does not name what went to a recipient."""

    name: ClassVar[str] = "disclosure.suspended"
    facility_id: int
    suspension_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionEnded(Event):
    """A suspension was ended before its time, or taken back."""

    name: ClassVar[str] = "disclosure.suspension_ended"
    facility_id: int
    suspension_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingAsked(Event):
    """Somebody asked for the accounting."""

    name: ClassVar[str] = "accounting.asked"
    facility_id: int
    request_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingMoved(Event):
    """A request was extended, answered, withdrawn, or such a step was taken back."""

    name: ClassVar[str] = "accounting.moved"
    facility_id: int
    request_id: uuid.UUID
    step: str
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingRequestStruckOut(Event):
    """A request was entered by mistake."""

    name: ClassVar[str] = "accounting.struck_out"
    facility_id: int
    request_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountingMade(Event):
    """The accounting left as a document. `named`: how many disclosures it names."""

    name: ClassVar[str] = "accounting.made"
    facility_id: int
    named: int
