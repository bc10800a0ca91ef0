"""What the census tells the other features: every change of a stay that a fold of its messages brought to light."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterAdmitted(Event):
    """A stay entered the census or, for a visit without a bed, was registered."""

    name: ClassVar[str] = "encounter.admitted"
    patient_class: str
    start_at: datetime | None
    inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChanged(Event):
    """Observation became inpatient, inpatient became observation (condition code 44), or the like."""

    name: ClassVar[str] = "encounter.class_changed"
    before: str
    after: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientMoved(Event):
    """The patient lies elsewhere. Places are unit^room^bed; None where there is none."""

    name: ClassVar[str] = "patient.moved"
    before: str | None
    after: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveChanged(Event):
    """The patient left on leave of absence, or came back from it; the bed was held."""

    name: ClassVar[str] = "encounter.leave_changed"
    on_leave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterDischarged(Event):
    name: ClassVar[str] = "encounter.discharged"
    discharge_at: datetime | None
    disposition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeCancelled(Event):
    """A discharged stay is open again (A13, or a new admission on the same number)."""

    name: ClassVar[str] = "encounter.discharge_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterCancelled(Event):
    """The stay never was (A11, A23, A38)."""

    name: ClassVar[str] = "encounter.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterUpdated(Event):
    """Fields changed that no other event names; `changed` lists them without their values."""

    name: ClassVar[str] = "encounter.updated"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterReassigned(Event):
    """A merge, its reversal or a move of the visit gave the stay to another patient."""

    name: ClassVar[str] = "encounter.reassigned"
    before_id: UUID | None
    after_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsMerged(Event):
    """One number was retired into another; `patient_id` is the one that stays."""

    name: ClassVar[str] = "patient.merged"
    retired_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsUnmerged(Event):
    """A merge was taken back; both numbers stand for persons again."""

    name: ClassVar[str] = "patient.unmerged"
    restored_id: UUID
