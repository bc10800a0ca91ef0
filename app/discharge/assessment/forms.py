"""What people write down about a need of planning: the forms are the commands."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.discharge.assessment.terms import AskedBy, Discussed, Need
from app.web.fields import Clock, Day, Name, Reason, Words

NOTHING = "nothing"


class RecordScreen(BaseModel):
    """The screen of a stay. With needs it is positive; `positive` says so without any that the list names."""

    needs: list[Need] = []
    positive: bool = False
    note: Words = ""
    on: Day = None
    at: Clock = None


class RequestEvaluation(BaseModel):
    """Somebody asks for an evaluation, which is then mandatory whatever the screen says."""

    asked_by: AskedBy
    note: Words = ""
    on: Day = None
    at: Clock = None


class Override(BaseModel):
    """An evaluation is made although the screen is negative."""

    reason: Reason


class CorrectScreen(RecordScreen):
    """The screen as it should be, and why."""

    because: Reason


class WriteAssessment(BaseModel):
    """What an assessment says so far. `notes` holds the words by domain.

    `seen` is the version that the writer had before them: the draft, else the last signed assessment, else
    `NOTHING`. Programs leave it out: what was there is not asked then.
    """

    points: list[str] = []
    notes: dict[str, str] = {}
    caregiver: Words = ""
    goals: Words = ""
    preferences: Words = ""
    services: list[str] = []
    availability: Words = ""
    access: Words = ""
    discussed: Discussed | None = None
    discussed_with: Name = ""
    discussed_on: Day = None
    discussed_clock: Clock = None
    seen: Annotated[str, Field(max_length=40)] | None = None


class AmendAssessment(WriteAssessment):
    """The assessment as it should be, and why the earlier version was wrong."""

    because: Reason
