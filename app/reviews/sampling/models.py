"""The tables of second readings. Rows are ended, never rewritten."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words
from app.reviews.terms import Outcome

CURRENT = text("ended_at is null")


def _made_by() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class SampleShare(SQLModel, table=True):
    """Per cent of signed reviews that a facility has read twice, from an instant on."""

    __tablename__ = "sample_share"
    __table_args__ = (
        CheckConstraint("percent between 1 and 100", name="percent"),
        Index("uq_sample_share_current", "facility_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    percent: int = number(null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _made_by()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _made_by()


class ReviewSample(SQLModel, table=True):
    """One draw: of the `eligible` reviews signed in a period, the share that this seed takes."""

    __tablename__ = "review_sample"
    __table_args__ = (
        CheckConstraint("percent between 1 and 100", name="percent"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("eligible > 0", name="eligible"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("ix_review_sample_facility", "facility_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    first_day: date = number(null=False)
    last_day: date = number(null=False)
    percent: int = number(null=False)
    seed: str = words(Holds.OPERATION)
    eligible: int = number(null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _made_by()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _made_by()
    ended_reason: str = words(Holds.OPERATION)


class SampledReview(SQLModel, table=True):
    """A review that was drawn. `version_id` is the version that stood then: it is the first reading."""

    __tablename__ = "sampled_review"
    __table_args__ = (
        Index("uq_sampled_review_once", "sample_id", "review_id", unique=True),
        Index("ix_sampled_review_review", "review_id"),
        Index("ix_sampled_review_stay", "encounter_id"),
    )
    id: uuid.UUID = key()
    sample_id: uuid.UUID = link("review_sample.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    review_id: uuid.UUID = number(null=False)
    version_id: uuid.UUID = link("review.id", index=False)
    made_at: datetime = instant()


class SecondReadingClaim(SQLModel, table=True):
    """Somebody reads a drawn review and sees no review of that stay meanwhile."""

    __tablename__ = "second_reading_claim"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'signed', 'given_back', 'withdrawn')", name="ended_because"),
        Index("uq_second_reading_claim_current", "sampled_id", unique=True, postgresql_where=CURRENT),
        Index("ix_second_reading_claim_reader", "taken_by", "encounter_id", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    sampled_id: uuid.UUID = link("sampled_review.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    taken_at: datetime = instant()
    taken_by: uuid.UUID | None = _made_by()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _made_by()
    ended_because: str = words(Holds.OPERATION)


class SecondReading(SQLModel, table=True):
    """What the second reader found, by the criteria set of the first reading or by the same licensed product."""

    __tablename__ = "second_reading"
    __table_args__ = (
        enum_check("outcome", Outcome),
        CheckConstraint("started_at <= made_at", name="order"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("uq_second_reading_current", "sampled_id", unique=True, postgresql_where=CURRENT),
        Index("ix_second_reading_stay", "encounter_id"),
    )
    id: uuid.UUID = key()
    sampled_id: uuid.UUID = link("sampled_review.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    answers: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"), info={"holds": Holds.CLINICAL}),
    )
    met: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"), info={"holds": Holds.CLINICAL}),
    )
    qualifies: bool = number(Holds.CLINICAL, null=False, default=False)
    outcome: str = words(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)
    started_at: datetime = instant()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _made_by()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _made_by()
    ended_reason: str = words(Holds.OPERATION)
