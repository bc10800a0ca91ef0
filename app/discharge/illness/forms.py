"""What people write down in the serious-illness lane: the forms are the commands."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.discharge.illness.terms import (
    Basis,
    CaseAction,
    CodeStatus,
    Document,
    MeetingOutcome,
    Sign,
    WhyNot,
)
from app.discharge.terms import CareType
from app.web.fields import Clock, Day, Name, Reason, Words


class TellSign(BaseModel):
    """A sign that only a person can tell, with what shows it."""

    sign: Sign
    evidence: Annotated[Name, Field(min_length=3)]


class AnswerSigns(BaseModel):
    """What follows from the signs. A deferral may come back on a day; a deferral and a dismissal say why."""

    action: CaseAction
    why: WhyNot | None = None
    note: Words = ""
    return_on: Day = None
    on: Day = None
    at: Clock = None


class RecordPlanning(BaseModel):
    """What is known of what the patient wants, after somebody has asked."""

    documents: list[Document] = []
    documents_seen: list[Document] = []
    code_status: CodeStatus = CodeStatus.NOT_SAID
    conflict: Words = ""
    surrogate: Name = ""
    basis: Basis = Basis.NOBODY
    contact: Name = ""
    goals: Words = ""


class PlanMeeting(BaseModel):
    """A time for a family meeting, by the facility's clocks; who is to be there."""

    on: Day = None
    at: Clock = None
    present: Name = ""
    note: Words = ""


class HoldMeeting(BaseModel):
    """What came out of a meeting. `minutes` are those of advance-care planning, face to face."""

    on: Day = None
    at: Clock = None
    present: Annotated[Name, Field(min_length=1)]
    outcome: MeetingOutcome
    agreed: Words = ""
    minutes: Annotated[int, Field(ge=0, le=600)] = 0
    hospice_considered: bool = False
    disposition: CareType | None = None
    because: Name = ""


class CancelMeeting(BaseModel):
    """Why a meeting is not held."""

    reason: Reason
