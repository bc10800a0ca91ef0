"""What forms say of a long-term stay; one class for each kind of record. Without day and time it happened now."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from app.ltac.course.terms import (
    Discipline,
    GoalStatus,
    Origin,
    Preventability,
    RecordKind,
    Stage,
    Support,
    TransferReason,
    Trial,
    WoundKind,
)
from app.web.fields import Clock, Day, Key, Name, Words, empty_is_none, one_line

Title = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(one_line)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(str.strip)]
Hours = Annotated[float | None, BeforeValidator(empty_is_none), Field(ge=0, le=24)]
Centimetres = Annotated[float | None, BeforeValidator(empty_is_none), Field(ge=0, le=100)]
Amount = Annotated[int | None, BeforeValidator(empty_is_none), Field(ge=0, le=1440)]


class ChartWeaning(BaseModel):
    """A day of weaning. Without a day it is today; `because` is the reason for another word on an earlier day."""

    support: Support
    day: Day = None
    mode: Name = ""
    trial: Annotated[Trial | None, BeforeValidator(empty_is_none)] = None
    trial_reason: Name = ""
    ventilated_hours: Hours = None
    collar_hours: Hours = None
    decannulated: bool = False
    note: Name = ""
    because: Name = ""


class ChartTherapy(BaseModel):
    """Minutes of each discipline on a day; what is left empty stays as it is. Without a day it is today."""

    day: Day = None
    pt: Amount = None
    ot: Amount = None
    slp: Amount = None
    rt: Amount = None

    @property
    def minutes(self) -> dict[Discipline, int]:
        """What was written, by discipline."""
        said = {Discipline.PT: self.pt, Discipline.OT: self.ot, Discipline.SLP: self.slp, Discipline.RT: self.rt}
        return {discipline: amount for discipline, amount in said.items() if amount is not None}


class Record(BaseModel):
    """What every record says: when it took place, in the facility's time."""

    on: Day = None
    at: Clock = None


class FindWound(Record):
    """A wound: where it is, which kind, whether it was there at admission."""

    site: Title
    kind: WoundKind = WoundKind.PRESSURE
    origin: Origin = Origin.PRESENT
    treatment: Words = ""


class CheckWound(Record):
    """An assessment of a wound: stage, size in centimetres, where photos are kept, when the next one is due."""

    wound: Key = None
    stage: Annotated[Stage | None, BeforeValidator(empty_is_none)] = None
    length: Centimetres = None
    width: Centimetres = None
    depth: Centimetres = None
    healed: bool = False
    tissue: Name = ""
    photo: Name = ""
    note: Words = ""
    next_on: Day = None

    @model_validator(mode="after")
    def _measured(self) -> "CheckWound":
        if not self.healed and (self.length is None) != (self.width is None):
            raise ValueError("Write length and width, or neither.")
        return self


class HoldConference(Record):
    """The weekly conference: who was there, goals by discipline and how they stand, what was decided."""

    physician: Name = ""
    nursing: Name = ""
    respiratory: Name = ""
    rehabilitation: Name = ""
    case_management: Name = ""
    others: Name = ""
    goal_medical: Name = ""
    status_medical: GoalStatus = GoalStatus.NEW
    goal_nursing: Name = ""
    status_nursing: GoalStatus = GoalStatus.NEW
    goal_respiratory: Name = ""
    status_respiratory: GoalStatus = GoalStatus.NEW
    goal_rehabilitation: Name = ""
    status_rehabilitation: GoalStatus = GoalStatus.NEW
    goal_nutrition: Name = ""
    status_nutrition: GoalStatus = GoalStatus.NEW
    goal_discharge: Name = ""
    status_discharge: GoalStatus = GoalStatus.NEW
    decided: Text
    barriers: Words = ""
    next_on: Day = None

    @model_validator(mode="after")
    def _attended(self) -> "HoldConference":
        if sum(1 for name in ATTENDEES if getattr(self, name)) < LEAST_DISCIPLINES:
            raise ValueError("Name who was there from two disciplines at least.")
        return self


class ValidateAdmission(Record):
    """Whether the admission criteria are met, by which of them, as judged by whom: 42 U.S.C. 1395x(ccc)(4)."""

    met: bool
    criterion: Text
    judged_by: Title
    options: Words = ""

    @model_validator(mode="after")
    def _assessed(self) -> "ValidateAdmission":
        if not self.met and not self.options:
            raise ValueError("Criteria are not met: write which options for discharge were assessed.")
        return self


class OrientFamily(Record):
    """The family was told how this hospital works and what is planned, or why nobody was."""

    given: bool = True
    to_whom: Name = ""
    reason: Name = ""
    topics: Words = ""

    @model_validator(mode="after")
    def _told(self) -> "OrientFamily":
        if self.given and not self.to_whom:
            raise ValueError("Write to whom it was given.")
        if not self.given and not self.reason:
            raise ValueError("Say why it was not given.")
        return self


class TransferBack(Record):
    """A transfer back to an acute hospital: why, whether planned, whether better care could have spared it."""

    reason: TransferReason
    words: Words = ""
    planned: bool = False
    preventable: Annotated[Preventability | None, BeforeValidator(empty_is_none)] = None
    judged_because: Words = ""
    unit: Name = ""
    where: Name = ""

    @model_validator(mode="after")
    def _said(self) -> "TransferBack":
        if self.reason is TransferReason.OTHER and not self.words:
            raise ValueError("Say what the other reason is.")
        return self


ATTENDEES = ("physician", "nursing", "respiratory", "rehabilitation", "case_management", "others")
"""Who attends a conference, in the order of the form."""
GOALS = ("medical", "nursing", "respiratory", "rehabilitation", "nutrition", "discharge")
"""The parts of the plan for which a conference sets goals."""
LEAST_DISCIPLINES = 2
"""A conference of one discipline is none of the team."""

FORMS: dict[RecordKind, type[Record]] = {
    RecordKind.WOUND: FindWound,
    RecordKind.WOUND_CHECK: CheckWound,
    RecordKind.CONFERENCE: HoldConference,
    RecordKind.VALIDATION: ValidateAdmission,
    RecordKind.ORIENTATION: OrientFamily,
    RecordKind.TRANSFER: TransferBack,
}
