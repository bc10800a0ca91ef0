"""The table of statements about readiness and the discharge order. A statement is struck out, never rewritten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import SQLModel

from app.discharge.ready.terms import StatementKind
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


class ReadinessStatement(SQLModel, table=True):
    """What a physician said: `at` is the true time of it, `made_at` when it was entered.

    `on_word` says that somebody else recorded it on the physician's word.
    """

    __tablename__ = "readiness"
    __table_args__ = (
        enum_check("kind", StatementKind),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("physician <> ''", name="physician"),
        CheckConstraint("kind not in ('not_ready', 'withdrawn') or reason <> ''", name="reason"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("ix_readiness_stay", "encounter_id", "at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    kind: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)
    physician: str = words(Holds.STAFF)
    on_word: bool = number(Holds.CLINICAL, null=False, default=False)
    reason: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.CLINICAL)
