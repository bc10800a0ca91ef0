"""What happens to census files and by them; none of it says anything about a patient but whom it concerns."""

from dataclasses import dataclass
from typing import ClassVar

from app.census.events import StayEvent
from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFileTaken(Event):
    """A census file was kept; with `applied` its rows are facts of the census."""

    name: ClassVar[str] = "census_file.taken"
    facility_id: int
    file_id: int
    rows: int
    refused: int
    applied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFileUploaded(Event):
    """A person uploaded a census file to look at it, or discarded it again."""

    name: ClassVar[str] = "census_file.uploaded"
    facility_id: int
    discarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusFileSettingsChanged(Event):
    """How a facility's census files are read, or what they are for, was changed."""

    name: ClassVar[str] = "census_file_settings.changed"
    facility_id: int
    use: str
    absent_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRepaired(StayEvent):
    """A person made the census agree with a census file in one stay; the event names none where it was unknown."""

    name: ClassVar[str] = "stay.repaired_from_a_census_file"
    file_id: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairTakenBack(StayEvent):
    """A person took a repair back: what it said was struck out."""

    name: ClassVar[str] = "repair.taken_back"
    file_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StayClosedAsAbsent(StayEvent):
    """Several census files in a row lacked the stay: it counts as ended by the first of them."""

    name: ClassVar[str] = "stay.closed_as_absent_from_census_files"
    file_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingTakenBack(StayEvent):
    """A census file names a stay again that was closed because files lacked it: the closing was struck out."""

    name: ClassVar[str] = "closing.taken_back"
