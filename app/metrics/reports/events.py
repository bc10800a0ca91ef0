"""What is recorded about reports of measures. None of it tells of a patient, nor of an address."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSaved(Event):
    """A report was saved, changed, or taken up again."""

    name: ClassVar[str] = "measure_report.saved"
    facility_id: int
    report_id: uuid.UUID
    measures: int
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEnded(Event):
    """A report is used no more; its versions stay readable."""

    name: ClassVar[str] = "measure_report.ended"
    facility_id: int
    report_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScheduled(Event):
    """A report is sent from now on, or at other times or to others than before."""

    name: ClassVar[str] = "measure_report.scheduled"
    facility_id: int
    report_id: uuid.UUID
    rhythm: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUnscheduled(Event):
    """A report is not sent by itself any more."""

    name: ClassVar[str] = "measure_report.unscheduled"
    facility_id: int
    report_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMailed(Event):
    """A mail with a report, or with the way to it, went a step on."""

    name: ClassVar[str] = "measure_report.mailed"
    facility_id: int
    report_id: uuid.UUID
    delivery_id: uuid.UUID
    user_id: uuid.UUID
    due_at: datetime
    state: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSet(Event):
    """Somebody said where reports reach them."""

    name: ClassVar[str] = "measure_report.address_set"
    user_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresTakenOut(Event):
    """Figures or cases left as a file. `asked` is the query of the address, which names no patient."""

    name: ClassVar[str] = "measures.taken_out"
    facility_id: int | None
    what: str
    form: str
    asked: str
    lines: int
    hidden: int
