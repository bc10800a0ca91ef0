"""Answers to what instruments ask, and the scores that follow. A change ends a row and makes another."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def staff() -> Any:
    """Somebody with an account; empty where a program did it."""
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def document(empty: str = "{}") -> Any:
    """Structured content whose shape the code owns."""
    made: type = list if empty == "[]" else dict
    return Field(
        default_factory=made,
        sa_column=Column(JSONB, nullable=False, server_default=empty, info={"holds": Holds.CLINICAL}),
    )


class RiskAnswer(SQLModel, table=True):
    """What somebody said to a question of an instrument, or a score that was read in another system."""

    __tablename__ = "risk_answer"
    __table_args__ = (
        CheckConstraint("value <> ''", name="value"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("uq_risk_answer_current", "encounter_id", "question", unique=True, postgresql_where=CURRENT),
        Index("ix_risk_answer_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    question: str = words(Holds.OPERATION)  # an Input, or an Instrument whose score alone is kept
    value: str = words(Holds.CLINICAL)
    taken_at: datetime = instant(Holds.CLINICAL)
    taken_by: str = words(Holds.STAFF)  # who scored it; empty: who entered it
    source_system: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()
    ended_reason: str = words(Holds.CLINICAL)


class RiskScore(SQLModel, table=True):
    """A score as it was computed, with its parts, until it came to be another."""

    __tablename__ = "risk_score"
    __table_args__ = (
        Index("uq_risk_score_current", "encounter_id", "instrument", unique=True, postgresql_where=CURRENT),
        Index("ix_risk_score_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    instrument: str = words(Holds.OPERATION)
    version: str = words(Holds.OPERATION)
    kind: str = words(Holds.CLINICAL)  # running, final
    total: int | None = number(Holds.CLINICAL)  # none while a part is missing
    at_least: int = number(Holds.CLINICAL, null=False)
    band: str = words(Holds.CLINICAL)
    parts: list[dict[str, Any]] = document("[]")
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()
