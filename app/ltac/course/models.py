"""Tables of what is charted of long-term stays: rows are versions, ended and never rewritten."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.ltac.course.terms import Discipline, RecordKind, Support
from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, number, words

CURRENT = text("ended_at is null")
_CLINICAL: dict[str, Any] = holds(Holds.CLINICAL)


class WeaningEntry(SQLModel, table=True):
    """What helped a patient to breathe on one calendar day of the facility; hours are hours of that day."""

    __tablename__ = "weaning_day"
    __table_args__ = (
        enum_check("support", Support),
        CheckConstraint("trial in ('', 'passed', 'failed', 'not_done')", name="trial"),
        CheckConstraint("trial <> 'not_done' or trial_reason <> ''", name="reason"),
        CheckConstraint("ventilated_hours between 0 and 24", name="ventilated_hours"),
        CheckConstraint("collar_hours between 0 and 24", name="collar_hours"),
        Index("uq_weaning_day_current", "encounter_id", "day", unique=True, postgresql_where=CURRENT),
        Index("ix_weaning_day_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    day: date = Field(sa_column_kwargs=_CLINICAL)
    support: str = words(Holds.CLINICAL)
    mode: str = words(Holds.CLINICAL)
    trial: str = words(Holds.CLINICAL)
    trial_reason: str = words(Holds.CLINICAL)
    ventilated_hours: float | None = number(Holds.CLINICAL)
    collar_hours: float | None = number(Holds.CLINICAL)
    decannulated: bool = number(Holds.CLINICAL, null=False, default=False)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.CLINICAL)


class TherapyEntry(SQLModel, table=True):
    """Minutes of one discipline on one calendar day of the facility."""

    __tablename__ = "therapy_day"
    __table_args__ = (
        enum_check("discipline", Discipline),
        CheckConstraint("minutes between 0 and 1440", name="minutes"),
        Index("uq_therapy_day_current", "encounter_id", "day", "discipline", unique=True, postgresql_where=CURRENT),
        Index("ix_therapy_day_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    day: date = Field(sa_column_kwargs=_CLINICAL)
    discipline: str = words(Holds.CLINICAL)
    minutes: int = number(Holds.CLINICAL, null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class CourseRecord(SQLModel, table=True):
    """A version of a wound, its assessment, a conference, a validation, an orientation or a transfer back.

    `record_id` is the same in all versions; `about_id` is the wound of an assessment. `at` is when it took place;
    `content` holds the fields of its kind (app/ltac/course/forms.py).
    """

    __tablename__ = "long_term_record"
    __table_args__ = (
        enum_check("kind", RecordKind),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("(kind = 'wound_check') = (about_id is not null)", name="about"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        Index("uq_long_term_record_current", "record_id", unique=True, postgresql_where=CURRENT),
        Index("ix_long_term_record_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    record_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    about_id: uuid.UUID | None = number()
    kind: str = words(Holds.CLINICAL)
    content: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )
    at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)
