"""What people ask for on the status of a stay, as forms send it. Days and times are those of the facility's clocks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from app.status.terms import Answer, Basis, ChangeKind, Channel, CutShort, Finding, Part, Question, Statement, Told
from app.web.fields import Clock, Day, Key, one_line

Line = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Name = Annotated[str, Field(min_length=2, max_length=200), AfterValidator(one_line)]
Words = Annotated[str, Field(max_length=4000), AfterValidator(str.strip)]
Reason = Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(str.strip)]


class OpenDetermination(BaseModel):
    """What the committee is asked, and the review that led to it, if one did."""

    question: Question
    review_id: Key = None


class LogConsult(BaseModel):
    """One attempt to hear a practitioner. `documented_in` is where the record holds the concurrence."""

    part: Part = Part.RESPONSIBLE
    practitioner: Name
    channel: Channel
    answer: Answer
    views: Words = ""
    documented_in: Line = ""
    on: Day = None
    at: Clock = None


class GiveOpinion(BaseModel):
    """What a member finds, and why."""

    finding: Finding
    rationale: Reason


class Determine(BaseModel):
    """What the committee finds, and why."""

    finding: Finding
    rationale: Reason


class Tell(BaseModel):
    """One written notice, at its true time."""

    told: Told
    recipient: Name
    channel: Literal[Channel.LETTER, Channel.ELECTRONIC]
    on: Day = None
    at: Clock = None


class Close(BaseModel):
    """Why it ends before everybody was told; empty when everybody was."""

    exception: Words = ""


class AmendDetermination(BaseModel):
    """The rationale as it should read, and why the earlier one was wrong."""

    rationale: Reason
    because: Reason


class Say(BaseModel):
    """Why something ends or does not count."""

    reason: Reason


class WriteExpectation(BaseModel):
    """What the physician documented of the stay to be expected.

    `cut_short` is what ended the stay sooner. `elsewhere_on` and `elsewhere_at` are when care began at the sending
    hospital. `because` says why it takes the place of an earlier entry.
    """

    basis: Basis
    physician: Name
    factors: Reason
    on: Day = None
    at: Clock = None
    cut_short: CutShort = CutShort.NO
    elsewhere_on: Day = None
    elsewhere_at: Clock = None
    because: Words = ""


class NameTeam(BaseModel):
    """Somebody who takes part in the care: a member of the committee, or a name with the number of the feed."""

    user_id: Key = None
    name: Line = ""
    number: Line = ""
    capacity: Line = ""


class SayClaim(BaseModel):
    """What somebody who knows says of the claim."""

    statement: Statement
    said_by: Name
    on: Day = None
    at: Clock = None


class BeginChange(BaseModel):
    """Which change of status is worked towards."""

    kind: ChangeKind


class CompleteChange(BaseModel):
    """The order behind the change: its number, who wrote it, when, and from when it works; and the reason."""

    order_number: Line = ""
    ordered_by: Name
    ordered_on: Day = None
    ordered_at: Clock = None
    effective_on: Day = None
    effective_at: Clock = None
    reason: Reason
