"""The table of stays put aside: rows are ended, never rewritten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words
from app.worklists.snoozes.terms import SnoozeKind, SnoozeReason


class Snooze(SQLModel, table=True):
    """A stay is off one person's own list until its time, its change, or its end."""

    __tablename__ = "snooze"
    __table_args__ = (
        enum_check("kind", SnoozeKind),
        enum_check("reason", SnoozeReason),
        CheckConstraint("until is not null or until_change", name="until"),
        CheckConstraint("kind = 'not_needed' or until is not null", name="returns"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_snooze_open", "user_id", "encounter_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_snooze_due", "until", postgresql_where=text("ended_at is null")),
        Index("ix_snooze_person", "user_id", "ended_at"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id")
    facility_id: int = facility_link()
    user_id: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    kind: str = words(Holds.OPERATION)
    reason: str = words(Holds.OPERATION)
    detail: str = words(Holds.CLINICAL)  # own words
    made_at: datetime = instant()
    until: datetime | None = instant(null=True)
    until_change: bool = number(null=False, default=False)
    ended_at: datetime | None = instant(null=True)
    ended_because: str = words(Holds.OPERATION)
