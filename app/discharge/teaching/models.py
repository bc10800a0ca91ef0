"""The table of teaching: one row is one version of one record, ended and never rewritten."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.discharge.teaching.terms import RecordKind
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


class TeachingRecord(SQLModel, table=True):
    """A version of something taught, listed or handed over. `record_id` is the same in all versions.

    `at` is when it took place; `content` holds the fields of its kind (app/discharge/teaching/forms.py).
    """

    __tablename__ = "teaching_record"
    __table_args__ = (
        enum_check("kind", RecordKind),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        Index("uq_teaching_record_current", "record_id", unique=True, postgresql_where=CURRENT),
        Index("uq_teaching_record_crisis", "encounter_id", unique=True,
              postgresql_where=text("ended_at is null and kind = 'crisis'")),
        Index("ix_teaching_record_stay", "encounter_id", "made_at"),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    record_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
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
