"""The tables of the days after discharge. A row is one version; it is ended and never rewritten."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
_OUTCOMES = "('patient', 'caregiver', 'no_answer', 'message', 'wrong_number', 'declined', 'letter')"


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _list() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(JSONB, nullable=False, server_default="[]", info={"holds": Holds.CLINICAL}),
    )


class FollowUpCall(SQLModel, table=True):
    """A version of a call. `at` is when it was made; `next_at` when somebody calls again."""

    __tablename__ = "follow_up_call"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'recorded', 'struck_out', 'dropped')", name="state"),
        CheckConstraint(
            f"outcome in {_OUTCOMES} or (outcome = '' and state in ('draft', 'dropped'))", name="outcome"
        ),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("state <> 'struck_out' or because <> ''", name="because"),
        Index("uq_follow_up_call_current", "call_id", unique=True, postgresql_where=CURRENT),
        Index("uq_follow_up_call_draft", "encounter_id", unique=True,
              postgresql_where=text("ended_at is null and state = 'draft'")),
        Index("ix_follow_up_call_stay", "encounter_id", "made_at"),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    call_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    state: str = words(Holds.CLINICAL)
    outcome: str = words(Holds.CLINICAL)
    spoke_with: str = words(Holds.PERSON)
    at: datetime = instant(Holds.CLINICAL)
    answers: list[dict[str, Any]] = _list()
    note: str = words(Holds.CLINICAL)
    next_at: datetime | None = instant(Holds.CLINICAL, null=True)
    next_why: str = words(Holds.CLINICAL)
    because: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class FollowUpIssue(SQLModel, table=True):
    """A version of something that a call found. `found_at` is when, `made_at` when it changed."""

    __tablename__ = "follow_up_issue"
    __table_args__ = (
        CheckConstraint("urgency in ('danger', 'usual')", name="urgency"),
        CheckConstraint("what <> ''", name="what"),
        CheckConstraint("state in ('open', 'working', 'closed', 'struck_out')", name="state"),
        CheckConstraint("state not in ('closed', 'struck_out') or note <> ''", name="note"),
        CheckConstraint("due_at > found_at", name="due"),
        Index("uq_follow_up_issue_current", "issue_id", unique=True, postgresql_where=CURRENT),
        Index("ix_follow_up_issue_stay", "encounter_id", "made_at"),
        Index("ix_follow_up_issue_open", "facility_id", "due_at",
              postgresql_where=text("ended_at is null and state in ('open', 'working')")),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    issue_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    call_id: uuid.UUID | None = number()
    question: str = words(Holds.OPERATION)
    urgency: str = words(Holds.CLINICAL)
    what: str = words(Holds.CLINICAL)
    owner: str = words(Holds.STAFF)
    found_at: datetime = instant(Holds.CLINICAL)
    due_at: datetime = instant(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ReadmissionInterview(SQLModel, table=True):
    """What a readmitted patient, or somebody for them, said of why they came back."""

    __tablename__ = "readmission_interview"
    __table_args__ = (
        CheckConstraint("planned in ('yes', 'no', 'unknown')", name="planned"),
        CheckConstraint("state in ('recorded', 'struck_out')", name="state"),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("state <> 'struck_out' or because <> ''", name="because"),
        Index("uq_readmission_interview_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_readmission_interview_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    earlier_id: uuid.UUID = link("encounter.id", index=False)
    at: datetime = instant(Holds.CLINICAL)
    answered_by: str = words(Holds.CLINICAL)
    planned: str = words(Holds.CLINICAL)
    reasons: list[str] = _list()
    in_own_words: str = words(Holds.CLINICAL)
    could_have_helped: str = words(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    because: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ReadmissionRating(SQLModel, table=True):
    """How preventable one person holds a readmission, from 1 to 5."""

    __tablename__ = "readmission_rating"
    __table_args__ = (
        CheckConstraint("preventable between 1 and 5", name="preventable"),
        CheckConstraint("rater_id is not null", name="rater"),
        Index("uq_readmission_rating_current", "encounter_id", "rater_id", unique=True, postgresql_where=CURRENT),
        Index("ix_readmission_rating_stay", "encounter_id", "made_at"),
        Index("ix_readmission_rating_facility", "facility_id", "made_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    earlier_id: uuid.UUID = link("encounter.id", index=False)
    rater_id: uuid.UUID | None = _staff()
    preventable: int = Field(sa_type=SmallInteger, sa_column_kwargs={"info": {"holds": Holds.CLINICAL}})
    reasons: list[str] = _list()
    said: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ProgramHandoff(SQLModel, table=True):
    """A version of a hand-off to a program of the community."""

    __tablename__ = "program_handoff"
    __table_args__ = (
        CheckConstraint("kind in ('targeted', 'enhanced', 'chronic', 'other')", name="kind"),
        CheckConstraint("program <> ''", name="program"),
        CheckConstraint(
            "state in ('chosen', 'told', 'accepted', 'declined', 'met', 'withdrawn', 'struck_out')", name="state"
        ),
        CheckConstraint("(consent_at is null) = (consent_by = '')", name="consent"),
        CheckConstraint("state not in ('told', 'accepted', 'declined', 'met') or told_at is not null", name="told"),
        CheckConstraint("state not in ('declined', 'withdrawn', 'struck_out') or note <> ''", name="note"),
        Index("uq_program_handoff_current", "handoff_id", unique=True, postgresql_where=CURRENT),
        Index("ix_program_handoff_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    handoff_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    kind: str = words(Holds.CLINICAL)
    program: str = words(Holds.CLINICAL)
    member_number: str = words(Holds.PERSON)
    lead_name: str = words(Holds.STAFF)
    lead_phone: str = words(Holds.STAFF)
    consent_by: str = words(Holds.PERSON)
    consent_at: datetime | None = instant(Holds.CLINICAL, null=True)
    chosen_at: datetime = instant(Holds.CLINICAL)
    told_at: datetime | None = instant(Holds.CLINICAL, null=True)
    answered_at: datetime | None = instant(Holds.CLINICAL, null=True)
    met_at: datetime | None = instant(Holds.CLINICAL, null=True)
    documents: str = words(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
