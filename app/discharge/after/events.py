"""What is recorded about the days after discharge. Words of patients stay in the records."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade(Event):
    """A call after discharge was made, whoever it reached."""

    name: ClassVar[str] = "follow_up.called"
    facility_id: int
    call_id: uuid.UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAmended(Event):
    """The record of a call was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "follow_up.call_amended"
    facility_id: int
    call_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStruckOut(Event):
    """The record of a call does not count any more."""

    name: ClassVar[str] = "follow_up.call_struck_out"
    facility_id: int
    call_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDraftKept(Event):
    """What is written of a call so far was kept."""

    name: ClassVar[str] = "follow_up.draft_kept"
    facility_id: int
    call_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDraftDropped(Event):
    """A draft of a call was given up."""

    name: ClassVar[str] = "follow_up.draft_dropped"
    facility_id: int
    call_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpIssueMoved(Event):
    """Something that a call found was opened, taken up, changed, closed, reopened or struck out."""

    name: ClassVar[str] = "follow_up.issue_moved"
    facility_id: int
    issue_id: uuid.UUID
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadmissionInterviewed(Event):
    """A readmitted patient was asked why they came back, or what was recorded of it changed."""

    name: ClassVar[str] = "readmission.interviewed"
    facility_id: int
    earlier_id: uuid.UUID
    standing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadmissionJudged(Event):
    """Somebody judged how preventable a readmission was, or took it back. The trail keeps no judgement: raters are
    blind to each other."""

    name: ClassVar[str] = "readmission.judged"
    facility_id: int
    earlier_id: uuid.UUID
    standing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramHandoffMoved(Event):
    """A hand-off to a program of the community was begun or went a step further."""

    name: ClassVar[str] = "program_handoff.moved"
    facility_id: int
    handoff_id: uuid.UUID
    action: str
