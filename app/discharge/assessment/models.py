"""Screens, requests and assessments in versions; an id of its own is the same in all versions of one thing."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.discharge.assessment.terms import AssessmentKind, AssessmentState, ScreenKind, ScreenState
from app.discharge.instruments.models import CURRENT, document, staff
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, words


def texts() -> Any:
    """Several words."""
    return Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )


class Screening(SQLModel, table=True):
    """One version of a screen, or of a request for an evaluation."""

    __tablename__ = "screening"
    __table_args__ = (
        enum_check("kind", ScreenKind),
        enum_check("state", ScreenState),
        CheckConstraint("asked_by in ('', 'patient', 'family', 'physician')", name="asked_by"),
        CheckConstraint("(kind = 'request') = (asked_by <> '')", name="request"),
        CheckConstraint("found_at <= made_at", name="past"),
        CheckConstraint("(state = 'positive') <= (needed_at is not null)", name="needed"),
        Index("uq_screening_current", "screening_id", unique=True, postgresql_where=CURRENT),
        Index("ix_screening_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    screening_id: uuid.UUID = Field(sa_column_kwargs={"info": {"holds": Holds.OPERATION}})
    kind: str = words(Holds.OPERATION)
    state: str = words(Holds.CLINICAL)
    needs: list[str] = texts()
    asked_by: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)
    found_at: datetime = instant(Holds.CLINICAL)
    found_by: uuid.UUID | None = staff()
    needed_at: datetime | None = instant(Holds.CLINICAL, null=True)  # since when an evaluation is needed
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()


class Assessment(SQLModel, table=True):
    """One version of an assessment: draft, signed, amended, struck out."""

    __tablename__ = "assessment"
    __table_args__ = (
        enum_check("kind", AssessmentKind),
        enum_check("state", AssessmentState),
        CheckConstraint("(state in ('signed', 'struck_out')) = (signed_at is not null)", name="signed"),
        CheckConstraint("state <> 'signed' or (discussed <> '' and discussed_at is not null)", name="discussed"),
        Index("uq_assessment_current", "assessment_id", unique=True, postgresql_where=CURRENT),
        Index("ix_assessment_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    assessment_id: uuid.UUID = Field(sa_column_kwargs={"info": {"holds": Holds.OPERATION}})
    kind: str = words(Holds.OPERATION)
    state: str = words(Holds.OPERATION)
    content: dict[str, Any] = document()
    discussed: str = words(Holds.CLINICAL)
    discussed_with: str = words(Holds.PERSON)
    discussed_at: datetime | None = instant(Holds.CLINICAL, null=True)
    signed_at: datetime | None = instant(Holds.CLINICAL, null=True)
    signed_by: uuid.UUID | None = staff()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()
