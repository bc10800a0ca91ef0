"""The table of judgements on openings. A version is ended, never rewritten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.accounts.watching.openings.terms import OpeningVerdict, VerdictEnd
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, words

CURRENT = text("ended_at is null")


class GlassReview(SQLModel, table=True):
    """One version of what was made of one opening of a restricted stay."""

    __tablename__ = "glass_review"
    __table_args__ = (
        enum_check("verdict", OpeningVerdict),
        CheckConstraint("verdict = 'justified' or said <> ''", name="said"),
        CheckConstraint(f"ended_because in ('', {', '.join(repr(one.value) for one in VerdictEnd)})",
                        name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_glass_review_current", "access_id", unique=True, postgresql_where=CURRENT),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    access_id: uuid.UUID = link("stay_access.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id")
    verdict: str = words(Holds.OPERATION)
    said: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
