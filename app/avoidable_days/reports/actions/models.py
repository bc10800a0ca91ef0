"""The table of the action log. A version is ended, never rewritten."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.avoidable_days.reports.actions.terms import ActionState
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


class ReasonAction(SQLModel, table=True):
    """One version of what is done about a reason. `action_id` is the same in all versions; no code: about all reasons.

    `since` is the day from which the chart is expected to move; a proposal has none.
    """

    __tablename__ = "avoidable_action"
    __table_args__ = (
        enum_check("state", ActionState),
        CheckConstraint("(since is null) = (state = 'proposed')", name="since"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_avoidable_action_current", "action_id", unique=True, postgresql_where=CURRENT),
        Index("ix_avoidable_action_facility", "facility_id", "made_at"),
    )
    id: uuid.UUID = key()
    action_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    code: str = words(Holds.OPERATION)
    what: str = words(Holds.OPERATION)
    owner: str = words(Holds.STAFF)
    state: str = words(Holds.OPERATION)
    since: date | None = number()
    expected: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.OPERATION)
