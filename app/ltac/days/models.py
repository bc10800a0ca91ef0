"""The table of what people record about payment days: one row is one version, ended and never rewritten."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.ltac.days.terms import EntryKind
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


class PaymentDayEntry(SQLModel, table=True):
    """A version of one record. `entry_id` is the same in all versions: the key of the first one.

    `about` says which of several things of one kind it is about: an absence by the instant of leaving, as ISO text in
    UTC; empty for kinds of which a stay has one. `content` holds the fields of its kind (app/ltac/days/forms.py).
    """

    __tablename__ = "payment_day_entry"
    __table_args__ = (
        enum_check("kind", EntryKind),
        CheckConstraint("(kind = 'away') = (about <> '')", name="about"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'replaced', 'struck_out')", name="ended_because"),
        Index("uq_payment_day_entry_current", "encounter_id", "kind", "about", unique=True, postgresql_where=CURRENT),
        Index("ix_payment_day_entry_stay", "encounter_id", "made_at"),
        Index("ix_payment_day_entry_versions", "entry_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    entry_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    kind: str = words(Holds.CLINICAL)
    about: str = words(Holds.CLINICAL)
    content: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)
