"""What the census tells the other features: every change of a stay that a fold of its messages brought to light."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StayEvent(Event):
    """Base of what happens to stays and their patients. `facility_id` says who may read of it."""

    facility_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterAdmitted(StayEvent):
    """A stay entered the census or, for a visit without a bed, was registered."""

    name: ClassVar[str] = "encounter.admitted"
    patient_class: str
    start_at: datetime | None
    inferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassChanged(StayEvent):
    """Observation became inpatient, inpatient became observation (condition code 44), or the like."""

    name: ClassVar[str] = "encounter.class_changed"
    before: str
    after: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientMoved(StayEvent):
    """The patient lies elsewhere. Places are unit^room^bed; None where there is none."""

    name: ClassVar[str] = "patient.moved"
    before: str | None
    after: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveChanged(StayEvent):
    """The patient left on leave of absence, or came back from it; the bed was held."""

    name: ClassVar[str] = "encounter.leave_changed"
    on_leave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterDischarged(StayEvent):
    name: ClassVar[str] = "encounter.discharged"
    discharge_at: datetime | None
    disposition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeCancelled(StayEvent):
    """A discharged stay is open again (A13, or a new admission on the same number)."""

    name: ClassVar[str] = "encounter.discharge_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterCancelled(StayEvent):
    """The stay never was (A11, A23, A38)."""

    name: ClassVar[str] = "encounter.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterUpdated(StayEvent):
    """Fields changed that no other event names; `changed` lists them without their values."""

    name: ClassVar[str] = "encounter.updated"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterReassigned(StayEvent):
    """A merge, its reversal or a move of the visit gave the stay to another patient."""

    name: ClassVar[str] = "encounter.reassigned"
    before_id: UUID | None
    after_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsMerged(StayEvent):
    """One number was retired into another; `patient_id` is the one that stays."""

    name: ClassVar[str] = "patient.merged"
    retired_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientsUnmerged(StayEvent):
    """A merge was taken back; both numbers stand for persons again."""

    name: ClassVar[str] = "patient.unmerged"
    restored_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EncountersUnited(StayEvent):
    """Two numbers turned out to be one stay (A42, A50, A06). What hangs on `former_id` belongs to this stay now."""

    name: ClassVar[str] = "encounter.united"
    former_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EncounterWithdrawn(StayEvent):
    """What was known of a stay does not hold any more: it never started."""

    name: ClassVar[str] = "encounter.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientUpdated(StayEvent):
    """A person became known or was described otherwise; `changed` lists the fields without their values."""

    name: ClassVar[str] = "patient.updated"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionsChanged(StayEvent):
    """Exceptions of a facility's feed opened, or closed themselves."""

    name: ClassVar[str] = "exceptions.changed"
    opened: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFolded(Event):
    """Facts were taken in. `connected` is how many facts were read to fold them, `touched` how many stays changed."""

    name: ClassVar[str] = "census.folded"
    taken: int
    connected: int
    touched: int
