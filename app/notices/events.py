"""What is recorded about notices. Own words and names stay in the record; the trail keeps kinds and times."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDelivered(Event):
    """A notice was delivered, at its true time, or its refusal was witnessed."""

    name: ClassVar[str] = "notice.delivered"
    facility_id: int
    delivery_id: uuid.UUID
    kind: str
    which_copy: str
    receipt: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeAmended(Event):
    """What was recorded of a delivery was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "notice.amended"
    facility_id: int
    delivery_id: uuid.UUID
    kind: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStruckOut(Event):
    """A delivery does not count any more: recorded by mistake, or not a valid notice."""

    name: ClassVar[str] = "notice.struck_out"
    facility_id: int
    delivery_id: uuid.UUID
    kind: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeScanAttached(Event):
    """The signed paper of a delivery was attached."""

    name: ClassVar[str] = "notice.scan_attached"
    facility_id: int
    delivery_id: uuid.UUID
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCoveredDaySet(Event):
    """Somebody set, changed or took away the last covered day of a swing-bed stay."""

    name: ClassVar[str] = "notice.covered_day_set"
    facility_id: int
    last_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFormAdded(Event):
    """An edition of an official form was put in use."""

    name: ClassVar[str] = "notice_form.added"
    facility_id: int
    form_id: uuid.UUID
    kind: str
    edition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFormEnded(Event):
    """An edition of an official form was taken out of use."""

    name: ClassVar[str] = "notice_form.ended"
    facility_id: int
    form_id: uuid.UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealStepRecorded(Event):
    """Something happened in an appeal to the QIO."""

    name: ClassVar[str] = "qio_appeal.step_recorded"
    facility_id: int
    appeal_id: uuid.UUID
    step: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealStepStruckOut(Event):
    """A step of an appeal was recorded by mistake and counts no more."""

    name: ClassVar[str] = "qio_appeal.step_struck_out"
    facility_id: int
    appeal_id: uuid.UUID
    step: str
